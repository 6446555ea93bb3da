package stored

import (
	"time"

	"ecnutd/monitor"
	"ecnutd/ups"
)

// The types in this file are what the first release stored. They never change.

type stateV1 struct {
	Supplies    []supplyV1 `json:"Supplies"`
	Timers      []timerV1  `json:"Timers"`
	Forced      string     `json:"Forced"`
	Secondaries int        `json:"Secondaries"`
	Phase       uint8      `json:"Phase"` // watching, syncing, shutting down, down
	Reason      reasonV1   `json:"Reason"`
	PhaseDue    int64      `json:"PhaseDue"` // this and all times: nanoseconds since the boot
}

type supplyV1 struct {
	Name      string     `json:"Name"`
	Line      uint8      `json:"Line"` // unknown, mains, battery
	Link      uint8      `json:"Link"` // never heard, linked, lost
	Last      snapshotV1 `json:"Last"`
	HeardAt   int64      `json:"HeardAt"`
	LostAt    int64      `json:"LostAt"`
	SaidAt    int64      `json:"SaidAt"`
	Settle    int64      `json:"Settle"`
	OutageAt  int64      `json:"OutageAt"`
	Lowest    ups.Number `json:"Lowest"`
	LostDue   int64      `json:"LostDue"`
	Below     rowV1      `json:"Below"`
	Expired   rowV1      `json:"Expired"`
	Imminent  rowV1      `json:"Imminent"`
	Charge    rowV1      `json:"Charge"`
	Runtime   rowV1      `json:"Runtime"`
	Replace   rowV1      `json:"Replace"`
	Low       reasonV1   `json:"Low"`
	LowAt     int64      `json:"LowAt"`
	Waited    bool       `json:"Waited"`
	Ordered   string     `json:"Ordered"`
	GivenUp   reasonV1   `json:"GivenUp"`
	LimitTold bool       `json:"LimitTold"`
	ReplaceAt int64      `json:"ReplaceAt"`
	Told      statusV1   `json:"Told"`
	Alarm     string     `json:"Alarm"`
}

type snapshotV1 struct {
	Status         statusV1   `json:"Status"`
	Low            uint8      `json:"Low"` // bits: below capacity, time expired, shutdown imminent
	Charge         ups.Number `json:"Charge"`
	Runtime        ups.Number `json:"Runtime"`
	Load           ups.Number `json:"Load"`
	Alarm          string     `json:"Alarm"`
	TestFailed     bool       `json:"TestFailed"`
	Readings       int        `json:"Readings"`
	ChargeReadings int        `json:"ChargeReadings"`
}

type rowV1 struct {
	N     int   `json:"N"`
	Since int64 `json:"Since"`
	Last  int64 `json:"Last"`
}

type timerV1 struct {
	Timer   string    `json:"Timer"`
	UPS     string    `json:"UPS"`
	Event   ups.Event `json:"Event"`
	Started int64     `json:"Started"`
	Due     int64     `json:"Due"`
}

type reasonV1 struct {
	Code    monitor.Code  `json:"Code"`
	Cause   monitor.Code  `json:"Cause"`
	Was     monitor.Code  `json:"Was"`
	For     time.Duration `json:"For"`
	Silent  time.Duration `json:"Silent"`
	Limit   time.Duration `json:"Limit"`
	Wait    time.Duration `json:"Wait"`
	LimitN  int           `json:"LimitN"`
	Gone    bool          `json:"Gone"`
	Text    string        `json:"Text"`
	Status  statusV1      `json:"Status"`
	Charge  ups.Number    `json:"Charge"`
	Runtime ups.Number    `json:"Runtime"`
	Lowest  ups.Number    `json:"Lowest"`
}

// statusV1 is a set of tokens as bits.
type statusV1 uint32

// tokensV1 are the tokens in the order of their bits.
var tokensV1 = [...]string{"FSD", "ALARM", "CAL", "OL", "OB", "DISCHRG", "CHRG", "LB", "OVER", "RB", "TRIM", "BOOST", "BYPASS", "OFF"}

func (s statusV1) status() (status ups.Status) {
	for bit, token := range tokensV1 {
		if s>>bit&1 == 1 {
			status |= ups.ParseStatus(token)
		}
	}
	return status
}

func (r rowV1) row() monitor.Row {
	return monitor.Row{N: r.N, Since: monitor.Instant(r.Since), Last: monitor.Instant(r.Last)}
}

