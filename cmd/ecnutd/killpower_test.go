package main

import (
	"context"
	"encoding/hex"
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
	"ecnutd/internal/host/shutdown"
	"ecnutd/internal/sim"
)

// A late is the late stage on simulated UPSs, in virtual time and in a folder
// of its own.
type late struct {
	*lateStage
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
	l.lateStage = &lateStage{out: l.out, config: c, boot: thisBoot, action: "poweroff"}
	l.lateStage.units = func(context.Context) ([]lateUnit, error) {
		var list []lateUnit
		for i, u := range units {
			list = append(list, lateUnit{name: fmt.Sprintf("ups%d", i+1), open: func(context.Context) (hid.Device, error) { return u.Open() }})
		}
		return list, nil
	}
	l.reboot = func() error { l.rebooted = append(l.rebooted, time.Since(l.begun)); return nil }
	l.flag(thisBoot)
	return l
}

// flag writes the flag of a boot.
func (l *late) flag(boot string) {
	l.t.Helper()
	raw, err := json.Marshal(shutdown.Flag{Boot: boot, At: time.Now(), Reason: "battery low"})
	if err == nil {
		err = os.WriteFile(l.config.PowerDownFlag, raw, 0o600)
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

// sets are the reports that were written to a UPS and taken, as hex.
func sets(u *sim.UPS) (list []string) {
	for _, x := range u.Transfers() {
		if x.Kind == sim.Set && x.Err == nil {
			list = append(list, hex.EncodeToString(x.Data))
		}
	}
	return list
}

// What shutdown.return is on the wire of a Protection Station: its descriptor
// has DelayBeforeStartup in report 0a and DelayBeforeShutdown in report 09, 32
// bits each. NUT 2.8.0 was seen to send 30 s and 20 s like this.
var returnOnTheWire = []string{"0a" + "1e000000", "09" + "14000000"}

func TestKillPowerOnTheWire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := newUnit(t)
		u.CutMains()
		l := newLate(t, u)
		if err := l.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := sets(u); !slices.Equal(got, returnOnTheWire) {
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

// The delays are those of the block of the UPS.
func TestKillPowerDelays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := newUnit(t)
		l := newLate(t, u)
		units := l.units
		l.lateStage.units = func(ctx context.Context) ([]lateUnit, error) {
			list, err := units(ctx)
			list[0].delays = power.Delays{Start: 300 * time.Second, Shutdown: 90 * time.Second}
			return list, err
		}
		if err := l.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		// 300 = 0x12c, 90 = 0x5a
		if got, want := sets(u), []string{"0a" + "2c010000", "09" + "5a000000"}; !slices.Equal(got, want) {
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
		"no flag":         {func(l *late) { os.Remove(l.config.PowerDownFlag) }, "there is no flag"},
		"no flag at all":  {func(l *late) { l.config.PowerDownFlag = "" }, "power_down_flag is none"},
		"stale flag":      {func(l *late) { l.flag("99999999-0000-0000-0000-000000000000") }, "is of another boot"},
		"unknown boot":    {func(l *late) { l.boot = "" }, "does not say which boot"},
		"empty in both":   {func(l *late) { l.boot = ""; l.flag("") }, "not a flag that ecnutd wrote"},
		"flag of NUT":     {func(l *late) { os.WriteFile(l.config.PowerDownFlag, []byte("upsmon-shutdown-file"), 0o600) }, "upsmon of NUT"},
		"empty flag":      {func(l *late) { os.WriteFile(l.config.PowerDownFlag, nil, 0o600) }, "not a flag that ecnutd wrote"},
		"flag is no file": {func(l *late) { os.Remove(l.config.PowerDownFlag); os.Mkdir(l.config.PowerDownFlag, 0o700) }, "not a plain file"},
		"reboot":          {func(l *late) { l.action = "reboot" }, "going off but for reboot"},
		"kexec":           {func(l *late) { l.action = "kexec" }, "going off but for kexec"},
		"unknown action":  {func(l *late) { l.action = "unknown" }, "going off but for unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				u := newUnit(t)
				l := newLate(t, u)
				l.config.KillPower.WaitThenReboot = time.Minute
				c.prepare(l)
				if err := l.run(t.Context()); err != nil {
					t.Error(err)
				}
				if x := u.Transfers(); len(x) > 0 || len(l.rebooted) > 0 {
					t.Errorf("%d transfers, %d reboots", len(x), len(l.rebooted))
				}
				if text := l.out.String(); !strings.Contains(text, c.says) || strings.Count(text, "\n") != 1 {
					t.Errorf("said %q, want one line with %q", text, c.says)
				}
				if _, err := os.Stat(filepath.Join(l.dir, killRecordName)); err == nil {
					t.Error("a result was stored of what was not done")
				}
			})
		})
	}
}

