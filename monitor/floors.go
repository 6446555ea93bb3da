package monitor

import (
	"time"

	"ecnutd/ups"
)

const (
	// lowBelievable is the highest charge of the UPS's own limit that is taken for
	// a floor, in percent: units say 100.
	lowBelievable = 50

	// jumpCharge: right after the transfer a number decides only where the charge is no more
	// than jumpCharge points from what was shown on mains, and the runtime no less
	// than its jumpRuntime-th part. One that is counts after the grace, when
	// jumpReadings readings over jumpOver say it.
	jumpCharge   = 10
	jumpRuntime  = 3
	jumpReadings = 3
	jumpOver     = 20 * time.Second

	// stalePeriods: a number that is older than stalePeriods of its periods on battery is
	// unknown to limits and floors.
	stalePeriods = 3
)

// A threshold is what makes a number low.
type threshold struct {
	limit int // met at or below
	cause Code
}

// A numberKind is one of the two numbers that have limits.
type numberKind struct {
	row    func(*SupplyState) *NumberRow
	now    func(*SupplyState) (n ups.Number, at Instant, period time.Duration)
	mains  func(*SupplyState) ups.Number
	agrees func(shown, n int) bool

	own   func(*Limits) ups.Number
	floor func(*Rules, *SupplyState, *Limits) (int, bool)

	ownCause, floorCause Code
}

var chargeKind = numberKind{
	row: func(u *SupplyState) *NumberRow { return &u.Charge },
	now: func(u *SupplyState) (ups.Number, Instant, time.Duration) {
		return u.Last.Charge, u.Numbers.ChargeAt, u.Last.Age.ChargePeriod
	},
	mains:  func(u *SupplyState) ups.Number { return u.Numbers.MainsCharge },
	agrees: func(shown, n int) bool { return max(shown-n, n-shown) <= jumpCharge },
	own:    func(l *Limits) ups.Number { return l.Charge },
	floor: func(_ *Rules, u *SupplyState, l *Limits) (int, bool) {
		low := u.Last.ChargeLow
		return low.N, l.Floors.Charge && low.Known && low.N <= lowBelievable
	},
	ownCause: LowCharge, floorCause: LowChargeFloor,
}

var runtimeKind = numberKind{
	row: func(u *SupplyState) *NumberRow { return &u.Runtime },
	now: func(u *SupplyState) (ups.Number, Instant, time.Duration) {
		return u.Last.Runtime, u.Numbers.RuntimeAt, u.Last.Age.RuntimePeriod
	},
	mains:  func(u *SupplyState) ups.Number { return u.Numbers.MainsRuntime },
	agrees: func(shown, n int) bool { return n*jumpRuntime >= shown },
	own:    func(l *Limits) ups.Number { return l.Runtime },
	floor: func(r *Rules, _ *SupplyState, l *Limits) (int, bool) {
		// The greatest whole number of seconds that is below it.
		below := int((r.ShutdownTime + r.FinalDelay + time.Second - 1) / time.Second)
		return below - 1, l.Floors.Runtime
	},
	ownCause: LowRuntime, floorCause: LowRuntimeFloor,
}

// threshold is what makes the number low: the administrator's own limit, or
// where there is none the floor.
func (k *numberKind) threshold(r *Rules, u *SupplyState, l *Limits) (th threshold, ok bool) {
	if own := k.own(l); own.Known {
		return threshold{own.N, k.ownCause}, true
	}
	limit, ok := k.floor(r, u, l)
	return threshold{limit, k.floorCause}, ok
}

// stale reports whether a number is too old for limits and floors.
func (u *SupplyState) stale(now, at Instant, period time.Duration) bool {
	return u.Line == OnBattery && period > 0 && since(now, at) > stalePeriods*period
}

// countNumbers notes readings of the numbers in an outage.
func (t *turn) countNumbers(i int) {
	u, limits := &t.state.Supplies[i], &t.rules.Supplies[i].Limits
	for _, k := range []*numberKind{&chargeKind, &runtimeKind} {
		row := k.row(u)
		n, at, period := k.now(u)
		th, ok := k.threshold(t.rules, u, limits)
		seen := ok && n.Known && n.N <= th.limit && !u.calibrating() && !u.stale(t.now, at, period)
		row.read(t.now, seen)
		if !seen {
			row.Jumped = false
			continue
		}
		shown := k.mains(u)
		if since(t.now, u.OutageAt) < limits.Floors.Grace && shown.Known && shown.N > th.limit && !k.agrees(shown.N, n.N) {
			row.Jumped = true
		}
	}
}

// reached reports whether a number makes the battery low: begun in an outage and
// confirmed, and then until the number is known to be above its limit again, which
// may be another one than when it was counted.
func (t *turn) reached(i int, k *numberKind, th threshold) bool {
	u := &t.state.Supplies[i]
	n, at, period := k.now(u)
	known := n.Known && !u.stale(t.now, at, period)
	if u.Low.Cause == th.cause {
		return !known || n.N <= th.limit
	}
	row := k.row(u)
	if !u.outage() || !known || n.N > th.limit || !row.Confirmed() {
		return false
	}
	grace := t.rules.Supplies[i].Limits.Floors.Grace
	return !row.Jumped || row.N >= jumpReadings && row.Last.Sub(row.Since) >= jumpOver && since(row.Last, u.OutageAt) >= grace
}
