package world

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"time"

	"ecnutd/config"
	"ecnutd/hid"
	"ecnutd/internal/discovery"
	"ecnutd/internal/host/killpower"
	"ecnutd/internal/host/shutdown"

	"ecnutd/internal/world/plan"
)

// hostState is how the host of the daemon is.
type hostState uint8

// The states.
const (
	hostUp       hostState = iota
	hostStopping           // the shutdown command was given
	hostLate               // its last stage is at work
	hostHalted             // it has stopped, and has power
	hostDark               // it has no power
)

// bootNow boots the host.
func (w *world) bootNow() {
	w.mu.Lock()
	w.boots++
	w.bootedAt = w.at()
	w.host, w.hostAt, w.progress, w.command = hostUp, w.at(), shutdown.Progress{}, command{}
	w.tell("the host boots")
	w.mu.Unlock()
	w.start()
}

// killed is the end of a process at a call to the outside.
func (w *world) killed(l *life, t *ticket) {
	where := fmt.Sprintf("the daemon is killed at its call %d: %s", l.effects, t.name)
	w.bury(l)
	w.say("%s", where)
	w.mu.Lock()
	w.result.Kills++
	up, boots := w.host == hostUp, w.boots
	w.mu.Unlock()
	if !up {
		return // systemd starts nothing while the host goes down
	}
	w.after(plan.Span(w.chance(), 100*time.Millisecond, 6*time.Second), func() { w.startAgain(boots) })
}

// rereads is how long a process that was started again takes until it has read a
// number of a UPS twice.
const rereads = 10 * time.Second

// startAgain is what systemd does a moment after the end of the daemon.
func (w *world) startAgain(boots int) {
	w.mu.Lock()
	again := w.host == hostUp && w.boots == boots && w.life == nil
	w.mu.Unlock()
	if again {
		w.say("the daemon is started again")
		w.promises.still = append(w.promises.still, still{w.endedAt, w.at() + rereads, restarts})
		w.start()
	}
}

// A command is how the shutdown command goes on.
type command struct {
	running bool
	undone  bool
	givenAt time.Duration // the first time of this boot
	given   bool
	failed  bool          // one of this boot did not take the host down
	lastAt  time.Duration // when it was ordered last, or ended
}

// commandAgain is when root's helper begins a command anew that has failed.
const commandAgain = 10 * time.Second

// stopping is the order to shut down, which root's helper takes: it writes the flag
// where the daemon could not, and begins the command, unless that is at work.
func (w *world) stopping(l *life, order shutdown.Flag) {
	w.mu.Lock()
	if w.host != hostUp || l.dead {
		w.mu.Unlock()
		return
	}
	w.result.Shutdowns++
	w.othersTold()
	running := w.command.running
	w.command.undone, w.command.lastAt = false, w.at()
	if !w.command.given {
		w.command.given, w.command.givenAt = true, w.at()
	}
	w.mu.Unlock()
	if path := w.config.CutFlag(); path != "" {
		_ = shutdown.Place{Flag: path}.Write(order)
	}
	if !running {
		w.runCommand(l)
	}
}

// runCommand begins the shutdown command. How it goes on an incident may have said.
func (w *world) runCommand(l *life) {
	w.mu.Lock()
	how := plan.Incident{What: plan.MainsFails} // as it should
	if len(w.commands) > 0 {
		how, w.commands = w.commands[0], w.commands[1:]
	}
	w.progress, w.command.running = shutdown.Progress{Pending: true}, true
	w.command.failed = w.command.failed || how.What != plan.MainsFails
	boots := w.boots
	w.mu.Unlock()
	takes := plan.Span(w.chance(), 3*time.Second, 40*time.Second)
	switch how.What {
	case plan.CommandFails:
		w.after(takes/4, func() { w.commandEnds(boots, "exit status 1") })
		w.after(takes/4+commandAgain, func() {
			w.mu.Lock()
			again := w.boots == boots && w.host == hostUp && !w.command.undone && !w.command.running
			w.mu.Unlock()
			if again {
				w.runCommand(l)
			}
		})
	case plan.CommandDoesNothing:
		w.after(takes, func() { w.commandEnds(boots, "") })
	case plan.CommandHangs:
		w.after(how.For, func() {
			w.mu.Lock()
			on := w.boots == boots && w.host == hostUp && w.command.running
			w.mu.Unlock()
			if on {
				w.goesDown(takes)
			}
		})
	default:
		w.goesDown(takes)
	}
}

// commandEnds is the end of a command by which the host has not gone down.
func (w *world) commandEnds(boots int, err string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.boots == boots && w.host == hostUp {
		w.progress, w.command.running, w.command.lastAt = shutdown.Progress{Ended: true, Err: err}, false, w.at()
		w.tell("the shutdown command has ended (%s), and the host is up", cmp.Or(err, "no error"))
	}
}

