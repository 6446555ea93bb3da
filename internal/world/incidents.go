package world

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"ecnutd/internal/control"
)

// chance is what the host draws from, in the order in which things happen to
// it: that is the same each time.
func (w *world) chance() *rand.Rand {
	w.entry++
	return stream(w.plan.Seed, "host"+time.Duration(w.entry).String())
}

// begin has an incident happen, and its end be scheduled.
func (w *world) begin(i Incident) {
	w.say("%s", i)
	switch i.What {
	case MainsFails:
		w.mains(1)
		w.ends(i.For, func() { w.mains(-1) })
	case Unplugged:
		w.cable(w.units[i.Unit], 1)
		w.ends(i.For, func() { w.cable(w.units[i.Unit], -1) })
	case Silent, Stalls, LosesPushes, Flickers:
		w.fault(i, 1)
		w.ends(i.For, func() { w.fault(i, -1) })
	case GatewayDown:
		w.phone.change(w, &w.phone.down, 1)
		w.ends(i.For, func() { w.phone.change(w, &w.phone.down, -1) })
	case GatewayLies:
		w.phone.change(w, &w.phone.lies, 1)
		w.ends(i.For, func() { w.phone.change(w, &w.phone.lies, -1) })
	case ProgramHangs:
		w.hang(1)
		w.ends(i.For, func() { w.hang(-1) })
	case Killed:
		w.mu.Lock()
		if w.life != nil && w.life.kill == 0 {
			w.life.kill = w.life.calls + i.N
		}
		w.mu.Unlock()
	case Restarted:
		w.restart()
	case Forced:
		w.force()
	case CommandFails:
		w.mu.Lock()
		w.failing++
		w.mu.Unlock()
	case ClockSet:
		w.mu.Lock()
		w.skew += time.Duration(i.N) * time.Second
		w.mu.Unlock()
	}
}

// mains counts the incidents that take mains away.
func (w *world) mains(n int) {
	w.mu.Lock()
	before := w.promises.outages
	w.promises.outages += n
	now := w.promises.outages
	w.mu.Unlock()
	switch {
	case before == 0 && now > 0:
		w.mu.Lock()
		w.result.Outages++
		w.mu.Unlock()
		w.promises.mainsWent(w)
		w.each(func(u *unit) { u.CutMains() })
	case before > 0 && now == 0:
		w.say("mains is back")
		w.promises.mainsCame(w)
		w.each(func(u *unit) { u.RestoreMains() })
	}
}

// each does something to every UPS, one a moment after the other: what they push
// then comes one after the other too.
func (w *world) each(do func(*unit)) {
	for i, u := range w.units {
		if i == 0 {
			do(u)
			continue
		}
		w.after(time.Duration(i)*7*time.Millisecond, func() { do(u) })
	}
}

func (w *world) cable(u *unit, n int) {
	w.promises.doubt(w, n)
	before := u.out
	u.out += n
	switch {
	case before == 0 && u.out > 0:
		u.Unplug()
	case before > 0 && u.out == 0:
		w.say("@plug %s", u.plan.Name)
		u.Plug()
	default:
		return
	}
	select {
	case u.changed <- struct{}{}:
	default:
	}
}

func (w *world) fault(i Incident, n int) {
	if i.What != Flickers && i.What != LosesPushes {
		w.promises.doubt(w, n)
	}
	f, _ := faultOf(i)
	u := w.units[i.Unit]
	u.faults[f] += n
	switch u.faults[f] {
	case 0:
		w.say("it is over: %s", i)
		u.Clear(f.Kind)
		for other, wanted := range u.faults { // of another report
			if other.Kind == f.Kind && wanted > 0 {
				u.Inject(other)
			}
		}
	case 1:
		if n > 0 {
			u.Inject(f)
		}
	}
}

func (w *world) hang(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.programs += n
}

// program is a program of a rule.
func (w *world) program(ctx context.Context, _ []string) error {
	w.mu.Lock()
	hangs := w.programs > 0
	w.mu.Unlock()
	if !hangs {
		time.Sleep(30 * time.Millisecond)
		return nil
	}
	<-ctx.Done()
	return errors.New("not done in time and stopped")
}

// restart stops the daemon in good order, and starts it again.
func (w *world) restart() {
	w.mu.Lock()
	l, up, boots := w.life, w.host == hostUp, w.boots
	w.mu.Unlock()
	if l == nil || !up {
		return
	}
	l.cancel()
	w.awaitEnd(l, func() {
		w.mu.Lock()
		if w.life == l {
			w.life = nil
		}
		w.mu.Unlock()
		w.after(between(w.chance(), 100*time.Millisecond, 2*time.Second), func() { w.startAgain(boots) })
	})
}

// awaitEnd looks from time to time whether a process has ended.
func (w *world) awaitEnd(l *life, then func()) {
	select {
	case <-l.ended:
		then()
	default:
		w.after(97*time.Millisecond, func() { w.awaitEnd(l, then) })
	}
}

// calm ends all that goes wrong. The host goes on with what it was at.
func (w *world) calm() {
	w.agenda = slices.DeleteFunc(w.agenda, func(e entry) bool { return e.incident })
	w.mu.Lock()
	away := w.promises.outages
	w.programs = 0
	w.phone.down, w.phone.lies, w.failing, w.promises.unread = 0, 0, 0, 0
	if w.life != nil {
		w.life.kill = 0
	}
	w.mu.Unlock()
	for _, u := range w.units {
		for f := range u.faults {
			u.Clear(f.Kind)
		}
		clear(u.faults)
		if u.out > 0 {
			w.cable(u, -u.out)
		}
	}
	if away > 0 {
		w.mains(-away)
	}
}

// force is somebody who orders a shutdown.
func (w *world) force() {
	w.mu.Lock()
	l, up := w.life, w.host == hostUp
	w.mu.Unlock()
	if l == nil || !up {
		return
	}
	w.promises.forced(w)
	go func() { // it may be answered by nobody any more
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if d := l.daemon.Load(); d != nil {
			_, _ = d.ForceShutdown(ctx, control.PeerOf(0, 1), control.FSD{Reason: "world"})
		}
	}()
}