// A UPS that never answers: Linux gives up on each request after 5 s. 10 s
// after the start the host goes on.
func TestKillPowerSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		silent, well := newUnit(t), newUnit(t)
		silent.Inject(sim.Fault{Kind: sim.Silence})
		l := newLate(t, silent, well)
		begun := time.Now()
		err := l.run(t.Context())
		if took := time.Since(begun); took != armTime {
			t.Errorf("it took %s", took)
		}
		if err == nil || !strings.Contains(err.Error(), "1 of 2 UPSs will not cut") {
			t.Errorf("error %v", err)
		}
		if got := sets(well); !slices.Equal(got, returnOnTheWire) {
			t.Errorf("the healthy one got %v", got)
		}
		if text := l.out.String(); !strings.Contains(text, "ups1: NOT ARMED: it did not answer within 9s") || !strings.Contains(text, "ups2: shutdown.return: done and read back") {
			t.Errorf("on the console: %s", text)
		}
		// 5 s for the first request, 3 s of peace, and no more than one more.
		if n := len(silent.Transfers()); n > 2 {
			t.Errorf("%d requests to a UPS that does not answer", n)
		}
		time.Sleep(killTime) // the last request ends
	})
}

// A search that hangs is not waited for either.
func TestKillPowerSearchHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLate(t)
		release := make(chan struct{})
		l.lateStage.units = func(context.Context) ([]lateUnit, error) { <-release; return nil, nil }
		begun := time.Now()
		err := l.run(t.Context())
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
				if err := l.run(t.Context()); err != nil {
					t.Fatalf("%v\n%s", err, l.out)
				}
				if got := sets(u); len(got) < 2 || !slices.Equal(got[len(got)-2:], returnOnTheWire) {
					t.Errorf("on the wire: %v", got)
				}
			})
		})
	}
}

// Where the start delay cannot be written, the output goes off all the same,
// and the console says by which command.
func TestKillPowerFallsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := newUnit(t)
		u.Inject(sim.Fault{Kind: sim.Stall, Report: 0x0a})
		l := newLate(t, u)
		if err := l.run(t.Context()); err != nil {
			t.Fatalf("%v\n%s", err, l.out)
		}
		if got, want := sets(u), []string{"0914000000"}; !slices.Equal(got, want) {
			t.Errorf("on the wire: %v, want %v", got, want)
		}
		if !strings.Contains(l.out.String(), "ups1: load.off.delay: done") {
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
		l.lateStage.units = func(context.Context) ([]lateUnit, error) {
			return []lateUnit{{name: "ups1", open: func(context.Context) (hid.Device, error) {
				dev, err := u.Open()
				return coarse{dev}, err
			}}}, nil
		}
		if err := l.run(t.Context()); err != nil {
			t.Fatalf("%v\n%s", err, l.out)
		}
		// 30 s shows 60: it counts minutes. So the cut is after 60 s (3c), and
		// the start above it, after 120 s (78).
		got := sets(u)
		if want := []string{"0a78000000", "093c000000"}; len(got) < 2 || !slices.Equal(got[len(got)-2:], want) {
			t.Errorf("on the wire: %v, want %v at the end", got, want)
		}
	})
}

func TestKillPowerKeepsTheResult(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLate(t, newUnit(t))
		if err := l.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		r, err := lastKillPower(l.dir)
		if err != nil || r == nil {
			t.Fatalf("%v, %v", r, err)
		}
		if r.Boot != thisBoot || r.Reason != "battery low" || !r.armed() || len(r.UPS) != 1 || r.UPS[0].Attempts != 1 {
			t.Errorf("%+v", r)
		}
	})
}