// undone is what takes a shutdown back.
func (w *world) undone() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.command.undone = true
	w.tell("the shutdown is undone")
}

// goesDown is the host on its way down, which takes a while: systemd ends the
// daemon in its time, and then comes the last stage.
func (w *world) goesDown(takes time.Duration) {
	w.mu.Lock()
	w.host, w.hostAt = hostStopping, w.at()
	boots, l := w.boots, w.life
	w.mu.Unlock()
	w.after(plan.Span(w.chance(), 500*time.Millisecond, takes), func() {
		w.mu.Lock()
		now := w.life
		stop := w.boots == boots && w.host == hostStopping && now != nil && !now.dead
		w.mu.Unlock()
		if stop {
			w.say("systemd stops the daemon")
			now.cancel()
		}
	})
	w.after(takes+lastTakes, func() {
		w.mu.Lock()
		late := w.boots == boots && w.host == hostStopping
		if late {
			w.host, w.hostAt = hostLate, w.at()
			l = w.life
		}
		w.mu.Unlock()
		if late {
			if l != nil {
				w.bury(l) // whatever is left of it ends with the services
			}
			w.say("the host comes to its last stage")
			w.late(boots)
		}
	})
}

// lastTakes is from the end of the services to the last stage.
const lastTakes = 6 * time.Second

// late is the last stage: the product's own code, with the real flag.
func (w *world) late(boots int) {
	for _, u := range w.units {
		w.promises.lateBlind = w.promises.lateBlind || u.sight.blind > 0
	}
	reboots := false
	stage := &killpower.Stage{
		Out: io.Discard, Config: w.config, Boot: w.boot(), Action: "poweroff", Families: discovery.Families, Simulated: true,
		Units: func(context.Context, *shutdown.Plan) ([]killpower.Unit, error) {
			var list []killpower.Unit
			for _, b := range w.config.Cut() {
				list = append(list, w.lateUnit(b))
			}
			return list, nil
		},
		Reboot: func() error { reboots = true; return nil },
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	go func() {
		defer cancel()
		err := stage.Run(ctx)
		if err != nil {
			w.turn(nil, ofWorld, "last stage", false)
			w.say("the last stage: %v", err)
		}
		w.mu.Lock()
		same := w.boots == boots
		w.mu.Unlock()
		if same {
			w.turn(nil, ofWorld, "last stage", false)
			w.lateEnded(reboots)
		}
	}()
}

func (w *world) lateUnit(b config.UPS) killpower.Unit {
	u := w.unit(b.Name)
	return killpower.Unit{Name: b.Name, Node: b.Device, Delays: killpower.DelaysOf(b), Open: func(context.Context) (hid.Device, error) { return u.Open() }}
}

// lateEnded is the end of the last stage.
func (w *world) lateEnded(reboots bool) {
	w.mu.Lock()
	if w.host != hostLate {
		w.mu.Unlock()
		return // it has lost its power meanwhile
	}
	w.host, w.hostAt = hostHalted, w.at()
	w.mu.Unlock()
	if reboots {
		w.say("the host was not cut, and reboots")
		boots := w.boots
		w.after(20*time.Second, func() {
			if w.boots == boots && w.host == hostHalted && w.powered() {
				w.bootNow()
			}
		})
		return
	}
	w.say("the host has stopped")
}

// outputs looks which outputs are on: the host has power from any of them.
func (w *world) outputs() {
	power := false
	for i, b := range w.config.UPS {
		power = power || b.Power > 0 && w.units[i].Output()
	}
	w.mu.Lock()
	was, l, boots := w.host, w.life, w.boots
	w.mu.Unlock()
	switch {
	case !power && was != hostDark:
		w.say("the outputs are off: the host is dark")
		w.result.Cuts++
		w.othersDark()
		if l != nil {
			w.bury(l)
		}
		w.mu.Lock()
		w.host, w.hostAt = hostDark, w.at()
		if was == hostUp || was == hostStopping {
			w.promises.lost(w, was)
		}
		w.mu.Unlock()
	case power && was == hostDark:
		w.say("the output is on: the host has power")
		w.othersBoot()
		w.after(plan.Span(w.chance(), 20*time.Second, 60*time.Second), func() {
			w.mu.Lock()
			boots := w.host == hostDark && w.boots == boots
			w.mu.Unlock()
			if boots && w.powered() {
				w.bootNow()
			}
		})
	}
}

// powered reports whether the host has power.
func (w *world) powered() bool {
	for i, b := range w.config.UPS {
		if b.Power > 0 && w.units[i].Output() {
			return true
		}
	}
	return false
}
