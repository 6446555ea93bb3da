package world

import (
	"context"
	"io"
	"time"

	"ecnutd/config"
	"ecnutd/hid"
	"ecnutd/internal/discovery"
	"ecnutd/internal/host/killpower"
	"ecnutd/internal/host/shutdown"
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
	w.host, w.progress = hostUp, shutdown.Progress{}
	w.tell("the host boots")
	w.mu.Unlock()
	w.start()
}

// hear plays what somebody has told the driver.
func (w *world) hear(s signal) {
	switch {
	case s.killed:
		w.killed(s.life)
	case s.off:
		w.stopping(s.life)
	case s.late:
		w.lateEnded(s.reboots)
	case s.output:
		w.outputs()
	}
}

// killed is the end of a process at a call to the outside.
func (w *world) killed(l *life) {
	w.bury(l)
	w.say("the daemon is killed")
	w.mu.Lock()
	w.result.Kills++
	up, boots := w.host == hostUp, w.boots
	w.mu.Unlock()
	if !up {
		return // systemd starts nothing while the host goes down
	}
	w.after(between(w.chance(), 100*time.Millisecond, 6*time.Second), func() { w.startAgain(boots) })
}

// startAgain is what systemd does a moment after the end of the daemon.
func (w *world) startAgain(boots int) {
	w.mu.Lock()
	again := w.host == hostUp && w.boots == boots && w.life == nil
	w.mu.Unlock()
	if again {
		w.say("the daemon is started again")
		w.start()
	}
}

// stopping is the shutdown command: systemd ends the daemon in its time, and
// then comes the last stage.
func (w *world) stopping(l *life) {
	w.mu.Lock()
	if w.host != hostUp || l.dead {
		w.mu.Unlock()
		return
	}
	w.result.Shutdowns++
	w.progress = shutdown.Progress{Pending: true}
	boots, fails := w.boots, w.failing > 0
	if fails {
		w.failing--
	} else {
		w.host = hostStopping
	}
	w.mu.Unlock()
	takes := between(w.chance(), 3*time.Second, 40*time.Second)
	if fails {
		w.after(takes, func() {
			w.mu.Lock()
			defer w.mu.Unlock()
			if w.boots == boots {
				w.progress = shutdown.Progress{Ended: true}
				w.tell("the shutdown command has ended, and the host is up")
			}
		})
		return
	}
	w.after(between(w.chance(), 500*time.Millisecond, takes), func() {
		w.mu.Lock()
		stop := w.boots == boots && w.host == hostStopping && !l.dead
		w.mu.Unlock()
		if stop {
			w.say("systemd stops the daemon")
			l.cancel()
		}
	})
	w.after(takes+6*time.Second, func() {
		w.mu.Lock()
		late := w.boots == boots && w.host == hostStopping
		if late {
			w.host = hostLate
		}
		w.mu.Unlock()
		if late {
			w.bury(l) // whatever is left of it ends with the services
			w.say("the host comes to its last stage")
			w.late(boots)
		}
	})
}

// late is the last stage: the product's own code, with the real flag.
func (w *world) late(boots int) {
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
			w.say("the last stage: %v", err)
		}
		w.mu.Lock()
		same := w.boots == boots
		w.mu.Unlock()
		if same {
			w.signal <- signal{late: true, reboots: reboots}
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
	w.host = hostHalted
	w.mu.Unlock()
	if reboots {
		w.say("the host was not cut, and reboots")
		w.after(20*time.Second, w.bootNow)
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
		if l != nil {
			w.bury(l)
		}
		w.mu.Lock()
		w.host = hostDark
		if was == hostUp || was == hostStopping {
			w.promises.lost(w, was)
		}
		w.mu.Unlock()
	case power && was == hostDark:
		w.say("the output is on: the host has power")
		w.after(between(w.chance(), 20*time.Second, 60*time.Second), func() {
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
