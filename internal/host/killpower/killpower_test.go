package killpower

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ecnutd/config"
	"ecnutd/eaton"
	"ecnutd/hid"
	"ecnutd/hid/power"
	"ecnutd/hid/power/family"
	"ecnutd/internal/host/shutdown"
	"ecnutd/internal/sim"
)

// A late is the late stage on simulated UPSs, in virtual time and in a folder
// of its own.
type late struct {
	*Stage
	t        *testing.T
	dir      string
	out      *strings.Builder
	rebooted []time.Duration // after how long the reboot was asked for
	begun    time.Time
}

const thisBoot = "11111111-2222-3333-4444-555555555555"

func newLate(t *testing.T, units ...*sim.UPS) *late {
	t.Helper()
	l := &late{t: t, dir: t.TempDir(), out: &strings.Builder{}, begun: time.Now()}
	c := config.Minimal("eaton")
	c.PowerDownFlag, c.State = filepath.Join(l.dir, "flag"), filepath.Join(l.dir, "state.db")
	c.KillPower.WaitThenReboot = 0
	l.Stage = &Stage{Out: l.out, Config: c, Boot: thisBoot, Action: "poweroff", Families: []*family.Family{eaton.Family}}
	l.Stage.Units = func(context.Context, *shutdown.Plan) ([]Unit, error) {
		var list []Unit
		for i, u := range units {
			list = append(list, Unit{Name: fmt.Sprintf("ups%d", i+1), Open: func(context.Context) (hid.Device, error) { return u.Open() }})
		}
		return list, nil
	}
	l.Reboot = func() error { l.rebooted = append(l.rebooted, time.Since(l.begun)); return nil }
	l.flag(thisBoot)
	return l
}

// flag writes the flag of a boot.
func (l *late) flag(boot string) {
	l.t.Helper()
	raw, err := json.Marshal(shutdown.Flag{Boot: boot, At: time.Now(), Reason: "battery low"})
	if err == nil {
		err = os.WriteFile(l.Config.PowerDownFlag, raw, 0o600)
	}
	if err != nil {
		l.t.Fatal(err)
	}
}

func newUnit(t *testing.T, options ...sim.Option) *sim.UPS {
	t.Helper()
	u, err := sim.New("", options...)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// returnOnTheWire: what shutdown.return is on the wire of a Protection Station: its descriptor
// has DelayBeforeStartup in report 0a and DelayBeforeShutdown in report 09, 32
// bits each. NUT 2.8.0 was seen to send 30 s and 20 s like this.
var returnOnTheWire = []string{"0a" + "1e000000", "09" + "14000000"}

func TestKillPowerOnTheWire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := newUnit(t)
		u.CutMains()
		l := newLate(t, u)
		if err := l.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := u.Written(); !slices.Equal(got, returnOnTheWire) {
			t.Errorf("on the wire: %v, want %v", got, returnOnTheWire)
		}
		var at []time.Time
		for _, x := range u.Transfers() {
			if x.Kind == sim.Set {
				at = append(at, x.At)
			}
		}
		if d := at[1].Sub(at[0]); d < 125*time.Millisecond {
			t.Errorf("the second write came %s after the first; some units want 125 ms", d)
		}
		if want := "ecnutd killpower: ups1: shutdown.return: done and read back; UPS.PowerSummary.DelayBeforeStartup = 30 (reads 30); UPS.PowerSummary.DelayBeforeShutdown = 20 (reads 20); the cut of the output is armed\n"; l.out.String() != want {
			t.Errorf("on the console: %s", l.out)
		}
		if len(l.rebooted) > 0 {
			t.Error("rebooted, though wait_then_reboot is off")
		}
	})
}

// TestKillPowerDelays: the delays are those of the block of the UPS.
func TestKillPowerDelays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := newUnit(t)
		l := newLate(t, u)
		units := l.Units
		l.Stage.Units = func(ctx context.Context, plan *shutdown.Plan) ([]Unit, error) {
			list, err := units(ctx, plan)
			list[0].Delays = power.Delays{Start: 300 * time.Second, Shutdown: 90 * time.Second}
			return list, err
		}
		if err := l.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		// 300 = 0x12c, 90 = 0x5a
		if got, want := u.Written(), []string{"0a" + "2c010000", "09" + "5a000000"}; !slices.Equal(got, want) {
			t.Errorf("on the wire: %v, want %v", got, want)
		}
	})
}

