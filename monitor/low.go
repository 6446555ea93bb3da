package monitor

import (
	"time"

	"ecnutd/ups"
)

const (
	// confirmReadings: a reason to call a battery low or worn counts when it was read twice in a
	// row, and the row is as old as confirmAfter: units exist that raise such a
	// flag for one or two seconds (NUT issues 2347, 2565).
	confirmReadings = 2
	confirmAfter    = 2 * time.Second

	// flickerWithin: on battery BelowRemainingCapacityLimit counts too when it was seen three
	// times within flickerWithin, at least flickerApart apart, with the charge no
	// further than nearLimit above the UPS's own limit; assumedLimit where that is
	// not known.
	flickerWithin = time.Minute
	flickerApart  = time.Second
	nearLimit     = 10
	assumedLimit  = 20

	// pushedCharge: and when it was pushed once and cannot be asked for, unless charge and
	// runtime contradict it; after pushedAfter they no longer do.
	pushedCharge  = 50  // percent
	pushedRuntime = 300 // seconds
	pushedAfter   = time.Minute
)

// read notes one more reading of a row.
func (w *Row) read(now Instant, seen bool) {
	switch {
	case !seen:
		*w = Row{}
	case w.N == 0:
		*w = Row{N: 1, Since: now, Last: now}
	default:
		w.N, w.Last = min(w.N+1, jumpReadings), now
	}
}

// Confirmed reports whether the row counts. No time makes it so by itself: it
// takes a reading.
func (w Row) Confirmed() bool {
	return w.N >= confirmReadings && w.Last.Sub(w.Since) >= confirmAfter
}

// read notes one more reading of a flag that comes and goes.
func (f *Flicker) read(now Instant, seen bool) {
	last := len(f.Seen) - 1
	if seen && (f.Seen[last] == 0 || since(now, f.Seen[last]) >= flickerApart) {
		f.Seen = [3]Instant{f.Seen[1], f.Seen[2], now}
	}
	three := f.Seen[0] > 0 && f.Seen[last].Sub(f.Seen[0]) <= flickerWithin
	f.On = (f.On || three) && f.Seen[last] > 0 && since(now, f.Seen[last]) <= flickerWithin
}

// count notes what was read afresh: the flags, the numbers, or both. While the
// UPS calibrates, its battery is low on purpose.
func (t *turn) count(i int, flags, numbers bool) {
	u := &t.state.Supplies[i]
	s := &u.Last
	purpose := u.calibrating() && u.Line == OnBattery
	if numbers && u.outage() {
		t.countNumbers(i)
	}
	if !flags {
		return
	}
	low := s.Low
	if purpose {
		low = 0
	}
	u.Below.read(t.now, low&ups.BelowCapacity != 0)
	u.Expired.read(t.now, low&ups.TimeExpired != 0)
	u.Imminent.read(t.now, low&ups.ShutdownImminent != 0)
	u.Replace.read(t.now, s.Status.Has(ups.ReplaceBattery) || s.TestFailed)
	u.Battery.read(t.now, u.outage() && !purpose)
	if u.outage() {
		u.Flicker.read(t.now, low&ups.BelowCapacity != 0)
		if s.Charge.Known && (!u.Lowest.Known || s.Charge.N < u.Lowest.N) {
			u.Lowest = s.Charge
		}
	}
}

// low tells LOWBATT when the battery becomes low by the policy, and when it no
// longer is. It is told on mains too, as upsmon does; only on battery does it
// make a supply critical.
func (t *turn) low(i int) {
	u := &t.state.Supplies[i]
	// What was known stays while nothing can be learned, or a deadline that has
	// passed was not taken back. Numbers are learned without the status, too.
	if u.Link == NeverHeard || u.Settle > 0 || u.calibrating() && u.Line == OnBattery || u.Low.Cause == LowSilent && u.LostDue > 0 {
		return
	}
	why := t.lowReason(i)
	if u.Link == Lost && (why.Cause == "" || u.Low.Cause != "") {
		return
	}
	switch {
	case why.Cause != "" && u.Low.Cause == "":
		why.Feeds, why.Stays = t.feeders(i)
		t.event(i, ups.EventLowBattery, why)
	case why.Cause == "" && u.Low.Cause != "":
		t.event(i, ups.EventNotLowBattery, t.reason(i, NotLow))
	}
	u.Low = why
	if t.state.Phase == Watching {
		u.recover()
	}
}

