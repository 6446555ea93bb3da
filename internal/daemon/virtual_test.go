package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ecnutd/config"
	"ecnutd/internal/control"
	"ecnutd/internal/daemon/thishost"
	"ecnutd/internal/discovery"
	"ecnutd/internal/engine"
	"ecnutd/internal/host/shutdown"
	"ecnutd/internal/sim"
	"ecnutd/internal/store"
	"ecnutd/monitor"
	"ecnutd/sms"
)

// A virtual is the outside of a daemon in a bubble of synctest: UPSs are
// simulated, messages and commands are written down, and time passes as soon
// as everybody waits. The file of the state is real.
type virtual struct {
	t     *testing.T
	began time.Time
	boot  monitor.Instant // the instant at which the test began
	dir   string
	log   *syncBuffer
	id    string // of the boot
	units map[string]*sim.UPS

	mu   sync.Mutex
	rows []engine.Row
	sent []string // messages, with the second in which they left
	offs []time.Duration

	takes  time.Duration // how long the shutdown command takes, which shuts nothing down; 0: for ever
	undone []time.Duration

	flag map[string]shutdown.Flag
	open func(ctx context.Context, path string) (store.Database, error) // the disk; nil: a real one
	run  func(ctx context.Context, argv, env []string) error            // programs; nil: they succeed at once
	send func(ctx context.Context, text string) error                   // the gateway; nil: it takes everything at once

	power Power // nil: itself

	daemon *Daemon
	stop   func()
}

// inBubble runs a test in a bubble, some time after the boot of the host, with
// a simulated UPS of each name.
func inBubble(t *testing.T, sinceBoot time.Duration, names []string, f func(*virtual)) {
	synctest.Test(t, func(t *testing.T) {
		v := &virtual{
			t: t, began: time.Now(), boot: monitor.Instant(sinceBoot), dir: t.TempDir(), log: &syncBuffer{}, id: rigBoot,
			units: make(map[string]*sim.UPS), flag: make(map[string]shutdown.Flag),
		}
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		t.Cleanup(func() {
			if v.stop != nil {
				v.stop()
			}
			cancel()
			wg.Wait()
		})
		for _, name := range names {
			u, err := sim.New("")
			if err != nil {
				t.Fatal(err)
			}
			v.units[name] = u
			wg.Go(func() { _ = u.Run(ctx) })
		}
		f(v)
	})
}

// Now, Day, Set and Real are a Clock.
func (v *virtual) Now() monitor.Instant                { return v.boot.Add(time.Since(v.began)) }
func (*virtual) Day() time.Time                        { return time.Now() }
func (*virtual) Set() bool                             { return true }
func (*virtual) Real(span time.Duration) time.Duration { return span }

// at is the time since the boot in seconds.
func (v *virtual) at() float64 { return time.Duration(v.Now()).Seconds() }

// Locators is Devices.
func (v *virtual) Locators(blocks []config.UPS) map[string]discovery.Locator {
	found := make(map[string]discovery.Locator)
	for _, b := range blocks {
		found[b.Name] = discovery.Locator{Open: discovery.Simulate(v.units[b.Name]).Open}
	}
	return found
}

// Open is Disk.
func (v *virtual) Open(ctx context.Context, path string) (store.Database, error) {
	if v.open != nil {
		return v.open(ctx, path)
	}
	return thishost.Disk{Log: slog.New(slog.DiscardHandler)}.Open(ctx, path)
}

// Route, Heartbeat and Uplink are Messages.
func (v *virtual) Route(r config.Route) (sms.Route, error) { return virtualRoute{v, r.Name}, nil }
func (*virtual) Heartbeat(config.Heartbeat, func() bool, func(error)) (func(context.Context), error) {
	return nil, errors.New("there is none")
}
func (*virtual) Uplink(context.Context) <-chan struct{} {
	never := make(chan struct{})
	close(never)
	return never
}

type virtualRoute struct {
	v    *virtual
	name string
}

func (r virtualRoute) Name() string { return r.name }
func (r virtualRoute) Send(ctx context.Context, n sms.Notice) error {
	text := n.Text
	if r.v.send != nil {
		if err := r.v.send(ctx, text); err != nil {
			return err
		}
	}
	r.v.mu.Lock()
	defer r.v.mu.Unlock()
	r.v.sent = append(r.v.sent, fmt.Sprintf("%.1f %s", r.v.at(), text))
	return nil
}

