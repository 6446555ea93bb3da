package power

import (
	"context"
	"ecnutd/hid/power/family"
	"errors"
	"sync/atomic"
	"time"
)

// ErrEnded says that the reader does not run any more: its device was lost or
// its context ended. Whoever opens the device again has another reader.
var ErrEnded = errors.New("the UPS is not open any more")

// A job is something to do with the device between two questions.
type job struct {
	do   func(*Commander)
	done chan struct{}
	mine *atomic.Bool // set by who is first: Run, to do it, or Do, to call it off
}

// Commander commands the reader's device. It belongs to the goroutine that
// owns the device: while Run runs, use Do.
func (r *Reader) Commander() *Commander { return r.commander }

// Do has Run call f between two questions, from any goroutine, and returns
// when f has. The error is that of ctx, which ends the waiting only (f has its
// own), or ErrEnded; with an error f was not called. f must not call Do.
func (r *Reader) Do(ctx context.Context, f func(*Commander)) error {
	j := job{f, make(chan struct{}), new(atomic.Bool)}
	queue := r.jobs
	for {
		select {
		case queue <- j:
			queue = nil
			r.dev.Wake()
			continue
		case <-j.done:
			return nil
		case <-ctx.Done():
			if j.mine.CompareAndSwap(false, true) {
				return ctx.Err()
			}
		case <-r.ended:
			if j.mine.CompareAndSwap(false, true) {
				return ErrEnded
			}
		}
		<-j.done // it is being done
		return nil
	}
}

// serve does a job, and passes on what the device said meanwhile. A command
// may have set timers going, so they are asked for next.
func (r *Reader) serve(j job, heard func(*Decoder)) {
	if !j.mine.CompareAndSwap(false, true) {
		return
	}
	defer close(j.done)
	r.commanded = false
	j.do(r.commander)
	if r.commanded {
		r.told(heard)
	}
	for i := range r.asks {
		if a := &r.asks[i]; a.class == family.Countdown && a.fails == 0 {
			a.next = time.Now()
		}
	}
}

// newCommander is the reader's own.
func (r *Reader) newCommander(delays Delays) *Commander {
	c := NewCommander(r.dev, r.decoder, delays)
	c.heard = func() {
		r.heard(time.Now())
		r.answeredAt, r.commanded = r.heardAt, true
	}
	return c
}
