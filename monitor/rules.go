package monitor

import (
	"time"

	"ecnutd/ups"
)

// An Instant is a time on a clock that never steps, counted from the boot of
// the host.
type Instant = time.Duration

// Rules are what the administrator wants. They do not change while a Step
// runs. Names and defaults are upsmon's where it has them.
type Rules struct {
	Supplies    []Supply
	MinSupplies int // shut down when fewer than this power value is left; 0 only watches

	DeadTime   time.Duration // silence after which a supply counts as lost (DEADTIME)
	FinalDelay time.Duration // between the SHUTDOWN event and the command (FINALDELAY)

	// Limits on battery; the first that is met wins. Zero or unknown: none.
	OnBatteryLimit time.Duration // time on battery
	ChargeLimit    ups.Number    // percent, met at or below
	RuntimeLimit   ups.Number    // seconds, met at or below

	// ShutdownImminent is how much the flag of that name is believed.
	ShutdownImminent Trust

	LinkLost     LinkLostPolicy
	ShutdownTime time.Duration // how long the host takes to go down
}

// A Supply is one UPS that feeds the host.
type Supply struct {
	Name  string
	Power int // power value: how many of the host's supplies hang on it
}

// Trust says after which time a flag counts; Ignored never counts.
type Trust struct {
	Grace   time.Duration
	Ignored bool
}

// LinkLostPolicy sets the deadline of a supply whose link was lost on battery.
type LinkLostPolicy uint8

// The policies.
const (
	// Estimate waits for a third of the runtime that was left when the UPS
	// was last heard, less the time that a shutdown takes, and at least
	// DeadTime: USB often drops just when the mains does (NUT issue 2925).
	Estimate LinkLostPolicy = iota
	// Strict waits for DeadTime, as upsmon does.
	Strict
)

// Defaults are the rules for one supply with everything else as upsmon has it
// or, where it has nothing, as is safe.
func Defaults(name string) Rules {
	return Rules{
		Supplies:         []Supply{{name, 1}},
		MinSupplies:      1,
		DeadTime:         15 * time.Second,
		FinalDelay:       5 * time.Second,
		ShutdownImminent: Trust{Grace: 30 * time.Second},
		ShutdownTime:     time.Minute,
	}
}
