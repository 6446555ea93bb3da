package sms

import (
	"errors"
	"maps"
	"slices"
	"time"
)

// Pending is what waits, in order of queueing.
func (o *Outbox) Pending() []Entry {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := time.Now()
	pending := make([]Entry, 0, len(o.waiting))
	for _, e := range o.waiting {
		p := *e
		if l := o.lane(e.Route); l != nil {
			if wait, ok := l.due(now); ok {
				p.NextTry = now.Add(wait).Round(0)
			}
		}
		pending = append(pending, p)
	}
	slices.SortFunc(pending, func(a, b Entry) int { return int(int64(a.Seq - b.Seq)) })
	return pending
}

// Refused is what got nowhere and why, oldest first: refused for good, expired,
// or damaged in the store. The last Options.MaxRefused are kept until they are
// dropped.
func (o *Outbox) Refused() []Entry {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.lost)
}

// Fault says what was found damaged in the store, or in a form that is not known;
// nil if all is well.
func (o *Outbox) Fault() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return errors.Join(o.damage, o.newer)
}

// Drop removes a message that waits or is listed as refused, on all routes and
// in all parts, and tells whether there was one.
func (o *Outbox) Drop(id uint64) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	var dropped []Entry
	for _, l := range o.lanes {
		for _, e := range slices.Clone(l.entries) {
			if e.ID == id {
				o.end(l, e, Dropped, "")
				dropped = append(dropped, *e)
			}
		}
	}
	gone := func(e Entry) bool {
		if e.ID != id {
			return false
		}
		o.mark(e.Seq)
		dropped = append(dropped, e)
		return true
	}
	o.orphans = slices.DeleteFunc(o.orphans, func(e *Entry) bool {
		if !gone(*e) {
			return false
		}
		delete(o.waiting, e.Seq)
		return true
	})
	o.lost = slices.DeleteFunc(o.lost, gone)
	if o.damage != nil && !slices.ContainsFunc(o.lost, func(e Entry) bool { return e.Verdict == Unreadable }) {
		o.damage = nil // seen and dealt with
	}
	o.broadcast()
	return len(dropped) > 0
}

// A RouteState is how things stand on a route.
type RouteState struct {
	Name      string    `json:"name"`
	Pending   int       `json:"pending"`
	Failures  int       `json:"failures"` // in a row
	LastError string    `json:"last_error,omitempty"`
	Delivered time.Time `json:"delivered,omitzero"`  // the last time
	HeldUntil time.Time `json:"held_until,omitzero"` // the gateway asked for a pause
	Fallbacks []string  `json:"fallbacks,omitempty"`
	// Removed: the route is not configured any more, and messages wait for it.
	Removed bool `json:"removed,omitempty"`
}

// Routes is how things stand on every route that takes messages of its own,
// and on those of before for which messages still wait.
func (o *Outbox) Routes() []RouteState {
	o.mu.Lock()
	defer o.mu.Unlock()
	var states []RouteState
	for _, l := range o.lanes {
		s := RouteState{Name: l.route.Name(), Pending: len(l.entries), Failures: l.failures, LastError: l.lastError, Delivered: l.delivered}
		if l.held.After(time.Now()) {
			s.HeldUntil = l.held.Round(0)
		}
		for _, f := range l.fallbacks {
			s.Fallbacks = append(s.Fallbacks, f.Name())
		}
		states = append(states, s)
	}
	for _, e := range o.orphans {
		i := slices.IndexFunc(states, func(s RouteState) bool { return s.Name == e.Route })
		if i < 0 {
			i, states = len(states), append(states, RouteState{Name: e.Route, LastError: e.Route + ": " + noRoute, Removed: true})
		}
		states[i].Pending++
	}
	return states
}

// Inherit takes the place of another outbox, whose Run has returned. It is called
// before Run; a store is told by its Swap.
func (o *Outbox) Inherit(old *Outbox) {
	old.mu.Lock()
	waiting := make([]Entry, 0, len(old.waiting))
	for _, e := range old.waiting {
		waiting = append(waiting, *e)
	}
	lost, dirty, damage, newer, last := slices.Clone(old.lost), maps.Clone(old.dirty), old.damage, old.newer, old.last
	old.mu.Unlock()

	o.mu.Lock()
	defer o.mu.Unlock()
	o.last = last
	for _, l := range o.lanes {
		l.entries = nil
	}
	clear(o.waiting)
	o.orphans, o.lost, o.damage, o.newer = nil, nil, damage, newer
	for seq := range dirty {
		o.mark(seq)
	}
	o.takeUp(append(lost, waiting...))
}
