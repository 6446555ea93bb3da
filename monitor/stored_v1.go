package monitor

import (
	"time"

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
	Code    Code          `json:"Code"`
	Cause   Code          `json:"Cause"`
	Was     Code          `json:"Was"`
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

func (r rowV1) row() Row { return Row{N: r.N, Since: Instant(r.Since), Last: Instant(r.Last)} }

func (r reasonV1) reason() Reason {
	return Reason{
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

func (u supplyV1) supply() SupplyState {
	return SupplyState{
		Name: u.Name, Line: enumV1(u.Line, LineUnknown, OnMains, OnBattery), Link: enumV1(u.Link, NeverHeard, Linked, Lost),
		Last: u.Last.snapshot(), HeardAt: Instant(u.HeardAt), LostAt: Instant(u.LostAt), SaidAt: Instant(u.SaidAt), Settle: Instant(u.Settle),
		OutageAt: Instant(u.OutageAt), Lowest: u.Lowest, LostDue: Instant(u.LostDue),
		Below: u.Below.row(), Expired: u.Expired.row(), Imminent: u.Imminent.row(),
		Charge: u.Charge.row(), Runtime: u.Runtime.row(), Replace: u.Replace.row(),
		Low: u.Low.reason(), LowAt: Instant(u.LowAt), Waited: u.Waited, Ordered: u.Ordered, GivenUp: u.GivenUp.reason(), LimitTold: u.LimitTold,
		ReplaceAt: Instant(u.ReplaceAt), Told: u.Told.status(), Alarm: u.Alarm,
	}
}

func (s stateV1) state() State {
	state := State{
		Forced: s.Forced, Secondaries: s.Secondaries,
		Phase: enumV1(s.Phase, Watching, Syncing, ShuttingDown, Down), Reason: s.Reason.reason(), PhaseDue: Instant(s.PhaseDue),
	}
	for _, u := range s.Supplies {
		state.Supplies = append(state.Supplies, u.supply())
	}
	for _, t := range s.Timers {
		state.Timers = append(state.Timers, TimerState{t.Timer, t.UPS, t.Event, Instant(t.Started), Instant(t.Due)})
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
