package monitor

import (
	"time"

	"ecnutd/ups"
)

// A reason to call a battery low or worn counts when it was read twice in a
// row, and the row is as old as confirmAfter: units exist that raise such a
// flag for one or two seconds (NUT issues 2347, 2565).
const (
	confirmReadings = 2
	confirmAfter    = 2 * time.Second
)

// read notes one more reading of a row.
func (w *Row) read(now Instant, seen bool) {
	switch {
	case !seen:
		*w = Row{}
	case w.N == 0:
		*w = Row{N: 1, Since: now, Last: now}
	default:
		w.N, w.Last = min(w.N+1, confirmReadings), now
	}
}

// Confirmed tells whether the row counts. No time makes it so by itself: it
// takes a reading.
func (w Row) Confirmed() bool {
	return w.N >= confirmReadings && w.Last.Sub(w.Since) >= confirmAfter
}

// count notes what was read afresh.
func (t *turn) count(u *SupplyState, limits *Limits, flags, charge bool) {
	s := u.Last
	if charge {
		u.Charge.read(t.now, met(s.Charge, limits.Charge))
		u.Runtime.read(t.now, met(s.Runtime, limits.Runtime))
	}
	if !flags {
		return
	}
	u.Below.read(t.now, s.Low&ups.BelowCapacity != 0)
	u.Expired.read(t.now, s.Low&ups.TimeExpired != 0)
	u.Imminent.read(t.now, s.Low&ups.ShutdownImminent != 0)
	u.Replace.read(t.now, s.Status.Has(ups.ReplaceBattery) || s.TestFailed)
}

// met tells whether a known number has reached a limit that was set.
func met(n, limit ups.Number) bool { return n.Known && limit.Known && n.N <= limit.N }

// low tells LOWBATT when the battery becomes low by the policy, and when it no
// longer is. It is told on mains too, as upsmon does; only on battery does it
// make a supply critical.
func (t *turn) low(i int) {
	u := &t.state.Supplies[i]
	if u.Link != Linked || u.Settle > 0 {
		return // what was known stays, nothing is learned
	}
	why := t.lowReason(u, &t.rules.Supplies[i].Limits)
	switch {
	case why.Cause != "" && u.Low.Cause == "":
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

// lowReason is the first confirmed reason to call the battery low. Own limits
// begin to count on battery; one that was reached then stays so until the
// numbers say otherwise. The numbers are compared again, since the limit may be
// another one now than when they were counted.
func (t *turn) lowReason(u *SupplyState, limits *Limits) Reason {
	own := u.Line == OnBattery
	trust := limits.ShutdownImminent
	r := Reason{Code: Low, Charge: u.Last.Charge, Runtime: u.Last.Runtime}
	switch {
	case u.Below.Confirmed():
		r.Cause = LowSaid
	case u.Expired.Confirmed():
		r.Cause = LowTime
	case !trust.Ignored && u.Imminent.Confirmed() && t.now.Sub(u.Imminent.Since) >= trust.Grace:
		r.Cause, r.Limit = LowImminent, t.now.Sub(u.Imminent.Since)
	case (own || u.Low.Cause == LowCharge) && u.Charge.Confirmed() && met(u.Last.Charge, limits.Charge):
		r.Cause, r.LimitN = LowCharge, limits.Charge.N
	case (own || u.Low.Cause == LowRuntime) && u.Runtime.Confirmed() && met(u.Last.Runtime, limits.Runtime):
		r.Cause, r.LimitN = LowRuntime, limits.Runtime.N
	default:
		return Reason{}
	}
	return r
}
