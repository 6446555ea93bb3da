package power_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ecnutd/eaton"
	"ecnutd/hid/power"
	"ecnutd/internal/sim"
)

// commanded opens a simulated UPS for commands, as killpower does.
func commanded(t testing.TB, model string, opts ...sim.Option) (*sim.UPS, *power.Commander) {
	t.Helper()
	u, err := sim.New(model, opts...)
	if err != nil {
		t.Fatal(err)
	}
	dev, err := u.Open()
	if err != nil {
		t.Fatal(err)
	}
	d, err := power.Bind(dev, eaton.Family)
	if err != nil {
		t.Fatal(err)
	}
	return u, power.NewCommander(dev, d, power.Delays{})
}

// sets are the reports that were written, with the time since begin.
func sets(u *sim.UPS, begin time.Time) []string {
	var got []string
	for _, x := range u.Transfers() {
		if x.Kind == sim.Set {
			got = append(got, fmt.Sprintf("%s %x", x.At.Sub(begin), x.Data))
		}
	}
	return got
}

var cutting = power.Permit{CutTheLoad: true}

// TestCommandBytes: what goes over the wire for every command of a Protection
// Station. From its descriptor: report 20 is BatterySystem.Battery's beeper and
// 1f PowerSummary's, one byte each; 09 is DelayBeforeShutdown and 0a
// DelayBeforeStartup, 32 bits with a sign, low byte first, so that 20 is
// 14 00 00 00, 30 is 1e 00 00 00, 300 = 0x12c is 2c 01 00 00, 7200 = 0x1c20 is
// 20 1c 00 00 and -1 ff ff ff ff. The bytes and the pause of shutdown.return
// are those that NUT 2.8.0 sent.
func TestCommandBytes(t *testing.T) {
	for _, tc := range []struct {
		command, argument string
		want              []string
		cut               power.Cut
	}{
		{"beeper.disable", "", []string{"0s 2001", "0s 1f01"}, power.CutNone},
		{"beeper.enable", "", []string{"0s 2002", "0s 1f02"}, power.CutNone},
		{"beeper.mute", "", []string{"0s 2003", "0s 1f03"}, power.CutNone},
		{"beeper.off", "", []string{"0s 2001", "0s 1f01"}, power.CutNone},
		{"beeper.on", "", []string{"0s 2002", "0s 1f02"}, power.CutNone},
		{"load.off", "", []string{"0s 0900000000"}, power.CutArmed},
		{"load.off.delay", "", []string{"0s 0914000000"}, power.CutArmed},
		{"load.off.delay", "300", []string{"0s 092c010000"}, power.CutArmed},
		{"load.off.delay", "7200", []string{"0s 09201c0000"}, power.CutArmed},
		{"load.off.delay", "0", []string{"0s 0900000000"}, power.CutArmed},
		{"load.on", "", []string{"0s 0a00000000"}, power.CutNone},
		{"load.on.delay", "", []string{"0s 0a1e000000"}, power.CutNone},
		{"load.on.delay", "5", []string{"0s 0a05000000"}, power.CutNone},
		{"shutdown.return", "", []string{"0s 0a1e000000", "125ms 0914000000"}, power.CutArmed},
		{"shutdown.stayoff", "", []string{"0s 0affffffff", "125ms 0914000000"}, power.CutArmed},
		{"shutdown.stop", "", []string{"0s 09ffffffff"}, power.CutNone},
	} {
		for _, model := range []string{"protection-station-800", "tg-box-850", "ellipse-eco-650"} {
			t.Run(tc.command+tc.argument+"/"+model, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					u, c := commanded(t, model)
					begin := time.Now()
					res := c.Command(t.Context(), tc.command, tc.argument, cutting)
					if res.Outcome != power.Done || res.Err != nil || res.Cut != tc.cut {
						t.Errorf("got %s (%s)", res, res.Cut)
					}
					if diff := cmp.Diff(tc.want, sets(u, begin)); diff != "" {
						t.Errorf("on the wire (-want +got):\n%s", diff)
					}
				})
			})
		}
	}
}