// TestKillPowerLeavesAlone: in none of these cases the UPS may even be asked.
func TestKillPowerLeavesAlone(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(l *late)
		says    string
	}{
		"no flag":         {func(l *late) { os.Remove(l.Config.PowerDownFlag) }, "there is no flag"},
		"no flag at all":  {func(l *late) { l.Config.PowerDownFlag = "" }, "power_down_flag is none"},
		"stale flag":      {func(l *late) { l.flag("99999999-0000-0000-0000-000000000000") }, "is of another boot"},
		"unknown boot":    {func(l *late) { l.Boot = "" }, "does not say which boot"},
		"empty in both":   {func(l *late) { l.Boot = ""; l.flag("") }, "not a flag that ecnutd wrote"},
		"flag of NUT":     {func(l *late) { os.WriteFile(l.Config.PowerDownFlag, []byte("upsmon-shutdown-file"), 0o600) }, "upsmon of NUT"},
		"empty flag":      {func(l *late) { os.WriteFile(l.Config.PowerDownFlag, nil, 0o600) }, "not a flag that ecnutd wrote"},
		"flag is no file": {func(l *late) { os.Remove(l.Config.PowerDownFlag); os.Mkdir(l.Config.PowerDownFlag, 0o700) }, "not a plain file"},
		"reboot":          {func(l *late) { l.Action = "reboot" }, "going off but for reboot"},
		"kexec":           {func(l *late) { l.Action = "kexec" }, "going off but for kexec"},
		"unknown action":  {func(l *late) { l.Action = "unknown" }, "going off but for unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				u := newUnit(t)
				l := newLate(t, u)
				l.Config.KillPower.WaitThenReboot = time.Minute
				c.prepare(l)
				if err := l.Run(t.Context()); err != nil {
					t.Error(err)
				}
				if x := u.Transfers(); len(x) > 0 || len(l.rebooted) > 0 {
					t.Errorf("%d transfers, %d reboots", len(x), len(l.rebooted))
				}
				if text := l.out.String(); !strings.Contains(text, c.says) || strings.Count(text, "\n") != 1 {
					t.Errorf("said %q, want one line with %q", text, c.says)
				}
				if _, err := os.Stat(filepath.Join(l.dir, shutdown.RecordName)); err == nil {
					t.Error("a result was stored of what was not done")
				}
			})
		})
	}
}

// TestKillPowerSilence: a UPS that never answers: Linux gives up on each request after 5 s. 10 s
// after the start the host goes on.
func TestKillPowerSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		silent, well := newUnit(t), newUnit(t)
		silent.Inject(sim.Fault{Kind: sim.Silence})
		l := newLate(t, silent, well)
		begun := time.Now()
		err := l.Run(t.Context())
		if took := time.Since(begun); took != armTime {
			t.Errorf("it took %s", took)
		}
		if err == nil || !strings.Contains(err.Error(), "1 of 2 UPSs will not cut") {
			t.Errorf("error %v", err)
		}
		if got := well.Written(); !slices.Equal(got, returnOnTheWire) {
			t.Errorf("the healthy one got %v", got)
		}
		if text := l.out.String(); !strings.Contains(text, "ups1: NOT ARMED: shutdown.return was sent without reading first, and it did not answer") || !strings.Contains(text, "ups2: shutdown.return: done and read back") {
			t.Errorf("on the console: %s", text)
		}
		// 5 s for the first request, 3 s of peace, and no more than one more.
		if n := len(silent.Transfers()); n > 2 {
			t.Errorf("%d requests to a UPS that does not answer", n)
		}
		time.Sleep(Time) // the last request ends
	})
}

