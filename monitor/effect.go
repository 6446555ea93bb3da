package monitor

import (
	"time"

	"ecnutd/ups"
)

// An Input is something that happened.
type Input interface{ input() }

// The inputs.
type (
	// Heard says that a UPS has reported its state.
	Heard struct {
		Supply   int // index into Rules.Supplies
		Snapshot ups.Snapshot
	}
	// LinkLost says that a UPS can no longer be read. Gone tells that it left
	// the bus, else it is there and silent.
	LinkLost struct {
		Supply int
		Gone   bool
	}
	// ForceShutdown says that somebody ordered a shutdown (upsmon -c fsd).
	ForceShutdown struct{ Reason string }
	// ForceSupply says that somebody ordered a shutdown of what hangs on one
	// UPS (the request FSD of a client): it counts as lost, and the host goes
	// down if the others do not suffice.
	ForceSupply struct {
		Supply int
		Reason string
	}
	// Secondaries says how many other hosts still hang on the UPSs, and which,
	// where that is known; a shutdown waits for them, for at most Rules.HostSync.
	Secondaries struct {
		N     int
		Hosts []string
	}
	// Restarted says that the state was stored by a process that ended, in
	// this boot of the host. Where it is one of after the command
	// (State.Phase is Down), ShutdownPending is to follow.
	Restarted struct{}
	// CommandEnded says that the shutdown command, which PowerOff began, has
	// ended, with Err where it failed. Whoever runs it goes on trying one that fails,
	// and says this all the same: a host whose command fails is one that survives it.
	CommandEnded struct{ Err string }
	// ShutdownPending says whether a shutdown of this host is pending: its command
	// runs, or the system has one scheduled or a job for it. It is asked while
	// State.Phase is Down, some times a minute, and said when it changes and
	// after Restarted.
	ShutdownPending struct{ Pending bool }
	// FlagFound says, at the start of a process, that the power down flag of this
	// boot stands and that the state, which is lost, knows of no shutdown: one is
	// under way.
	FlagFound struct{ Reason string }
	// Maintain says that somebody works on the UPS: for a time nobody is told, and
	// silence shuts nothing down. For is LongestMaintenance at most; 0 ends it.
	Maintain struct {
		For     time.Duration
		Why     string
		Through bool // it goes on in an outage, and may begin in one
		Again   bool // it began before, in another boot: that is no news
	}
	// Elapsed says that the instant of State.Next has come.
	Elapsed struct{}
)

func (Heard) input()           {}
func (LinkLost) input()        {}
func (ForceShutdown) input()   {}
func (ForceSupply) input()     {}
func (Secondaries) input()     {}
func (Restarted) input()       {}
func (CommandEnded) input()    {}
func (ShutdownPending) input() {}
func (FlagFound) input()       {}
func (Maintain) input()        {}
func (Elapsed) input()         {}

// An Effect is something to do. Effects are done in their order.
type Effect interface{ effect() }

// The effects.
type (
	// Event tells people that something happened. UPS is "" where the event
	// is the host's.
	Event struct {
		UPS      string
		Name     ups.Event
		Reason   Reason
		Snapshot ups.Snapshot // of the UPS, as last heard
		Tell     Tell
	}
	// TimerSet tells that a timer began to run, was called off, or ended.
	// Tell is empty but for an end, and for a cancel in vain that has
	// something to say (TimerMissed).
	TimerSet struct {
		UPS      string
		Timer    string
		Action   TimerAction
		After    time.Duration // how long it runs; of a start
		Event    ups.Event     // what started it
		Reason   Reason
		Snapshot ups.Snapshot
		Tell     Tell
	}
	// Shutdown is the decision to shut down, before anything is done.
	Shutdown struct{ Reason Reason }
	// CallOff is the end of a shutdown that had not reached its command.
	CallOff struct{ Reason Reason }
	// WriteFlag writes the flag that has the UPS cut its output after the
	// host went down.
	WriteFlag struct{ Reason Reason }
	// PowerOff runs the shutdown command, and no second one beside it. What comes
	// of it is told by CommandEnded and ShutdownPending.
	PowerOff struct{}
	// GoesOn says that a shutdown goes on though mains is back.
	GoesOn struct{ Reason Reason }
	// UndoShutdown takes back a shutdown of the host that may still be scheduled
	// or ordered: the host has survived its command, and mains is back.
	UndoShutdown struct{}
	// MaintenanceTold tells people that a maintenance begins or has ended.
	MaintenanceTold struct{ Reason Reason }
	// RemoveFlag removes what WriteFlag wrote.
	RemoveFlag struct{}
)

func (Event) effect()           {}
func (TimerSet) effect()        {}
func (Shutdown) effect()        {}
func (CallOff) effect()         {}
func (WriteFlag) effect()       {}
func (PowerOff) effect()        {}
func (GoesOn) effect()          {}
func (UndoShutdown) effect()    {}
func (RemoveFlag) effect()      {}
func (MaintenanceTold) effect() {}

// TimerAction is what happened to a timer.
type TimerAction string

// The actions.
const (
	TimerStart  TimerAction = "start"
	TimerCancel TimerAction = "cancel"
	TimerFire   TimerAction = "fire"
	TimerMissed TimerAction = "missed" // cancelled, but none was running
)

// OnBatteryTimer is the name of the timer of Limits.OnBattery.
const OnBatteryTimer = "on_battery"
