package forecast

import (
	"time"

	"ecnutd/monitor"
	"ecnutd/ups"
)

const (
	// parts: a battery's time is looked through in so many readings, and around one that
	// shows something new in finer ones; they are no closer than readings of a UPS
	// are.
	parts   = 24
	finer   = 8
	closest = 5 * time.Second

	// idle: where nothing falls, time alone brings something; readings only keep the link.
	idle = 10 * time.Minute

	// most bounds the readings of a forecast, and farthest how far it looks.
	most     = 600
	farthest = 48 * time.Hour

	// believable is the highest charge that is taken for the one at which the UPS
	// says that its battery is low, in percent: units say 100.
	believable = 50

	// fallen: a charge that has fallen by so many points since mains was lost says how
	// fast it falls, where the UPS tells no runtime.
	fallen = 3
)

// A walk is the monitor's way ahead on a copy of the state.
type walk struct {
	rules monitor.Rules
	state monitor.State
	start monitor.Instant
	now   monitor.Instant
	falls []fall // of the supplies, in their order
	fine  bool   // something is about to be new

	lowest   monitor.Event // the last LOWBATT
	shutdown *Prospect
	low      []Prospect
	empty    []Prospect
}

// ahead says what will become of the host, first, and of batteries that are low
// before that.
func ahead(r monitor.Rules, s monitor.State, now monitor.Instant) []Prospect {
	if !concerns(s) {
		return nil
	}
	w := &walk{rules: r, state: s, start: now, now: now, falls: make([]fall, len(s.Supplies))}
	battery := false
	for i := range s.Supplies {
		w.falls[i] = fallOf(&s.Supplies[i], now)
		battery = battery || s.Supplies[i].OutageAt > 0
	}
	w.run()
	switch {
	case w.shutdown != nil && len(w.empty) > 0:
		return append(w.empty[:1], *w.shutdown) // it would come too late
	case w.shutdown != nil:
		return append([]Prospect{*w.shutdown}, w.low...)
	case len(w.low) > 0:
		return w.low
	case len(w.empty) > 0:
		return w.empty
	case battery && w.state.Phase == monitor.Watching:
		return []Prospect{{Kind: w.unknown()}}
	}
	return nil
}

// concerns reports whether anything is under way that could take the host down.
func concerns(s monitor.State) bool {
	if len(s.Timers) > 0 || s.Forced != "" {
		return true
	}
	for i := range s.Supplies {
		if u := &s.Supplies[i]; u.Line == monitor.OnBattery || u.Last.Status.Has(ups.ForcedShutdown) || u.LostDue > 0 {
			return true
		}
	}
	return false
}

// unknown is what is said of an outage in which nothing is foreseen.
func (w *walk) unknown() Kind {
	for i := range w.state.Supplies {
		u, f := &w.state.Supplies[i], &w.rules.Supplies[i].Limits.Floors
		if u.OutageAt == 0 || w.rules.MinSupplies == 0 {
			continue
		}
		if w.falls[i].over == 0 && (f.Charge || f.Runtime || w.rules.Supplies[i].Limits.Charge.Known || w.rules.Supplies[i].Limits.Runtime.Known) {
			return Untimed
		}
	}
	return Nothing
}

// run takes step after step until the host goes down, or nothing is left to come.
func (w *walk) run() {
	reading := w.now
	for range most {
		before := *w
		due, ok := w.state.Next(w.rules)
		switch {
		case ok && due > w.now && due < reading:
			w.now = due
			w.step(monitor.Elapsed{})
		case reading.Sub(w.start) > farthest:
			return
		default:
			w.now = max(w.now, reading)
			pause := w.pause()
			w.hear(pause)
			if was := before.now; !before.fine && w.doubtful() && !before.doubtful() && w.now.Sub(was) > closest {
				*w = before // it became so somewhere between
				w.fine = true
				reading = was.Add(w.pause())
				continue
			}
			w.fine = w.fine && (w.doubtful() || !before.doubtful())
			reading = w.now.Add(pause)
		}
		if w.shutdown != nil || w.over() {
			return
		}
	}
}

// doubtful reports whether something was read that counts only when it is read
// again.
func (w *walk) doubtful() bool {
	for i := range w.state.Supplies {
		if w.state.Supplies[i].Unconfirmed() {
			return true
		}
	}
	return false
}

// over reports whether nothing more can come: every battery that falls is empty,
// and no timer or limit runs.
func (w *walk) over() bool {
	for i := range w.falls {
		if f := &w.falls[i]; f.over > 0 && w.now < f.empty {
			return false
		}
		limit := w.rules.Supplies[i].Limits.OnBattery
		if u := &w.state.Supplies[i]; u.LostDue > 0 && w.now <= u.LostDue || limit > 0 && u.OutageAt > 0 && w.now <= u.OutageAt.Add(limit) || u.LowAt > 0 && !u.Waited {
			return false
		}
	}
	return len(w.state.Timers) == 0 && w.now.Sub(w.start) > time.Minute
}

// pause is the time until the next reading.
func (w *walk) pause() time.Duration {
	pause := idle
	for i := range w.falls {
		if f := &w.falls[i]; f.over > 0 && w.now < f.empty {
			part := f.over / parts
			if w.fine {
				part /= finer
			}
			pause = min(pause, max(part, closest))
		}
	}
	if w.now.Sub(w.start) < time.Minute {
		pause = min(pause, closest) // what was read once is read again
	}
	return pause
}

