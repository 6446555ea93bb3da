package thishost

import (
	"context"
	"log/slog"

	"ecnutd/config"
	"ecnutd/sms"
	"ecnutd/ups"
)

// Rehearsal are the messages of a daemon that decides about nothing real: they
// look true, and somebody would act on them. They leave only where that was
// asked for, and are marked then. The dead man's signal says nothing true of a
// rehearsal, and is never sent.
type Rehearsal struct {
	Messages
	Log  *slog.Logger
	Send bool
	Mark string // in front of a text that is sent; TrialMark
}

// TrialMark is in front of what a rehearsal sends.
func TrialMark(l ups.Language) string {
	if l == ups.French {
		return "(essai) "
	}
	return "(trial) "
}

// Route makes a route that marks what it sends, or one that sends nothing and
// needs no secret.
func (m Rehearsal) Route(r config.Route) (sms.Route, error) {
	if !m.Send {
		return unsent{r.Name, m.Log}, nil
	}
	route, err := m.Messages.Route(r)
	if err != nil {
		return nil, err
	}
	limit := sms.DefaultLimit
	if l, ok := route.(sms.Limited); ok {
		limit = l.Limit()
	}
	if limit.Length == 0 {
		limit.Length = sms.DefaultLimit.Length
	}
	return markedRoute{route, m.Mark, limit}, nil
}

// Heartbeat sends nothing.
func (Rehearsal) Heartbeat(config.Heartbeat, func() bool, func(error)) (func(context.Context), error) {
	return func(context.Context) {}, nil
}

// unsent is a route that says what it would send.
type unsent struct {
	name string
	log  *slog.Logger
}

// Name is the route's name.
func (u unsent) Name() string { return u.name }

// Pretends says that nothing is sent.
func (unsent) Pretends() {}

// Send says it in the log.
func (u unsent) Send(_ context.Context, n sms.Notice) error {
	u.log.Info("a rehearsal does not send this message (--send does)", "route", u.name, "text", n.Text)
	return nil
}

// markedRoute is a route whose texts begin with a mark.
type markedRoute struct {
	sms.Route
	mark  string
	limit sms.Limit
}

// Send sends a notice with the mark.
func (m markedRoute) Send(ctx context.Context, n sms.Notice) error {
	n.Text = m.mark + n.Text
	if n.Title != "" {
		n.Title = m.mark + n.Title
	}
	return m.Route.Send(ctx, n)
}

// Limit leaves room for the mark.
func (m markedRoute) Limit() sms.Limit {
	limit := m.limit
	limit.Length = max(1, limit.Length-len(m.mark))
	return limit
}
