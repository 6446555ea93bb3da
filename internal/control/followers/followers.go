// Package followers gives lines of a stream to those who follow it, and waits for none.
package followers

import (
	"bytes"
	"encoding/json"
	"time"

	"ecnutd/internal/control"
)

// MaxLines is how many lines may wait for a reader. One with more is dropped.
const MaxLines = 64

// A Set is who follows. It belongs to one goroutine.
type Set struct {
	open map[chan control.Line]struct{}
	last []byte // the snapshot that all have
}

// New is a set of nobody.
func New() *Set { return &Set{open: make(map[chan control.Line]struct{})} }

// None reports whether nobody follows.
func (s *Set) None() bool { return len(s.open) == 0 }

// Join has somebody follow; the channel is closed when he is dropped.
func (s *Set) Join(lines chan control.Line) { s.open[lines] = struct{}{} }

// Drop ends a stream. One that has ended is left alone.
func (s *Set) Drop(lines chan control.Line) {
	if _, ok := s.open[lines]; ok {
		delete(s.open, lines)
		close(lines)
	}
}

// Send gives a line to everybody, and drops who is too slow.
func (s *Set) Send(l control.Line) {
	for lines := range s.open {
		select {
		case lines <- l:
		default:
			s.Drop(lines)
		}
	}
}

// Forget has the next snapshot sent whatever it says.
func (s *Set) Forget() { s.last = nil }

// Show sends a snapshot where it differs from the last one. That a UPS goes on
// answering is no difference.
func (s *Set) Show(snapshot control.Snapshot, day time.Time) {
	seen := snapshot
	seen.Status.UPS = append([]control.Supply(nil), snapshot.Status.UPS...)
	for i := range seen.Status.UPS {
		seen.Status.UPS[i].Heard = time.Time{}
	}
	raw, err := json.Marshal(seen)
	if err != nil || bytes.Equal(raw, s.last) {
		return
	}
	s.last = raw
	s.Send(control.Line{Kind: control.LineSnapshot, At: day, Snapshot: &snapshot})
}
