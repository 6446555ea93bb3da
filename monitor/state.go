package monitor

import (
	"slices"
	"time"

	"ecnutd/ups"
)

// State is all that the monitor remembers: a plain value that can be printed,
// compared and stored. The zero State is that of a start: nothing heard,
// nothing decided. Its instants count from the boot of the host, so it means
// something only until the next boot. Package stored keeps it, by the tags;
// instants and times are nanoseconds there.
type State struct {
	Supplies []SupplyState `json:"supplies,omitempty"` // in the order of Rules.Supplies
	Timers   []TimerState  `json:"timers,omitempty"`

	Forced      string     `json:"forced,omitempty"`      // why somebody ordered a shutdown; "" when nobody did
	Secondaries int        `json:"secondaries,omitempty"` // other hosts that hang on the UPSs
	Others      OtherHosts `json:"others,omitzero"`       // more of them

	Phase    Phase      `json:"phase,omitempty"`
	Reason   Reason     `json:"reason,omitzero"`     // of the shutdown
	PhaseDue Instant    `json:"phase_due,omitempty"` // when the phase ends by itself
	After    AfterState `json:"after,omitzero"`      // of the command; means something in the phase Down

	Maintenance Maintenance `json:"maintenance,omitzero"`

	Turned Instant `json:"turned,omitempty"` // the last Step: a long time without one is a gap
}

// Phase is how far a shutdown has come.
type Phase uint8

// The phases.
const (
	Watching     Phase = iota
	Syncing            // decided; waiting for the secondaries to log out
	ShuttingDown       // announced, can still be called off
	Down               // the command was given; the host is watched on
)

// String names the phase.
func (p Phase) String() string {
	return [...]string{"watching", "waiting for secondaries", "shutting down", "shutdown command given"}[p]
}

// OtherHosts are the secondaries by name, where names are known.
type OtherHosts struct {
	Names []string `json:"names,omitempty"` // that are logged in
	Told  bool     `json:"told,omitempty"`  // one that was logged in has been told of this shutdown
	Went  []string `json:"went,omitempty"`  // that were told and have logged out since
}

// SupplyState is what is known of one supply.
type SupplyState struct {
	Name string `json:"name"`
	Line Line   `json:"line,omitempty"`
	Link Link   `json:"link,omitempty"`

	Last      ups.Snapshot  `json:"last,omitzero"`        // what was heard last; kept when the link is lost
	HeardAt   Instant       `json:"heard_at,omitempty"`   // when it last said where its power comes from
	SpokeAt   Instant       `json:"spoke_at,omitempty"`   // when it last said anything
	AwaitedAt Instant       `json:"awaited_at,omitempty"` // since when it is looked for, by this process
	Settle    Instant       `json:"settle,omitempty"`     // after a restart or a gap: until then nothing is decided on old knowledge; else 0
	Moves     int           `json:"moves,omitempty"`      // how often that has moved something in an outage without a word since
	Numbers   Numbers       `json:"numbers,omitzero"`     // charge and runtime as last known
	Contact   Contact       `json:"contact,omitzero"`     // what was told of the link
	Held      Held          `json:"held,omitzero"`        // an event that waits for its figures
	LostAt    Instant       `json:"lost_at,omitempty"`    // when the link was lost
	LostFrom  Instant       `json:"lost_from,omitempty"`  // a word from before then does not end the loss
	LostDue   Instant       `json:"lost_due,omitempty"`   // when a supply lost on battery becomes critical; 0: not lost, or that has come
	LostLeft  time.Duration `json:"lost_left,omitempty"`  // of that deadline, while the link is back and has not said enough to take it back
	OutageAt  Instant       `json:"outage_at,omitempty"`  // when mains was lost; 0 on mains and while it calibrates
	Paused    Instant       `json:"paused,omitempty"`     // since when it calibrates in an outage; 0 while it does not
	LimitTold bool          `json:"limit_told,omitempty"` // the end of Limits.OnBattery has come
	Lowest    ups.Number    `json:"lowest,omitzero"`      // lowest charge of the outage, percent
	Battery   Row           `json:"battery,omitzero"`     // readings of the outage
	Fall      Fall          `json:"fall,omitzero"`        // of the charge while the status says mains
	Below     Row           `json:"below,omitzero"`       // how often in a row a reason was read, and when the row began
	Flicker   Flicker       `json:"flicker,omitzero"`     // of the same
	Expired   Row           `json:"expired,omitzero"`     // of RemainingTimeLimitExpired
	Imminent  Row           `json:"imminent,omitzero"`    // of ShutdownImminent
	Charge    NumberRow     `json:"charge,omitzero"`      // at its limit
	Runtime   NumberRow     `json:"runtime,omitzero"`     // at its limit
	Replace   Row           `json:"replace,omitzero"`     // of a battery to replace
	Low       Reason        `json:"low,omitzero"`         // why the battery counts as low; no code while it does not
	LowAt     Instant       `json:"low_at,omitempty"`     // of a supply of another host: since when it is low and on battery; 0 while it is not
	Waited    bool          `json:"waited,omitempty"`     // and that host was waited for
	Ordered   string        `json:"ordered,omitempty"`    // why somebody ordered a shutdown of what hangs on it
	GivenUp   Reason        `json:"given_up,omitzero"`    // why the supply is given up until mains returns
	LoginBad  bool          `json:"login_bad,omitempty"`  // of a supply of another host: that host refuses the login
	ReplaceAt Instant       `json:"replace_at,omitempty"` // when REPLBATT was last told
	Told      ups.Status    `json:"told,omitzero"`        // conditions whose begin was told and not their end, ONBATT among them
	Alarm     string        `json:"alarm,omitempty"`      // text of the alarm that was told
	Spells    Spells        `json:"spells,omitzero"`      // of conditions that are told once while they flicker
}

