package monitor

import (
	"slices"
	"time"

	"ecnutd/ups"
)

// State is all that the monitor remembers: a plain value that can be printed,
// compared and stored. The zero State is that of a start: nothing heard,
// nothing decided. Its instants count from the boot of the host, so it means
// something only until the next boot. It is stored as JSON with a version
// (MarshalJSON); instants and times are nanoseconds there.
type State struct {
	Supplies []SupplyState `json:"supplies,omitempty"` // in the order of Rules.Supplies
	Timers   []TimerState  `json:"timers,omitempty"`

	Forced      string `json:"forced,omitempty"`      // why somebody ordered a shutdown; "" when nobody did
	Secondaries int    `json:"secondaries,omitempty"` // other hosts that hang on the UPSs

	Phase    Phase   `json:"phase,omitempty"`
	Reason   Reason  `json:"reason,omitzero"`     // of the shutdown
	PhaseDue Instant `json:"phase_due,omitempty"` // when the phase ends by itself
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
	Name string `json:"name"`
	Line Line   `json:"line,omitempty"`
	Link Link   `json:"link,omitempty"`

	Last    ups.Snapshot `json:"last,omitzero"`      // what was heard last; kept when the link is lost
	HeardAt Instant      `json:"heard_at,omitempty"` // when
	LostAt  Instant      `json:"lost_at,omitempty"`  // when the link was lost
	SaidAt  Instant      `json:"said_at,omitempty"`  // when COMMBAD or NOCOMM was last told
	Settle  Instant      `json:"settle,omitempty"`   // after a restart: until then nothing is decided on old knowledge; else 0

	OutageAt Instant    `json:"outage_at,omitempty"` // when mains was lost; counts while Line is OnBattery
	Lowest   ups.Number `json:"lowest,omitzero"`     // lowest charge of the outage, percent
	LostDue  Instant    `json:"lost_due,omitempty"`  // when a supply lost on battery becomes critical; 0: not lost, or that has come

	// How often in a row a reason was read, and when the row began.
	Below    Row `json:"below,omitzero"`
	Expired  Row `json:"expired,omitzero"`
	Imminent Row `json:"imminent,omitzero"`
	Charge   Row `json:"charge,omitzero"`
	Runtime  Row `json:"runtime,omitzero"`
	Replace  Row `json:"replace,omitzero"`

	Low       Reason  `json:"low,omitzero"`         // why the battery counts as low; no code while it does not
	LowAt     Instant `json:"low_at,omitempty"`     // of a supply of another host: since when it is low and on battery; 0 while it is not
	Waited    bool    `json:"waited,omitempty"`     // and that host was waited for
	Ordered   string  `json:"ordered,omitempty"`    // why somebody ordered a shutdown of what hangs on it
	GivenUp   Reason  `json:"given_up,omitzero"`    // why the supply is given up until mains returns
	LimitTold bool    `json:"limit_told,omitempty"` // the end of Limits.OnBattery has come

	LoginBad  bool       `json:"login_bad,omitempty"`  // of a supply of another host: that host refuses the login
	ReplaceAt Instant    `json:"replace_at,omitempty"` // when REPLBATT was last told; 0 while the battery is good
	Told      ups.Status `json:"told,omitzero"`        // conditions whose begin was told
	Alarm     string     `json:"alarm,omitempty"`      // text of the alarm that was told
}

// A Row counts readings that said the same thing one after the other.
type Row struct {
	N     int     `json:"n"`
	Since Instant `json:"since"` // when the first of them came
	Last  Instant `json:"last"`  // when the last of them came
}

// TimerState is a timer that runs.
type TimerState struct {
	Timer   string    `json:"timer"`
	UPS     string    `json:"ups"`
	Event   ups.Event `json:"event"` // what started it
	Started Instant   `json:"started"`
	Due     Instant   `json:"due"`
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
	return now.Sub(u.OutageAt)
}

// silentAt is when a linked supply that says nothing more counts as lost.
func (u *SupplyState) silentAt(r *Rules) Instant {
	return max(u.HeardAt.Add(r.DeadTime), u.Settle)
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
