package journal

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A slow reader takes nothing until it is let.
type slow struct {
	let chan struct{}
	mu  sync.Mutex
	got strings.Builder
}

func (s *slow) Write(p []byte) (int, error) {
	<-s.let
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.got.Write(p)
}

// TestSpool: a reader that hangs holds nobody up; what fits arrives in order,
// and of the rest it is told how much there was.
func TestSpool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reader := &slow{let: make(chan struct{})}
		s := NewSpool(reader, 100) // ten lines of ten bytes
		began := time.Now()
		for i := range 25 {
			fmt.Fprintf(s, "line %03d\n\n", i)
		}
		if took := time.Since(began); took > 0 || s.Dropped() != 15 {
			t.Errorf("took %s, %d lines left out", took, s.Dropped())
		}
		close(reader.let)
		synctest.Wait()
		fmt.Fprintf(s, "the end\n")
		s.Close(time.Second)
		var want strings.Builder
		for i := range 10 {
			fmt.Fprintf(&want, "line %03d\n\n", i)
		}
		want.WriteString("15 lines of the log were left out: nobody took them\nthe end\n")
		if got := reader.got.String(); got != want.String() {
			t.Errorf("got %q", got)
		}
	})
}

// TestSpoolEnd: the end waits for a reader for as long as it is told to.
func TestSpoolEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reader := &slow{let: make(chan struct{})}
		s := NewSpool(reader, 100)
		fmt.Fprint(s, "a line\n")
		began := time.Now()
		s.Close(2 * time.Second)
		if took := time.Since(began); took != 2*time.Second {
			t.Errorf("waited for %s", took)
		}
		close(reader.let) // its goroutine ends
		synctest.Wait()
		if reader.got.String() != "a line\n" {
			t.Errorf("got %q", reader.got.String())
		}
	})
}
