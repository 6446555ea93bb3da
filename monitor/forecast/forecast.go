// Package forecast says what follows if nothing changes: when the host goes down
// and why, when a battery is low though another UPS feeds the host, and what its
// timers will do. It is the answer to the question of three in the morning.
//
// It has no rules of its own. The monitor takes its steps on a copy of the state,
// with readings that fall as the UPS says that they will, until it decides; so a
// forecast and the decision that follows cannot disagree. Codes and numbers come
// out; their words are internal/texts'.
package forecast

import (
	"cmp"
	"slices"
	"time"

	"ecnutd/monitor"
)

// A Kind says what is going to be.
type Kind string

// The kinds. Those that have the name of a monitor.ComingKind are brought by time
// alone.
const (
	Shutdown  Kind = "shutdown" // the host is shut down; Why has the reason
	Low       Kind = "low"      // the battery is low, and the host stays up; Why says on what
	Empty     Kind = "empty"    // the battery is empty, and nothing shuts the host down before
	Untimed   Kind = "untimed"  // the host is shut down when the battery is low, and when is not known
	Nothing   Kind = "nothing"  // on battery, and nothing shuts the host down
	Command   Kind = "command"  // flag and shutdown command
	Sync      Kind = "sync"     // secondaries are no longer waited for
	Timer     Kind = "timer"    // a timer ends; Does says what for
	Limit     Kind = "limit"    // the limit of time on battery
	LinkDue   Kind = "critical" // a link lost on battery was waited for long enough
	Primary   Kind = "primary"  // the order of the primary was waited for long enough
	Imminent  Kind = "imminent" // the UPS says that it is about to shut down, and that counts
	StillLost Kind = "nocomm"   // the lost link is told again
	Again     Kind = "again"    // the shutdown command is given again, or the host has survived it
)

// An Action is what a timer does when it ends.
type Action string

// What timers do.
const (
	ShutsDown Action = "shuts down"      // this host
	GivesUp   Action = "gives up"        // the UPS; another one goes on feeding the host
	Sends     Action = "sends a message" // by the routes
	Runs      Action = "runs"            // a program
	Starts    Action = "starts a timer"
)

// A Prospect is one thing that is going to be.
type Prospect struct {
	In    time.Duration   `json:"-"`               // from now on; 0 or less: now, or without a time
	Kind  Kind            `json:"what"`            // which it is
	About bool            `json:"about,omitempty"` // the time is reckoned from numbers that fall
	UPS   string          `json:"ups,omitempty"`   // "" where it is the host's
	Timer string          `json:"timer,omitempty"` // its name
	Does  []Action        `json:"does,omitempty"`  // of a timer
	Runs  string          `json:"runs,omitempty"`  // the program of a timer that runs one
	Why   *monitor.Reason `json:"why,omitempty"`   // of Shutdown and Low
}

// Timed reports whether In means something.
func (p Prospect) Timed() bool { return p.Kind != Untimed && p.Kind != Nothing }

// Of lists what follows, what decides about the host first, then the soonest.
// Empty on mains where no timer runs.
func Of(r monitor.Rules, s monitor.State, now monitor.Instant) []Prospect {
	var list []Prospect
	if s.Phase == monitor.Watching {
		list = ahead(r, s, now)
	}
	stays := !slices.ContainsFunc(list, func(p Prospect) bool { return p.Kind == Shutdown })
	fixed := timed(r, s, now, stays)
	slices.SortStableFunc(fixed, func(a, b Prospect) int { return cmp.Compare(a.In, b.In) })
	return append(list, fixed...)
}

// Brings reports whether another prospect is what brings a shutdown, so that
// telling both would be telling one thing twice.
func (p Prospect) Brings(other Prospect) bool {
	if p.Kind != Shutdown || p.About {
		return false
	}
	apart := p.In - other.In
	if apart < -2*time.Second || apart > 2*time.Second {
		return false
	}
	switch other.Kind {
	case Limit:
		return p.Why.Code == monitor.LimitReached
	case LinkDue:
		return p.Why.Code == monitor.SilentTooLong
	case Timer:
		return p.Why.Code == monitor.TimerEnded && p.Why.Text == other.Timer
	case Primary, Imminent:
		return true
	}
	return false
}

// kinds are what of the monitor's list concerns a person.
var kinds = map[monitor.ComingKind]Kind{
	monitor.ComingCommand: Command, monitor.ComingSync: Sync, monitor.ComingCritical: LinkDue, monitor.ComingPatience: Primary,
	monitor.ComingLimit: Limit, monitor.ComingImminent: Imminent, monitor.ComingTimer: Timer, monitor.ComingNoComm: StillLost,
	monitor.ComingAgain: Again,
}

// timed lists what time alone brings, in no order. stays says that nothing of it
// takes the host down.
func timed(r monitor.Rules, s monitor.State, now monitor.Instant, stays bool) []Prospect {
	var list []Prospect
	for _, c := range s.Coming(r) {
		kind, ok := kinds[c.What]
		if !ok {
			continue
		}
		p := Prospect{In: monitor.Left(now, c.At), Kind: kind, UPS: c.UPS, Timer: c.Timer}
		if kind == Timer {
			p.Does, p.Runs = actionsOf(r, c.Timer, stays)
		}
		list = append(list, p)
	}
	return list
}

// actionsOf lists what a timer does, and says which program it runs.
func actionsOf(r monitor.Rules, name string, stays bool) (list []Action, program string) {
	i := slices.IndexFunc(r.Timers, func(t monitor.Timer) bool { return t.Name == name })
	if i < 0 {
		return nil, ""
	}
	fire := &r.Timers[i].Fire
	if fire.Tell.Message != "" {
		list = append(list, Sends)
	}
	if len(fire.Tell.Execs) > 0 {
		list = append(list, Runs)
		if exec := fire.Tell.Execs[0]; exec.Shell != "" {
			program = exec.Shell
		} else {
			program = exec.Argv[0]
		}
	}
	if len(fire.Start) > 0 {
		list = append(list, Starts)
	}
	switch {
	case fire.Force, fire.GiveUp && !stays:
		list = append(list, ShutsDown)
	case fire.GiveUp:
		list = append(list, GivesUp)
	}
	return list, program
}