// hear lets every supply that answers say what it would say now.
func (w *walk) hear(pause time.Duration) {
	heard := false
	for i := range w.state.Supplies {
		u := &w.state.Supplies[i]
		if u.Link != monitor.Linked {
			continue
		}
		heard = true
		s := w.falls[i].at(w.now, u.Last)
		s.Readings, s.ChargeReadings = s.Readings+1, s.ChargeReadings+1
		age := &s.Age
		age.Status, age.Charge, age.Runtime, age.Slowest = 0, 0, 0, max(age.Slowest, pause)
		if age.ChargePeriod > 0 {
			age.ChargePeriod = max(age.ChargePeriod, pause)
		}
		if age.RuntimePeriod > 0 {
			age.RuntimePeriod = max(age.RuntimePeriod, pause)
		}
		w.step(monitor.Heard{Supply: i, Snapshot: s})
		if f := &w.falls[i]; f.over > 0 && w.now >= f.empty && len(w.empty) == 0 && w.shutdown == nil && w.dark() {
			w.empty = append(w.empty, Prospect{In: f.empty.Sub(w.start), Kind: Empty, About: true, UPS: u.Name})
		}
	}
	if !heard {
		w.step(monitor.Elapsed{})
	}
}

// step takes one step of the monitor and looks at what it says.
func (w *walk) step(in monitor.Input) {
	var effects []monitor.Effect
	w.state, effects = monitor.Step(w.rules, w.state, w.now, in)
	for _, e := range effects {
		switch e := e.(type) {
		case monitor.Shutdown:
			if w.shutdown == nil {
				w.shutdown = w.down(e.Reason)
			}
		case monitor.Event:
			if e.Name != ups.EventLowBattery {
				continue
			}
			w.lowest = e
			if e.Reason.Stays {
				w.low = append(w.low, Prospect{In: w.now.Sub(w.start), Kind: Low, About: e.Reason.Cause != monitor.LowSilent, UPS: e.UPS, Why: &e.Reason})
			}
		}
	}
}

// down is a shutdown for a reason, which is told of the supply that was low last:
// the others were before, and it was what fed the host.
func (w *walk) down(why monitor.Reason) *Prospect {
	p := &Prospect{In: w.now.Sub(w.start), Kind: Shutdown, UPS: w.of(why), Why: &why}
	if why.Code != monitor.LowOnBattery {
		return p
	}
	p.About = true
	for i := range w.state.Supplies {
		// Where the UPS will say it, that is at its own limit.
		if u := &w.state.Supplies[i]; why.LimitN == 0 && u.Low.Cause == why.Cause && u.Last.ChargeLow.Known && u.Last.ChargeLow.N <= believable {
			why.LimitN = u.Last.ChargeLow.N
		}
	}
	if last := w.lowest.Reason; last.Cause != "" && len(w.state.Supplies) > 1 {
		p.UPS, why.Cause, why.Limit, why.LimitN = w.lowest.UPS, last.Cause, last.Limit, last.LimitN
	}
	return p
}

// of names the supply that a shutdown is for, where there are several.
func (w *walk) of(why monitor.Reason) string {
	if len(w.state.Supplies) < 2 || why.Code == monitor.Ordered {
		return ""
	}
	for i := range w.state.Supplies {
		u := &w.state.Supplies[i]
		if u.GivenUp == why || why.Cause != "" && u.Low.Cause == why.Cause || why.Code == monitor.SilentTooLong && u.Link == monitor.Lost && u.LostDue > 0 {
			return u.Name
		}
	}
	return ""
}

// dark reports whether nothing but empty batteries is left to feed the host.
func (w *walk) dark() bool {
	for i := range w.state.Supplies {
		u, f := &w.state.Supplies[i], &w.falls[i]
		if w.rules.Supplies[i].Power > 0 && (u.OutageAt == 0 || f.over == 0 || w.now < f.empty) {
			return false
		}
	}
	return true
}

// A fall is how the numbers of a supply on battery fall: both evenly, to nothing.
type fall struct {
	from    monitor.Instant
	empty   monitor.Instant
	over    time.Duration // from from to empty; 0: it does not fall, or nobody knows how fast
	charge  ups.Number    // at from
	runtime bool          // the UPS tells one
}

// fallOf is how the numbers of a supply fall from what was last heard of them.
func fallOf(u *monitor.SupplyState, now monitor.Instant) fall {
	n := &u.Numbers
	f := fall{from: now, charge: n.Charge, runtime: n.Runtime.Known}
	if u.OutageAt == 0 || u.Link != monitor.Linked {
		return f
	}
	switch {
	case n.Runtime.Known:
		f.from = max(n.RuntimeAt, u.OutageAt)
		f.over = time.Duration(n.Runtime.N) * time.Second
	case n.Charge.Known && n.MainsCharge.Known && n.MainsCharge.N-n.Charge.N >= fallen && n.ChargeAt > u.OutageAt:
		f.from = n.ChargeAt
		f.over = time.Duration(n.Charge.N) * n.ChargeAt.Sub(u.OutageAt) / time.Duration(n.MainsCharge.N-n.Charge.N)
	}
	f.empty = f.from.Add(f.over)
	return f
}

// at is what the supply would say at an instant.
func (f *fall) at(now monitor.Instant, s ups.Snapshot) ups.Snapshot {
	if f.over == 0 {
		return s
	}
	left := max(0, f.empty.Sub(now))
	if f.runtime {
		s.Runtime = ups.Known(int(left / time.Second))
	}
	if f.charge.Known {
		// A percent that has begun counts whole, as units show it.
		s.Charge = ups.Known(int((time.Duration(f.charge.N)*left + f.over - 1) / f.over))
		if low := s.ChargeLow; low.Known && low.N <= believable && s.Charge.N <= low.N {
			s.Low |= ups.BelowCapacity
			s.Status |= ups.LowBattery
		}
	}
	return s
}
