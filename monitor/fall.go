package monitor

import (
	"time"

	"ecnutd/ups"
)

// Charge that falls by fallPoints within fallWithin while the status says mains
// contradicts it. A resting battery loses as much in days.
const (
	fallPoints = 3
	fallWithin = 5 * time.Minute

	// fallSettles is how long after its return to mains, or after a gap in what it
	// says, the charge of a supply is not held against the status: numbers jump at
	// the transfer, and those before it fell on battery.
	fallSettles = 30 * time.Second
)

// Fall watches the charge while the status says mains.
type Fall struct {
	Levels [4]Level `json:"levels,omitzero"` // the latest instants at which the charge was as high, falling; the oldest first
	From   Instant  `json:"from,omitempty"`  // what was read before does not count
	Told   bool     `json:"told,omitempty"`  // the contradiction was told
	Acted  bool     `json:"acted,omitempty"` // and taken for an outage that the status does not show
}

// A Level is a charge in percent and when it was last read.
type Level struct {
	N  int     `json:"n"`
	At Instant `json:"at"`
}

// note takes a reading and reports how far the charge has fallen within the time,
// and since when.
func (f *Fall) note(now Instant, n int) (points int, from Instant) {
	kept := make([]Level, 0, len(f.Levels)+1)
	for _, l := range f.Levels {
		if l.At > 0 && l.N > n && since(now, l.At) <= fallWithin {
			kept = append(kept, l)
		}
	}
	kept = append(kept, Level{n, now})
	points, from = kept[0].N-n, kept[0].At
	if len(kept) > len(f.Levels) {
		kept = kept[1:]
	}
	f.Levels = [4]Level{}
	copy(f.Levels[:], kept)
	return points, from
}

// fall tells that the charge contradicts the status. Where the status is not
// fresh from an answer of its own, the supply counts from now on as one whose
// link was lost on battery.
func (t *turn) fall(i int, read bool) {
	u := &t.state.Supplies[i]
	if u.Line == OnBattery || u.Last.Testing || u.calibrating() || t.state.Phase == Down {
		u.Fall.Levels = [4]Level{}
		return
	}
	if !read || !u.Last.Charge.Known {
		return
	}
	at := u.Numbers.ChargeAt
	if at < u.Fall.From {
		return
	}
	high := u.Fall.Levels[0].N
	points, from := u.Fall.note(at, u.Last.Charge.N)
	if points < fallPoints {
		if u.Last.Charge.N > high {
			u.Fall.Told = false
		}
		return
	}
	fresh := u.Link == Linked && !u.Last.Age.PushedStatus
	if fresh && u.Fall.Told {
		return
	}
	why := t.reason(i, ChargeFalls)
	why.Lowest, why.For, why.Status = ups.Known(u.Last.Charge.N+points), since(at, from), u.Last.Status
	if fresh {
		u.Fall.Told = true
		t.event(i, ups.EventAlarm, why)
		return
	}
	t.outageInMaintenance()
	u.beginOutage(t.now)
	u.Fall = Fall{Told: true, Acted: true}
	t.startLimit(i)
	t.rebase(i)
	t.lost(i, loss{falls: true, why: why})
}
