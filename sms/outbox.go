package sms

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// An Outbox keeps messages until they have a verdict, and has them sent. Its
// methods may be called from anywhere, before Run too. None of them waits for a
// disk; it is a part of a store (Load, Changes) where Options.Touch is set.
type Outbox struct {
	opts  Options
	lanes []*lane

	mu       sync.Mutex
	last     uint64 // the highest sequence number given out
	waiting  map[uint64]*Entry
	orphans  []*Entry          // waiting on routes that are not configured
	lost     []Entry           // got nowhere, oldest first
	dirty    map[uint64]uint64 // what the store does not know yet, with a version
	version  uint64
	slow     bool // the store has not taken note of a verdict in time
	settling int  // verdicts that the store is given time to take note of
	sending  int  // attempts under way
	flushing int
	damage   error         // what was found damaged in the store
	newer    error         // what was found in it of a later release
	changed  chan struct{} // closed and replaced when something changes
}

// NewOutbox makes an outbox for routes. The error tells of routes that cannot be.
func NewOutbox(routes []Route, opts Options) (*Outbox, error) {
	o := &Outbox{
		opts: opts.orDefault(), waiting: make(map[uint64]*Entry), dirty: make(map[uint64]uint64),
		changed: make(chan struct{}),
	}
	if err := o.setRoutes(routes); err != nil {
		return nil, err
	}
	return o, nil
}

// setRoutes builds the lanes.
func (o *Outbox) setRoutes(routes []Route) error {
	names := make(map[string]bool)
	for _, r := range routes {
		if names[r.Name()] {
			return fmt.Errorf("sms: two routes have the name %q", r.Name())
		}
		names[r.Name()] = true
		if _, ok := r.(*Fallback); !ok {
			o.lanes = append(o.lanes, newLane(r, o.opts))
		}
	}
	for _, r := range routes {
		f, ok := r.(*Fallback)
		if !ok {
			continue
		}
		if len(f.For) == 0 {
			return fmt.Errorf("sms: the fallback %q stands in for no route", f.Name())
		}
		for _, name := range f.For {
			l := o.lane(name)
			if l == nil {
				return fmt.Errorf("sms: the fallback %q stands in for %q, which is no route of its own", f.Name(), name)
			}
			l.fallbacks = append(l.fallbacks, f)
		}
	}
	return nil
}

// takeUp files what was stored, or what another outbox had. With mu.
func (o *Outbox) takeUp(entries []Entry) {
	unreadable := 0
	for _, e := range entries {
		switch {
		case e.Verdict == "":
			o.file(&e)
		case e.Ended.IsZero():
			unreadable++
			e.Ended = time.Now().Round(0)
			o.mark(e.Seq)
			o.lose(e)
			o.opts.Log.Error("a stored message is damaged", "id", e.ID, "left", e.Text)
		default:
			o.lose(e)
		}
	}
	if unreadable > 0 {
		o.damage = fmt.Errorf("sms: %d stored messages were damaged: what is left of them stands among the refused", unreadable)
	}
	for _, l := range o.lanes {
		l.merge = len(l.entries) > 1 && o.opts.Every > 0 // what has waited through a restart goes as one
	}
	waiting := make(map[string]int)
	for _, e := range o.orphans {
		waiting[e.Route]++
	}
	for _, route := range slices.Sorted(maps.Keys(waiting)) {
		o.opts.Log.Warn("messages wait: "+noRoute, "route", route, "messages", waiting[route])
	}
}

// noRoute is what is wrong with a message whose route is gone.
const noRoute = "no route of this name is configured any more: configure it again, or drop what waits for it"

// file puts an entry in its lane, by its number.
func (o *Outbox) file(e *Entry) {
	o.waiting[e.Seq] = e
	l := o.lane(e.Route)
	if l == nil {
		o.orphan(e)
		return
	}
	if e.LastError == noRoute {
		e.LastError = "" // it is there again
	}
	at, _ := slices.BinarySearchFunc(l.entries, e.Seq, func(e *Entry, seq uint64) int {
		return int(int64(e.Seq - seq))
	})
	l.entries = slices.Insert(l.entries, max(at, l.taken), e)
	for len(l.entries) > max(o.opts.MaxPending, l.taken) {
		old := l.entries[l.taken]
		old.LastError = fmt.Sprintf("more than %d messages waited (the last error was: %s)", o.opts.MaxPending, old.LastError)
		o.end(l, old, Expired, "")
		o.lose(*old)
		o.opts.Log.Error("a message was given up: too many wait", "id", old.ID, "route", old.Route, "text", old.Text)
	}
	l.poke()
}

// orphan keeps an entry whose route is not configured any more, for the case
// that this is a slip of the pen. With mu.
func (o *Outbox) orphan(e *Entry) {
	e.LastError = noRoute
	if o.opts.age(e, time.Now()) <= o.opts.MaxAge {
		o.orphans = append(o.orphans, e)
		return
	}
	o.end(nil, e, Expired, "")
	o.lose(*e)
	o.opts.Log.Error("a message got nowhere: "+noRoute, "verdict", string(Expired), "id", e.ID, "route", e.Route, "text", e.Text)
}

// end takes an entry out of what waits, with its verdict. With mu.
func (o *Outbox) end(l *lane, e *Entry, v Verdict, via string) {
	e.Verdict, e.Via, e.Ended = v, via, time.Now().Round(0)
	delete(o.waiting, e.Seq)
	o.mark(e.Seq)
	if l == nil {
		return
	}
	if at := slices.Index(l.entries, e); at >= 0 {
		l.entries = slices.Delete(l.entries, at, at+1)
		if at < l.taken {
			l.taken--
		}
	}
}

// lose keeps an entry that got nowhere among those that Refused shows. With
// mu.
func (o *Outbox) lose(e Entry) {
	o.lost = append(o.lost, e)
	for len(o.lost) > max(o.opts.MaxRefused, 0) {
		o.mark(o.lost[0].Seq)
		o.lost = slices.Delete(o.lost, 0, 1)
	}
}

// lane finds a lane by name; nil if there is none.
func (o *Outbox) lane(name string) *lane {
	for _, l := range o.lanes {
		if l.route.Name() == name {
			return l
		}
	}
	return nil
}

// broadcast wakes whoever waits for a change. With mu.
func (o *Outbox) broadcast() {
	close(o.changed)
	o.changed = make(chan struct{})
}

// Run delivers until ctx ends, and returns when the last attempt is over, at
// the latest after Options.Grace. It is called once.
func (o *Outbox) Run(ctx context.Context) {
	var wg sync.WaitGroup
	for _, l := range o.lanes {
		wg.Go(func() { o.courier(ctx, l) })
	}
	<-ctx.Done() // there may be no route
	wg.Wait()
}

// Kick has everything tried again at once: a network has come up. Only a
// gateway that asked for a pause gets it.
func (o *Outbox) Kick() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, l := range o.lanes {
		l.next = time.Time{}
		l.backoff.Reset()
		l.poke()
	}
}
