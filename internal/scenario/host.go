package scenario

import (
	"strings"
	"time"

	"ecnutd/internal/engine"
	"ecnutd/monitor"
	"ecnutd/ups"
)

// A hostState is how the host is on whose behalf the rules decide.
type hostState uint8

// The states.
const (
	hostUp       hostState = iota
	hostStopping           // its shutdown command was given
	hostOff
)

// A host goes down shutdown_time after its command, and comes up again when its
// output does: on_delay after the cut, or after mains is back.
type host struct {
	state   hostState
	offAt   time.Duration // when it goes, or went, off
	returns bool          // its output is switched on again, by its UPS or by another host's
	fed     time.Duration // since when there is mains; never while there is none
}

// goesDown takes the shutdown command. Where nothing is left of the scenario it
// has ended with it.
func (r *rehearsal) goesDown(cut bool) {
	if r.left == 0 {
		r.down = true
		return
	}
	r.host = host{state: hostStopping, offAt: r.now + r.config.ShutdownTime, fed: never}
	r.host.returns = cut && strings.HasSuffix(string(r.config.KillPower.Command), ".return")
	for _, u := range r.config.UPS {
		r.host.returns = r.host.returns || u.Remote != "" && u.Power > 0 // cut by the host that has it
	}
	r.step(monitor.ShutdownPending{Pending: true})
}

// hostDue is when the host goes off or comes up by itself; never for neither.
func (r *rehearsal) hostDue() time.Duration {
	h := &r.host
	switch {
	case h.state == hostStopping:
		return h.offAt
	case h.state == hostOff && h.returns && h.fed != never:
		return max(h.offAt, h.fed) + r.onDelay()
	}
	return never
}

// onDelay is how long an output stays off at least.
func (r *rehearsal) onDelay() (longest time.Duration) {
	for _, u := range r.config.UPS {
		if u.Power > 0 {
			longest = max(longest, u.OnDelay)
		}
	}
	return longest
}

// hostTurns has the host go off, or come up.
func (r *rehearsal) hostTurns() {
	h := &r.host
	if h.state == hostStopping {
		h.state = hostOff
		r.timeline = append(r.timeline, engine.HostRow("off", r.now))
		for _, a := range r.actors {
			a.next = never
		}
		r.feed()
		return
	}
	r.host = host{}
	r.timeline = append(r.timeline, engine.HostRow("up", r.now))
	r.state = monitor.State{} // it means something until the next boot
	for i, a := range r.actors {
		a.reported, a.changed, a.shown = false, false, ""
		if len(a.variables) > 0 {
			r.ask(i)
		}
	}
}

// feed notes whether there is mains for a host that is off.
func (r *rehearsal) feed() {
	if r.host.state != hostOff {
		return
	}
	for i, u := range r.config.UPS {
		s := r.actors[i].variables.Snapshot().Status
		if u.Power > 0 && s.Has(ups.Online) && !s.Has(ups.OnBattery) {
			r.host.fed = min(r.host.fed, r.now)
			return
		}
	}
	r.host.fed = never
}