// recover ends that a supply is given up for a low battery that is not low any
// more.
func (u *SupplyState) recover() {
	if u.GivenUp.Code == LowOnBattery && u.Low.Cause == "" {
		u.GivenUp = Reason{}
	}
}

// lowReason is the first confirmed reason to call the battery low.
func (t *turn) lowReason(i int) Reason {
	u, limits := &t.state.Supplies[i], &t.rules.Supplies[i].Limits
	trust := limits.ShutdownImminent
	linked := u.Link == Linked
	r := t.reason(i, Low)
	switch {
	case !linked:
	case u.Below.Confirmed():
		r.Cause = LowSaid
	case t.flickers(u):
		r.Cause = LowFlickers
	case t.pushed(u, ups.BelowCapacity, &u.Below):
		r.Cause = LowPushed
	case u.Expired.Confirmed() || t.pushed(u, ups.TimeExpired, &u.Expired):
		r.Cause = LowTime
	case !trust.Ignored && (u.Imminent.Confirmed() || t.pushed(u, ups.ShutdownImminent, &u.Imminent)) && since(t.now, u.Imminent.Since) >= trust.Grace:
		r.Cause, r.Limit = LowImminent, since(t.now, u.Imminent.Since)
	}
	if r.Cause != "" {
		return r
	}
	for _, kind := range []*numberKind{&chargeKind, &runtimeKind} {
		if th, ok := kind.threshold(t.rules, u, limits); ok && t.reached(i, kind, th) {
			r.Cause, r.LimitN = th.cause, th.limit
			return r
		}
	}
	return Reason{}
}

// flickers reports whether the flag of a low battery comes and goes with the
// charge near the UPS's own limit.
func (t *turn) flickers(u *SupplyState) bool {
	limit := assumedLimit
	if u.Last.ChargeLow.Known {
		limit = u.Last.ChargeLow.N
	}
	n := u.Numbers.Charge
	return u.outage() && u.Flicker.On && n.Known && !u.stale(t.now, u.Numbers.ChargeAt, u.Last.Age.ChargePeriod) && n.N <= limit+nearLimit
}

// pushed reports whether a flag counts that the device pushed once and that
// cannot be asked for, while the device answers otherwise.
func (t *turn) pushed(u *SupplyState, flag ups.LowReason, row *Row) bool {
	if !u.outage() || row.N == 0 || u.Last.Age.PushedLow&flag == 0 || u.SpokeAt <= row.Since {
		return false
	}
	return u.supported(t.now) || since(t.now, row.Since) >= pushedAfter
}

// supported reports whether charge or runtime speak for a low battery.
func (u *SupplyState) supported(now Instant) bool {
	n := &u.Numbers
	charge := n.Charge.Known && !u.stale(now, n.ChargeAt, u.Last.Age.ChargePeriod) && n.Charge.N <= pushedCharge
	runtime := n.Runtime.Known && !u.stale(now, n.RuntimeAt, u.Last.Age.RuntimePeriod) && n.Runtime.N <= pushedRuntime
	return charge || runtime
}

// pushes are when flags count that were pushed once.
func (u *SupplyState) pushes(limits *Limits, now Instant) (list []Instant) {
	after := pushedAfter
	if u.supported(now) {
		after = 0
	}
	add := func(flag ups.LowReason, row *Row, grace time.Duration) {
		if row.N > 0 && !row.Confirmed() && u.Last.Age.PushedLow&flag != 0 && u.SpokeAt > row.Since {
			list = append(list, row.Since.Add(max(after, grace)))
		}
	}
	add(ups.BelowCapacity, &u.Below, 0)
	add(ups.TimeExpired, &u.Expired, 0)
	if !limits.ShutdownImminent.Ignored {
		add(ups.ShutdownImminent, &u.Imminent, limits.ShutdownImminent.Grace)
	}
	return list
}
