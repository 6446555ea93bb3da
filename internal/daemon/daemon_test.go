package daemon

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"ecnutd/config"
	"ecnutd/internal/control"
	"ecnutd/internal/daemon/thishost"
	"ecnutd/internal/discovery"
	"ecnutd/internal/engine"
	"ecnutd/internal/host/shutdown"
	"ecnutd/internal/sim"
	"ecnutd/monitor"
	form "ecnutd/monitor/stored"
	"ecnutd/sms/smstest"
)

// A rig is a daemon with a simulated UPS and a stand-in for the gateway, all in
// fast time: rigSpeed times the clock on the wall.
type rig struct {
	t       *testing.T
	dir     string
	config  *config.Config
	unit    *sim.UPS
	gateway *smstest.Gateway
	began   time.Time
	log     *syncBuffer
	text    string                             // of the configuration
	opens   discovery.Open                     // nil: the simulated UPS
	spots   func(config.UPS) discovery.Locator // nil: that
	boot    string                             // id of this boot
	woken   chan []string                      // the cards, each time that they are sent packets

	daemon  *Daemon
	rows    chan engine.Row // of what was done
	changed chan struct{}   // a device has appeared
	stop    func()
}

const (
	rigSpeed = 100
	rigStart = monitor.Instant(24 * time.Hour) // since the boot of the host
	rigBoot  = "4c1f0f2e-0000-4000-8000-000000000001"
)

// now is the time since the boot.
func (r *rig) now() monitor.Instant { return rigStart.Add(time.Since(r.began) * rigSpeed) }

// A rigOutside is the outside of a rig: a real one but for clock and devices.
type rigOutside struct {
	Unheard
	*rig
}

func (o rigOutside) Now() monitor.Instant               { return o.now() }
func (o rigOutside) Day() time.Time                     { return time.Now() }
func (o rigOutside) Set() bool                          { return true }
func (o rigOutside) Real(d time.Duration) time.Duration { return d / rigSpeed }

func (o rigOutside) Locators(blocks []config.UPS) map[string]discovery.Locator {
	found := make(map[string]discovery.Locator)
	for _, u := range blocks {
		switch {
		case o.spots != nil:
			found[u.Name] = o.spots(u)
		case o.opens != nil:
			found[u.Name] = discovery.Locator{Open: o.opens, Changed: o.changed}
		default:
			found[u.Name] = discovery.Locator{Open: discovery.Simulate(o.unit).Open, Changed: o.changed}
		}
	}
	return found
}

func (o rigOutside) Action(a engine.Action) {
	if row, ok := engine.RowOf(a, 0); ok {
		o.rows <- row
	}
}

// outside is what the daemon of a rig reaches.
func (r *rig) outside(dry bool) Outside {
	o := rigOutside{rig: r}
	log := slog.New(slog.NewTextHandler(r.log, nil))
	return Outside{
		Log: log, Host: "srv", Boot: r.boot, Version: "test", DryRun: dry,
		Clock: o, Devices: o, Disk: thishost.Disk{Log: log}, Messages: thishost.Messages{}, Programs: thishost.Programs{},
		Power: &thishost.Power{Log: log, Boot: r.boot}, Notify: o, Wake: r.wake,
	}
}

// make puts the daemon of a rig together, without running it.
func (r *rig) make(dry bool) *Daemon {
	r.t.Helper()
	d, err := New(r.config, r.outside(dry))
	if err != nil {
		r.t.Fatal(err)
	}
	return d
}

type syncBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// newRig makes one. extra is added to its configuration.
func newRig(t *testing.T, extra string) *rig {
	t.Helper()
	r := &rig{t: t, dir: t.TempDir(), log: &syncBuffer{}, boot: rigBoot, woken: make(chan []string, 10), rows: make(chan engine.Row, 10000), changed: make(chan struct{}, 1)}
	var err error
	if r.gateway, err = smstest.New(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.gateway.Close() })
	if err := os.WriteFile(filepath.Join(r.dir, "ca.pem"), r.gateway.CA(), 0o600); err != nil {
		t.Fatal(err)
	}
	r.text = fmt.Sprintf(`
ups: {eaton: {}}
state: %[1]s/state.db
control: %[1]s/control.sock
power_down_flag: %[1]s/killpower
dead_time: 10m # 6 s on the wall: a busy machine is no lost link
shutdown_command: [/usr/bin/touch, %[1]s/powered-off]
messages:
  rate: {burst: 100, every: 1s}
  routes: {phone: {free_mobile: {user: "12345678", password: thesecret, endpoint: "%[2]s", ca_file: %[1]s/ca.pem}}}
%[3]s`, r.dir, r.gateway.URL(), extra)
	r.reparse(r.text)
	if r.unit, err = sim.New("", sim.WithSpeed(rigSpeed)); err != nil {
		t.Fatal(err)
	}
	r.began = time.Now()
	return r
}

// reparse takes another configuration.
func (r *rig) reparse(text string) {
	r.t.Helper()
	c, _, err := config.Parse([]byte(text), "test.yaml")
	if err != nil {
		r.t.Fatal(err)
	}
	for e, reaction := range c.Events {
		reaction.Wall = false // nobody's terminal
		c.Events[e] = reaction
	}
	r.text, r.config = text, c
}

// parse makes the configuration of its text.
func (r *rig) parse() {
	r.t.Helper()
	c, _, err := config.Parse([]byte(r.text), "test.yaml")
	if err != nil {
		r.t.Fatal(err)
	}
	for e, reaction := range c.Events {
		reaction.Wall = false // nobody's terminal
		c.Events[e] = reaction
	}
	r.config = c
}

// start begins a daemon; stop ends it as SIGTERM does.
func (r *rig) start() {
	r.t.Helper()
	r.rows, r.changed = make(chan engine.Row, 10000), make(chan struct{}, 1)
	d := r.make(false)
	l, err := control.Listen(r.config.Control)
	if err != nil {
		r.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(r.t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := control.Serve(ctx, l, d); err != nil {
			r.t.Error(err)
		}
	})
	wg.Go(func() { d.Run(ctx) })
	r.daemon = d
	r.stop = sync.OnceFunc(func() { cancel(); wg.Wait() })
	r.t.Cleanup(r.stop)
}

// client asks the daemon as the commands do.
func (r *rig) client() *control.Client { return control.NewClient(r.config.Control) }

// wait reads rows until one matches; it fails when none does in a minute.
func (r *rig) wait(what string, match func(engine.Row) bool) engine.Row {
	r.t.Helper()
	late := time.After(time.Minute)
	for {
		select {
		case d := <-r.rows:
			if match(d) {
				return d
			}
		case <-late:
			r.t.Fatalf("waited for %s in vain; log:\n%s", what, r.log)
		}
	}
}

func (r *rig) waitEvent(name string) engine.Row {
	r.t.Helper()
	return r.wait(name, func(d engine.Row) bool { return d.Kind == "event" && d.Event == name })
}

