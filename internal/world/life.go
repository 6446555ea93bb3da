package world

import (
	"context"
	"sync/atomic"
	"time"

	"ecnutd/config"
	"ecnutd/hid"
	"ecnutd/internal/daemon"
	"ecnutd/internal/discovery"
	"ecnutd/internal/engine"
	"ecnutd/monitor"
	"ecnutd/sms"
)

// A life is a process of the daemon, from its start to its end. It is the
// outside of that daemon, and stands between it and the world.
type life struct {
	w       *world
	number  int
	began   time.Duration
	dead    bool          // nothing that it does takes effect any more
	over    bool          // its daemon has ended in good order
	effects int           // calls to the outside that change something
	kill    int           // at which of them it is killed; 0: at none
	grave   chan struct{} // closed when it is dead: whoever was parked goes
	ended   chan struct{} // closed when its daemon has

	cancel context.CancelFunc
	daemon atomic.Pointer[daemon.Daemon]
}

// look is a call to the outside that changes nothing there, and effect one that
// does: a kill may come before it and after it.
func (l *life) look(r rank, name string)   { l.w.turn(l, r, name, false) }
func (l *life) effect(r rank, name string) { l.w.turn(l, r, name, true) }

// Now is the time since the boot.
func (l *life) Now() monitor.Instant {
	l.w.mu.Lock()
	defer l.w.mu.Unlock()
	return l.w.now()
}

// Day is the time of day, as it is set. A host that stands still gets no further:
// the loop asks before each step, and holds no lock then.
func (l *life) Day() time.Time {
	l.w.mu.Lock()
	paused := l.w.paused > 0
	l.w.mu.Unlock()
	if paused {
		l.look(ofLoop, "day")
	}
	l.w.mu.Lock()
	defer l.w.mu.Unlock()
	return l.w.day()
}

// odd keeps what the loop wakes up for from the instants at which others do: no
// two timers of a world end together.
const odd = 137 * time.Nanosecond

// Set reports that the time of day is right, which in a world it may not be.
func (l *life) Set() bool { return true }

// Real is as long as it is.
func (l *life) Real(d time.Duration) time.Duration { return d + odd }

// Locators leads to the simulated UPSs.
func (l *life) Locators(blocks []config.UPS) map[string]discovery.Locator {
	found := make(map[string]discovery.Locator)
	for _, b := range blocks {
		u := l.w.unit(b.Name)
		found[b.Name] = discovery.Locator{
			Open: func(context.Context) (hid.Device, discovery.Strings, error) {
				l.look(ofDevice, u.plan.Name)
				dev, err := u.Open()
				if err != nil {
					return nil, nil, err
				}
				return &device{Device: dev, l: l, u: u, node: u.node}, func(context.Context, []uint8) (map[uint8]string, error) {
					l.look(ofDevice, u.plan.Name+" strings")
					return u.Strings([]uint8{1, 2, 3, 4, 5, 6}), nil
				}, nil
			},
			Changed: u.changed,
			Left:    func(info hid.Info) bool { return info.Node != u.nodeNow() },
		}
	}
	return found
}

// Route is the telephone.
func (l *life) Route(r config.Route) (sms.Route, error) { return &route{l, r.Name}, nil }

// Heartbeat is none.
func (l *life) Heartbeat(config.Heartbeat, func() bool, func(error)) (func(context.Context), error) {
	return func(context.Context) {}, nil
}

// Uplink tells nothing.
func (l *life) Uplink(context.Context) <-chan struct{} {
	none := make(chan struct{})
	close(none)
	return none
}

// A route is a way to the gateway.
type route struct {
	l    *life
	name string
}

// Name is that of the configuration.
func (r *route) Name() string { return r.name }

// Send hands a notice to the gateway.
func (r *route) Send(ctx context.Context, n sms.Notice) error {
	r.l.effect(ofRoute, r.name)
	err := r.l.w.gateway(ctx, r.l, n.Text)
	r.l.effect(ofRoute, r.name)
	return err
}

// Run runs a program of a rule.
func (l *life) Run(ctx context.Context, argv, _ []string, _ string, timeout time.Duration) error {
	l.effect(ofProgram, argv[0])
	if timeout <= 0 {
		timeout = 10 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	err := l.w.program(ctx, argv)
	l.look(ofProgram, argv[0])
	return err
}

// Alive is not asked for.
func (l *life) Alive() {}

// Status is not shown.
func (l *life) Status(string) {}

// Rested gives nothing back.
func (l *life) Rested() {}

// Action is one that is about to be carried out.
func (l *life) Action(a engine.Action) {
	l.effect(ofLoop, "action")
	l.w.acted(l, a)
}

// outside is what the daemon is given.
func (l *life) outside() daemon.Outside {
	return daemon.Outside{
		Log: l.w.log, Host: "srv", Boot: l.w.boot(), Version: "world", Steady: true,
		Clock: l, Devices: l, Disk: l, Messages: l, Programs: l, Power: l, Notify: l, Listen: l.listen,
	}
}
