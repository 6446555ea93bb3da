package sms

import (
	"context"
	"fmt"
	"time"
)

// Flush waits until nothing waits any more, or ctx ends, which is an error with
// what is left. Meanwhile neither the rate limit nor a pause that a gateway
// asked for holds anything back, and fallbacks are asked at the first failure;
// after half of the time left they alone are. Run has to be running.
func (o *Outbox) Flush(ctx context.Context) error {
	o.mu.Lock()
	o.flushing++
	for _, l := range o.lanes {
		l.hurried, l.next = true, time.Time{}
		l.poke()
	}
	o.mu.Unlock()
	if end, ok := ctx.Deadline(); ok {
		half := time.AfterFunc(time.Until(end)/2, o.giveUpMains)
		defer half.Stop()
	}
	defer func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		if o.flushing--; o.flushing == 0 {
			for _, l := range o.lanes {
				l.hurried, l.mainOut = false, false
			}
		}
	}()
	for {
		o.mu.Lock()
		left, changed := o.settling, o.changed
		for _, l := range o.lanes {
			left += len(l.entries)
		}
		o.mu.Unlock()
		if left == 0 {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("sms: %d messages are not delivered yet: they are sent later", left)
		}
	}
}

// giveUpMains leaves the rest of a Flush to the fallbacks.
func (o *Outbox) giveUpMains() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, l := range o.lanes {
		if o.flushing == 0 || len(l.fallbacks) == 0 {
			continue
		}
		l.mainOut, l.next = true, time.Time{}
		if l.breakOff != nil {
			l.breakOff()
		}
		l.poke()
	}
}
