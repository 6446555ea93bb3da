package daemon

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"ecnutd/internal/control"
	"ecnutd/internal/engine"
	"ecnutd/internal/history"
	"ecnutd/internal/history/book"
	"ecnutd/internal/store"
	"ecnutd/monitor"
	"ecnutd/sms"
)

// newHistory is the history in a store.
func newHistory(out *Outside, s *store.Store) *book.Book {
	b := book.New()
	if err := s.Join(b); err != nil && !errors.Is(err, store.ErrNotYet) {
		out.Log.Error("the history of outages", "reason", err)
	}
	return b
}

// remember notes a step in the history. ids are those of its messages.
func (d *Daemon) remember(actions []engine.Action, now monitor.Instant, day time.Time, ids []uint64) {
	d.outages.book.Follow(book.Step{Now: now, Day: day, Actions: actions, State: &d.state, IDs: ids})
}

// delivered notes what became of a message; from outside of the loop.
func (d *Daemon) delivered(e sms.Entry) {
	if e.Part <= 1 && d.outages.book.Told(e.ID, history.Delivery{Route: e.Route, At: e.Ended, Verdict: string(e.Verdict)}) {
		d.store.Touch()
	}
}

// History is what this host remembers of its outages.
func (d *Daemon) History(context.Context) (history.History, error) {
	return d.outages.book.History(), nil
}

// Outage is one of them with its story.
func (d *Daemon) Outage(ctx context.Context, n uint64) (history.Outage, error) {
	o, err := d.outages.book.Outage(ctx, n, d.store.Store)
	if errors.Is(err, book.ErrNone) || errors.Is(err, store.ErrNoFile) {
		return o, control.Refuse(control.ErrNoSuch, "there is no outage "+strconv.FormatUint(n, 10)+" (`ecnutd history` lists them)")
	}
	if err != nil {
		return o, fmt.Errorf("outage %d cannot be read: %w", n, err)
	}
	return o, nil
}
