// Package rules has what the administrator wants of a monitor, as values: limits,
// timers, and what is to be done on which event.
package rules

import (
	"time"

	"ecnutd/ups"
)

// Rules are what the administrator wants. They do not change while a Step
// runs. Names and defaults are upsmon's where it has them.
type Rules struct {
	Supplies    []Supply
	MinSupplies int // shut down when fewer than this power value is left; 0 only watches

	DeadTime             time.Duration // silence after which a link counts as lost (DEADTIME)
	HostSync             time.Duration // how long secondaries are waited for (HOSTSYNC)
	FinalDelay           time.Duration // between the SHUTDOWN event and the command (FINALDELAY)
	NoCommRepeat         time.Duration // between NOCOMM events (NOCOMMWARNTIME); 0 never
	ReplaceBatteryRepeat time.Duration // between REPLBATT events (RBWARNTIME); 0 tells it once

	// SecondariesTold says what the return of mains does to a shutdown that a
	// secondary has been told of.
	SecondariesTold SecondariesTold

	LinkLost     LinkLostPolicy
	ShutdownTime time.Duration // how long the host takes to go down

	// LostCounts reports whether a supply whose link was lost on mains still
	// counts as feeding the host, as for upsmon. If not, another supply that
	// becomes critical shuts the host down; the loss alone never does.
	LostCounts bool

	Timers []Timer
	On     map[ups.Event]Reaction // reactions to the host's own events
}

// A Supply is one UPS that feeds the host.
type Supply struct {
	Name   string
	Power  int // power value: how many of the host's supplies hang on it
	Limits Limits
	On     map[ups.Event]Reaction

	// Secondary says that another host manages the UPS and says when to go
	// down (FSD). Where the battery is low and it does not say so, HostSync is
	// waited, as upsmon does.
	Secondary bool
}

// Limits are the administrator's own, beside what the UPS says. They count on
// battery; the first that is met wins. Zero or unknown: none.
type Limits struct {
	OnBattery time.Duration // time on battery
	Charge    ups.Number    // percent, met at or below
	Runtime   ups.Number    // seconds, met at or below

	// ShutdownImminent is how much the flag of that name is believed.
	ShutdownImminent Trust

	Floors Floors
}

// Floors are limits that hold where the administrator has none of the same kind,
// so that a UPS that never says that its battery is low does not take the host
// with it.
type Floors struct {
	// Charge is the charge at which the UPS itself calls its battery low, where
	// that is believable (lowBelievable).
	Charge bool
	// Runtime is a runtime below Rules.ShutdownTime and Rules.FinalDelay.
	Runtime bool
	// Grace is how long after the transfer a number decides only where it agrees
	// with what was shown on mains, since readings jump then. It holds for limits
	// of the administrator too; 0 has none of it.
	Grace time.Duration
}

// Trust says after which time a flag counts; Ignored never counts.
type Trust struct {
	Grace   time.Duration
	Ignored bool
}

// A Reaction is all that is to be done on an event, or when a timer ends.
type Reaction struct {
	Cancel []Cancel
	Start  []Start
	Tell   Tell

	// GiveUp takes the supply for lost while it is on battery: the host goes
	// down if the others do not suffice. It ends with the outage.
	GiveUp bool

	// Force shuts the host down whatever the other supplies do, as
	// upsmon -c fsd. It is not done for a link that was lost on mains.
	Force bool
}

// A Start starts a timer for the supply of the event.
type Start struct {
	Timer   string
	After   time.Duration // 0: as long as the timer says
	Restart bool          // a timer that runs begins again; else it keeps its end
}

// A Cancel ends a timer of the supply of the event.
type Cancel struct {
	Timer string
	Else  Tell // what to say when no such timer runs
}

// Tell says whom to tell, and how. The monitor passes it on as it is.
type Tell struct {
	Log, Wall bool
	Message   string // template of the message; "" sends none
	Execs     []Exec
}

// An Exec is a program to run.
type Exec struct {
	Argv    []string // each a template; run as it is, without a shell
	Shell   string   // or a line for /bin/sh, where somebody asked for it
	Timeout time.Duration
}

// A Timer is a named delay. One of a name runs for each supply.
type Timer struct {
	Name  string
	After time.Duration
	Fire  Reaction
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

// SecondariesTold is what follows when mains returns, before the command, to a
// shutdown that hosts behind the same UPS have been told of.
type SecondariesTold uint8

// The ways.
const (
	// GoOn goes on through the cut of the output, which alone starts those hosts
	// again.
	GoOn SecondariesTold = iota
	// CancelAnyway calls the shutdown off, and says which hosts went.
	CancelAnyway
)

// Defaults are the rules for these supplies with everything else as upsmon has
// it or, where it has nothing, as is safe. Every event is logged.
func Defaults(names ...string) Rules {
	r := Rules{
		MinSupplies:          1,
		DeadTime:             15 * time.Second,
		HostSync:             15 * time.Second,
		FinalDelay:           5 * time.Second,
		NoCommRepeat:         5 * time.Minute,
		ReplaceBatteryRepeat: 12 * time.Hour,
		ShutdownTime:         time.Minute,
		LostCounts:           true,
		On:                   map[ups.Event]Reaction{},
	}
	for _, name := range names {
		s := Supply{Name: name, Power: 1, On: map[ups.Event]Reaction{}, Limits: Limits{
			ShutdownImminent: Trust{Grace: 30 * time.Second}, Floors: Floors{Charge: true, Runtime: true, Grace: 30 * time.Second},
		}}
		for _, e := range ups.Events {
			s.On[e] = Reaction{Tell: Tell{Log: true}}
		}
		r.Supplies = append(r.Supplies, s)
	}
	for _, e := range ups.Events {
		if e.Host() {
			r.On[e] = Reaction{Tell: Tell{Log: true}}
		}
	}
	return r
}

// Timer finds a timer by name, or nil.
func (r *Rules) Timer(name string) *Timer {
	for i := range r.Timers {
		if r.Timers[i].Name == name {
			return &r.Timers[i]
		}
	}
	return nil
}

// Reaction is what is to be done on an event of supply i; -1 is the host.
func (r *Rules) Reaction(i int, e ups.Event) Reaction {
	if i < 0 || e.Host() {
		return r.On[e]
	}
	return r.Supplies[i].On[e]
}

// Any reports whether there is anybody to tell.
func (t Tell) Any() bool { return t.Log || t.Wall || t.Message != "" || len(t.Execs) > 0 }
