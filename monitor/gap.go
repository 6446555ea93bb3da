package monitor

import "time"

const (
	// lateTurn is how late a turn of the loop may be that was not kept from its
	// work.
	lateTurn = time.Second

	// movesInOutage is how often a gap or a restart moves what was due in an
	// outage while nothing is heard.
	movesInOutage = 2
)

// gap notices that the process did not run: more than DeadTime have passed since
// the last turn, and something was due long ago. That the UPS was not heard then
// is no silence of it.
func (t *turn) gap(before *State) {
	if t.before == 0 || t.now.Sub(t.before) <= t.rules.DeadTime {
		return
	}
	if due, ok := before.Next(*t.rules); !ok || t.now.Sub(due) <= lateTurn {
		return
	}
	for i := range t.state.Supplies {
		if u := &t.state.Supplies[i]; u.Link != NeverHeard {
			t.settle(i, t.before, true)
		}
	}
}

// restarted gives every supply its time to be heard afresh. Until then what was
// stored decides nothing: mains may have come back meanwhile, and that the
// device cannot be opened at the first try says nothing about it.
func (t *turn) restarted() {
	for i := range t.state.Supplies {
		u := &t.state.Supplies[i]
		if u.Link != NeverHeard {
			t.settle(i, max(u.HeardAt, t.before), since(t.now, u.HeardAt) > u.dead(t.rules))
		}
	}
	t.restartedAfter()
}

// settle has what is known of a supply decide nothing until it is heard, for no
// longer than its dead time. In an outage nothing is moved beyond the runtime
// that was left when the gap began, and no more than twice without a word.
func (t *turn) settle(i int, began Instant, overdue bool) {
	u := &t.state.Supplies[i]
	wait := u.dead(t.rules)
	if u.Line == OnBattery {
		if u.Moves >= movesInOutage && overdue {
			u.Settle = 0
			return
		}
		if overdue {
			u.Moves++
		}
		if left, ok := u.runtimeLeft(began); ok {
			wait = min(wait, left)
		}
	}
	u.Settle = 0
	if wait > 0 {
		u.Settle = t.now.Add(wait)
	}
	if u.LostDue > 0 {
		u.LostDue = max(u.LostDue, u.Settle)
	}
}

// forgetUnconfirmed begins to count readings anew: one from before a long gap
// and one from after it are not two in a row. What was confirmed stays until a
// reading says otherwise.
func (u *SupplyState) forgetUnconfirmed() {
	for _, row := range []*Row{&u.Below, &u.Expired, &u.Imminent, &u.Charge.Row, &u.Runtime.Row, &u.Replace, &u.Battery} {
		if !row.Confirmed() {
			*row = Row{}
		}
	}
	if !u.Flicker.On {
		u.Flicker = Flicker{}
	}
}
