package power_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ecnutd/hid/power"
	"ecnutd/hid/power/family"
	"ecnutd/internal/sim"
)

var lastTry = power.Permit{CutTheLoad: true, LastTry: true}

// TestLastTry: the timers' reports (09 and 0a) are refused when asked for, and
// take writes. Nothing is written as long as another way is left; the last try
// writes what shutdown.return is (30 s and, 125 ms later, 20 s), and says that
// nobody saw it. The simulated UPS then cuts its output after 20 s.
func TestLastTry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, c := commanded(t, "")
		for _, id := range []uint8{9, 10} {
			u.Inject(sim.Fault{Kind: sim.Unreadable, Report: id})
		}
		begin := time.Now()
		res := c.Command(t.Context(), "shutdown.return", "", cutting)
		if res.Outcome != power.NotSent || !errors.Is(res.Err, power.ErrUnread) || len(sets(u, begin)) > 0 {
			t.Errorf("%s; wrote %q", res, sets(u, begin))
		}
		if err := c.Ready(t.Context(), "shutdown.return"); !errors.Is(err, power.ErrUnread) {
			t.Errorf("ready: %v", err)
		}
		begin = time.Now()
		res = c.Command(t.Context(), "shutdown.return", "", lastTry)
		if res.Outcome != power.Unconfirmed || res.Cut != power.CutPossible || !res.MayStayOff {
			t.Errorf("%s", res)
		}
		if diff := cmp.Diff([]string{"0s 0a1e000000", "125ms 0914000000"}, sets(u, begin)); diff != "" {
			t.Errorf("on the wire (-want +got):\n%s", diff)
		}
		if says := res.String(); strings.Count(says, "without reading it first") != 2 || strings.Contains(says, "armed") {
			t.Error(says)
		}
		time.Sleep(time.Until(begin.Add(20*time.Second + 125*time.Millisecond)))
		if u.Output() {
			t.Error("the output is on")
		}
	})
}

// TestLastTryConfirmed: what can be read back is, and then the cut is armed. A
// start delay that the UPS refuses holds nothing up, and it is said that the
// output may stay off.
func TestLastTryConfirmed(t *testing.T) {
	for refused, want := range map[string]bool{"": false, "start delay": true} {
		synctest.Test(t, func(t *testing.T) {
			u, c := commanded(t, "")
			u.Inject(sim.Fault{Kind: sim.Stall, Report: 1}) // its status
			if refused != "" {
				u.Inject(sim.Fault{Kind: sim.Stall, Report: 10})
			}
			res := c.Command(t.Context(), "shutdown.return", "", lastTry)
			if res.Outcome != power.Done || res.Cut != power.CutArmed || res.MayStayOff != want || strings.Contains(res.String(), "may stay off") != want {
				t.Errorf("%s refused: %s", refused, res)
			}
		})
	}
}

// TestLastTrySilent: with every question hanging, both timers are written before
// the first of them is asked: 125 ms, and then 5 s for one question.
func TestLastTrySilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, "protection-station-800")
		begin := time.Now()
		var wrote time.Duration
		f.onGet = func(uint8) ([]byte, error) {
			time.Sleep(5 * time.Second)
			return nil, errors.New("timeout")
		}
		f.onSet = func([]byte) (bool, error) { wrote = time.Since(begin); return false, nil }
		res := f.commander().Command(t.Context(), "shutdown.return", "", lastTry)
		if diff := cmp.Diff([]string{"0a1e000000", "0914000000"}, f.sent); diff != "" || wrote != 125*time.Millisecond {
			t.Errorf("on the wire by %s (-want +got):\n%s", wrote, diff)
		}
		if took := time.Since(begin); took > 5200*time.Millisecond || res.Outcome != power.Unconfirmed || res.Cut != power.CutPossible {
			t.Errorf("%s, after %s", res, took)
		}
	})
}