// Numbers are the charge and the runtime as last known, whatever else was said
// since, and what they were on mains.
type Numbers struct {
	Charge       ups.Number `json:"charge,omitzero"`
	ChargeAt     Instant    `json:"charge_at,omitempty"` // when it was read
	Runtime      ups.Number `json:"runtime,omitzero"`
	RuntimeAt    Instant    `json:"runtime_at,omitempty"`
	MainsCharge  ups.Number `json:"mains_charge,omitzero"` // as last shown on mains
	MainsRuntime ups.Number `json:"mains_runtime,omitzero"`
}

// A Row counts readings that said the same thing one after the other.
type Row struct {
	N     int     `json:"n"`
	Since Instant `json:"since"` // when the first of them came
	Last  Instant `json:"last"`  // when the last of them came
}

// A NumberRow counts readings of a number at its limit. Jumped says that one of
// them came right after the transfer and was far from what was shown on mains.
type NumberRow struct {
	Row
	Jumped bool `json:"jumped,omitempty"`
}

// A Flicker notes when a flag that comes and goes was seen.
type Flicker struct {
	Seen [3]Instant `json:"seen,omitzero"` // the last three times, the oldest first; 0 for none
	On   bool       `json:"on,omitempty"`  // three of them within flickerWithin, and the last of them is no older
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
	OnBattery // also while it calibrates, which is no outage
)

// Link is the state of the connection to the UPS.
type Link uint8

// The links.
const (
	NeverHeard Link = iota
	Linked
	Lost // it does not answer, or not about where its power comes from
)

// outage reports whether the supply is in an outage: on battery, and not because
// it calibrates.
func (u *SupplyState) outage() bool { return u.Line == OnBattery && u.OutageAt > 0 }

// calibrating reports whether the supply discharges its battery on purpose.
func (u *SupplyState) calibrating() bool { return u.Last.Status.Has(ups.Calibrating) }

// OnBatteryFor is how long the outage of a supply has lasted, without the time
// that it calibrated; 0 on mains.
func (u *SupplyState) OnBatteryFor(now Instant) time.Duration {
	if !u.outage() {
		return 0
	}
	if u.Paused > 0 {
		now = u.Paused
	}
	return since(now, u.OutageAt)
}

// Unconfirmed reports whether something was read that counts only when it is
// read again, so that the next reading should come soon.
func (u *SupplyState) Unconfirmed() bool {
	for _, row := range []Row{u.Below, u.Expired, u.Imminent, u.Charge.Row, u.Runtime.Row, u.Replace} {
		if row.N > 0 && !row.Confirmed() {
			return true
		}
	}
	return false
}

// since is the time from an instant to a later one, never below 0.
func since(now, at Instant) time.Duration { return max(0, now.Sub(at)) }

// fit copies the state and lays it out for the rules: the supplies in their
// order by name, and no timer of a supply that is no more.
func (s State) fit(r *Rules) State {
	old := names{of: s.Supplies}
	s.Supplies = make([]SupplyState, len(r.Supplies))
	for i, supply := range r.Supplies {
		if j := old.find(supply.Name, i); j >= 0 {
			s.Supplies[i] = old.of[j]
		}
		s.Supplies[i].Name = supply.Name
	}
	now := names{of: s.Supplies}
	s.Timers = slices.Clone(s.Timers)
	s.Timers = slices.DeleteFunc(s.Timers, func(t TimerState) bool {
		return r.Timer(t.Timer) == nil || now.find(t.UPS, 0) < 0
	})
	return s
}

// names finds supplies by name. Many of them are found by a map, so that a step
// grows as their number.
type names struct {
	of []SupplyState
	at map[string]int // nil: not made yet
}

// few is how many supplies are looked through faster than a map is made.
const few = 16

// find is the place of a supply, -1 for none. likely is where it may be, and is
// looked at first.
func (n *names) find(name string, likely int) int {
	if likely < len(n.of) && n.of[likely].Name == name {
		return likely
	}
	if len(n.of) <= few {
		return slices.IndexFunc(n.of, func(u SupplyState) bool { return u.Name == name })
	}
	if n.at == nil {
		n.at = make(map[string]int, len(n.of))
		for i := range n.of {
			n.at[n.of[i].Name] = i
		}
	}
	if i, ok := n.at[name]; ok {
		return i
	}
	return -1
}