// TestDelaysOfTheCommands: the delays are the caller's, and 90 s is 5a.
func TestDelaysOfTheCommands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, c := commanded(t, "")
		c.Decoder().SetDelays(power.Delays{Start: 90 * time.Second, Shutdown: 45 * time.Second})
		begin := time.Now()
		if res := c.Command(t.Context(), "shutdown.return", "", cutting); res.Outcome != power.Done {
			t.Error(res)
		}
		if diff := cmp.Diff([]string{"0s 0a5a000000", "125ms 092d000000"}, sets(u, begin)); diff != "" {
			t.Error(diff)
		}
	})
}

// TestCommandRefuses: what is refused before anything is written.
func TestCommandRefuses(t *testing.T) {
	for _, tc := range []struct {
		name, command, argument string
		permit                  power.Permit
		delays                  power.Delays
		outcome                 power.Outcome
		says                    string
	}{
		{name: "a word", command: "load.off.delay", argument: "abc", says: "whole number"}, // NUT writes 0: off at once
		{name: "a fraction", command: "load.off.delay", argument: "1.5", says: "whole number"},
		{name: "an exponent", command: "load.off.delay", argument: "1e3", says: "whole number"},
		{name: "hexadecimal", command: "load.off.delay", argument: "0x14", says: "whole number"},
		{name: "a unit", command: "load.off.delay", argument: "20s", says: "whole number"},
		{name: "a blank", command: "load.off.delay", argument: " ", says: "whole number"},
		{name: "a sign", command: "load.off.delay", argument: "+20", says: "whole number"},
		{name: "the cancelling number", command: "load.off.delay", argument: "-1", says: "0 to 7200"},
		{name: "too long", command: "load.off.delay", argument: "7201", says: "0 to 7200"},
		{name: "wraps to 20 in 32 bits", command: "load.off.delay", argument: "4294967316", says: "0 to 7200"},
		{name: "beyond any number", command: "load.on.delay", argument: strings.Repeat("9", 400), says: "whole number"},
		{name: "minus nothing", command: "load.off.delay", argument: "-0", says: "odd way"},
		{name: "octal to some", command: "load.off.delay", argument: "0300", says: "odd way"},
		{name: "a value for a command without", command: "shutdown.return", argument: "20", says: "takes no value"},
		{name: "a value for load.off", command: "load.off", argument: "20", says: "takes no value"},
		{name: "equal delays", command: "shutdown.return", delays: power.Delays{Start: 20 * time.Second, Shutdown: 20 * time.Second}, says: "must be above"},
		{name: "start before shutdown", command: "shutdown.return", delays: power.Delays{Start: 10 * time.Second, Shutdown: 20 * time.Second}, says: "must be above"},
		{name: "half a second", command: "shutdown.return", delays: power.Delays{Start: 30 * time.Second, Shutdown: 20500 * time.Millisecond}, says: "whole seconds"},
		{name: "a delay beyond the range", command: "shutdown.stayoff", delays: power.Delays{Start: 30 * time.Second, Shutdown: 3 * time.Hour}, says: "0 to 7200"},
		{name: "a negative delay", command: "load.off.delay", delays: power.Delays{Start: 30 * time.Second, Shutdown: -time.Second}, says: "0 to 7200"},
		{name: "a command of other models", command: "test.battery.start.quick", outcome: power.NotThere, says: "does not offer"},
		{name: "another", command: "shutdown.reboot", outcome: power.NotThere, says: "does not offer"},
		{name: "a slip", command: "shutdown.retrun", outcome: power.NotThere, says: "did you mean shutdown.return"},
		{name: "nonsense", command: "", outcome: power.NotThere, says: "no such command"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			u, c := commanded(t, "")
			c.Decoder().SetDelays(tc.delays)
			res := c.Command(t.Context(), tc.command, tc.argument, cutting)
			if res.Outcome != tc.outcome || res.Err == nil || !strings.Contains(res.Err.Error(), tc.says) || res.Cut != power.CutNone {
				t.Errorf("got %s", res)
			}
			if n := len(u.Transfers()); n != 0 {
				t.Errorf("%d transfers", n)
			}
		})
	}
}

