package monitor

import "ecnutd/monitor/rules"

// What the administrator wants has a package of its own; here are its names as the
// decisions use them.
type (
	// Rules are all of it. They do not change while a Step runs.
	Rules = rules.Rules
	// Supply is one UPS that feeds the host.
	Supply = rules.Supply
	// Limits are the administrator's own, beside what the UPS says.
	Limits = rules.Limits
	// Floors are the limits that hold where nobody has set any.
	Floors = rules.Floors
	// Trust is how much a flag is believed.
	Trust = rules.Trust
	// Reaction is what is to be done on an event.
	Reaction = rules.Reaction
	// Start starts a timer.
	Start = rules.Start
	// Cancel stops one.
	Cancel = rules.Cancel
	// Tell is who hears of something.
	Tell = rules.Tell
	// Exec is a program to run.
	Exec = rules.Exec
	// Timer is a clock that events start and stop.
	Timer = rules.Timer
	// LinkLostPolicy sets the deadline of a supply whose link was lost on battery.
	LinkLostPolicy = rules.LinkLostPolicy
	// SecondariesTold is what follows when mains returns to a shutdown that
	// secondaries have been told of.
	SecondariesTold = rules.SecondariesTold
)

// The policies of a lost link, and of secondaries that were told.
const (
	Estimate     = rules.Estimate
	Strict       = rules.Strict
	GoOn         = rules.GoOn
	CancelAnyway = rules.CancelAnyway
)

// Defaults are the rules for these supplies with everything else as upsmon has
// it or, where it has nothing, as is safe. Every event is logged.
func Defaults(names ...string) Rules { return rules.Defaults(names...) }
