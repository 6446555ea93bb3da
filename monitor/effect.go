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
	// LinkLost says that a UPS can no longer be read. Gone tells that it left the bus,
	// else it is there and silent.
	LinkLost struct {
		Supply int
		Gone   bool
	}
	// ForceShutdown says that somebody ordered a shutdown (upsmon -c fsd).
	ForceShutdown struct{ Reason string }
	// Elapsed says that the instant of State.Next has come.
	Elapsed struct{}
)

func (Heard) input()         {}
func (LinkLost) input()      {}
func (ForceShutdown) input() {}
func (Elapsed) input()       {}

// An Effect is something to do. Effects are done in their order.
type Effect interface{ effect() }

// The effects.
type (
	// Notify tells people of an event. UPS is "" where the event is the
	// host's. Reason is the sentence with the numbers.
	Notify struct {
		UPS    string
		Event  ups.Event
		Reason string
	}
	// Timer tells that a limit has begun to run, was called off, or is met.
	Timer struct {
		UPS    string
		Name   string
		Action TimerAction
		After  time.Duration // how long it runs; of a start
	}
	// Shutdown is the decision to shut down, before anything is done.
	Shutdown struct{ Reason string }
	// Cancel is the end of a shutdown that had not reached its command.
	Cancel struct{ Reason string }
	// WriteFlag writes the flag that has the UPS cut its output after the
	// host went down.
	WriteFlag struct{}
	// PowerOff runs the shutdown command. Nothing follows it.
	PowerOff struct{}
)

func (Notify) effect()    {}
func (Timer) effect()     {}
func (Shutdown) effect()  {}
func (Cancel) effect()    {}
func (WriteFlag) effect() {}
func (PowerOff) effect()  {}

// TimerAction is what happened to a timer.
type TimerAction string

// The actions.
const (
	TimerStart  TimerAction = "start"
	TimerCancel TimerAction = "cancel"
	TimerFire   TimerAction = "fire"
)

// OnBatteryTimer is the name of the timer of Rules.OnBatteryLimit.
const OnBatteryTimer = "on_battery_limit"
