package scenario

import (
	"strings"
	"testing"
	"time"

	"ecnutd/config"
)

// FuzzScenario: whatever a scenario says, it is refused with its line or played to
// its end, and the timeline goes forward.
func FuzzScenario(f *testing.F) {
	f.Add("ups.status: OL\nTIMER 5\nups.status: OB\nbattery.charge: 40\nTIMER 60\n@fsd x\nTIMER 30\n")
	f.Add("a/ups.status: OB LB\nTIMER 1.5\n@unplug\nTIMER 1200\n@plug\n@restart\n@survive\n")
	f.Add("ups.status: \"OB\"\nbattery.runtime: 65535\nTIMER 1e3\n@silence\n")
	c, _, err := config.Parse([]byte("ups: {a: {match: {phys: \"1\"}}, b: {power: 0, match: {phys: \"2\"}}}\nevents: {ONBATT: {start: out, message: x}, ONLINE: {cancel: out}}\ntimers: {out: {after: 10m, shutdown: true}}\n"), "c")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Read(strings.NewReader(text), "s", "", []string{"a", "b"})
		if err != nil {
			if !strings.HasPrefix(err.Error(), "s, line ") {
				t.Errorf("%v has no line", err)
			}
			return
		}
		if len(s.scenes) > 40 || s.end > 2*time.Hour {
			return // reading was all that is new in it
		}
		last := 0.0
		for _, row := range Play(c, s) {
			if row.T < last {
				t.Fatalf("%+v comes after %g", row, last)
			}
			last = row.T
		}
	})
}
