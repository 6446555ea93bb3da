package sms

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
	"golang.org/x/time/rate"
)

// A lane is a route with its queue. One courier works on it, so that order is
// kept and a slow route delays no other. All that may change is guarded by
// Outbox.mu.
type lane struct {
	route     Route
	limit     Limit
	fallbacks []*Fallback
	wake      chan struct{}

	entries   []*Entry
	taken     int       // how many of them, from the front, are being sent
	next      time.Time // no attempt before, after a failure
	held      time.Time // no attempt on the route before: it asked for a pause
	failures  int       // in a row, on the route itself
	merge     bool      // what has piled up goes as one
	hurried   bool      // a Flush waits
	mainOut   bool      // fallbacks only, for the rest of the Flush
	breakOff  context.CancelFunc
	lastError string
	delivered time.Time
	age       func(*Entry, time.Time) time.Duration

	backoff *backoff.ExponentialBackOff
	limiter *rate.Limiter // nil: none
	every   time.Duration
}

// newLane makes an empty lane.
func newLane(r Route, o Options) *lane {
	spread := 0.2
	if o.Steady {
		spread = 0
	}
	l := &lane{
		route: r, limit: limitOf(r), wake: make(chan struct{}, 1), every: o.Every, age: o.age,
		backoff: &backoff.ExponentialBackOff{
			InitialInterval: o.RetryMin, MaxInterval: o.RetryMax, Multiplier: 2, RandomizationFactor: spread,
		},
	}
	if o.Every > 0 {
		l.limiter = rate.NewLimiter(rate.Every(o.Every), o.Burst)
	}
	return l
}

// poke has the courier look again.
func (l *lane) poke() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// due is how long to wait for the next attempt; false if nothing waits.
func (l *lane) due(now time.Time) (time.Duration, bool) {
	if len(l.entries) == 0 {
		return 0, false
	}
	wait := l.next.Sub(now)
	if l.hurried {
		return max(wait, 0), true
	}
	head := l.entries[0]
	if !l.standIn(head, now) {
		held := l.held.Sub(now)
		if at, ok := l.takeover(head, now); ok {
			held = min(held, at.Sub(now))
		}
		wait = max(wait, held)
	}
	if head.Part <= 1 && !slices.ContainsFunc(l.entries, func(e *Entry) bool { return e.Urgent }) {
		wait = max(wait, l.tokens(now))
	}
	return max(wait, 0), true
}

// standIn tells whether a fallback is to be asked for an entry.
func (l *lane) standIn(e *Entry, now time.Time) bool {
	return slices.ContainsFunc(l.fallbacks, func(f *Fallback) bool {
		return e.RefusedByMain || f.due(l.failures, l.age(e, now))
	})
}

// takeover is when the first fallback is to be asked for an entry because of
// its age.
func (l *lane) takeover(e *Entry, now time.Time) (at time.Time, ok bool) {
	for _, f := range l.fallbacks {
		if t := now.Add(f.After - l.age(e, now)); f.After > 0 && (!ok || t.Before(at)) {
			at, ok = t, true
		}
	}
	return at, ok
}

// tokens is how long the rate limit holds.
func (l *lane) tokens(now time.Time) time.Duration {
	if l.limiter == nil {
		return 0
	}
	r := l.limiter.ReserveN(now, 1)
	defer r.CancelAt(now)
	return r.DelayFrom(now)
}

// A job is one attempt: the entries that go as one text.
type job struct {
	entries []*Entry
	notice  Notice
	main    bool // whether the route itself is tried
	refused bool // whether it has refused them before
	age     time.Duration
}

// take makes the next job. With mu.
func (l *lane) take(o Options, now time.Time) job {
	head := l.entries[0]
	merge := l.merge || !l.held.IsZero() || head.Attempts > 0 && o.Every > 0
	j := job{refused: head.RefusedByMain, age: l.age(head, now)}
	j.main = !j.refused && !l.mainOut && (l.hurried || !l.held.After(now))
	text, taken := compose(l.entries, merge, l.limit.Length, o, now)
	l.taken = taken
	j.entries = slices.Clone(l.entries[:taken])
	j.notice = noticeOf(j.entries, text)
	return j
}

// An outcome is what came of a job.
type outcome struct {
	via  string // the route that delivered; empty if none did
	main error  // what the route itself said, if it was tried and failed
	err  error  // nil if delivered; else what all said, and what that means
}

// courier sends what is in a lane until ctx ends.
func (o *Outbox) courier(ctx context.Context, l *lane) {
	for ctx.Err() == nil {
		now := time.Now()
		o.mu.Lock()
		wait, any := l.due(now)
		if any && wait == 0 {
			j := l.take(o.opts, now)
			o.sending++
			o.mu.Unlock()
			o.settle(ctx, l, j, o.attempt(ctx, l, j))
			continue
		}
		if any && l.tokens(now) > 0 {
			l.merge = true // what the rate limit has piled up goes as one
		}
		o.mu.Unlock()
		var timer <-chan time.Time
		if any {
			timer = time.After(wait)
		}
		select {
		case <-timer:
		case <-l.wake:
		case <-ctx.Done():
		}
	}
}

// attempt tries the route and then its fallbacks.
func (o *Outbox) attempt(run context.Context, l *lane, j job) outcome {
	// An attempt outlives Run for a moment: broken off, it might be repeated.
	ctx, cancel := context.WithCancel(context.WithoutCancel(run))
	defer cancel()
	stop := context.AfterFunc(run, func() {
		grace := time.AfterFunc(o.opts.Grace, cancel)
		context.AfterFunc(ctx, func() { grace.Stop() })
	})
	defer stop()
	var out outcome
	if j.main {
		if out.main = o.tryMain(ctx, l, j.notice); out.main == nil {
			return outcome{via: l.route.Name()}
		}
	}
	said := []error{out.main}
	final := j.refused || errors.Is(out.main, ErrRefused)
	for _, f := range l.fallbacks {
		if !o.asks(l, f, j, out.main) {
			final = false
			continue
		}
		one, done := context.WithTimeout(ctx, o.opts.timeout(f))
		err := send(one, f, j.notice)
		done()
		if err == nil {
			return outcome{via: f.Name(), main: out.main}
		}
		said = append(said, err)
		final = final && errors.Is(err, ErrRefused) // all have to
	}
	f := &failure{text: sentence(said)}
	if final {
		f.kind = ErrRefused
	}
	out.err = f
	return out
}

// tryMain makes one attempt on the route itself, which Flush may break off.
func (o *Outbox) tryMain(ctx context.Context, l *lane, n Notice) error {
	ctx, done := context.WithTimeout(ctx, o.opts.timeout(l.route))
	defer done()
	o.mu.Lock()
	l.breakOff = done
	o.mu.Unlock()
	err := send(ctx, l.route, n)
	o.mu.Lock()
	l.breakOff = nil
	o.mu.Unlock()
	return err
}

// asks tells whether a fallback is asked after what the route itself said.
func (o *Outbox) asks(l *lane, f *Fallback, j job, main error) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	failures := l.failures
	if main != nil {
		failures++
	}
	return l.hurried || j.refused || errors.Is(main, ErrRefused) || f.due(failures, j.age)
}

// sentence puts what several routes said into one line.
func sentence(errs []error) string {
	var s []string
	for _, err := range errs {
		if err != nil {
			s = append(s, err.Error())
		}
	}
	if len(s) == 0 {
		return "no route could be tried"
	}
	return strings.Join(s, "; ")
}
