package world

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"ecnutd/internal/control"
	"ecnutd/internal/sim"

	"ecnutd/internal/world/plan"
)

// chance is what the host draws from, in the order in which things happen to
// it: that is the same each time.
func (w *world) chance() *rand.Rand {
	w.draws++
	return plan.Stream(w.plan.Seed, "host"+time.Duration(w.draws).String())
}

// begin has an incident happen, and its end be scheduled.
func (w *world) begin(i plan.Incident) {
	w.say("%s", i)
	w.happens(i)
	w.promises.clean = w.promises.clean && i.What == plan.MainsFails
	switch i.What {
	case plan.MainsFails:
		w.during(i, func(n int) { w.mains(n) })
	case plan.Unplugged:
		w.during(i, func(n int) { w.cable(i, n) })
	case plan.GatewayDown:
		w.during(i, func(n int) { w.phone.change(w, &w.phone.down, n) })
	case plan.GatewayLies:
		w.during(i, func(n int) { w.phone.change(w, &w.phone.lies, n) })
	case plan.GatewayBusy:
		w.during(i, func(n int) { w.phone.change(w, &w.phone.busy, n) })
	case plan.GatewayHangs:
		w.during(i, func(n int) { w.phone.change(w, &w.phone.hangs, n) })
	case plan.ProgramHangs:
		w.during(i, func(n int) { w.programs += n })
	case plan.DiskFull:
		w.during(i, func(n int) { w.disk(&w.ills.full, n) })
	case plan.DiskReadOnly:
		w.during(i, func(n int) { w.disk(&w.ills.readOnly, n) })
	case plan.DiskStalls:
		w.during(i, func(n int) { w.disk(&w.ills.stalled, n) })
	case plan.DiskDamaged:
		w.damage(i.N)
	case plan.Killed:
		if l := w.life; l != nil && l.kill == 0 {
			l.kill = l.effects + i.N
		}
	case plan.Restarted:
		w.restart(nil)
	case plan.Upgraded:
		w.restart(w.downgrade)
	case plan.Reloaded:
		w.reload(i.N)
	case plan.Forced:
		w.force()
	case plan.CommandFails, plan.CommandDoesNothing, plan.CommandHangs:
		w.commands = append(w.commands, i)
	case plan.ClockSet:
		w.mu.Lock()
		w.skew += time.Duration(i.N) * time.Second
		w.mu.Unlock()
	case plan.Suspended:
		w.suspend(i.For)
	case plan.Paused:
		w.during(i, func(n int) { w.pause(n) })
	case plan.BatteryDies:
		w.units[i.Unit].Inject(sim.Fault{Kind: sim.WornBattery, Wear: float64(i.N) / 100})
	case plan.HostComes:
		w.hostComes()
	case plan.HostGoes:
		w.hostGoes(i.For)
	default:
		w.during(i, func(n int) { w.fault(i, n) })
	}
}

// during has an incident last: change is told 1 at its begin and -1 at its end.
func (w *world) during(i plan.Incident, change func(n int)) {
	w.active++
	change(1)
	w.ends(i.For, func() {
		w.active--
		w.busyAt = w.at()
		change(-1)
	})
}

// mains counts the incidents that take mains away.
func (w *world) mains(n int) {
	before := w.outages
	w.outages += n
	now := w.outages
	switch {
	case before == 0 && now > 0:
		w.result.Outages++
		w.mainsWent()
		w.each(func(u *unit) { u.CutMains() })
	case before > 0 && now == 0:
		w.say("mains is back")
		w.mainsCame()
		w.each(func(u *unit) { u.RestoreMains() })
	}
}

// each does something to every UPS.
func (w *world) each(do func(*unit)) {
	for _, u := range w.units {
		do(u)
	}
}

func (w *world) cable(i plan.Incident, n int) {
	u := w.units[i.Unit]
	w.blind(u, n, 1)
	before := u.out
	u.out += n
	switch {
	case before == 0 && u.out > 0:
		u.Unplug()
	case before > 0 && u.out == 0:
		if i.N > 0 {
			u.node += 8
		}
		u.Plug()
		w.say("@plug %s at %s", u.plan.Name, u.nodeNow())
	default:
		return
	}
	select {
	case u.changed <- struct{}{}:
	default:
	}
}

