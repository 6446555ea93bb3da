// Package engine takes the step that everybody takes: the daemon, a rehearsal,
// a demonstration and a simulated world. It asks the monitor what follows from
// an input, puts its effects into words by the configuration, and says in which
// order they and the store come:
//
//	ready = engine.Step(state, now, input, seen)
//
//	1. ready.State is the state from now on, and the messages among the actions
//	   begin to leave: both in memory.
//	2. ready.First is carried out, one after the other: it ends with the flag and
//	   the order to shut down, where there are any. No disk has a note of the step
//	   before.
//	3. Where ready.Store holds, the store writes the state and the messages, together
//	   or not at all. It is not waited for.
//	4. ready.Then is carried out.
//
// A process that ends before the disk has both takes the step once more from the
// state of before: it neither loses a message nor forgets a decision, and may tell
// what it has told already.
//
// An action is a value with its words made. The engine carries none out: it has
// no clock, no file and no connection.
package engine

import (
	"slices"
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
	w.rules = Rules(c)
	return &Engine{rules: w.rules, words: w}
}

// Rules are what the monitor decides by.
func (e *Engine) Rules() monitor.Rules { return e.rules }

// Seen is what messages tell beyond what was decided on.
type Seen struct {
	At        time.Time                            // time of day
	Set       func() bool                          // that time can be told; nil: it can
	Variables func(name string) (of ups.Variables) // of a UPS; nil where nothing is known
}

// A Ready is what follows from one input. Its fields are in the order in which
// they count.
type Ready struct {
	State monitor.State // from now on
	First []Action      // nothing is noted on a disk before them; up to the order of a shutdown, else none
	Store bool          // State and the messages go to the store, together
	Then  []Action
}

// Actions are all of them, in their order.
func (r *Ready) Actions() []Action { return slices.Concat(r.First, r.Then) }

// Messages are the messages among the actions.
func (r *Ready) Messages() []Message {
	var list []Message
	for _, a := range r.Actions() {
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
	first, then := untilOrder(e.words.actions(effects, &state, now, seen))
	return Ready{State: state, First: first, Store: len(effects) > 0, Then: then}
}

// untilOrder divides actions behind the last one that takes the host down.
func untilOrder(all []Action) (first, then []Action) {
	n := 0
	for i, a := range all {
		switch a.(type) {
		case WriteFlag, PowerOff:
			n = i + 1
		}
	}
	return all[:n:n], all[n:]
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