// At that stage there is a file system to write on as the exception.
func TestKillPowerCannotKeepTheResult(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLate(t, newUnit(t))
		l.config.State = filepath.Join(l.dir, "unmounted", "state.db")
		if err := l.run(t.Context()); err != nil {
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
				l.config.KillPower.WaitThenReboot = wait
				time.AfterFunc(10*time.Second, u.RestoreMains)
				err := l.run(ctx)
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

// Mains that is there from the start: it cycles, so that the host comes up.
func TestMainsIsBackAlready(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := newUnit(t, sim.WithMainsReturn(sim.CancelOnMains))
		l := newLate(t, u)
		if err := l.run(t.Context()); err != nil {
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

// A reboot that fails is told; a reboot of nothing is not tried.
func TestWaitThenRebootFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLate(t, newUnit(t))
		l.config.KillPower.WaitThenReboot = time.Second
		l.reboot = func() error { return errors.New("no such program") }
		if err := l.run(t.Context()); err == nil || !strings.Contains(err.Error(), "no such program") {
			t.Errorf("error %v", err)
		}
	})
}

// TestKillPowerAbsentAndSpared: one is not attached, one does not feed the host.
func TestKillPowerAbsentAndSpared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := newUnit(t)
		l := newLate(t, u)
		l.lateStage.units = func(context.Context) ([]lateUnit, error) {
			return []lateUnit{
				{name: "gone"},
				{name: "watched", spared: true, open: func(context.Context) (hid.Device, error) { return u.Open() }},
			}, nil
		}
		begun := time.Now()
		err := l.run(t.Context())
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

func TestAssign(t *testing.T) {
	info := func(node, phys, name string) hid.Info {
		return hid.Info{Node: node, Vendor: eaton.VendorMGE, Product: 0xffff, Phys: phys, Name: name}
	}
	station, other := info("/dev/hidraw0", "usb-1-1/input0", "EATON Protection Station"), info("/dev/hidraw3", "usb-1-2/input0", "EATON 5P")
	mouse := hid.Info{Node: "/dev/hidraw1", Vendor: 0x046d, Product: 0xc077}
	block := func(name string, change func(*config.UPS)) config.UPS {
		u := config.Minimal(name).UPS[0]
		if change != nil {
			change(&u)
		}
		return u
	}
	real := filepath.Join(t.TempDir(), "hidraw9")
	if err := os.WriteFile(real, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		blocks []config.UPS
		found  []hid.Info
		want   string
	}{
		"one auto, one UPS":   {[]config.UPS{block("a", nil)}, []hid.Info{station, mouse}, "a=/dev/hidraw0"},
		"one auto, two UPSs":  {[]config.UPS{block("a", nil)}, []hid.Info{station, other}, "a=/dev/hidraw0 a=/dev/hidraw3"},
		"none attached":       {[]config.UPS{block("a", nil)}, []hid.Info{mouse}, "a=none"},
		"two autos, two UPSs": {[]config.UPS{block("a", nil), block("b", nil)}, []hid.Info{station, other}, "a=/dev/hidraw0 b=/dev/hidraw3"},
		"two autos, one UPS":  {[]config.UPS{block("a", nil), block("b", nil)}, []hid.Info{station}, "a=/dev/hidraw0 b=none"},
		"narrow before wide": {[]config.UPS{block("wide", nil), block("narrow", func(u *config.UPS) { u.Match.Model = "protection" })},
			[]hid.Info{station, other}, "wide=/dev/hidraw3 narrow=/dev/hidraw0"},
		"another port": {[]config.UPS{block("a", func(u *config.UPS) { u.Match.Phys = "usb-9" })}, []hid.Info{station}, "a=none"},
		"by path":      {[]config.UPS{block("a", func(u *config.UPS) { u.Device = real })}, []hid.Info{station}, "a=" + real},
		"path is gone": {[]config.UPS{block("a", func(u *config.UPS) { u.Device = real + "x" })}, []hid.Info{station}, "a=none"},
		"a path is not for others": {[]config.UPS{block("a", nil), block("b", func(u *config.UPS) { u.Device = real })},
			[]hid.Info{info(real, "", ""), station}, "a=/dev/hidraw0 b=" + real},
		"one that does not feed the host": {[]config.UPS{block("a", func(u *config.UPS) { u.Power = 0 })}, []hid.Info{station}, "a=/dev/hidraw0(spared)"},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, u := range assign(c.blocks, c.found) {
				text := u.name + "=" + u.node
				if u.open == nil {
					text = u.name + "=none"
				}
				if u.spared {
					text += "(spared)"
				}
				got = append(got, text)
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%s, want %s", strings.Join(got, " "), c.want)
			}
		})
	}
}

// A wait that is shorter than the delay of the cut is made longer: the host
// would be cut while it boots. 25 s of delay and 10 s more are 35 s.
func TestNoRebootBeforeTheCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLate(t, newUnit(t))
		units := l.units
		l.lateStage.units = func(ctx context.Context) ([]lateUnit, error) {
			list, err := units(ctx)
			list[0].delays = power.Delays{Start: 40 * time.Second, Shutdown: 25 * time.Second}
			return list, err
		}
		l.config.KillPower.WaitThenReboot = time.Second
		if err := l.run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(l.rebooted) != 1 || l.rebooted[0] < 35*time.Second || l.rebooted[0] > 36*time.Second {
			t.Errorf("rebooted after %v", l.rebooted)
		}
	})
}

// TestLateTimesFit: a process that hangs in the kernel is left behind after
// killTime; one that does not has told and stored its result by then.
func TestLateTimesFit(t *testing.T) {
	if armTime+keepTime >= killTime {
		t.Errorf("%s for the UPSs and %s for the result leave nothing of %s", armTime, keepTime, killTime)
	}
	if killTime > 10*time.Second {
		t.Errorf("a shutdown is held up for %s", killTime)
	}
}
