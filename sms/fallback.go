package sms

import (
	"context"
	"time"
)

// A Fallback stands in for other routes: the modem that works while the whole
// street is dark. It has no messages of its own.
//
// It is asked when a route has just failed for the AfterFailures-th time in a
// row, or has had a message for longer than After, or has refused one for
// good, or when time is short (Outbox.Flush). Zero switches one of the first
// two off; if both are zero, it is asked after every failure.
type Fallback struct {
	Route
	For           []string // names of the routes that it stands in for
	AfterFailures int
	After         time.Duration

	busy chan struct{} // a modem does one thing at a time
}

// NewFallback makes a route a fallback.
func NewFallback(r Route, standsInFor []string, afterFailures int, after time.Duration) *Fallback {
	return &Fallback{Route: r, For: standsInFor, AfterFailures: afterFailures, After: after, busy: make(chan struct{}, 1)}
}

// due tells whether the fallback is asked.
func (f *Fallback) due(failures int, age time.Duration) bool {
	if f.AfterFailures <= 0 && f.After <= 0 {
		return true
	}
	return f.AfterFailures > 0 && failures >= f.AfterFailures || f.After > 0 && age >= f.After
}

// Send waits for its turn and sends.
func (f *Fallback) Send(ctx context.Context, n Notice) error {
	select {
	case f.busy <- struct{}{}:
		defer func() { <-f.busy }()
		return f.Route.Send(ctx, n)
	case <-ctx.Done():
		return fail(f.Name(), nil, "busy with another message until time was up")
	}
}

// send makes one attempt over a route. A panic in a library costs the attempt
// and no more; its value is not told, for it could hold anything.
func send(ctx context.Context, r Route, n Notice) (err error) {
	defer func() {
		if recover() != nil {
			err = fail(r.Name(), nil, "the route failed in a way that nobody foresaw (panic): please report it")
		}
	}()
	return r.Send(ctx, n)
}
