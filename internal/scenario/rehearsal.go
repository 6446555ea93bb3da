// Package scenario plays an outage that somebody wrote down through the rules
// of a configuration, in virtual time: the step is the daemon's own
// (internal/engine), and nothing that follows is carried out. What is printed is
// the timeline.
//
// A scenario is what NUT's dummy-ups reads, with lines of ours that begin with
// @. The UPSs in it are asked as often as the reader asks real ones, so that
// what takes two readings takes its time here too.
package scenario

import (
	"encoding/json"
	"math"
	"time"

	"ecnutd/config"
	"ecnutd/internal/engine"
	"ecnutd/monitor"
	"ecnutd/monitor/stored"
	"ecnutd/ups"
)

// Play plays a script by the rules of a configuration and returns the
// timeline.
func Play(c *config.Config, s Script) []engine.Row {
	r := newRehearsal(c)
	r.play(s.scenes, s.end)
	return r.timeline
}

// A rehearsal plays a scenario in virtual time. The UPSs in it are asked as
// often as the reader asks real ones.
type rehearsal struct {
	config   *config.Config
	rules    monitor.Rules
	engine   *engine.Engine
	state    monitor.State
	now      time.Duration // since the start of the scenario
	actors   []*actor
	timeline []engine.Row
	survives bool // its next shutdown command shuts nothing down
	host     host
	left     int  // scenes that are still to come
	down     bool // the host went down, and nothing is left of the scenario
}

// An actor is a UPS on the stage.
type actor struct {
	name              string
	variables         ups.Variables
	unplugged, silent bool
	reported          bool // a loss was reported
	changed           bool // since it was last heard
	readings          int
	next              time.Duration // when it is asked again
	shown             string        // ups.status by the policy, as last printed
}

// confirmReading is when a reading that called the battery low is repeated:
// the monitor wants two, two seconds apart.
const confirmReading = 2 * time.Second

// start keeps instants above 0, as they are on a host that has booted.
const start = monitor.Instant(24 * time.Hour)

func newRehearsal(c *config.Config) *rehearsal {
	r := &rehearsal{config: c, engine: engine.New(c, "host")}
	r.rules = r.engine.Rules()
	for _, u := range c.UPS {
		r.actors = append(r.actors, &actor{name: u.Name, variables: ups.Variables{}, next: never})
	}
	return r
}

const never = time.Duration(math.MaxInt64)

// play runs the scenario to its end, and a shutdown that has begun to its own.
func (r *rehearsal) play(scenes []scene, end time.Duration) {
	for len(scenes) > 0 {
		r.left = len(scenes)
		r.until(scenes[0].at)
		r.left--
		r.act(scenes[0])
		scenes = scenes[1:]
		if len(scenes) == 0 || scenes[0].at > r.now || scenes[0].action != "" {
			r.hearChanged()
		}
	}
	r.until(end)
	for r.state.Phase != monitor.Watching && r.state.Phase != monitor.Down && !r.down {
		at, ok := r.due()
		if !ok {
			break
		}
		r.until(at)
	}
}

// until lets time pass, with everything that happens by itself. What is due at
// the very instant happens too.
func (r *rehearsal) until(end time.Duration) {
	for !r.down {
		at, ok := r.due()
		if !ok || at > end {
			break
		}
		r.now = max(r.now, at)
		if r.hostDue() <= r.now {
			r.hostTurns()
			continue
		}
		polled := false
		for i, a := range r.actors {
			if a.next <= r.now {
				r.ask(i)
				polled = true
			}
		}
		if !polled {
			r.step(monitor.Elapsed{})
		}
	}
	if !r.down {
		r.now = max(r.now, end)
	}
}

// due is when something happens by itself next.
func (r *rehearsal) due() (at time.Duration, ok bool) {
	at = r.hostDue()
	for _, a := range r.actors {
		at = min(at, a.next)
	}
	if r.host.state == hostOff {
		return at, at != never
	}
	if next, is := r.state.Next(r.rules); is {
		at = min(at, max(next.Sub(start), r.now))
	}
	return at, at != never
}

// act does what a line says.
func (r *rehearsal) act(s scene) {
	switch s.action {
	case "fsd":
		reason := s.reason
		if reason == "" {
			reason = "scenario"
		}
		r.step(monitor.ForceShutdown{Reason: reason})
		return
	case "maintenance":
		in, _ := maintenance(s.reason) // it was read
		r.step(in)
		return
	case "restart":
		if r.host.state != hostOff {
			r.restart()
		}
		return
	case "survive":
		r.survives = true
		return
	}
	for i, a := range r.actors {
		if s.ups != "" && s.ups != a.name {
			continue
		}
		switch s.action {
		case "unplug":
			a.unplugged = true
			r.lose(i, true)
		case "silence":
			a.silent = true // noticed when it is asked next
		case "plug", "answer":
			if s.action == "plug" {
				a.unplugged = false
			}
			a.silent = false
			a.changed = true
			r.hearChanged()
		default:
			if s.value == "" {
				delete(a.variables, s.variable)
			} else {
				a.variables[s.variable] = s.value
			}
			a.changed = true
		}
	}
	r.feed()
}