// TestKillPowerUnreadable: Timers that cannot be read and take writes: refused, or hanging when they are
// asked for. Both are written, and the output goes off. The check beforehand says
// that nobody will know.
func TestKillPowerUnreadable(t *testing.T) {
	for _, kind := range []sim.FaultKind{sim.Unreadable, sim.EmptyReply} {
		synctest.Test(t, func(t *testing.T) {
			u := newUnit(t)
			for _, id := range []uint8{9, 10} {
				u.Inject(sim.Fault{Kind: kind, Report: id})
			}
			l := newLate(t, u)
			if f := l.checkUnit(t.Context(), Unit{Name: "ups1", Open: func(context.Context) (hid.Device, error) { return u.Open() }}); f.OK || !strings.Contains(f.Problem, "without reading first") {
				t.Errorf("%s: checked: %+v", kind, f)
			}
			if err := l.Run(t.Context()); err == nil {
				t.Errorf("%s: it is said to be armed: %s", kind, l.out)
			}
			if got := u.Written(); !slices.Equal(got, returnOnTheWire) {
				t.Errorf("%s: on the wire: %v, want %v", kind, got, returnOnTheWire)
			}
			if text := l.out.String(); !strings.Contains(text, "the output may be cut: treat it as about to go") {
				t.Errorf("%s: on the console: %s", kind, text)
			}
			time.Sleep(30 * time.Second)
			if u.Output() {
				t.Errorf("%s: the output is on", kind)
			}
		})
	}
}

// TestKillPowerSearchHangs: a search that hangs is not waited for either.
func TestKillPowerSearchHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLate(t)
		release := make(chan struct{})
		l.Stage.Units = func(context.Context, *shutdown.Plan) ([]Unit, error) { <-release; return nil, nil }
		begun := time.Now()
		err := l.Run(t.Context())
		if took := time.Since(begun); err == nil || took != armTime {
			t.Errorf("%v after %s", err, took)
		}
		close(release)
	})
}

// TestKillPowerTriesAgain: what passes within the time must not cost the cut.
func TestKillPowerTriesAgain(t *testing.T) {
	for name, trouble := range map[string]func(u *sim.UPS){
		"unplugged for two seconds": func(u *sim.UPS) {
			u.Unplug()
			time.AfterFunc(2*time.Second, u.Plug)
		},
		"refuses the start delay for a second": func(u *sim.UPS) {
			u.Inject(sim.Fault{Kind: sim.Stall, Report: 0x0a})
			time.AfterFunc(time.Second, func() { u.Clear(sim.Stall) })
		},
		"falls silent after a stall, until it is opened afresh": func(u *sim.UPS) {
			u.Inject(sim.Fault{Kind: sim.StallThenMute, Report: 0x09})
		},
		"slow": func(u *sim.UPS) { u.Inject(sim.Fault{Kind: sim.SlowReply}) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				u := newUnit(t)
				l := newLate(t, u)
				trouble(u)
				if err := l.Run(t.Context()); err != nil {
					t.Fatalf("%v\n%s", err, l.out)
				}
				if got := u.Written(); len(got) < 2 || !slices.Equal(got[len(got)-2:], returnOnTheWire) {
					t.Errorf("on the wire: %v", got)
				}
			})
		})
	}
}

// TestKillPowerFallsBack: where the start delay is refused, the output goes off all the same, and the
// console says that it may stay off.
func TestKillPowerFallsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := newUnit(t)
		u.Inject(sim.Fault{Kind: sim.Stall, Report: 0x0a})
		l := newLate(t, u)
		if err := l.Run(t.Context()); err != nil {
			t.Fatalf("%v\n%s", err, l.out)
		}
		if got, want := u.Written(), []string{"0914000000"}; !slices.Equal(got, want) {
			t.Errorf("on the wire: %v, want %v", got, want)
		}
		if text := l.out.String(); !strings.Contains(text, "ups1: shutdown.return: done") || !strings.Contains(text, "the output may stay off when mains is back") {
			t.Errorf("on the console: %s", l.out)
		}
	})
}

