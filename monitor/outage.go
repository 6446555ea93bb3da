package monitor

import (
	"time"

	"ecnutd/ups"
)

// line follows the power source. The first report on mains is no event, the
// first one on battery is; a report that says neither does not come here. While
// the UPS calibrates it discharges its battery on purpose: an outage, if it is
// one, begins when that ends.
func (t *turn) line(i int) {
	u := &t.state.Supplies[i]
	switch {
	case !u.Last.Status.Has(ups.OnBattery):
		t.onMains(i)
	case u.calibrating():
		u.Line = OnBattery
		if u.outage() && u.Paused == 0 {
			u.Paused = t.now
		}
	default:
		u.Line = OnBattery
		if u.Paused > 0 {
			t.resume(i)
		}
		if !u.outage() || u.Fall.Acted {
			t.lostMains(i)
		}
	}
}

// lostMains begins an outage, and tells it when its figures are there.
func (t *turn) lostMains(i int) {
	u := &t.state.Supplies[i]
	t.flush(i)
	t.outageInMaintenance()
	presumed := u.outage() // it had begun before the UPS said so
	if !presumed {
		u.beginOutage(u.HeardAt)
	}
	u.Fall = Fall{}
	u.Told |= ups.OnBattery
	age := &u.Last.Age
	if age.ChargePeriod > 0 && u.Last.Charge.Known && age.Charge > age.Status && !u.figures(u.OutageAt) {
		u.Held = Held{Event: ups.EventOnBattery, Due: t.now.Add(figuresWait)}
	} else {
		t.tell(i, ups.EventOnBattery, t.reason(i, OnBatteryNow))
	}
	t.react(i, t.rules.Reaction(i, ups.EventOnBattery), ups.EventOnBattery, string(ups.EventOnBattery), t.reason(i, OnBatteryNow))
	if !presumed {
		t.startLimit(i)
		t.rebase(i)
	}
}

// startLimit tells that the limit of time on battery runs.
func (t *turn) startLimit(i int) {
	u := &t.state.Supplies[i]
	if limit := t.rules.Supplies[i].Limits.OnBattery; limit > 0 {
		t.do(TimerSet{UPS: u.Name, Timer: OnBatteryTimer, Action: TimerStart, After: max(0, u.OutageAt.Add(limit).Sub(t.now)), Event: ups.EventOnBattery})
	}
}

// beginOutage lays the notes of an outage out.
func (u *SupplyState) beginOutage(at Instant) {
	u.Line, u.OutageAt, u.Paused, u.LimitTold, u.Lowest = OnBattery, at, 0, false, u.Last.Charge
	u.Battery, u.Charge, u.Runtime, u.Flicker = Row{}, NumberRow{}, NumberRow{}, Flicker{}
}

// onMains ends the outage of a supply.
func (t *turn) onMains(i int) {
	u := &t.state.Supplies[i]
	if u.Line == OnMains {
		return
	}
	if u.Told.Has(ups.OnBattery) {
		t.flush(i) // what happened before comes first
	}
	was := *u
	limit := t.rules.Supplies[i].Limits.OnBattery
	u.Line, u.OutageAt, u.Paused, u.LimitTold, u.Lowest, u.GivenUp, u.Battery = OnMains, 0, 0, false, ups.Number{}, Reason{}, Row{}
	u.Fall = Fall{From: t.now.Add(fallSettles)}
	if limit > 0 && was.outage() && !was.LimitTold {
		t.do(TimerSet{UPS: u.Name, Timer: OnBatteryTimer, Action: TimerCancel, Event: ups.EventOnBattery})
	}
	if !was.Told.Has(ups.OnBattery) {
		if was.outage() {
			t.endOutage(i, was.OutageAt)
		}
		return
	}
	u.Told &^= ups.OnBattery
	if t.state.Phase == Watching {
		u.Ordered = "" // it was about that outage
	}
	why := t.reason(i, BackOnMains)
	why.For, why.Lowest = was.OnBatteryFor(t.now), was.Lowest
	t.event(i, ups.EventOnline, why)
	t.endOutage(i, was.OutageAt)
}

// resume goes on with the clocks of an outage that a calibration has stopped.
func (t *turn) resume(i int) {
	u := &t.state.Supplies[i]
	d := since(t.now, u.Paused)
	u.Paused = 0
	u.OutageAt = u.OutageAt.Add(d)
	for j := range t.state.Timers {
		if timer := &t.state.Timers[j]; timer.UPS == u.Name && t.shuts(timer) {
			timer.Started, timer.Due = timer.Started.Add(d), timer.Due.Add(d)
		}
	}
}

// limit tells that the time on battery has reached its limit.
func (t *turn) limit(i int) {
	u := &t.state.Supplies[i]
	limit := t.rules.Supplies[i].Limits.OnBattery
	if due, ok := u.limitDue(limit); !ok || t.now < due || t.state.Phase == Down {
		return
	}
	u.LimitTold = true
	why := t.reason(i, LimitReached)
	why.For, why.Limit = u.OnBatteryFor(t.now), limit
	u.giveUp(why)
	t.flush(i)
	t.do(TimerSet{UPS: u.Name, Timer: OnBatteryTimer, Action: TimerFire, Event: ups.EventOnBattery, Reason: why, Snapshot: u.Last})
}

// limitDue is when the time on battery reaches its limit.
func (u *SupplyState) limitDue(limit time.Duration) (due Instant, ok bool) {
	ok = limit > 0 && u.outage() && u.Paused == 0 && !u.LimitTold && u.Settle == 0
	return u.OutageAt.Add(limit), ok
}

// giveUp takes the supply for lost until mains returns. The first reason
// stays.
func (u *SupplyState) giveUp(why Reason) {
	if u.GivenUp.Code == "" {
		u.GivenUp = why
	}
}
