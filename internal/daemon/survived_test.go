package daemon

import (
	"slices"
	"strings"
	"testing"
	"time"
)

const survives = `
ups: {eaton: {}}
state: "%s/state.db"
control: none
power_down_flag: "%s/killpower"
low_battery: {charge: 90}
shutdown_time: 1m
messages: {routes: {phone: {free_mobile: {user: "12345678", password: x}}}}
`

// A descent is how far a host has been taken down.
type descent struct {
	flags        int
	offs, undone []time.Duration
	sent         string
}

// descent looks at what the daemon has done to its host.
func (v *virtual) descent() descent {
	v.mu.Lock()
	defer v.mu.Unlock()
	return descent{len(v.flag), slices.Clone(v.offs), slices.Clone(v.undone), strings.Join(v.sent, "\n")}
}

// goesDown has mains fail until the command is given.
func (v *virtual) goesDown() {
	v.t.Helper()
	v.units["eaton"].SetLoad(5)
	v.units["eaton"].SetCharge(85)
	v.start(survives)
	v.pass(20 * time.Second)
	v.units["eaton"].CutMains()
	v.pass(30 * time.Second)
	if d := v.descent(); len(d.offs) != 1 || d.flags != 1 {
		v.t.Fatalf("the command came at %v, and there are %d flags; log:\n%s", d.offs, d.flags, v.log)
	}
}

// TestSurvives: the command returns after 10 s and shuts nothing down, and mains
// is back. After shutdown_time and two minutes it is undone, that is told, the
// flag goes, and a later outage is seen as any other.
func TestSurvives(t *testing.T) {
	inBubble(t, time.Hour, []string{"eaton"}, func(v *virtual) {
		v.takes = 10 * time.Second
		v.goesDown()
		v.units["eaton"].RestoreMains()
		v.pass(2 * time.Minute)
		if d := v.descent(); d.flags != 1 || len(d.undone) != 0 {
			t.Errorf("after two minutes: %+v", d)
		}
		v.pass(3 * time.Minute)
		if d := v.descent(); d.flags != 0 || len(d.undone) != 1 || len(d.offs) != 1 {
			t.Errorf("after five minutes: %+v", d)
		}
		if got := v.descent().sent; !strings.Contains(got, "surviv") {
			t.Errorf("it is not told that the host survived:\n%s", got)
		}
		v.units["eaton"].SetCharge(100)
		v.pass(time.Minute)
		v.units["eaton"].CutMains()
		v.pass(10 * time.Second)
		if got := v.story("event"); strings.Count(got, "ONBATT") != 2 {
			t.Errorf("the next outage is not seen:\n%s", got)
		}
		if t.Failed() {
			t.Logf("log:\n%s", v.log)
		}
	})
}

// TestGivenAgain: the same while mains stays away: the command is given again.
func TestGivenAgain(t *testing.T) {
	inBubble(t, time.Hour, []string{"eaton"}, func(v *virtual) {
		v.takes = 10 * time.Second
		v.goesDown()
		v.pass(4 * time.Minute)
		if d := v.descent(); len(d.offs) < 2 || d.flags != 1 || len(d.undone) != 0 {
			t.Errorf("%+v; log:\n%s", d, v.log)
		}
	})
}

// TestPendingIsLeftAlone: a command that is at work for half an hour, as a script
// that stops guests, is neither given again nor undone, though mains is back.
func TestPendingIsLeftAlone(t *testing.T) {
	inBubble(t, time.Hour, []string{"eaton"}, func(v *virtual) {
		v.takes = 30 * time.Minute
		v.goesDown()
		v.units["eaton"].RestoreMains()
		v.pass(25 * time.Minute)
		if d := v.descent(); len(d.offs) != 1 || d.flags != 1 || len(d.undone) != 0 {
			t.Errorf("%+v; log:\n%s", d, v.log)
		}
	})
}

// TestRestartAfterTheCommand: a daemon that starts after the command hears the
// UPS first, and takes the flag for what it is: a shutdown under way, also where
// the state knows nothing of it.
func TestRestartAfterTheCommand(t *testing.T) {
	for name, forget := range map[string]bool{"the state knows": false, "the state is lost": true} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, time.Hour, []string{"eaton"}, func(v *virtual) {
				v.takes = 10 * time.Second
				v.goesDown()
				v.stop()
				text := survives
				if forget {
					text = strings.Replace(text, "state.db", "another.db", 1)
				}
				v.start(text)
				v.pass(20 * time.Second)
				if v.descent().flags != 1 {
					t.Errorf("the flag is gone at once; log:\n%s", v.log)
				}
				v.units["eaton"].RestoreMains()
				v.pass(6 * time.Minute)
				if v.descent().flags != 0 {
					t.Errorf("the flag stands for ever; log:\n%s", v.log)
				}
			})
		})
	}
}
