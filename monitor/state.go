package monitor

import (
	"slices"
	"time"

	"ecnutd/ups"
)

// State is all that the monitor remembers: a plain value that can be printed,
// compared and stored. The zero State is that of a start: nothing heard,
// nothing decided. Its instants count from the boot of the host, so it means
// something only until the next boot.
type State struct {
	Supplies []SupplyState // in the order of Rules.Supplies
	Timers   []TimerState

	Forced      string // why somebody ordered a shutdown; "" when nobody did
	Secondaries int    // other hosts that hang on the UPSs

	Phase    Phase
	Reason   Reason  // of the shutdown
	PhaseDue Instant // when the phase ends by itself
}

// Phase is how far a shutdown has come.
type Phase uint8

// The phases.
const (
	Watching     Phase = iota
	Syncing            // decided; waiting for the secondaries to log out
	ShuttingDown       // announced, can still be called off
	Down               // the command was given
)

// String names the phase.
func (p Phase) String() string {
	return [...]string{"watching", "waiting for secondaries", "shutting down", "shutdown command given"}[p]
}

// SupplyState is what is known of one supply.
type SupplyState struct {
	Name string
	Line Line
	Link Link

	Last    ups.Snapshot // what was heard last; kept when the link is lost
	HeardAt Instant      // when
	LostAt  Instant      // when the link was lost
	SaidAt  Instant      // when COMMBAD or NOCOMM was last told
	Settle  Instant      // after a restart: until then nothing is decided on old knowledge; else 0

	OutageAt Instant    // when mains was lost; counts while Line is OnBattery
	Lowest   ups.Number // lowest charge of the outage, percent
	LostDue  Instant    // when a supply lost on battery becomes critical; 0: not lost, or that has come

	// How often in a row a reason was read, and when the row began.
	Below, Expired, Imminent, Charge, Runtime, Replace Row

	Low       Reason  // why the battery counts as low; no code while it does not
	LowAt     Instant // of a supply of another host: since when it is low and on battery; 0 while it is not
	Waited    bool    // and that host was waited for
	Ordered   string  // why somebody ordered a shutdown of what hangs on it
	GivenUp   Reason  // why the supply is given up until mains returns
	LimitTold bool    // the end of Limits.OnBattery has come

	ReplaceAt Instant    // when REPLBATT was last told; 0 while the battery is good
	Told      ups.Status // conditions whose begin was told
	Alarm     string     // text of the alarm that was told
}

// A Row counts readings that said the same thing one after the other.
type Row struct {
	N     int
	Since Instant // when the first of them came
	Last  Instant // when the last of them came
}

// TimerState is a timer that runs.
type TimerState struct {
	Timer, UPS string
	Event      ups.Event // what started it
	Started    Instant
	Due        Instant
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

// OnBatteryFor is how long the supply has been on battery; 0 on mains.
func (u *SupplyState) OnBatteryFor(now Instant) time.Duration {
	if u.Line != OnBattery {
		return 0
	}
	return now - u.OutageAt
}

// silentAt is when a linked supply that says nothing more counts as lost.
func (u *SupplyState) silentAt(r *Rules) Instant {
	return max(u.HeardAt+r.DeadTime, u.Settle)
}

// fit copies the state and lays it out for the rules: the supplies in their
// order by name, and no timer of a supply that is no more.
func (s State) fit(r *Rules) State {
	old := s.Supplies
	s.Supplies = make([]SupplyState, len(r.Supplies))
	for i, supply := range r.Supplies {
		if j := slices.IndexFunc(old, func(u SupplyState) bool { return u.Name == supply.Name }); j >= 0 {
			s.Supplies[i] = old[j]
		}
		s.Supplies[i].Name = supply.Name
	}
	s.Timers = slices.Clone(s.Timers)
	s.Timers = slices.DeleteFunc(s.Timers, func(t TimerState) bool {
		return r.timer(t.Timer) == nil || s.supply(t.UPS) == nil
	})
	return s
}

// supply finds a supply by name, or nil.
func (s *State) supply(name string) *SupplyState {
	for i := range s.Supplies {
		if s.Supplies[i].Name == name {
			return &s.Supplies[i]
		}
	}
	return nil
}
