package world

import (
	"cmp"
	"runtime"
	"slices"
	"testing/synctest"
	"time"
)

// All that happens comes in through one queue. Whoever calls the outside takes a
// ticket and waits; the driver lets all others come to rest, and then serves one
// ticket, the first by rank, name and number. So one goroutine of the daemon goes
// on at a time, with whatever it wakes, and a busy machine changes nothing.

// A rank is who goes first of those that wait at one instant. The loop of the
// daemon does: so it has done with a thing before it hears of the next.
type rank uint8

const (
	ofLoop rank = iota
	ofDisk
	ofRoute
	ofProgram
	ofPower
	ofDevice
	ofNetwork // hosts beside this one
	ofWorld   // what the world notes for itself
)

// A ticket is a call that waits for its turn.
type ticket struct {
	rank   rank
	name   string
	number int
	life   *life // nil where it is no process of the daemon
	effect bool  // it changes something outside, so a kill may come here
	gone   bool  // nobody waits any more
	served chan struct{}
}

// turn waits until it is the caller's turn. It does not return in a process that
// is dead, or dies now.
func (w *world) turn(l *life, r rank, name string, effect bool) {
	t := &ticket{rank: r, name: name, life: l, effect: effect, served: make(chan struct{})}
	w.mu.Lock()
	if l != nil && l.dead {
		w.mu.Unlock()
		runtime.Goexit()
	}
	w.entry++
	t.number = w.entry
	w.tickets = append(w.tickets, t)
	w.mu.Unlock()
	select {
	case w.knock <- struct{}{}:
	default:
	}
	if l == nil {
		<-t.served
		return
	}
	select {
	case <-t.served:
	case <-l.grave:
		w.mu.Lock()
		t.gone = true
		w.mu.Unlock()
		runtime.Goexit()
	}
}

// next takes the first ticket that may be served now.
func (w *world) next() *ticket {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tickets = slices.DeleteFunc(w.tickets, func(t *ticket) bool { return t.gone })
	first := -1
	for i, t := range w.tickets {
		if t.life != nil && w.paused > 0 {
			continue // its host stands still
		}
		if first < 0 || before(t, w.tickets[first]) {
			first = i
		}
	}
	if first < 0 {
		return nil
	}
	t := w.tickets[first]
	w.tickets = slices.Delete(w.tickets, first, first+1)
	return t
}

func before(a, b *ticket) bool {
	return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.name, b.name), cmp.Compare(a.number, b.number)) < 0
}

// serve lets a ticket's goroutine go on, or kills its process there.
func (w *world) serve(t *ticket) {
	if l := t.life; l != nil && t.effect {
		w.mu.Lock()
		l.effects++
		killed := l.kill > 0 && l.effects >= l.kill
		w.mu.Unlock()
		if killed {
			w.killed(l, t)
			return
		}
	}
	close(t.served)
}

// An entry is something that the driver does at a time.
type entry struct {
	at       time.Duration
	order    int
	incident bool // it goes when the world calms down
	do       func()
}

// schedule has the driver do something at a time since the start of the world.
func (w *world) schedule(at time.Duration, incident bool, do func()) {
	w.scheduled++
	e := entry{at, w.scheduled, incident, do}
	i, _ := slices.BinarySearchFunc(w.agenda, e, func(a, b entry) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.order, b.order)) })
	w.agenda = slices.Insert(w.agenda, i, e)
}

// after has the host go on after a span.
func (w *world) after(span time.Duration, do func()) { w.schedule(w.at()+span, false, do) }

// ends ends an incident after a span.
func (w *world) ends(span time.Duration, do func()) { w.schedule(w.at()+span, true, do) }

// drive plays until a time since the start of the world.
func (w *world) drive(until time.Duration) {
	for {
		synctest.Wait()
		if t := w.next(); t != nil {
			w.serve(t)
			continue
		}
		if w.outputsChanged() {
			w.outputs()
			continue
		}
		if len(w.agenda) > 0 && w.agenda[0].at <= w.at() {
			do := w.agenda[0].do
			w.agenda = w.agenda[1:]
			do()
			continue
		}
		if w.at() >= until {
			return
		}
		w.flagged()
		next := until
		if len(w.agenda) > 0 {
			next = min(next, w.agenda[0].at)
		}
		w.skipQuiet(next)
		timer := time.NewTimer(next - w.at())
		select {
		case <-w.knock:
		case <-timer.C:
		}
		timer.Stop()
	}
}
