package sms

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Route is one way to one recipient.
type Route interface {
	// Name is the route's name in the configuration, unique among routes.
	Name() string
	// Send sends one notice in one go and returns nil once the other side has
	// taken it. ErrRefused and ErrTooMany (errors.Is) tell two failures from
	// all others, which are temporary. No error holds a secret or a query.
	Send(ctx context.Context, n Notice) error
}

// The failures that call for something else than another try soon.
var (
	// ErrRefused: the same text will never get through, because the account
	// or the request is wrong.
	ErrRefused = errors.New("refused for good")
	// ErrTooMany: the gateway wants a pause.
	ErrTooMany = errors.New("too many messages in a short time")
)

// A failure is an error of a route: a sentence for people, and a kind
// (ErrRefused, ErrTooMany or nil) for the program.
type failure struct {
	text  string
	kind  error
	after time.Duration // how long the gateway wants to be left alone; 0: it does not say
}

func (f *failure) Error() string { return f.text }
func (f *failure) Unwrap() error { return f.kind }

// fail builds a failure that begins with the route's name.
func fail(route string, kind error, format string, args ...any) error {
	return &failure{text: route + ": " + fmt.Sprintf(format, args...), kind: kind}
}

// longestRest is the longest pause that a gateway is granted: a message may not
// wait for somebody else's mistake.
const longestRest = time.Hour

// restFor is how long a gateway that failed with err wants to be left alone, 0
// where it does not say.
func restFor(err error) time.Duration {
	if f, ok := errors.AsType[*failure](err); ok {
		return min(f.after, longestRest)
	}
	return 0
}

// A Limited route says how long its texts may be. Others have DefaultLimit.
type Limited interface {
	Limit() Limit
}

// A Pretender is a route that takes texts and sends them nowhere, as in a rehearsal:
// that it has taken one is not told as a delivery.
type Pretender interface {
	Pretends()
}

// pretends reports whether a route sends nothing.
func pretends(r Route) bool {
	if f, ok := r.(*Fallback); ok {
		r = f.Route
	}
	_, ok := r.(Pretender)
	return ok
}

// limitOf is the limit of a route, with the defaults filled in.
func limitOf(r Route) Limit {
	if f, ok := r.(*Fallback); ok {
		r = f.Route
	}
	if l, ok := r.(Limited); ok {
		return l.Limit().orDefault()
	}
	return DefaultLimit
}

// Deliver sends a notice over one route, here and now, in parts where it is
// longer than the route takes. Nothing is stored and nothing tried twice; it
// is what a test of the route wants.
func Deliver(ctx context.Context, r Route, n Notice) error {
	for i, part := range Parts(Clean(n.Text), limitOf(r)) {
		one := n
		one.Text = part
		if i > 0 && n.ID != "" {
			one.ID = fmt.Sprintf("%sp%d", n.ID, i+1)
		}
		if err := r.Send(ctx, one); err != nil {
			return err
		}
	}
	return nil
}

// NewUnusable is a route that cannot be made at present, for a secret that is
// not there, say. Its messages wait, or go by a fallback, and say why.
func NewUnusable(name string, why error) Route { return &unusable{name, why} }

type unusable struct {
	name string
	why  error
}

func (r *unusable) Name() string { return r.name }

func (r *unusable) Send(context.Context, Notice) error {
	return fail(r.name, nil, "the route cannot be used: %s", strings.TrimPrefix(r.why.Error(), r.name+": "))
}
