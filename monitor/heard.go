package monitor

import (
	"time"

	"ecnutd/ups"
)

// heard takes a report of a supply. A report is as old as its own last answer:
// one that says neither mains nor battery, or said so too long ago, is not a word
// about the power, whatever else it tells.
func (t *turn) heard(i int, s ups.Snapshot) {
	u := &t.state.Supplies[i]
	s = s.Plausible()
	s.Age.Status, s.Age.Charge, s.Age.Runtime = max(s.Age.Status, 0), max(s.Age.Charge, 0), max(s.Age.Runtime, 0)
	if !s.ChargeLow.Known {
		s.ChargeLow = u.Last.ChargeLow // a setting, which a new session reads late
	}
	u.SpokeAt = t.now
	again := u.Link != Linked || u.Settle > 0
	read := s.ChargeReadings != u.Last.ChargeReadings || again && s.ChargeReadings > 0
	if !t.word(u, &s) {
		t.aside(i, s, read)
		return
	}
	wasLost, known := u.Link == Lost, u.HeardAt > 0
	said := max(t.now.Add(-s.Age.Status), u.HeardAt, 1)
	flags := again || s.Readings != u.Last.Readings
	if again && since(said, u.HeardAt) >= t.rules.DeadTime {
		u.forgetUnconfirmed()
	}
	u.Link, u.HeardAt, u.Last, u.Settle = Linked, said, s, 0
	u.learn(t.now, read)
	if n := &u.Numbers; !s.Status.Has(ups.OnBattery) {
		n.MainsCharge, n.MainsRuntime = n.Charge, n.Runtime
	}
	if wasLost {
		u.Fall.Levels, u.Fall.From = [4]Level{}, t.now.Add(fallSettles) // there may have been an outage that nobody saw
		t.linkBack(i, known)
	}
	t.conditionsEnded(i)
	t.line(i)
	t.takeBack(i)
	t.count(i, flags, read)
	t.fall(i, read)
	t.low(i)
	t.replace(i)
	t.conditionsBegan(i)
	t.orders(i)
	t.release(i)
}

// ageSlack is by how much an age may be off: it was reckoned before the report came
// here.
const ageSlack = time.Second

// word reports whether a report says, and of late, where the power comes from.
func (t *turn) word(u *SupplyState, s *ups.Snapshot) bool {
	if s.Status&(ups.Online|ups.OnBattery) == 0 || s.Age.Status > max(t.rules.DeadTime, 3*s.Age.Slowest) {
		return false
	}
	if u.Link != Lost {
		return t.now.Add(-s.Age.Status) >= u.HeardAt.Add(-ageSlack)
	}
	if u.Fall.Acted && s.Readings == u.Last.Readings {
		return false // it is what the charge has contradicted
	}
	return t.now.Add(-s.Age.Status) >= u.LostFrom
}

// aside takes a report that is not a word about the power: its numbers.
func (t *turn) aside(i int, s ups.Snapshot, read bool) {
	u := &t.state.Supplies[i]
	status, low, alarm, readings := u.Last.Status, u.Last.Low, u.Last.Alarm, u.Last.Readings
	u.Last = s
	u.Last.Status, u.Last.Low, u.Last.Alarm, u.Last.Readings = status, low, alarm, readings
	u.learn(t.now, read)
	t.count(i, false, read)
	t.fall(i, read)
	t.low(i)
}

// learn notes the numbers that were read, with the instants at which they were.
func (u *SupplyState) learn(now Instant, read bool) {
	s, n := &u.Last, &u.Numbers
	read = read || s.Age != ups.Age{} // one that says ages means them
	if at := max(now.Add(-s.Age.Charge), 1); s.Charge.Known && read && at >= n.ChargeAt {
		n.Charge, n.ChargeAt = s.Charge, at
	}
	if at := max(now.Add(-s.Age.Runtime), 1); s.Runtime.Known && read && at >= n.RuntimeAt {
		n.Runtime, n.RuntimeAt = s.Runtime, at
	}
}