func TestLadder(t *testing.T) {
	for first, want := range map[string]string{
		"shutdown.return":  "shutdown.return shutdown.reboot load.off.delay shutdown.stayoff",
		"shutdown.reboot":  "shutdown.reboot shutdown.return load.off.delay shutdown.stayoff",
		"load.off.delay":   "load.off.delay shutdown.stayoff",
		"shutdown.stayoff": "shutdown.stayoff load.off.delay",
	} {
		if got := strings.Join(ladder(first), " "); got != want {
			t.Errorf("%s: %s, want %s", first, got, want)
		}
	}
}

// A coarse device rounds both timers up to whole minutes, and so never shows
// what was written.
type coarse struct{ hid.Device }

func (c coarse) SetFeature(report []byte) error {
	report = slices.Clone(report)
	if id := report[0]; (id == 0x09 || id == 0x0a) && report[4] == 0 { // not -1
		s := (int(report[1]) + int(report[2])<<8 + 59) / 60 * 60
		report[1], report[2] = byte(s), byte(s>>8)
	}
	return c.Device.SetFeature(report)
}

func TestKillPowerCoarseTimers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := newUnit(t)
		l := newLate(t, u)
		l.Stage.Units = func(context.Context, *shutdown.Plan) ([]Unit, error) {
			return []Unit{{Name: "ups1", Open: func(context.Context) (hid.Device, error) {
				dev, err := u.Open()
				return coarse{dev}, err
			}}}, nil
		}
		if err := l.Run(t.Context()); err != nil {
			t.Fatalf("%v\n%s", err, l.out)
		}
		// 30 s shows 60: it counts minutes. So the cut is after 60 s (3c), and
		// the start above it, after 120 s (78).
		got := u.Written()
		if want := []string{"0a78000000", "093c000000"}; len(got) < 2 || !slices.Equal(got[len(got)-2:], want) {
			t.Errorf("on the wire: %v, want %v at the end", got, want)
		}
	})
}

func TestKillPowerKeepsTheResult(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLate(t, newUnit(t))
		if err := l.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		r, err := shutdown.LastRecord(l.dir)
		if err != nil || r == nil {
			t.Fatalf("%v, %v", r, err)
		}
		if r.Boot != thisBoot || r.Reason != "battery low" || !r.Armed() || len(r.UPS) != 1 || r.UPS[0].Attempts != 1 {
			t.Errorf("%+v", r)
		}
	})
}

// TestKillPowerCannotKeepTheResult: at that stage there is a file system to write on as the exception.
func TestKillPowerCannotKeepTheResult(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLate(t, newUnit(t))
		l.Config.State = filepath.Join(l.dir, "unmounted", "state.db")
		if err := l.Run(t.Context()); err != nil {
			t.Errorf("the cut is armed, and yet: %v", err)
		}
		if !strings.Contains(l.out.String(), "cannot be stored") {
			t.Errorf("said %s", l.out)
		}
	})
}

// TestMainsReturns: mains comes back during the count-down, on a UPS that
// cycles all the same and on one that calls it off. Either way the host runs
// again at the end: because its power came back, or because it rebooted.
func TestMainsReturns(t *testing.T) {
	const wait = time.Minute
	for name, c := range map[string]struct {
		policy  sim.MainsReturn
		outputs []bool // switchings
	}{
		"cycles anyway": {sim.CycleAnyway, []bool{false, true}},
		"called off":    {sim.CancelOnMains, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				u := newUnit(t, sim.WithMainsReturn(c.policy))
				u.CutMains()
				var outputs []bool
				running := true
				l := newLate(t, u)
				ctx, dark := context.WithCancel(t.Context())
				u.OnOutput(func(on bool) {
					outputs = append(outputs, on)
					if running = on; !on {
						dark() // the host is off, whatever it was doing
					}
				})
				simulation, stop := context.WithCancel(t.Context())
				go u.Run(simulation)
				l.Config.KillPower.WaitThenReboot = wait
				time.AfterFunc(10*time.Second, u.RestoreMains)
				err := l.Run(ctx)
				time.Sleep(2 * wait)
				stop()
				synctest.Wait()
				if !slices.Equal(outputs, c.outputs) {
					t.Errorf("the output went %v, want %v", outputs, c.outputs)
				}
				if !running {
					t.Error("the host is off")
				}
				if rebooted := len(l.rebooted) == 1; rebooted != (c.outputs == nil) {
					t.Errorf("rebooted %v; %v", l.rebooted, err)
				}
				if c.outputs == nil && l.rebooted[0] < wait {
					t.Errorf("rebooted after %s", l.rebooted[0])
				}
			})
		})
	}
}