// eventually waits for something that another goroutine brings about.
func (r *rig) eventually(what string, ok func() bool) {
	r.t.Helper()
	for range 6000 {
		if ok() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	r.t.Fatalf("%s has not come about; log:\n%s", what, r.log)
}

func (r *rig) exists(name string) bool {
	_, err := os.Stat(filepath.Join(r.dir, name))
	return err == nil
}

// look runs f in the loop, which owns everything of the daemon.
func (r *rig) look(f func(d *Daemon)) {
	r.t.Helper()
	if err := r.daemon.ask(r.t.Context(), func() { f(r.daemon) }); err != nil {
		r.t.Fatal(err)
	}
}

// heard waits until the daemon knows its UPS.
func (r *rig) heard() {
	r.t.Helper()
	r.eventually("the first report", func() bool {
		linked := false
		_ = r.daemon.ask(r.t.Context(), func() {
			linked = len(r.daemon.state.Supplies) > 0 && r.daemon.state.Supplies[0].Link == monitor.Linked
		})
		return linked
	})
}

// TestOutage: mains fails for good. The message of each event arrives, the flag
// stands before the command runs, and the flag is of this boot.
func TestOutage(t *testing.T) {
	r := newRig(t, "low_battery: {charge: 85}")
	r.start()
	r.heard()
	r.unit.CutMains()
	r.waitEvent("ONBATT")
	r.waitEvent("LOWBATT")
	r.waitEvent("SHUTDOWN")
	r.wait("the flag", func(d engine.Row) bool { return d.Kind == "flag" })
	r.eventually("the shutdown command", func() bool { return r.exists("powered-off") })
	raw, err := os.ReadFile(filepath.Join(r.dir, "killpower"))
	if err != nil {
		t.Fatal(err)
	}
	var flag shutdown.Flag
	if err := json.Unmarshal(raw, &flag); err != nil || flag.Boot != r.boot || !strings.Contains(flag.Reason, "charge at or below 85 %") {
		t.Errorf("the flag is %s (%v)", raw, err)
	}
	r.stop()
	got := strings.Join(r.gateway.Texts(), "\n")
	for _, want := range []string{"mains lost", "battery low", "is shutting down: on battery for"} {
		if !strings.Contains(got, want) {
			t.Errorf("no message says %q:\n%s", want, got)
		}
	}
	if strings.Contains(r.log.String(), "thesecret") {
		t.Error("the secret is in the log")
	}
}

// TestRouteEvents: a route that tells of some events is given no others; what no
// route tells of is no message, and stops nothing.
func TestRouteEvents(t *testing.T) {
	r := newRig(t, "low_battery: {charge: 85}")
	r.reparse(strings.Replace(r.text, "ca.pem}}}", "ca.pem}, events: [LOWBATT, SHUTDOWN]}}", 1))
	r.start()
	r.heard()
	r.unit.CutMains()
	r.waitEvent("ONBATT")
	r.waitEvent("SHUTDOWN")
	r.eventually("the shutdown command", func() bool { return r.exists("powered-off") })
	r.stop()
	got := strings.Join(r.gateway.Texts(), "\n")
	if !strings.Contains(got, "battery low") || !strings.Contains(got, "is shutting down") || strings.Contains(got, "mains lost") {
		t.Errorf("the route was given:\n%s", got)
	}
}

// TestRestart: a daemon that ends in an outage and is started again tells
// nothing twice, and the limit is that of the outage, not of the restart.
func TestRestart(t *testing.T) {
	r := newRig(t, "low_battery: {on_battery: 2m}")
	r.start()
	r.heard()
	r.unit.CutMains()
	r.waitEvent("ONBATT")
	var began, again monitor.Instant
	r.look(func(d *Daemon) { began = d.state.Supplies[0].OutageAt })
	r.stop()
	r.start()
	down := r.waitUntilDown()
	if down.Reason == "" || !strings.Contains(down.Reason, "(limit 2 min)") {
		t.Errorf("shut down because of %q", down.Reason)
	}
	r.look(func(d *Daemon) { again = d.state.Supplies[0].OutageAt })
	if again != began {
		t.Errorf("the outage began at %v, and after the restart at %v", began, again)
	}
}

// waitUntilDown waits for the decision, and fails on a second ONBATT.
func (r *rig) waitUntilDown() engine.Row {
	r.t.Helper()
	return r.wait("the shutdown", func(d engine.Row) bool {
		if d.Event == "ONBATT" && d.Kind == "event" {
			r.t.Error("ONBATT was told twice")
		}
		return d.Kind == "shutdown"
	})
}

// TestUnplug: a link that is lost on mains is told, found again, at once where
// udev tells of it and soon where not, and shuts nothing down.
func TestUnplug(t *testing.T) {
	r := newRig(t, "")
	r.start()
	r.heard()
	for i := range 3 {
		r.unit.Unplug()
		r.waitEvent("COMMBAD")
		r.unit.Plug()
		if i > 0 {
			r.changed <- struct{}{}
		}
		r.waitEvent("COMMOK")
	}
	r.look(func(d *Daemon) {
		if d.state.Phase != monitor.Watching || r.exists("powered-off") {
			t.Error("shut down for a cable")
		}
	})
}

// TestControl: what status, fsd and sms ask over the socket.
func TestControl(t *testing.T) {
	r := newRig(t, "")
	r.start()
	r.heard()
	var s control.Status
	r.eventually("a charge in the status", func() bool { // the flags come sooner
		var err error
		s, err = r.client().Status(t.Context())
		return err == nil && len(s.UPS) == 1 && s.UPS[0].Charge != nil
	})
	if s.UPS[0].Line != "mains" || *s.UPS[0].Charge != 100 || s.Phase != "watching" {
		t.Errorf("status is %+v", s)
	}
	r.eventually("the name of the model", func() bool { // the strings come last
		all, err := r.client().Variables(t.Context())
		return err == nil && all["eaton"].Variables["ups.model"] == "Protection Station 800"
	})
	if err := r.client().Drop(t.Context(), "77"); err == nil || !strings.Contains(err.Error(), "no message 77 waits") {
		t.Errorf("dropping what is not there: %v", err)
	}
	if _, err := control.Listen(r.config.Control); err == nil || !strings.Contains(err.Error(), "another daemon is running") {
		t.Errorf("a second daemon: %v", err)
	}
	if _, err := r.client().ForceShutdown(t.Context(), "maintenance"); err != nil {
		t.Fatal(err)
	}
	if d := r.wait("the shutdown", func(d engine.Row) bool { return d.Kind == "shutdown" }); d.Reason != "shutdown ordered: maintenance" {
		t.Errorf("the reason is %q", d.Reason)
	}
	r.eventually("the shutdown command", func() bool { return r.exists("powered-off") })
}

// TestBrokenStore: a state file that is damaged is set aside under a name that
// says so, and the daemon runs on.
func TestBrokenStore(t *testing.T) {
	r := newRig(t, "")
	path := filepath.Join(r.dir, "state.db")
	if err := os.WriteFile(path, []byte(strings.Repeat("this is no database\n", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	r.start()
	r.heard()
	aside, err := filepath.Glob(path + ".broken-*")
	if err != nil || len(aside) != 1 {
		t.Fatalf("set aside: %v (%v)", aside, err)
	}
	if kept, _ := os.ReadFile(aside[0]); !strings.HasPrefix(string(kept), "this is no database") {
		t.Error("what was set aside is not what was there")
	}
	r.unit.CutMains()
	r.waitEvent("ONBATT")
	r.look(func(d *Daemon) {
		if d.store.Fault() != nil || d.store.Recovered() == nil {
			t.Errorf("fault %v, recovered %v", d.store.Fault(), d.store.Recovered())
		}
	})
}

// TestReadOnlyStore: without a place to store anything messages still go out.
func TestReadOnlyStore(t *testing.T) {
	r := newRig(t, "")
	r.config.State = "/dev/null/state.db"
	r.start()
	r.heard()
	r.unit.CutMains()
	r.waitEvent("ONBATT")
	r.eventually("the message", func() bool { return len(r.gateway.Texts()) == 1 })
	if s, err := r.client().Status(t.Context()); err != nil || len(s.Faults) == 0 || !strings.Contains(s.Faults[0], "cannot be stored") {
		t.Errorf("status tells %v (%v)", s.Faults, err)
	}
}

// TestOtherBoot: what was stored before a reboot decides nothing.
func TestOtherBoot(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	s := storeAt(path, "one")
	if err := s.save(stored{State: form.State{State: monitor.State{Forced: "x"}}, Outages: map[string]outage{"eaton": {Reason: "y"}}}, 1, nothingMore); err != nil {
		t.Fatal(err)
	}
	s.close()
	for boot, want := range map[string]bool{"one": true, "two": false, "": false} {
		s := storeAt(path, boot)
		got, ok, err := s.load()
		if err != nil || ok != want || (got.State.Forced == "x") != want || got.Outages["eaton"].Reason != "y" {
			t.Errorf("boot %q: %+v %v %v", boot, got, ok, err)
		}
		s.close()
	}
}

// TestSummary: an outage that shut the host down is told as a whole after the
// next boot, with the messages that were late.
func TestSummary(t *testing.T) {
	r := newRig(t, "low_battery: {charge: 90}")
	r.start()
	r.heard()
	r.unit.CutMains()
	r.wait("the command", func(d engine.Row) bool { return d.Kind == "poweroff" })
	r.stop()
	r.boot = "a later one"
	r.unit.RestoreMains()
	r.start()
	d := r.wait("the summary", func(d engine.Row) bool { return d.Route == "sms" && strings.Contains(d.Text, "mains lost") })
	for _, want := range []string{"UPS eaton: mains lost ", "lowest charge ", "server off ", "charge at or below 90 %", "back "} {
		if !strings.Contains(d.Text, want) {
			t.Errorf("%q is not in %q", want, d.Text)
		}
	}
	r.heard()
	r.look(func(d *Daemon) {
		if len(d.outages.open) != 0 {
			t.Errorf("still open: %v", d.outages.open)
		}
	})
}

// TestSummaryWithoutShutdown: a host that lost its power in an outage, as with
// a battery that gives out early, is told after the next boot too; a daemon that
// was only started again has nothing to tell.
func TestSummaryWithoutShutdown(t *testing.T) {
	for _, booted := range []bool{true, false} {
		r := newRig(t, "")
		r.start()
		r.heard()
		r.unit.CutMains()
		r.waitEvent("ONBATT")
		r.stop()
		if booted {
			r.boot = "a later one"
		}
		r.unit.RestoreMains()
		r.start()
		told := func(d engine.Row) bool { return d.Route == "sms" && strings.Contains(d.Text, "server off ") }
		if booted {
			if d := r.wait("the summary", told); !strings.Contains(d.Text, "(no shutdown by ecnutd: the power went, ") {
				t.Errorf("told %q", d.Text)
			}
			continue
		}
		r.wait("the end", func(d engine.Row) bool {
			if told(d) {
				t.Errorf("without a boot: told %q", d.Text)
			}
			return d.Kind == "event" && d.Event == "ONLINE"
		})
	}
}

// TestExec: a program of a rule gets upsmon's environment and arguments as
// they are; one that hangs is stopped.
func TestExec(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	x := newPrograms(&Outside{Log: slog.New(slog.DiscardHandler), Programs: thishost.Programs{}})
	x.in(newGroup(t.Context()))
	defer x.group.end()
	for i := range 3 {
		x.start(engine.Program{About: engine.About{Event: "ONBATT", UPS: "eaton"}, Text: "a; rm -rf $HOME 'x'", Exec: monitor.Exec{
			Argv: []string{"sh", "-c", `echo "$0|$NOTIFYTYPE|$UPSNAME|$NOTIFYMSG" >>` + out, fmt.Sprint(i)},
		}})
	}
	done := make(chan struct{})
	x.enqueue("eaton ONBATT ", "", func(context.Context) { close(done) })
	<-done
	got, _ := os.ReadFile(out)
	want := "0|ONBATT|eaton|a; rm -rf $HOME 'x'\n1|ONBATT|eaton|a; rm -rf $HOME 'x'\n2|ONBATT|eaton|a; rm -rf $HOME 'x'\n"
	if string(got) != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
