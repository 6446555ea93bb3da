package server

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// The work for all clients together takes workShare of a processor at most, and
// no more than workAhead is begun before what was done is paid for: whoever else
// wants to run in this process, the loop that decides above all, waits that
// long behind a flood and no longer.
//
// A turn, of one client, ends at turnRequests or turnBytes at the latest. It is
// paid in units: those of a turn that has nothing to do, one for each request
// and one for each KiB of answers. What a unit costs on this host is measured in
// one turn of measureEach, by the clock of the thread, between the bounds: a
// client that does not read makes no turn dearer, and reading that clock costs as
// much as a short answer.
const (
	workShare    = 0.8
	workAhead    = 100 * time.Microsecond
	turnRequests = 64
	turnBytes    = 32 << 10 // of answers
	turnUnits    = 4
	leastUnit    = 500 * time.Nanosecond
	mostUnit     = 20 * time.Microsecond
	measureEach  = 16
)

// A gate lets clients in, in the order in which they come, as fast as their
// work may go.
type gate struct {
	mu   sync.Mutex
	next time.Time     // until here time is given away
	unit time.Duration // what a unit costs
	n    int           // of turns
}

func newGate() *gate { return &gate{unit: 2 * leastUnit} }

// enter waits for a turn. measure says that it is one to be measured.
func (g *gate) enter(ctx context.Context) (measure bool, err error) {
	now := time.Now()
	g.mu.Lock()
	if g.next.Before(now) {
		g.next = now
	}
	wait := g.next.Sub(now) - workAhead
	g.next = g.next.Add(paid(turnUnits * g.unit))
	g.n++
	measure = g.n%measureEach == 0
	g.mu.Unlock()
	if wait > 0 && !sleep(ctx, wait) {
		return false, ctx.Err()
	}
	return measure, nil
}

// leave ends a turn of so many requests and bytes. took is what it took, where
// it was measured, else 0.
func (g *gate) leave(requests, bytes int, took time.Duration) {
	more := time.Duration(requests + bytes>>10)
	g.mu.Lock()
	g.next = g.next.Add(paid(more * g.unit))
	if took > 0 {
		now := max(leastUnit, min(took/(turnUnits+more), mostUnit))
		g.unit += (now - g.unit) / 8
	}
	g.mu.Unlock()
}

// paid is the time that work takes away.
func paid(work time.Duration) time.Duration { return time.Duration(float64(work) / workShare) }

// worked is the time of the processor that this thread has taken. The
// difference is that of a turn where the goroutine has stayed on its thread, as
// one that does not wait does; else it is any number.
func worked() time.Duration {
	var now unix.Timespec
	if unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &now) != nil {
		return 0 // every Linux has this clock
	}
	return time.Duration(now.Nano())
}