// hearChanged has every UPS that changed tell so: real ones push it.
func (r *rehearsal) hearChanged() {
	for i, a := range r.actors {
		if a.changed && !a.unplugged && !a.silent && len(a.variables) > 0 {
			r.hear(i)
		}
	}
}

// ask is a question of the reader: an answer, or silence.
func (r *rehearsal) ask(i int) {
	a := r.actors[i]
	if a.unplugged || a.silent {
		r.lose(i, a.unplugged)
		return
	}
	r.hear(i)
}

func (r *rehearsal) hear(i int) {
	if r.host.state == hostOff {
		return
	}
	a := r.actors[i]
	a.changed, a.reported = false, false
	a.readings++
	s := a.variables.Snapshot()
	s.Readings, s.ChargeReadings = a.readings, a.readings
	poll := r.config.Poll
	if s.Status.Has(ups.OnBattery) {
		poll = r.config.PollOnBattery
	}
	r.step(monitor.Heard{Supply: i, Snapshot: s})
	if r.state.Supplies[i].Unconfirmed() {
		poll = min(poll, confirmReading)
	}
	a.next = r.now + poll
}

func (r *rehearsal) lose(i int, gone bool) {
	if r.host.state == hostOff {
		return
	}
	a := r.actors[i]
	a.next = never
	if a.reported {
		return
	}
	a.reported = true
	r.step(monitor.LinkLost{Supply: i, Gone: gone})
}

// restart is a kill and a new start: the state goes through its stored form.
func (r *rehearsal) restart() {
	raw, err := json.Marshal(stored.State{State: r.state})
	var back stored.State
	if err == nil {
		err = json.Unmarshal(raw, &back)
	}
	if err != nil {
		panic("scenario: the state cannot be stored: " + err.Error()) // a mistake in the program
	}
	r.state = back.State
	r.step(monitor.Restarted{})
	for i, a := range r.actors {
		a.reported = false
		if len(a.variables) > 0 {
			r.ask(i)
		}
	}
	if r.host.state == hostStopping {
		r.step(monitor.ShutdownPending{Pending: true})
	}
}

// step asks the monitor and writes down what follows.
func (r *rehearsal) step(in monitor.Input) {
	if r.down || r.host.state == hostOff {
		return
	}
	ready := r.engine.Step(r.state, start.Add(r.now), in, engine.Seen{At: time.Time{}.Add(r.now), Variables: r.variables})
	r.state = ready.State
	// A status by the device stands before what follows from it, FSD behind.
	r.showStatus(false)
	flag, off, ended := false, false, false
	for _, action := range ready.Actions() {
		if row, ok := engine.RowOf(action, r.now); ok {
			r.timeline = append(r.timeline, row)
		}
		switch action.(type) {
		case engine.WriteFlag:
			flag = true
		case engine.PowerOff:
			off, ended = !r.survives, r.survives
		}
	}
	r.showStatus(true)
	if off {
		cut := r.config.Cut()
		if !flag {
			cut = nil
		}
		// What the late hook of the shutdown does, seeing the flag.
		for _, u := range cut {
			r.timeline = append(r.timeline, engine.UPSCommandRow(u.Name, string(r.config.KillPower.Command), r.now))
		}
		r.goesDown(len(cut) > 0)
	}
	if ended {
		// The host survives: the command has ended, and nothing is pending.
		r.survives = false
		r.step(monitor.CommandEnded{})
		r.step(monitor.ShutdownPending{})
	}
}

// showStatus writes down a status that changed.
func (r *rehearsal) showStatus(decided bool) {
	for i, a := range r.actors {
		u := &r.state.Supplies[i]
		if u.Link == monitor.NeverHeard {
			continue
		}
		status := engine.Status(&r.state, u)
		if !decided && status.Has(ups.ForcedShutdown) {
			continue
		}
		if s := status.String(); s != a.shown {
			a.shown = s
			r.timeline = append(r.timeline, engine.StatusRow(a.name, status, r.now))
		}
	}
}

func (r *rehearsal) variables(name string) ups.Variables {
	for _, a := range r.actors {
		if a.name == name {
			return a.variables.Plausible()
		}
	}
	return nil
}
