package monitor

import (
	"slices"
	"time"

	"ecnutd/ups"
)

// State is all that the monitor remembers. The zero State is that of a start:
// nothing heard, nothing decided.
type State struct {
	Supplies []SupplyState // in the order of Rules.Supplies

	Forced string // why somebody ordered a shutdown; "" when nobody did

	// Shutdown is the decision that is being carried out, nil for none.
	Phase      Phase
	Reason     string  // of the shutdown
	CommandDue Instant // when flag and command follow
}

// Phase is how far a shutdown has come.
type Phase uint8

// The phases.
const (
	Watching     Phase = iota
	ShuttingDown       // announced, can still be cancelled
	Down               // the command was given
)

// SupplyState is what is known of one supply.
type SupplyState struct {
	Line Line
	Link Link

	Last    ups.Snapshot // what was heard last; kept when the link is lost
	HeardAt Instant      // when
	LostAt  Instant      // when the link was lost

	OutageAt Instant // when mains was lost; counts while Line is OnBattery
	LostDue  Instant // when a supply lost on battery becomes critical; 0: none

	// How often in a row a reason to call the battery low was read.
	Below, Expired, Imminent, Charge, Runtime int
	ImminentAt                                Instant // when the first of the row came

	Low       string // why the battery counts as low, "" while it does not
	LimitTold bool   // the timer of OnBatteryLimit has fired
}

// Line is where the power comes from, as last heard.
type Line uint8

// The lines.
const (
	LineUnknown Line = iota
	OnMains
	OnBattery
)

// Link is the state of the connection to the UPS.
type Link uint8

// The links.
const (
	NeverHeard Link = iota
	Linked
	Lost
)

// Next is when Step wants to be called with Elapsed; ok is false when only an
// input can change anything.
func (s State) Next(r Rules) (at Instant, ok bool) {
	want := func(t Instant) {
		if !ok || t < at {
			at, ok = t, true
		}
	}
	if s.Phase == ShuttingDown {
		want(s.CommandDue)
	}
	if s.Phase == Down {
		return 0, false
	}
	for i := range s.Supplies {
		u := &s.Supplies[i]
		if u.Link == Linked {
			want(u.HeardAt + r.DeadTime + 1)
		}
		if u.Line != OnBattery {
			continue
		}
		if r.OnBatteryLimit > 0 && !u.LimitTold {
			want(u.OutageAt + r.OnBatteryLimit)
		}
		if u.LostDue > 0 && s.Phase == Watching {
			want(u.LostDue)
		}
		if u.Link == Linked && u.Low == "" && u.Imminent >= confirm && !r.ShutdownImminent.Ignored {
			want(u.ImminentAt + r.ShutdownImminent.Grace)
		}
	}
	return at, ok
}

// clone copies what Step is going to change.
func (s State) clone(n int) State {
	s.Supplies = slices.Clone(s.Supplies)
	for len(s.Supplies) < n {
		s.Supplies = append(s.Supplies, SupplyState{})
	}
	return s
}

// OnBatteryFor is how long the supply has been on battery; 0 on mains.
func (u SupplyState) OnBatteryFor(now Instant) time.Duration {
	if u.Line != OnBattery {
		return 0
	}
	return now - u.OutageAt
}
