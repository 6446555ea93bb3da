package killpower

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ecnutd/hid"
	"ecnutd/hid/power"
	"ecnutd/internal/host/shutdown"
	"ecnutd/internal/sim"
)

type ctx = context.Context

// TestRebootOnMains: a host that still has power reboots only where every UPS
// that feeds it says twice that there is mains. All else is a host that goes
// off: one that rebooted on battery would be back in minutes, and again.
func TestRebootOnMains(t *testing.T) {
	const wait = 70 * time.Second
	for name, c := range map[string]struct {
		prepare func(l *late, u *sim.UPS)
		reboots bool
		says    string
	}{
		"on mains":                    {func(*late, *sim.UPS) {}, true, "reboots if it still has power in 1m10s"},
		"on battery":                  {func(_ *late, u *sim.UPS) { u.CutMains() }, false, "ups1 is on battery"},
		"mains comes while it waits":  {func(_ *late, u *sim.UPS) { u.CutMains(); time.AfterFunc(30*time.Second, u.RestoreMains) }, true, ""},
		"mains goes between readings": {func(_ *late, u *sim.UPS) { time.AfterFunc(wait+500*time.Millisecond+armed(), u.CutMains) }, false, "ups1 is on battery"},
		"it falls silent": {func(_ *late, u *sim.UPS) {
			time.AfterFunc(30*time.Second, func() { u.Inject(sim.Fault{Kind: sim.Silence}) })
		}, false, "the host goes off"},
		"it is unplugged": {func(_ *late, u *sim.UPS) { time.AfterFunc(30*time.Second, u.Unplug) }, false, "does not say whether there is mains"},
		"not attached": {func(l *late, _ *sim.UPS) {
			l.Stage.Units = func(ctx, *shutdown.Plan) ([]Unit, error) { return []Unit{{Name: "gone"}}, nil }
		}, false, "nobody can ask gone for mains"},
		"one of two on battery": {func(l *late, u *sim.UPS) {
			second := newUnit(l.t)
			second.CutMains()
			l.Stage.Units = func(ctx, *shutdown.Plan) ([]Unit, error) {
				return []Unit{
					{Name: "one", Open: func(ctx) (hid.Device, error) { return u.Open() }},
					{Name: "two", Open: func(ctx) (hid.Device, error) { return second.Open() }},
				}, nil
			}
		}, false, "two is on battery"},
		"one that is left alone is not asked": {func(l *late, u *sim.UPS) {
			l.Stage.Units = func(ctx, *shutdown.Plan) ([]Unit, error) {
				return []Unit{
					{Name: "one", Open: func(ctx) (hid.Device, error) { return u.Open() }},
					{Name: "bench", Spared: sparedHere, Open: func(ctx) (hid.Device, error) { return nil, errors.New("asked") }},
				}, nil
			}
		}, true, "bench: left alone"},
		"none feeds this host": {func(l *late, u *sim.UPS) {
			l.Stage.Units = func(ctx, *shutdown.Plan) ([]Unit, error) {
				return []Unit{{Name: "bench", Spared: sparedHere}}, nil
			}
		}, false, "no UPS of the configuration feeds this host"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				u := newUnit(t)
				l := newLate(t, u)
				l.Config.KillPower.WaitThenReboot = wait
				c.prepare(l, u)
				begun := time.Now()
				err := l.Run(t.Context())
				if (len(l.rebooted) == 1) != c.reboots {
					t.Errorf("rebooted %v, error %v\n%s", l.rebooted, err, l.out)
				}
				if !strings.Contains(l.out.String(), c.says) {
					t.Errorf("no %q in\n%s", c.says, l.out)
				}
				if took := time.Since(begun); took > wait+Time+lookTime {
					t.Errorf("it took %s", took)
				}
				time.Sleep(10 * time.Second) // a last request ends
			})
		})
	}
}

// armed is about how long arming takes: 125 ms and some between its two writes.
func armed() time.Duration { return 200 * time.Millisecond }

// TestNoRebootBeforeAPossibleCut: what was written without being read back may
// count all the same: the host waits for that too. 45 s of delay and 10 s more
// are 55 s.
func TestNoRebootBeforeAPossibleCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := newUnit(t)
		for _, id := range []uint8{9, 10} {
			u.Inject(sim.Fault{Kind: sim.Unreadable, Report: id})
		}
		l := newLate(t, u)
		units := l.Units
		l.Stage.Units = func(c ctx, plan *shutdown.Plan) ([]Unit, error) {
			list, err := units(c, plan)
			list[0].Delays = power.Delays{Start: 90 * time.Second, Shutdown: 45 * time.Second}
			return list, err
		}
		l.Config.KillPower.WaitThenReboot = 20 * time.Second
		begun := time.Now()
		_ = l.Run(t.Context()) // it is not armed, as far as anybody knows
		if len(l.rebooted) != 1 || l.rebooted[0] < 55*time.Second || time.Since(begun) > 60*time.Second {
			t.Errorf("rebooted after %v\n%s", l.rebooted, l.out)
		}
	})
}
