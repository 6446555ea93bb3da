package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"ecnutd/monitor"
)

// reload hands a changed configuration to the daemon, as SIGHUP does.
func (r *rig) reload(change func(text string) string) {
	r.t.Helper()
	text := r.text
	r.reparse(change(text))
	c := r.config
	r.text = text
	r.daemon.reload <- c
	r.look(func(*daemon) {}) // the loop is behind it
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
	r.look(func(d *daemon) { began = d.state.Supplies[0].OutageAt })
	// The timer is gone with its rule, and a limit is there that is not met yet.
	r.reload(func(text string) string {
		text = strings.Replace(text, "timers: {wait: {after: 10h, shutdown: true}}\nevents: {ONBATT: {start: wait}}\n", "", 1)
		return text + "low_battery: {on_battery: 2m}\npoll_on_battery: 2s\n"
	})
	r.look(func(d *daemon) {
		if len(d.state.Timers) > 0 {
			t.Errorf("timers without a rule: %v", d.state.Timers)
		}
		if got := d.state.Supplies[0].OutageAt; got != began {
			t.Errorf("the outage begins at %s, began at %s", got, began)
		}
	})
	down := r.wait("the shutdown", func(d deed) bool { return d.Kind == kindShutdown })
	if !strings.Contains(down.Reason, "(limit 2m") {
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
		r.look(func(d *daemon) {
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
	r.look(func(d *daemon) {
		if len(d.watchers) != 1 || len(d.latest) != 1 {
			t.Errorf("%d watchers, %d latest", len(d.watchers), len(d.latest))
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
	r.look(func(d *daemon) {
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