// TestLastTryShared: a timer that shares its report with another field is read
// first, or it is not written: nobody knows what the other bits were.
func TestLastTryShared(t *testing.T) {
	for unreadable, want := range map[bool][]string{true: nil, false: {"091e00ffff", "091e001400"}} {
		synctest.Test(t, func(t *testing.T) {
			f := describe(field{"UPS.PowerSummary.PresentStatus.ACPresent", 1, 8, 0, 1},
				field{family.PathStartup, 9, 16, -1, 9000}, field{family.PathShutdown, 9, 16, -1, 9000})
			f.reports[9] = unhexed("09 ffff ffff")
			if unreadable {
				f.onGet = func(uint8) ([]byte, error) { return nil, errStalled }
			}
			res := f.commander().Command(t.Context(), "shutdown.return", "", lastTry)
			if diff := cmp.Diff(want, f.sent); diff != "" {
				t.Errorf("unreadable %v: on the wire (-want +got):\n%s", unreadable, diff)
			}
			if unreadable != errors.Is(res.Err, power.ErrUnread) || unreadable != (res.Cut == power.CutNone) {
				t.Errorf("unreadable %v: %s", unreadable, res)
			}
		})
	}
}

// TestPaddedTimer: answers that are longer than declared are read like others.
func TestPaddedTimer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, c := commanded(t, "")
		for _, id := range []uint8{1, 9, 10} {
			u.Inject(sim.Fault{Kind: sim.LongReply, Report: id, Bytes: 3})
		}
		begin := time.Now()
		if res := c.Command(t.Context(), "shutdown.return", "", cutting); res.Cut != power.CutArmed || res.MayStayOff {
			t.Errorf("%s", res)
		}
		if diff := cmp.Diff([]string{"0s 0a1e000000", "125ms 0914000000"}, sets(u, begin)); diff != "" {
			t.Errorf("on the wire (-want +got):\n%s", diff)
		}
	})
}

// TestMayStayOff: a cut without a start delay is armed, and it is said what
// that may mean.
func TestMayStayOff(t *testing.T) {
	for command, want := range map[string]bool{"shutdown.return": false, "shutdown.stayoff": true, "load.off.delay": true, "beeper.mute": false, "shutdown.stop": false} {
		synctest.Test(t, func(t *testing.T) {
			_, c := commanded(t, "")
			res := c.Command(t.Context(), command, "", cutting)
			if res.Outcome != power.Done || res.MayStayOff != want || strings.Contains(res.String(), "may stay off") != want {
				t.Errorf("%s", res)
			}
		})
	}
}

// TestNothingChanged: a timer that reads after the write what it read before it
// may just stand still there. load.off writes 0 over 0, and the output is on: it
// is not armed. A timer that was at 20, is set to 20 and counts is; one that
// does not count within the second of the read-back is not.
func TestNothingChanged(t *testing.T) {
	for _, tc := range []struct {
		name, command string
		before        string // report 09
		counts        bool
		want          power.Cut
	}{
		{"0 over 0", "load.off", "09 00 00 00 00", false, power.CutPossible},
		{"20 over 20, standing", "load.off.delay", "09 14 00 00 00", false, power.CutPossible},
		{"20 over 20, counting", "load.off.delay", "09 14 00 00 00", true, power.CutArmed},
	} {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(t, "protection-station-800")
			f.reports[9] = unhexed(tc.before)
			f.onSet = func([]byte) (bool, error) {
				if tc.counts {
					f.later(time.Second, func() { f.reports[9] = unhexed("09 13 00 00 00") })
				}
				return true, nil
			}
			res := f.commander().Command(t.Context(), tc.command, "", cutting)
			if res.Cut != tc.want || strings.Contains(res.String(), "armed") != (tc.want == power.CutArmed) {
				t.Errorf("%s: %s", tc.name, res)
			}
		})
	}
}

// TestReady: what would hold a command up is known without writing.
func TestReady(t *testing.T) {
	for _, tc := range []struct {
		command string
		fault   sim.Fault
		says    string
	}{
		{"shutdown.return", sim.Fault{}, ""},
		{"load.off", sim.Fault{}, ""},
		{"load.off", sim.Fault{Kind: sim.Stall, Report: 9}, "a report to change could not be read"},
		{"shutdown.return", sim.Fault{Kind: sim.EmptyReply, Report: 1}, "the state of the UPS could not be read"},
		{"test.battery.start.quick", sim.Fault{}, "does not offer it"},
	} {
		synctest.Test(t, func(t *testing.T) {
			u, c := commanded(t, "")
			if tc.fault.Kind != 0 {
				u.Inject(tc.fault)
			}
			begin := time.Now()
			err := c.Ready(t.Context(), tc.command)
			if (err == nil) != (tc.says == "") || err != nil && !strings.Contains(err.Error(), tc.says) || len(sets(u, begin)) > 0 {
				t.Errorf("%s, %v: %v, wrote %q", tc.command, tc.fault.Kind, err, sets(u, begin))
			}
		})
	}
}
