package hidraw

import (
	"context"
	"time"
)

// How often Watch says "look again" without a reason: where the kernel's events
// come, as a net for what no event tells, and where there are none, as the only source.
const (
	rescanBeside  = 10 * time.Minute
	DefaultRescan = 30 * time.Second
)

// Watch tells when it is worth calling Enumerate again: when the kernel
// reports that a hidraw device came, went or changed, when it says that
// reports were lost, and every so often in any case: where every is not positive,
// each 10 min, and each DefaultRescan without those events. A reader that is slow finds one value waiting, never more.
//
// It listens before it returns, so nothing is missed by calling Watch first
// and Enumerate then. Where the kernel's events cannot be had, as in most
// containers, the net remains. The channel is closed when ctx ends.
func Watch(ctx context.Context, every time.Duration) <-chan struct{} {
	return merge(ctx, uevents(ctx, "hidraw"), every)
}

// merge passes events on and adds the net.
func merge(ctx context.Context, events <-chan struct{}, every time.Duration) <-chan struct{} {
	beside, alone := every, every
	if every <= 0 {
		beside, alone = rescanBeside, DefaultRescan
	}
	look := make(chan struct{}, 1)
	go func() {
		defer close(look)
		tick := time.NewTicker(beside)
		defer tick.Stop()
		if events == nil {
			tick.Reset(alone)
		}
		for {
			select {
			case <-ctx.Done():
				return
			case _, ok := <-events:
				if !ok {
					events = nil // no more events: the net alone
					tick.Reset(alone)
					continue
				}
			case <-tick.C:
			}
			signal(look)
		}
	}()
	return look
}

// signal leaves a value for the reader, unless one is waiting.
func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