// Run is Programs.
func (v *virtual) Run(ctx context.Context, argv, env []string, _ string, timeout time.Duration) error {
	if v.run == nil {
		return nil
	}
	if timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	return v.run(ctx, argv, env)
}

// WriteFlag and the others are Power.
func (v *virtual) WriteFlag(path string, f shutdown.Flag) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.flag[path] = f
	return nil
}

func (v *virtual) ReadFlag(path string) shutdown.FlagFound {
	v.mu.Lock()
	defer v.mu.Unlock()
	if f, ok := v.flag[path]; ok && f.Boot == v.id {
		return shutdown.FlagFound{State: shutdown.FlagCounts, Flag: f}
	}
	return shutdown.FlagFound{State: shutdown.FlagAbsent, Why: "there is none"}
}

func (v *virtual) RemoveFlag(path string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.flag, path)
	return nil
}

func (*virtual) Expect(string, string) error     { return nil }
func (*virtual) LastCut(string) *shutdown.Record { return nil }

func (v *virtual) Off(config.Command, shutdown.Flag) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.offs = append(v.offs, time.Duration(v.Now()))
}

// Follow says that the command is at work, and then for how long it is: takes,
// from the last Off on; for ever where that is 0.
func (v *virtual) Follow(ctx context.Context, again bool, heard func(shutdown.Progress)) {
	v.mu.Lock()
	took := time.Duration(v.Now()) - v.offs[len(v.offs)-1]
	v.mu.Unlock()
	if took < v.takes || v.takes == 0 {
		heard(shutdown.Progress{Pending: true})
	}
	if v.takes == 0 {
		<-ctx.Done()
		return
	}
	select {
	case <-time.After(max(0, v.takes-took)):
		heard(shutdown.Progress{Ended: true})
		<-ctx.Done()
	case <-ctx.Done():
	}
}

func (v *virtual) Undo(context.Context, shutdown.Flag) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.undone = append(v.undone, time.Duration(v.Now()))
	return nil
}

// Alive and the others are Notify.
func (*virtual) Alive()        {}
func (*virtual) Status(string) {}
func (*virtual) Rested()       {}
func (v *virtual) Action(a engine.Action) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if row, ok := engine.RowOf(a, time.Duration(v.Now())); ok {
		v.rows = append(v.rows, row)
	}
}

// start begins a daemon with a configuration; "%s" in it is the folder of the
// test.
func (v *virtual) start(text string) {
	v.t.Helper()
	c, _, err := config.Parse([]byte(strings.ReplaceAll(text, "%s", v.dir)), "test.yaml")
	if err != nil {
		v.t.Fatal(err)
	}
	power := v.power
	if power == nil {
		power = v
	}
	d, err := New(c, Outside{
		Log: slog.New(slog.NewTextHandler(v.log, nil)), Host: "srv", Boot: v.id, Version: "test",
		Clock: v, Devices: v, Disk: v, Messages: v, Programs: v, Power: power, Notify: v,
	})
	if err != nil {
		v.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(v.t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { d.Run(ctx) })
	v.daemon = d
	v.stop = sync.OnceFunc(func() { cancel(); wg.Wait() })
}

// force orders a shutdown.
func (v *virtual) force(reason string) {
	v.t.Helper()
	if _, err := v.daemon.ForceShutdown(v.t.Context(), control.Peer{}, control.FSD{Reason: reason}); err != nil {
		v.t.Error(err)
	}
}

// pass lets time pass.
func (*virtual) pass(span time.Duration) {
	time.Sleep(span)
	synctest.Wait()
}

// story is what was done of some kinds, a line each: the second since the boot
// and the row.
func (v *virtual) story(kinds ...string) string {
	v.mu.Lock()
	defer v.mu.Unlock()
	var b strings.Builder
	for _, r := range v.rows {
		if slices.Contains(kinds, r.Kind) {
			fmt.Fprintf(&b, "%g %s\n", r.T, strings.TrimSpace(r.String()))
		}
	}
	return b.String()
}

// state is the file of the state.
func (v *virtual) state() string { return filepath.Join(v.dir, "state.db") }
