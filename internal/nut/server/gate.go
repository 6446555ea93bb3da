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
// long behind a flood and no longer. A turn, of one client, ends at turnRequests
// or turnBytes at the latest. It counts for what it took, which a client that
// does not read cannot make more than mostWork.
const (
	workShare    = 0.8
	workAhead    = 100 * time.Microsecond
	leastWork    = 2 * time.Microsecond
	mostWork     = 200 * time.Microsecond
	turnRequests = 64
	turnBytes    = 32 << 10 // of answers
)

// A gate lets clients in, in the order in which they come, as fast as their
// work may go. The zero gate is open.
type gate struct {
	mu    sync.Mutex
	next  time.Time     // until here time is given away
	guess time.Duration // what a turn takes, from those before
}

// enter waits for a turn. It returns what the turn is charged for the time
// being.
func (g *gate) enter(ctx context.Context) (charged time.Duration, err error) {
	now := time.Now()
	g.mu.Lock()
	if g.next.Before(now) {
		g.next = now
	}
	wait := g.next.Sub(now) - workAhead
	charged = g.guess
	g.next = g.next.Add(paid(charged))
	g.mu.Unlock()
	if wait > 0 && !sleep(ctx, wait) {
		return charged, ctx.Err()
	}
	return charged, nil
}

// leave ends a turn that took as long as that.
func (g *gate) leave(charged, took time.Duration) {
	took = max(leastWork, min(took, mostWork))
	g.mu.Lock()
	g.next = g.next.Add(paid(took - charged))
	g.guess += (took - g.guess) / 8
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