// TestPermit: without a permit what can cut the load is not sent, and only
// that. The list is written out: a command must not slip in by its row.
func TestPermit(t *testing.T) {
	cuts := "load.off load.off.delay shutdown.return shutdown.stayoff"
	u, c := commanded(t, "")
	for _, command := range c.Decoder().Commands() {
		before := len(sets(u, time.Time{}))
		res := c.Command(t.Context(), command.Name, "", power.Permit{})
		wrote := len(sets(u, time.Time{})) > before
		if cut := strings.Contains(" "+cuts+" ", " "+command.Name+" "); wrote == cut || (res.Outcome == power.NotSent) != cut {
			t.Errorf("%s without a permit: %s", command.Name, res)
		}
	}
	all := cuts + " shutdown.reboot outlet.1.load.off outlet.2.load.off outlet.3.load.off bypass.start"
	for _, command := range eaton.Family.Commands {
		if cut := strings.Contains(" "+all+" ", " "+command.Name+" "); cut != command.Cuts {
			t.Errorf("%s: Cuts is %t", command.Name, command.Cuts)
		}
	}
}

// TestFaultState: a device that does not say right now that it is well gets no
// command that cuts; a foreign or short report is never patched.
func TestFaultState(t *testing.T) {
	for _, tc := range []struct {
		name, command string
		fault         sim.Fault
		want          power.Outcome
	}{
		{"status refused", "load.off", sim.Fault{Kind: sim.Stall, Report: 1}, power.NotSent},
		// Report 01 without its last byte, which is ShutdownImminent, still says
		// mains, Good and no internal fault.
		{"status short of what is not asked", "shutdown.return", sim.Fault{Kind: sim.ShortReply, Report: 1}, power.Done},
		{"status empty", "shutdown.return", sim.Fault{Kind: sim.EmptyReply, Report: 1}, power.NotSent},
		{"status padded", "shutdown.return", sim.Fault{Kind: sim.LongReply, Report: 1, Bytes: 5}, power.Done},
		{"status foreign", "shutdown.return", sim.Fault{Kind: sim.ForeignReply, Report: 1, Reply: 7}, power.NotSent},
		{"status foreign, of the right length", "shutdown.stayoff", sim.Fault{Kind: sim.ForeignReply, Report: 1, Reply: 0xd}, power.NotSent},
		{"silence", "load.off.delay", sim.Fault{Kind: sim.Silence}, power.NotSent},
		{"silence, a beeper", "beeper.mute", sim.Fault{Kind: sim.Silence}, power.NotSent},
		{"mute after a stall", "load.off", sim.Fault{Kind: sim.StallThenMute, Report: 1}, power.NotSent},
		{"timer refused", "load.off", sim.Fault{Kind: sim.Stall, Report: 9}, power.NotSent},
		{"timer short", "load.off", sim.Fault{Kind: sim.ShortReply, Report: 9}, power.NotSent},
		{"timer foreign", "shutdown.return", sim.Fault{Kind: sim.ForeignReply, Report: 9, Reply: 0xa}, power.NotSent},
		{"start timer foreign", "shutdown.return", sim.Fault{Kind: sim.ForeignReply, Report: 0xa, Reply: 9}, power.NotSent},
		// The second write is not even begun, so nothing is left half done.
		{"second timer refused", "shutdown.return", sim.Fault{Kind: sim.Stall, Report: 9}, power.NotSent},
		{"stop with a sick status", "shutdown.stop", sim.Fault{Kind: sim.Stall, Report: 1}, power.Done},
		{"one beeper of two", "beeper.disable", sim.Fault{Kind: sim.Stall, Report: 0x20}, power.Done},
		{"slow", "shutdown.return", sim.Fault{Kind: sim.SlowReply}, power.Done},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				u, c := commanded(t, "")
				u.Inject(tc.fault)
				begin := time.Now()
				res := c.Command(t.Context(), tc.command, "", cutting)
				if res.Outcome != tc.want {
					t.Errorf("got %s", res)
				}
				if got := sets(u, begin); tc.want == power.NotSent && len(got) > 0 {
					t.Errorf("wrote %q", got)
				}
				// Three tries of 0, 250 and 750 ms, the stalls that take no
				// time; a silent device is asked once, which takes 5 s.
				if took := time.Since(begin); tc.want == power.NotSent && took > 6*time.Second {
					t.Errorf("took %s", took)
				}
			})
		})
	}
}