func (w *world) fault(i plan.Incident, n int) {
	u := w.units[i.Unit]
	if i.Blinds() {
		status := 1
		if i.N == plan.ReportBattery && i.What != plan.Silent {
			status = 0
		}
		w.blind(u, n, status)
	}
	f, _ := plan.FaultOf(i)
	u.faults[f] += n
	switch u.faults[f] {
	case 0:
		w.say("it is over: %s", i)
		delete(u.faults, f)
		u.Clear(f.Kind)
		w.refault(u, f.Kind)
	case 1:
		if n > 0 {
			u.Inject(f)
		}
	}
}

// refault puts in again what Clear has taken out with it: faults of the same kind
// of another report, and the time that every answer takes.
func (w *world) refault(u *unit, kind sim.FaultKind) {
	if kind == sim.SlowReply {
		u.Inject(sim.Fault{Kind: sim.SlowReply})
	}
	var again []sim.Fault
	for f, wanted := range u.faults {
		if f.Kind == kind && wanted > 0 {
			again = append(again, f)
		}
	}
	slices.SortFunc(again, func(a, b sim.Fault) int { return int(a.Report)<<20 + int(a.Delay) - int(b.Report)<<20 - int(b.Delay) })
	for _, f := range again {
		u.Inject(f)
	}
}

// disk counts the incidents that fail the disk of the state.
func (w *world) disk(what *int, n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	*what += n
	w.ills.faultAt, w.ills.wasFault = w.at(), true
	if n < 0 && *what == 0 {
		w.tell("the disk is well again")
	}
}

// pause has nothing on the host run.
func (w *world) pause(n int) {
	w.mu.Lock()
	w.paused += n
	now := w.paused
	w.mu.Unlock()
	w.promises.stands(w.at(), now > 0)
	if now == 0 {
		w.say("the host goes on")
	}
}

// suspend has the host sleep: its clocks stand, but for the time since the boot.
func (w *world) suspend(d time.Duration) {
	w.promises.stands(w.at(), true)
	w.skip(d)
	w.promises.stands(w.at(), false)
	w.say("the host wakes up")
}

// program is a program of a rule.
func (w *world) program(ctx context.Context, _ []string) error {
	if w.programs == 0 {
		time.Sleep(30 * time.Millisecond)
		return nil
	}
	<-ctx.Done()
	return errors.New("not done in time and stopped")
}

// restart stops the daemon in good order, and starts it again; between is done
// while none runs.
func (w *world) restart(between func()) {
	w.mu.Lock()
	l, up, boots := w.life, w.host == hostUp, w.boots
	w.mu.Unlock()
	if l == nil || !up {
		return
	}
	l.cancel()
	w.awaitEnd(l, func() {
		if w.life != l {
			return // it was killed meanwhile
		}
		w.buried(l)
		if between != nil {
			between()
		}
		w.after(plan.Span(w.chance(), 100*time.Millisecond, 2*time.Second), func() { w.startAgain(boots) })
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
	away := w.outages
	w.mu.Lock()
	w.programs, w.active, w.commands = 0, 0, nil
	w.phone.down, w.phone.lies, w.phone.busy, w.phone.hangs = 0, 0, 0, 0
	w.ills.full, w.ills.readOnly, w.ills.stalled = 0, 0, 0
	if w.life != nil {
		w.life.kill = 0
	}
	w.mu.Unlock()
	if w.paused > 0 {
		w.pause(-w.paused)
	}
	for _, u := range w.units {
		for _, kind := range sim.FaultKinds() {
			if kind != sim.SlowReply && kind != sim.WornBattery {
				u.Clear(kind)
			}
		}
		clear(u.faults)
		u.Inject(sim.Fault{Kind: sim.SlowReply})
		if u.out > 0 {
			w.cable(plan.Incident{What: plan.Unplugged, Unit: u.number}, -u.out)
		}
		if u.sight.blind > 0 {
			w.blind(u, -u.sight.blind, 0)
			u.sight.silent = 0
		}
	}
	if away > 0 {
		w.mains(-away)
	}
}

// force is somebody who orders a shutdown.
func (w *world) force() {
	l := w.life
	if l == nil || w.host != hostUp {
		return
	}
	w.promises.force(w.at())
	go func() { // it may be answered by nobody any more
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if d := l.daemon.Load(); d != nil {
			_, _ = d.ForceShutdown(ctx, control.PeerOf(0, 1), control.FSD{Reason: "world"})
		}
	}()
}
