package world

import (
	"context"
	"runtime"
	"sync/atomic"
	"time"

	"ecnutd/config"
	"ecnutd/hid"
	"ecnutd/internal/daemon"
	"ecnutd/internal/discovery"
	"ecnutd/internal/engine"
	"ecnutd/internal/host/shutdown"
	"ecnutd/internal/store"
	"ecnutd/monitor"
	"ecnutd/sms"
)

// A life is a process of the daemon, from its start to its end. It is the
// outside of that daemon, and stands between it and the world.
type life struct {
	w     *world
	dead  bool          // nothing that it does takes effect any more
	calls int           // to the outside
	kill  int           // at which call it is killed; 0: at none
	grave chan struct{} // closed when it is dead: whoever was parked goes
	ended chan struct{} // closed when its daemon has

	cancel context.CancelFunc
	daemon atomic.Pointer[daemon.Daemon]
}

// enter begins a call to the outside. It does not return in a process that is
// dead, or dies by it.
func (l *life) enter() {
	l.w.mu.Lock()
	l.calls++
	dead, killed := l.dead, l.kill > 0 && l.calls == l.kill
	l.w.mu.Unlock()
	switch {
	case dead:
		runtime.Goexit()
	case killed:
		l.w.signal <- signal{life: l, killed: true}
		<-l.grave
		runtime.Goexit()
	}
}

// Now is the time since the boot.
func (l *life) Now() monitor.Instant { return l.w.now() }

// Day is the time of day, as it is set.
func (l *life) Day() time.Time { return l.w.day() }

// Set reports that the time of day is right, which in a world it may not be.
func (l *life) Set() bool { return true }

// Real is as long as it is.
func (l *life) Real(d time.Duration) time.Duration { return d }

// Locators leads to the simulated UPSs.
func (l *life) Locators(blocks []config.UPS) map[string]discovery.Locator {
	found := make(map[string]discovery.Locator)
	for i, b := range blocks {
		u := l.w.unit(b.Name)
		later := time.Duration(i) * 3 * time.Millisecond // no two answer at one instant
		found[b.Name] = discovery.Locator{
			Open: func(ctx context.Context) (hid.Device, discovery.Strings, error) {
				l.enter()
				time.Sleep(later)
				dev, err := u.Open()
				if err != nil {
					return nil, nil, err
				}
				return &device{dev, l}, func(context.Context, []uint8) (map[uint8]string, error) {
					l.enter()
					return u.Strings([]uint8{1, 2, 3, 4, 5, 6}), nil
				}, nil
			},
			Changed: u.changed,
		}
	}
	return found
}

// A device is a UPS as a process has it open.
type device struct {
	hid.Device
	l *life
}

// GetFeature asks for a report.
func (d *device) GetFeature(id uint8, buf []byte) (int, error) {
	d.l.enter()
	return d.Device.GetFeature(id, buf)
}

// SetFeature writes one.
func (d *device) SetFeature(report []byte) error {
	d.l.enter()
	return d.Device.SetFeature(report)
}

// ReadInput waits for one.
func (d *device) ReadInput(buf []byte, timeout time.Duration) (int, error) {
	d.l.enter()
	return d.Device.ReadInput(buf, timeout)
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
	r.l.enter()
	err := r.l.w.gateway(ctx, r.l, n.Text)
	r.l.enter()
	return err
}

// Run runs a program of a rule.
func (l *life) Run(ctx context.Context, argv, _ []string, _ string, timeout time.Duration) error {
	l.enter()
	if timeout <= 0 {
		timeout = 10 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return l.w.program(ctx, argv)
}

// Open opens the file of the state.
func (l *life) Open(ctx context.Context, _ string) (store.Database, error) {
	l.enter()
	return l.w.disk.Open(ctx, l.w.image())
}

// WriteFlag and the others are how the host goes down.
func (l *life) WriteFlag(path string, f shutdown.Flag) error {
	l.enter()
	return l.w.power().WriteFlag(path, f)
}

// ReadFlag looks at the flag.
func (l *life) ReadFlag(path string) shutdown.FlagFound {
	l.enter()
	return l.w.power().ReadFlag(path)
}

// RemoveFlag removes it.
func (l *life) RemoveFlag(path string) error {
	l.enter()
	return l.w.power().RemoveFlag(path)
}

// Expect keeps the record of a cut.
func (l *life) Expect(state, reason string) error {
	l.enter()
	return l.w.power().Expect(state, reason)
}

// LastCut is the last one.
func (l *life) LastCut(state string) *shutdown.Record {
	l.enter()
	return l.w.power().LastCut(state)
}

// Off is the shutdown command.
func (l *life) Off(config.Command, shutdown.Flag) {
	l.enter()
	l.w.signal <- signal{life: l, off: true}
}

// Follow says how far the shutdown is.
func (l *life) Follow(ctx context.Context, _ bool, heard func(shutdown.Progress)) {
	var last shutdown.Progress
	for told := false; ; told = true {
		l.enter()
		l.w.mu.Lock()
		now := l.w.progress
		l.w.mu.Unlock()
		if !told || now != last {
			last = now
			heard(now)
		}
		select {
		case <-time.After(2 * time.Second):
		case <-ctx.Done():
			return
		}
	}
}

// Undo takes back what is scheduled.
func (l *life) Undo(context.Context, shutdown.Flag) error {
	l.enter()
	l.w.say("the shutdown is undone")
	return nil
}

// Alive is not asked for.
func (l *life) Alive() {}

// Status is not shown.
func (l *life) Status(string) {}

// Rested gives nothing back.
func (l *life) Rested() {}

// Action is one that is about to be carried out.
func (l *life) Action(a engine.Action) {
	l.enter()
	l.w.acted(a)
}

// outside is what the daemon is given.
func (l *life) outside() daemon.Outside {
	return daemon.Outside{
		Log: l.w.log, Host: "srv", Boot: l.w.boot(), Version: "world", Steady: true,
		Clock: l, Devices: l, Disk: l, Messages: l, Programs: l, Power: l, Notify: l,
	}
}
