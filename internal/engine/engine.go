// Package engine takes the step that everybody takes: the daemon, a rehearsal,
// a demonstration and a simulated world. It asks the monitor what follows from
// an input, puts its effects into words by the configuration, and says in which
// order they and the store come:
//
//	ready = engine.Step(state, now, input, seen)
//
//	1. ready.State is the state from now on.
//	2. Where ready.Store holds, it is handed to the store, and the messages
//	   among ready.Actions with it: they are stored together or not at all.
//	3. ready.Actions are carried out, one after the other. The disk is waited for
//	   by none of them.
//
// A process that ends before the disk has both takes the step once more from the
// state of before: it neither loses a message nor forgets a decision, and may tell
// what it has told already.
//
// An action is a value with its words made. The engine carries none out: it has
// no clock, no file and no connection.
package engine

import (
	"time"

	"ecnutd/config"
	"ecnutd/monitor"
	"ecnutd/ups"
)

// An Engine is a configuration as the step sees it. It does not change.
type Engine struct {
	rules monitor.Rules
	words words
}

// New makes the engine of a configuration. host is the name of this host in
// messages.
func New(c *config.Config, host string) *Engine {
	w := words{
		language: c.Language, host: host, flag: c.CutFlag(), command: c.ShutdownCommand,
		routes: len(c.Messages.Routes) > 0, descriptions: make(map[string]string),
	}
	for _, u := range c.UPS {
		w.descriptions[u.Name] = u.Description
	}
	return &Engine{rules: Rules(c), words: w}
}

// Rules are what the monitor decides by.
func (e *Engine) Rules() monitor.Rules { return e.rules }

// Seen is what messages tell beyond what was decided on.
type Seen struct {
	At        time.Time                            // time of day
	Variables func(name string) (of ups.Variables) // of a UPS; nil where nothing is known
}

// A Ready is what follows from one input. Its fields are in the order in which
// they count.
type Ready struct {
	State   monitor.State
	Store   bool // State and the messages go to the store, together
	Actions []Action
}

// Messages are the messages among the actions.
func (r *Ready) Messages() []Message {
	var list []Message
	for _, a := range r.Actions {
		if m, ok := a.(Message); ok {
			list = append(list, m)
		}
	}
	return list
}

// Step is what follows from an input at an instant. It changes nothing that it
// was given; instants must not run backwards from one step to the next.
func (e *Engine) Step(s monitor.State, now monitor.Instant, in monitor.Input, seen Seen) Ready {
	state, effects := monitor.Step(e.rules, s, now, in)
	return Ready{State: state, Store: len(effects) > 0, Actions: e.words.actions(effects, &state, seen)}
}

// Status is ups.status with LB by the policy of the monitor instead of by the
// device, and FSD while the host is going down.
func Status(state *monitor.State, u *monitor.SupplyState) ups.Status {
	s := u.Last.Status &^ ups.LowBattery
	if u.Low.Cause != "" {
		s |= ups.LowBattery
	}
	if state.Phase != monitor.Watching || u.Ordered != "" {
		s |= ups.ForcedShutdown
	}
	return s
}
