package monitor

import (
	"fmt"

	"ecnutd/ups"
)

// confirm is how many readings in a row make a reason count: one may be a
// flash of a bit (NUT issues 2347, 2565).
const confirm = 2

// count notes what was read afresh of the reasons to call the battery low.
func (t *turn) count(u *SupplyState, flags, charge bool) {
	s := u.Last
	row := func(n *int, seen bool) {
		if !seen {
			*n = 0
		} else {
			*n = min(*n+1, confirm)
		}
	}
	if charge {
		row(&u.Charge, met(s.Charge, t.rules.ChargeLimit))
		row(&u.Runtime, met(s.Runtime, t.rules.RuntimeLimit))
	}
	if !flags {
		return
	}
	if s.Low&ups.ShutdownImminent != 0 && u.Imminent == 0 {
		u.ImminentAt = t.now
	}
	row(&u.Below, s.Low&ups.BelowCapacity != 0)
	row(&u.Expired, s.Low&ups.TimeExpired != 0)
	row(&u.Imminent, s.Low&ups.ShutdownImminent != 0)
}

// met tells whether a known number has reached a limit that was set.
func met(n, limit ups.Number) bool { return n.Known && limit.Known && n.N <= limit.N }

// low tells LOWBATT when the battery becomes low by the policy, and forgets it
// when no reason is left. The event is told on mains too, as upsmon does; only
// on battery does it make a supply critical.
func (t *turn) low(i int) {
	u := &t.state.Supplies[i]
	if u.Link != Linked {
		return // what was known stays, nothing is learned
	}
	why := t.lowReason(u)
	if why != "" && u.Low == "" {
		t.notify(i, ups.EventLowBattery, why+": "+numbers(u.Last))
	}
	u.Low = why
}

// lowReason is the first confirmed reason to call the battery low.
func (t *turn) lowReason(u *SupplyState) string {
	r := t.rules
	switch {
	case u.Below >= confirm:
		return "the UPS says that the battery is low"
	case u.Expired >= confirm:
		return "the UPS says that the time limit is reached"
	case u.Imminent >= confirm && !r.ShutdownImminent.Ignored && t.now-u.ImminentAt >= r.ShutdownImminent.Grace:
		return fmt.Sprintf("the UPS has said for %s that it is about to shut down", short(t.now-u.ImminentAt))
	case u.Line == OnBattery && u.Charge >= confirm:
		return fmt.Sprintf("charge at or below %d %%", r.ChargeLimit.N)
	case u.Line == OnBattery && u.Runtime >= confirm:
		return fmt.Sprintf("runtime at or below %s", ups.Duration(r.RuntimeLimit.N))
	}
	return ""
}

