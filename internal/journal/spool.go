package journal

import (
	"bytes"
	"fmt"
	"io"
	"sync"
	"time"
)

// A Spool is a writer that never waits for the one after it: a log that nobody
// reads any more must not stop whoever decides. What does not fit is left out,
// and how much that was is written when there is room again.
type Spool struct {
	out   io.Writer
	most  int // bytes that may wait
	ended chan struct{}

	mu      sync.Mutex
	wait    *sync.Cond // for something to write, or the end
	waiting [][]byte
	size    int // bytes that wait
	dropped int // lines that were left out
	closed  bool
}

// SpoolSize is how much may wait, in bytes: a day of what a daemon says.
const SpoolSize = 256 << 10

// NewSpool writes to out until it is closed. most is how many bytes may wait.
func NewSpool(out io.Writer, most int) *Spool {
	s := &Spool{out: out, most: most, ended: make(chan struct{})}
	s.wait = sync.NewCond(&s.mu)
	go s.write()
	return s
}

// Write takes a line. It never fails, and never waits.
func (s *Spool) Write(line []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.size+len(line) > s.most {
		s.dropped++
		return len(line), nil
	}
	s.waiting = append(s.waiting, bytes.Clone(line))
	s.size += len(line)
	s.wait.Signal()
	return len(line), nil
}

// Dropped is how many lines were left out since it was last written how many.
func (s *Spool) Dropped() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dropped
}

// Close writes what waits, for at most patience, and ends.
func (s *Spool) Close(patience time.Duration) {
	s.mu.Lock()
	s.closed = true
	s.wait.Signal()
	s.mu.Unlock()
	select {
	case <-s.ended:
	case <-time.After(patience):
	}
}

// write is the one goroutine that waits for whoever reads.
func (s *Spool) write() {
	defer close(s.ended)
	for {
		s.mu.Lock()
		for len(s.waiting) == 0 && !s.closed {
			s.wait.Wait()
		}
		if len(s.waiting) == 0 {
			s.mu.Unlock()
			return
		}
		line := s.waiting[0]
		s.waiting = s.waiting[1:]
		s.mu.Unlock()
		_, _ = s.out.Write(line) // there is nowhere else to tell of an error
		s.mu.Lock()
		s.size -= len(line)
		dropped := 0
		if len(s.waiting) == 0 {
			s.waiting = nil
			dropped, s.dropped = s.dropped, 0
		}
		s.mu.Unlock()
		if dropped > 0 {
			_, _ = fmt.Fprintf(s.out, leftOut, dropped)
		}
	}
}

// leftOut is written in the place of lines.
const leftOut = "%d lines of the log were left out: nobody took them\n"