// TestMainsIsBackAlready: mains that is there from the start: it cycles, so that the host comes up.
func TestMainsIsBackAlready(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := newUnit(t, sim.WithMainsReturn(sim.CancelOnMains))
		l := newLate(t, u)
		if err := l.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(21 * time.Second) // the cut is after 20 s
		if u.Output() {
			t.Error("the output was not cut")
		}
		time.Sleep(31 * time.Second) // and the start 30 s later
		if !u.Output() {
			t.Error("the output did not come back")
		}
	})
}

// TestWaitThenRebootFails: a reboot that fails is told; a reboot of nothing is not tried.
func TestWaitThenRebootFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLate(t, newUnit(t))
		l.Config.KillPower.WaitThenReboot = time.Second
		l.Reboot = func() error { return errors.New("no such program") }
		if err := l.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "no such program") {
			t.Errorf("error %v", err)
		}
	})
}

// TestKillPowerAbsentAndSpared: one is not attached, one does not feed the host.
func TestKillPowerAbsentAndSpared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := newUnit(t)
		l := newLate(t, u)
		l.Stage.Units = func(context.Context, *shutdown.Plan) ([]Unit, error) {
			return []Unit{
				{Name: "gone"},
				{Name: "watched", Spared: sparedHere, Open: func(context.Context) (hid.Device, error) { return u.Open() }},
			}, nil
		}
		begun := time.Now()
		err := l.Run(t.Context())
		if err == nil || !strings.Contains(err.Error(), "1 of 1") {
			t.Errorf("error %v", err)
		}
		if took := time.Since(begun); took > findTime+retryPause {
			t.Errorf("it waited %s for a UPS that is not attached", took)
		}
		if len(u.Transfers()) > 0 {
			t.Error("a UPS that does not feed this host was asked")
		}
		for _, line := range []string{"gone: NOT ARMED: it is not attached", "watched: left alone"} {
			if !strings.Contains(l.out.String(), line) {
				t.Errorf("no line %q in: %s", line, l.out)
			}
		}
	})
}

// TestNoRebootBeforeTheCut: a wait that is shorter than the delay of the cut is made longer: the host
// would be cut while it boots. 25 s of delay and 10 s more are 35 s, and
// then the UPS is asked for mains, twice within a second.
func TestNoRebootBeforeTheCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLate(t, newUnit(t))
		units := l.Units
		l.Stage.Units = func(ctx context.Context, plan *shutdown.Plan) ([]Unit, error) {
			list, err := units(ctx, plan)
			list[0].Delays = power.Delays{Start: 40 * time.Second, Shutdown: 25 * time.Second}
			return list, err
		}
		l.Config.KillPower.WaitThenReboot = time.Second
		if err := l.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(l.rebooted) != 1 || l.rebooted[0] < 35*time.Second || l.rebooted[0] > 37*time.Second {
			t.Errorf("rebooted after %v", l.rebooted)
		}
	})
}

// TestLateTimesFit: a process that hangs in the kernel is left behind after
// Time; one that does not has told and stored its result by then.
func TestLateTimesFit(t *testing.T) {
	if armTime+keepTime >= Time {
		t.Errorf("%s for the UPSs and %s for the result leave nothing of %s", armTime, keepTime, Time)
	}
	if config.MostWait != longestWait {
		t.Errorf("the configuration allows a wait of %s, and %s come about", config.MostWait, longestWait)
	}
	if Time > 10*time.Second {
		t.Errorf("a shutdown is held up for %s", Time)
	}
}
