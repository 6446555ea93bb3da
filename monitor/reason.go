package monitor

import (
	"time"

	"ecnutd/ups"
)

// A Reason is why something was decided or told, with the numbers that it was
// decided on. It is data, so that it can be stored and compared; the sentences are
// made by who tells it (package texts).
type Reason struct {
	Code  Code `json:"code"`
	Cause Code `json:"cause,omitempty"` // why the battery counts as low, where Code is Low or LowOnBattery
	Was   Code `json:"was,omitempty"`   // what was called off, where Code is CalledOff

	For    time.Duration `json:"for,omitempty"`    // how long: on battery, without a link, until the condition ended
	Silent time.Duration `json:"silent,omitempty"` // since the UPS was last heard
	Limit  time.Duration `json:"limit,omitempty"`  // that was reached
	Wait   time.Duration `json:"wait,omitempty"`   // until what the sentence announces

	LimitN  int        `json:"limit_n,omitempty"` // percent or seconds that Cause names
	Gone    bool       `json:"gone,omitempty"`
	Answers bool       `json:"answers,omitempty"` // though lost, it answers, but not about where its power comes from
	Losses  int        `json:"losses,omitempty"`  // of a link that comes and goes
	Stays   bool       `json:"stays,omitempty"`   // the host goes on, on what Feeds names
	Feeds   string     `json:"feeds,omitempty"`   // names of other UPSs; "" where the host only watches
	Hosts   string     `json:"hosts,omitempty"`   // names of hosts that were told of a shutdown and went
	Text    string     `json:"text,omitempty"`    // an order's reason, a timer's name, an alarm
	Status  ups.Status `json:"status,omitzero"`
	Charge  ups.Number `json:"charge,omitzero"`
	Runtime ups.Number `json:"runtime,omitzero"`
	Lowest  ups.Number `json:"lowest,omitzero"` // lowest charge of the outage
}

// Code says which reason it is. It is a word, since it is stored.
type Code string

// The codes. Those of a low battery stand in Cause.
const (
	OnBatteryNow   Code = "on battery"
	BackOnMains    Code = "on mains"
	LinkBack       Code = "link back"
	LoginRefused   Code = "login refused"
	LoginTaken     Code = "login taken"
	NotFound       Code = "not found"
	LostOnMains    Code = "lost on mains"
	LostOnBattery  Code = "lost on battery"
	StillLost      Code = "still lost"
	Low            Code = "low"
	NotLow         Code = "not low"
	LowOnBattery   Code = "low on battery"
	SilentTooLong  Code = "silent too long"
	LimitReached   Code = "limit reached"
	TimerEnded     Code = "timer ended"
	RuleGaveUp     Code = "rule"
	Ordered        Code = "ordered"
	PrimaryOrdered Code = "primary ordered"
	CalledOff      Code = "called off"
	BatteryWorn    Code = "battery worn"
	BatteryGood    Code = "battery good"
	ConditionBegan Code = "began"
	ConditionEnded Code = "ended"
	ChargeFalls    Code = "charge falls"
	SecondariesGo  Code = "secondaries told"
	FoundFlag      Code = "flag found"
	GivenAgain     Code = "given again"
	Survived       Code = "survived"

	MaintenanceBegan    Code = "maintenance began"
	MaintenanceOver     Code = "maintenance over"     // its time is
	MaintenanceStopped  Code = "maintenance stopped"  // by somebody
	MaintenanceOutage   Code = "maintenance outage"   // ended by an outage
	MaintenanceShutdown Code = "maintenance shutdown" // or by a shutdown

	LowSaid     Code = "said low"
	LowTime     Code = "time limit"
	LowImminent Code = "shutdown imminent"
	LowCharge   Code = "charge"
	LowRuntime  Code = "runtime"
	LowSilent   Code = "silent"

	LowFlickers     Code = "said low again and again"
	LowPushed       Code = "said low once"
	LowChargeFloor  Code = "charge floor"
	LowRuntimeFloor Code = "runtime floor"
)
