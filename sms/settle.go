package sms

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"golang.org/x/time/rate"
)

// flushPause is the longest pause between attempts while a Flush waits.
const flushPause = time.Second

// settle draws the consequences of a job: verdicts, or another try. It gives the
// store some time to take note of a verdict.
func (o *Outbox) settle(ctx context.Context, l *lane, j job, out outcome) {
	now := time.Now()
	o.mu.Lock()
	l.taken = 0
	o.sending--
	idle := o.sending == 0
	o.settleRoute(l, out, now)
	ended := o.settleEntries(l, j, out, now)
	if out.err == nil || errors.Is(out.err, ErrRefused) {
		// Whatever leaves makes room at once for what is behind it.
		l.spend(o.opts, len(j.entries), now)
		l.next = time.Time{}
		l.backoff.Reset()
	} else {
		l.next = now.Add(l.pause(o.opts))
		if at, ok := l.takeover(j.entries[0], now); ok && at.After(now) && at.Before(l.next) {
			l.next = at
		}
	}
	l.merge = l.merge && len(l.entries) > 0
	o.settling++ // a Flush waits for the store too
	o.broadcast()
	o.mu.Unlock()

	o.awaitNote(ctx, ended)

	o.mu.Lock()
	o.settling--
	o.broadcast()
	o.mu.Unlock()
	for _, e := range ended {
		o.tell(e)
	}
	if idle && o.opts.Idle != nil {
		o.opts.Idle()
	}
}

// settleRoute notes how the route itself does. With mu.
func (o *Outbox) settleRoute(l *lane, out outcome, now time.Time) {
	if out.via != "" && !pretends(l.route) {
		l.delivered = now.Round(0)
	}
	if out.via == l.route.Name() {
		l.failures, l.held, l.lastError = 0, time.Time{}, ""
		return
	}
	if rest := restFor(out.main); rest > 0 {
		l.held = now.Add(rest)
	} else if errors.Is(out.main, ErrTooMany) {
		l.held = now.Add(o.opts.TooManyWait)
	}
	if out.main != nil {
		l.failures++
	}
	err := out.err
	if err == nil {
		err = out.main // a fallback delivered
	}
	if err == nil {
		return
	}
	level := slog.LevelWarn
	if l.lastError == err.Error() {
		level = slog.LevelDebug // once is enough
	}
	l.lastError = err.Error()
	o.opts.Log.Log(context.Background(), level, "a message was not delivered", "route", l.route.Name(), "error", l.lastError, "failures", l.failures)
}

// settleEntries gives the entries of a job their verdict, or notes the failed
// attempt, and returns those that leave. With mu.
func (o *Outbox) settleEntries(l *lane, j job, out outcome, now time.Time) []Entry {
	var ended []Entry
	for _, e := range j.entries {
		if o.waiting[e.Seq] != e {
			continue // dropped while it was being sent
		}
		e.Attempts++
		o.mark(e.Seq)
		if out.err == nil {
			o.end(l, e, Delivered, out.via)
			ended = append(ended, *e)
			continue
		}
		e.LastError = out.err.Error()
		e.RefusedByMain = e.RefusedByMain || errors.Is(out.main, ErrRefused)
		switch {
		case errors.Is(out.err, ErrRefused):
			o.end(l, e, Refused, "")
		case o.opts.age(e, now) > o.opts.MaxAge:
			o.end(l, e, Expired, "")
		default:
			continue
		}
		o.lose(*e)
		ended = append(ended, *e)
	}
	return ended
}

// pause is how long to wait after a failure.
func (l *lane) pause(o Options) time.Duration {
	if l.hurried {
		return min(flushPause, o.RetryMin)
	}
	return l.backoff.NextBackOff()
}

// spend takes a message from the rate limit. One that was made of three or
// more means that things are restless: the next is further away.
func (l *lane) spend(o Options, merged int, now time.Time) {
	if l.limiter == nil {
		return
	}
	l.limiter.AllowN(now, 1)
	switch {
	case merged >= 3:
		l.every = min(2*l.every, o.EveryMax)
	case merged == 1:
		l.every = o.Every
	}
	l.limiter.SetLimitAt(now, rate.Every(l.every))
}

// pretended reports whether the route that took a message sends nothing.
func (o *Outbox) pretended(via string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	l := o.lane(via)
	return l != nil && pretends(l.route)
}

// tell logs a verdict and passes it on.
func (o *Outbox) tell(e Entry) {
	switch {
	case e.Verdict == Delivered && o.pretended(e.Via):
	case e.Verdict == Delivered:
		o.opts.Log.Info("a message was delivered", "id", e.ID, "via", e.Via, "attempts", e.Attempts)
	default:
		o.opts.Log.Error("a message got nowhere", "verdict", string(e.Verdict), "id", e.ID, "route", e.Route, "error", e.LastError, "text", e.Text)
	}
	if o.opts.OnVerdict != nil {
		o.opts.OnVerdict(e)
	}
}