func (r reasonV1) reason() monitor.Reason {
	return monitor.Reason{
		Code: r.Code, Cause: r.Cause, Was: r.Was,
		For: r.For, Silent: r.Silent, Limit: r.Limit, Wait: r.Wait,
		LimitN: r.LimitN, Gone: r.Gone, Text: r.Text, Status: r.Status.status(),
		Charge: r.Charge, Runtime: r.Runtime, Lowest: r.Lowest,
	}
}

func (s snapshotV1) snapshot() ups.Snapshot {
	var low ups.LowReason
	for bit, reason := range []ups.LowReason{ups.BelowCapacity, ups.TimeExpired, ups.ShutdownImminent} {
		if s.Low>>bit&1 == 1 {
			low |= reason
		}
	}
	return ups.Snapshot{
		Status: s.Status.status(), Low: low, Charge: s.Charge, Runtime: s.Runtime, Load: s.Load, Alarm: s.Alarm,
		TestFailed: s.TestFailed, Readings: s.Readings, ChargeReadings: s.ChargeReadings,
	}
}

func (u supplyV1) supply() monitor.SupplyState {
	s := monitor.SupplyState{
		Name: u.Name, Line: enumV1(u.Line, monitor.LineUnknown, monitor.OnMains, monitor.OnBattery), Link: enumV1(u.Link, monitor.NeverHeard, monitor.Linked, monitor.Lost),
		Last: u.Last.snapshot(), HeardAt: monitor.Instant(u.HeardAt), SpokeAt: monitor.Instant(u.HeardAt), LostAt: monitor.Instant(u.LostAt), LostFrom: monitor.Instant(u.LostAt), Settle: monitor.Instant(u.Settle),
		OutageAt: monitor.Instant(u.OutageAt), Lowest: u.Lowest, LostDue: monitor.Instant(u.LostDue),
		Below: u.Below.row(), Expired: u.Expired.row(), Imminent: u.Imminent.row(),
		Charge: monitor.NumberRow{Row: u.Charge.row()}, Runtime: monitor.NumberRow{Row: u.Runtime.row()}, Replace: u.Replace.row(),
		Low: u.Low.reason(), LowAt: monitor.Instant(u.LowAt), Waited: u.Waited, Ordered: u.Ordered, GivenUp: u.GivenUp.reason(), LimitTold: u.LimitTold,
		ReplaceAt: monitor.Instant(u.ReplaceAt), Told: u.Told.status(), Alarm: u.Alarm,
	}
	// What that release did not keep follows from what it did.
	if s.Line == monitor.OnBattery {
		s.Told |= ups.OnBattery
	}
	if s.ReplaceAt > 0 {
		s.Told |= ups.ReplaceBattery
	}
	if s.Link == monitor.Lost {
		s.Contact = monitor.Contact{BadAt: s.LostAt, SaidAt: monitor.Instant(u.SaidAt), Losses: 1}
	}
	if s.Alarm != "" {
		s.Spells.Texts = []string{s.Alarm}
	}
	if s.Last.Charge.Known {
		s.Numbers.Charge, s.Numbers.ChargeAt = s.Last.Charge, s.HeardAt
	}
	if s.Last.Runtime.Known {
		s.Numbers.Runtime, s.Numbers.RuntimeAt = s.Last.Runtime, s.HeardAt
	}
	return s
}

func (s stateV1) state() monitor.State {
	state := monitor.State{
		Forced: s.Forced, Secondaries: s.Secondaries,
		Phase: enumV1(s.Phase, monitor.Watching, monitor.Syncing, monitor.ShuttingDown, monitor.Down), Reason: s.Reason.reason(), PhaseDue: monitor.Instant(s.PhaseDue),
	}
	for _, u := range s.Supplies {
		state.Supplies = append(state.Supplies, u.supply())
	}
	for _, t := range s.Timers {
		state.Timers = append(state.Timers, monitor.TimerState{Timer: t.Timer, UPS: t.UPS, Event: t.Event, Started: monitor.Instant(t.Started), Due: monitor.Instant(t.Due)})
	}
	if state.Phase == monitor.Down {
		state.After.Running = true // that it had ended was not noticed
	}
	return state
}

// enumV1 is the value that a number stood for; the first one for a number that
// was never written.
func enumV1[T any](n uint8, values ...T) T {
	if int(n) >= len(values) {
		return values[0]
	}
	return values[n]
}
