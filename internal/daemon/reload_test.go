package daemon

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"ecnutd/internal/control"
	"ecnutd/internal/engine"
	"ecnutd/monitor"
	"ecnutd/sms/smstest"
)

// reload hands a changed configuration to the daemon, as SIGHUP does.
func (r *rig) reload(change func(text string) string) {
	r.t.Helper()
	text := r.text
	r.reparse(change(text))
	c := r.config
	r.text = text
	if err := r.daemon.Reload(r.t.Context(), c); err != nil {
		r.t.Fatal(err)
	}
}

// TestReloadInAnOutage: what changes counts at once, what runs goes on: the
// outage began when it began.
func TestReloadInAnOutage(t *testing.T) {
	r := newRig(t, "timers: {wait: {after: 10h, shutdown: true}}\nevents: {ONBATT: {start: wait}}\n")
	r.start()
	r.heard()
	r.unit.CutMains()
	r.waitEvent("ONBATT")
	var began monitor.Instant
	r.look(func(d *Daemon) { began = d.state.Supplies[0].OutageAt })
	// The timer is gone with its rule, and a limit is there that is not met yet.
	r.reload(func(text string) string {
		text = strings.Replace(text, "timers: {wait: {after: 10h, shutdown: true}}\nevents: {ONBATT: {start: wait}}\n", "", 1)
		return text + "low_battery: {on_battery: 2m}\npoll_on_battery: 2s\n"
	})
	r.look(func(d *Daemon) {
		if len(d.state.Timers) > 0 {
			t.Errorf("timers without a rule: %v", d.state.Timers)
		}
		if got := d.state.Supplies[0].OutageAt; got != began {
			t.Errorf("the outage begins at %s, began at %s", got, began)
		}
	})
	down := r.wait("the shutdown", func(d engine.Row) bool { return d.Kind == "shutdown" })
	if !strings.Contains(down.Reason, "(limit 2 min") {
		t.Errorf("shut down because of %q", down.Reason)
	}
	if strings.Contains(r.log.String(), "event=COMMBAD") {
		t.Error("a reload passes for a lost link")
	}
}

// TestReloadUPSs: UPSs come and go by the configuration; the device is let go
// by the one watcher before the next one takes it.
func TestReloadUPSs(t *testing.T) {
	r := newRig(t, "")
	r.start()
	r.heard()
	names := func() (list []string) {
		r.look(func(d *Daemon) {
			for _, u := range d.state.Supplies {
				list = append(list, fmt.Sprint(u.Name, " ", u.Link == monitor.Linked))
			}
		})
		return list
	}
	rename := func(to string) func(string) string {
		return func(text string) string { return strings.Replace(text, "ups: {eaton: {}}", to, 1) }
	}
	for _, c := range []struct{ to, want string }{
		{"ups: {other: {}}", "[other true]"},
		{"ups: {other: {on_delay: 90s}}", "[other true]"},
		{"ups: {eaton: {}, other: {match: {model: x}}}", "[eaton true other true]"}, // one simulated device for both
		{"ups: {eaton: {}}", "[eaton true]"},
	} {
		r.reload(rename(c.to))
		r.eventually(c.want, func() bool { return fmt.Sprint(names()) == c.want })
	}
	r.look(func(d *Daemon) {
		if len(d.units.all) != 1 || d.units.of("eaton").watcher == nil {
			t.Errorf("%d UPSs: %+v", len(d.units.all), d.units.all)
		}
	})
}

// TestReloadRefused: what cannot change while the daemon runs changes nothing.
func TestReloadRefused(t *testing.T) {
	r := newRig(t, "")
	r.start()
	r.heard()
	r.reload(func(text string) string {
		return strings.Replace(text, "/state.db", "/elsewhere.db", 1) + "poll: 1s\n"
	})
	r.look(func(d *Daemon) {
		if d.config.Poll != 5*time.Second {
			t.Error("taken over in part")
		}
	})
	if want := "not taken over: a new value of state needs a restart"; !strings.Contains(r.log.String(), want) {
		t.Errorf("the log does not say %q:\n%s", want, r.log)
	}
	if _, err := os.Stat(r.dir + "/elsewhere.db"); err == nil {
		t.Error("another store was made")
	}
}

// TestReloadKeepsMessages: a reload neither loses nor repeats what waits, also
// while a request hangs. A route that is gone keeps its messages, and that is
// told.
func TestReloadKeepsMessages(t *testing.T) {
	r := newRig(t, "")
	var mu sync.Mutex
	how := smstest.Hang
	behave := func(b smstest.Behaviour) { mu.Lock(); how = b; mu.Unlock() }
	r.gateway.Behave(func(int) smstest.Behaviour { mu.Lock(); defer mu.Unlock(); return how })
	r.start()
	r.heard()
	r.unit.CutMains()
	r.waitEvent("ONBATT")
	r.eventually("the request", func() bool { return len(r.gateway.Requests()) == 1 })
	behave(500)
	r.reload(func(text string) string { return strings.Replace(text, "{phone: ", "{other: ", 1) })
	now := func(what string, ok func(s control.Status) bool) {
		t.Helper()
		r.eventually(what, func() (yes bool) {
			r.look(func(d *Daemon) { yes = ok(d.statusNow()) })
			return yes
		})
	}
	now("a message without a route", func(s control.Status) bool {
		return len(s.Waiting) == 1 && s.Waiting[0].Route == "phone" && len(s.Routes) == 2 && s.Routes[1].Removed
	})
	if want := "no route of this name is configured any more"; !strings.Contains(r.log.String(), want) {
		t.Errorf("the log does not say %q:\n%s", want, r.log)
	}
	// A route that cannot be made for its secret keeps them as well.
	r.reload(func(text string) string {
		return strings.Replace(text, "password: thesecret", "password_file: /nonexistent", 1)
	})
	now("a fault", func(s control.Status) bool {
		return len(s.Waiting) == 1 && len(s.Routes) == 1 && len(s.Faults) == 1 && strings.Contains(s.Faults[0], "/nonexistent")
	})
	behave(200)
	r.reload(func(text string) string { return text })
	r.eventually("the message", func() bool { return len(r.gateway.Texts()) == 1 })
	now("order", func(s control.Status) bool { return len(s.Waiting) == 0 && len(s.Faults) == 0 })
	if strings.Contains(r.log.String(), "COMMBAD") {
		t.Errorf("a request that hangs has held up the monitor:\n%s", r.log)
	}
}
