package daemon

import (
	"strings"
	"testing"
	"time"

	"ecnutd/monitor"
)

// TestUpgradeInAnOutage: the first release was stopped in an outage 30 s after
// the boot, and this one is started at 40 s. It goes on: the timers of
// stored-1.json end when they were to end, at 130 and 132 s and at 610 and 612 s
// since the boot, the outage is not told a second time, and the host goes down
// when both UPSs are given up.
func TestUpgradeInAnOutage(t *testing.T) {
	inBubble(t, 40*time.Second, []string{"left", "right"}, func(v *virtual) {
		for _, u := range v.units {
			u.SetLoad(5)
			u.CutMains()
		}
		v.id = storedBoot
		putState(t, v.state(), readStored(t, "stored-1.json"))
		v.start(`
ups: {left: {device: /a}, right: {device: /b}}
state: "%s/state.db"
control: none
low_battery: {shutdown_imminent: ignore}
events: {ONBATT: {start: [wait, note]}}
timers:
  wait: {after: 10m, shutdown: true}
  note: {after: 2m, log: true}
`)
		v.pass(10 * time.Second)
		var timers []monitor.TimerState
		if err := v.daemon.ask(v.t.Context(), func() { timers = v.daemon.state.Timers }); err != nil {
			t.Fatal(err)
		}
		if len(timers) != 4 {
			t.Errorf("of four timers there are %+v; log:\n%s", timers, v.log)
		}
		v.pass(10 * time.Minute)
		got := v.story("timer", "shutdown", "poweroff")
		for _, want := range []string{
			"130 left timer note: fire\n", "132 right timer note: fire\n",
			"610 left timer wait: fire\n", "612 right timer wait: fire\n",
			"612 SHUT DOWN: on battery for 10 min (limit 10 min, timer wait)", "617 command: /usr/sbin/poweroff\n",
		} {
			if !strings.Contains(got, want) {
				t.Errorf("not done: %s", want)
			}
		}
		if events := v.story("event"); strings.Contains(events, "ONBATT") {
			t.Error("the outage is told a second time:\n" + events)
		}
		if t.Failed() {
			t.Logf("%s%slog:\n%s", got, v.story("event"), v.log)
		}
	})
}
