package hidraw

import (
	"context"
	"time"
)

// DefaultRescan is how often Watch says "look again" without a reason: a net
// for events that were lost, and the only source where there are none.
const DefaultRescan = 30 * time.Second

// Watch tells when it is worth calling Enumerate again: when the kernel
// reports that a hidraw device came, went or changed, when it says that
// reports were lost, and every so often in any case (DefaultRescan when every
// is not positive). A reader that is slow finds one value waiting, never more.
//
// It listens before it returns, so nothing is missed by calling Watch first
// and Enumerate then. Where the kernel's events cannot be had, as in most
// containers, the net remains. The channel is closed when ctx ends.
func Watch(ctx context.Context, every time.Duration) <-chan struct{} {
	return merge(ctx, uevents(ctx, "hidraw"), every)
}

// merge passes events on and adds the net.
func merge(ctx context.Context, events <-chan struct{}, every time.Duration) <-chan struct{} {
	if every <= 0 {
		every = DefaultRescan
	}
	look := make(chan struct{}, 1)
	go func() {
		defer close(look)
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case _, ok := <-events:
				if !ok {
					events = nil // no more events: the net alone
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
