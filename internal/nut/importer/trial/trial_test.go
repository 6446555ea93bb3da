package trial

import (
	"strings"
	"testing"
	"time"

	"ecnutd/config"
)

// TestTrial: the times are those of the rules, reckoned by hand: 300 s of timer;
// a battery of 1000 s that is low at 20 %, which is 800 s into the outage and
// counts at the second reading.
func TestTrial(t *testing.T) {
	const head = "shutdown_command: /sbin/poweroff\nups: {a: {}}\nmessages: {routes: {r: {command: [/bin/x]}}}\n"
	for name, c := range map[string]struct {
		rules string
		down  float64
	}{
		"timer":       {"events: {ONBATT: {start: t}, ONLINE: {cancel: t}}\ntimers: {t: {after: 5m, shutdown: true}}\n", 300},
		"low battery": {"", 802},
		"charge":      {"low_battery: {charge: 60%}\n", 402},
	} {
		parsed, _, err := config.Parse([]byte(head+c.rules), name)
		if err != nil {
			t.Fatal(err)
		}
		stories, err := Run(parsed, 1000*time.Second)
		if err != nil || len(stories) != 3 {
			t.Fatalf("%s: %v %v", name, stories, err)
		}
		down := -1.0
		for _, m := range stories[0].Moments {
			if strings.Contains(m.Text, "the host is shut down") {
				down = m.At
			}
		}
		if down != c.down {
			t.Errorf("%s: down at %v, want %v: %+v", name, down, c.down, stories[0])
		}
		for _, s := range stories[1:] {
			for _, m := range s.Moments {
				if strings.Contains(m.Text, "shut down") || strings.Contains(m.Text, "command") {
					t.Errorf("%s: %s: %+v", name, s.Title, m)
				}
			}
		}
		if !strings.Contains(stories[1].Moments[0].Text, "ONBATT") || stories[1].Moments[0].At != 0 || !strings.Contains(stories[2].Moments[0].Text, "COMMBAD") {
			t.Errorf("%s: %+v", name, stories[1:])
		}
		for _, s := range stories {
			if len(s.Moments) > 5 {
				t.Errorf("%s: %d lines", name, len(s.Moments))
			}
		}
	}
}

func TestTrialOfSmallBattery(t *testing.T) {
	for _, runtime := range []time.Duration{0, time.Second, 400 * time.Hour} {
		if _, err := Run(config.Minimal("u"), runtime); err != nil {
			t.Errorf("%s: %v", runtime, err)
		}
	}
}