// TestInternalFault: a unit that reports an internal fault (bit 6 of report 01
// in its descriptor, the seventh flag), and one that says nothing of its line.
func TestInternalFault(t *testing.T) {
	for _, tc := range []struct{ status, says string }{
		{"01 65 00 00", "internal fault"}, // 25 with 40 added
		{"01 70 00 00", "internal fault"}, // on battery
		{"01 25 00 00", ""},
		{"01 30 00 00", ""},
	} {
		d := newFake(t, "protection-station-800")
		d.reports[1] = unhexed(tc.status)
		c := d.commander()
		res := c.Command(t.Context(), "load.off.delay", "", cutting)
		if tc.says == "" && res.Outcome != power.Done || tc.says != "" && (res.Outcome != power.NotSent || !strings.Contains(res.Err.Error(), tc.says)) {
			t.Errorf("status %s: %s", tc.status, res)
		}
		if wrote := len(d.sent) > 0; wrote != (tc.says == "") {
			t.Errorf("status %s: sent %q", tc.status, d.sent)
		}
	}
	d := describe(field{"UPS.PowerSummary.DelayBeforeShutdown", 9, 32, -1, 1<<31 - 1})
	res := d.commander().Command(t.Context(), "load.off", "", cutting)
	if res.Outcome != power.NotSent || len(d.sent) > 0 {
		t.Errorf("without any status: %s", res)
	}
}

// TestMainsReturn: whichever of the two a UPS does when mains returns while it
// counts down, after shutdown.return the host's output is on again.
func TestMainsReturn(t *testing.T) {
	for policy, want := range map[sim.MainsReturn][]bool{sim.CycleAnyway: {false, true}, sim.CancelOnMains: nil} {
		for _, after := range []time.Duration{0, time.Second, 10 * time.Second, 19 * time.Second} {
			synctest.Test(t, func(t *testing.T) {
				u, c := commanded(t, "", sim.WithMainsReturn(policy))
				var switched []bool
				u.OnOutput(func(on bool) { switched = append(switched, on) })
				u.CutMains()
				if res := c.Command(t.Context(), "shutdown.return", "", cutting); res.Outcome != power.Done {
					t.Fatal(res)
				}
				time.Sleep(after)
				u.RestoreMains()
				time.Sleep(2 * time.Minute)
				on := u.Output()
				if !on || !cmp.Equal(want, switched) {
					t.Errorf("mains back after %s: output %t, switched %v, want %v", after, on, switched, want)
				}
			})
		}
	}
}

// TestMainsReturnsLater: mains that returns after the cut brings the output
// back; after shutdown.stayoff it does not.
func TestMainsReturnsLater(t *testing.T) {
	for command, want := range map[string]bool{"shutdown.return": true, "shutdown.stayoff": false} {
		synctest.Test(t, func(t *testing.T) {
			u, c := commanded(t, "")
			u.CutMains()
			if res := c.Command(t.Context(), command, "", cutting); res.Outcome != power.Done {
				t.Fatal(res)
			}
			time.Sleep(time.Hour)
			if u.Output() {
				t.Errorf("%s: the output is on", command)
			}
			u.RestoreMains()
			time.Sleep(time.Hour)
			if u.Output() != want {
				t.Errorf("%s: with mains back the output is %t", command, u.Output())
			}
		})
	}
}

// TestContextEnds: a context that ends in the pause leaves the sequence where
// it is, and the result says where.
func TestContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, c := commanded(t, "")
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		begin := time.Now()
		res := c.Command(ctx, "shutdown.return", "", cutting)
		if res.Outcome != power.Incomplete || !errors.Is(res.Err, context.DeadlineExceeded) || res.Cut != power.CutNone {
			t.Error(res)
		}
		if diff := cmp.Diff([]string{"0s 0a1e000000"}, sets(u, begin)); diff != "" {
			t.Error(diff)
		}
		if res := c.Command(ctx, "beeper.mute", "", power.Permit{}); res.Outcome != power.NotSent {
			t.Error(res)
		}
	})
}
