package engine

import (
	"time"

	"ecnutd/config"
	"ecnutd/monitor"
	"ecnutd/ups"
)

// An Action is one thing that follows from a decision, with its words made.
// Its String is a line for a person.
type Action interface {
	String() string
	row() Row
}

// About says what an action is about. A field that does not apply is "".
type About struct {
	UPS   string    // "" for the host
	Event ups.Event // that happened, or that started the timer
	Timer string    // that ended
}

// The actions that tell. Event and Timer say that something happened; the
// others are carried out.
type (
	// Event says that an event happened.
	Event struct {
		About
		Reason string
	}

	// Timer says that a timer began, was called off or ended.
	Timer struct {
		UPS, Name string
		What      monitor.TimerAction
		After     time.Duration // how long it runs; of a start
	}

	// Message goes out by the routes of the configuration. One that is urgent
	// is not held back by a rate limit.
	Message struct {
		About
		Text   string
		Urgent bool
	}

	// Log is a line for the journal.
	Log struct {
		About
		Text string
	}

	// Wall is a text for every terminal of the host.
	Wall struct {
		About
		Text string
	}

	// Program is a program of a rule. Text is what a message would say.
	Program struct {
		About
		Exec monitor.Exec // its templates filled in
		Text string
	}
)

// The actions of a shutdown, in their order.
type (
	// Shutdown says that the host is going to be shut down.
	Shutdown struct{ Reason string }

	// CallOff says that it is not, after all.
	CallOff struct{ Reason string }

	// WriteFlag writes the flag that has the late stage cut the output.
	WriteFlag struct{ Path, Reason string }

	// PowerOff gives the shutdown command.
	PowerOff struct {
		Command config.Command
		Reason  string
	}

	// GoesOn says that the shutdown goes on though mains is back.
	GoesOn struct{ Reason string }

	// UndoShutdown takes back what may still be scheduled: the host has survived
	// its shutdown.
	UndoShutdown struct{}

	// RemoveFlag removes the power down flag of that shutdown.
	RemoveFlag struct{ Path string }
)
