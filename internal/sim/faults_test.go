package sim

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ecnutd/hid"
)

// TestSlowReply: measured were 44 to 50 ms for a report of six bytes or fewer
// and 75 ms for thirteen (NUT issues 1786, 1942, 2039).
func TestSlowReply(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, h := newUPS(t, "")
		u.Inject(Fault{Kind: SlowReply})
		for id, want := range map[uint8]time.Duration{0x01: 45 * time.Millisecond, 0x06: 45 * time.Millisecond, 0x0b: 75 * time.Millisecond} {
			start := time.Now()
			get(h, id)
			if got := time.Since(start); got != want {
				t.Errorf("report %02x took %s, want %s", id, got, want)
			}
		}
	})
}

// TestSilenceIsLogged: a request into silence counts, so that a test can see
// who hammers a sick device or writes to it.
func TestSilenceIsLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, h := newUPS(t, "")
		u.Inject(Fault{Kind: Silence})
		h.GetFeature(6, make([]byte, 8))
		h.SetFeature([]byte{0x1f, 1})
		var got []string
		for _, x := range u.Transfers() {
			got = append(got, fmt.Sprintf("%s % x %v", x.Kind, x.Data, x.Err != nil))
		}
		if s := fmt.Sprint(got); s != "[GET 06 true SET 1f 01 true]" {
			t.Error("logged:", s)
		}
		u.Clear(Silence)
		if got := get(h, 0x1f); got != "1f 02" {
			t.Error("a write into silence had an effect:", got)
		}
	})
}

// TestSilenceKeepsReports: nothing is pushed in silence, and what changed
// meanwhile comes after it.
func TestSilenceKeepsReports(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, h := newUPS(t, "")
		u.Inject(Fault{Kind: Silence})
		u.CutMains()
		if got := inputs(h, time.Minute); got != nil {
			t.Error("pushed in silence:", got)
		}
		u.Clear(Silence)
		// 1 - 60/585 = 89.7 %, shown as 90 = 0x5a; 585 - 60 = 525 s = 0x20d.
		want := []string{"0s 01 30 00 00", "0s 06 5a 0d 02 00 00"}
		if diff := cmp.Diff(want, inputs(h, time.Second)); diff != "" {
			t.Error("after the silence (-want +got):", diff)
		}
	})
}

// TestUnplugEndsRequests: a request that waits in silence ends when the cable
// is pulled, and says so.
func TestUnplugEndsRequests(t *testing.T) {
	for name, fault := range map[string]Fault{"silent": {Kind: Silence}, "slow": {Kind: SlowReply, Delay: time.Minute}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				u, h := newUPS(t, "")
				u.Inject(fault)
				start := time.Now()
				time.AfterFunc(2*time.Second, u.Unplug)
				_, err := h.GetFeature(1, make([]byte, 8))
				if got := time.Since(start); !errors.Is(err, hid.ErrGone) || got != 2*time.Second {
					t.Errorf("%v after %s, want ErrGone after 2 s", err, got)
				}
				if u.Strings([]uint8{1})[1] != "" {
					t.Error("an unplugged UPS tells its strings")
				}
			})
		})
	}
}

// TestReplugDoesNotCure: a mute device that is plugged in again at once is
// still mute: it wants to be left alone (NUT issue 3573).
func TestReplugDoesNotCure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, h := newUPS(t, "")
		u.Inject(Fault{Kind: StallThenMute, Report: 7})
		get(h, 7)
		u.Unplug()
		u.Plug()
		h = open(t, u)
		if get(h, 1) != "refused" {
			t.Error("pulling the cable cured it")
		}
		h.Close()
		time.Sleep(MutePause)
		if get(open(t, u), 1) == "refused" {
			t.Error("a pause did not cure it")
		}
	})
}

// TestDropsEarly: the output goes two minutes in, with 1 - 120/585 = 79.5 % on
// the gauge; WornBattery does it by arithmetic: 0.25 · 585 = 146 s.
func TestDropsEarly(t *testing.T) {
	for _, tc := range []struct {
		fault  Fault
		before time.Duration
		after  time.Duration
		charge string
	}{
		{Fault{Kind: DropsEarly}, 119 * time.Second, 2 * time.Second, "06 4f"},
		{Fault{Kind: DropsEarly, Delay: 30 * time.Second}, 29 * time.Second, 2 * time.Second, "06 5f"}, // 1 - 30/585 = 94.9 %
		{Fault{Kind: WornBattery, Wear: 0.75}, 145 * time.Second, 15 * time.Second, "06 4b"},           // 1 - 146/585 = 75.0 %
	} {
		t.Run(tc.fault.Kind.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				u, h := newUPS(t, "")
				u.Inject(tc.fault)
				u.CutMains()
				time.Sleep(tc.before)
				if !u.Output() {
					t.Error("off too early")
				}
				time.Sleep(tc.after)
				if got := get(h, 6)[:5]; u.Output() || got != tc.charge {
					t.Errorf("output %v, charge %s, want off at %s", u.Output(), got, tc.charge)
				}
				u.RestoreMains()
				if !u.Output() {
					t.Error("mains did not bring it back")
				}
			})
		})
	}
}

// TestImminentTGBox: ShutdownImminent of a TG-BOX 850 is set when mains is
// absent and the charge under the limit of 20 %; BelowRemainingCapacityLimit
// on battery at 20 %. On mains neither is: a Protection Station 650 with 23 %
// said OL CHRG.
func TestImminentTGBox(t *testing.T) {
	u, h := newUPS(t, "tg-box-850")
	for _, tc := range []struct {
		charge int
		mains  bool
		want   string
	}{
		{19, true, "01 25 00 00"}, {21, false, "01 30 00 00"}, {20, false, "01 32 00 00"}, {19, false, "01 32 00 01"},
	} {
		u.SetCharge(tc.charge)
		if !tc.mains {
			u.CutMains()
		}
		if got := get(h, 1); got != tc.want {
			t.Errorf("at %d %%, mains %v: %s, want %s", tc.charge, tc.mains, got, tc.want)
		}
	}
	u.SetLoad(50) // 0x32, at bit 40 of report 07
	if got := get(h, 7); got != "07 02 02 01 00 03 32 02" {
		t.Error("load:", got)
	}
}

// TestTwoHandles: every handle gets every report, one that does not read keeps
// 63 of them (the kernel's ring of 64).
func TestTwoHandles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, h := newUPS(t, "")
		other := open(t, u)
		u.CutMains()
		if got := inputs(h, 2*time.Second); len(got) != 1 || got[0] != "1s 01 30 00 00" {
			t.Error("one handle got", got)
		}
		for range 60 {
			u.RestoreMains()
			inputs(h, 2*time.Second)
			u.CutMains()
			inputs(h, 2*time.Second)
		}
		if got := inputs(other, time.Millisecond); len(got) != 63 || got[0][len(got[0])-11:] != "01 30 00 00" {
			t.Errorf("the other kept %d", len(got))
		}
	})
}

// TestOptions: numbers that make no sense are errors.
func TestOptions(t *testing.T) {
	for _, o := range []Option{WithSpeed(0), WithSpeed(-1), WithSpeed(1e300), WithWear(-0.1), WithWear(1.1)} {
		if _, err := New("", o); err == nil {
			t.Error("New took a senseless option")
		}
	}
}

// TestTransfersBounded: the log does not grow for ever.
func TestTransfersBounded(t *testing.T) {
	u, h := newUPS(t, "")
	for range maxTransfers + 10 {
		h.GetFeature(7, make([]byte, 8))
	}
	if n := len(u.Transfers()); n > maxTransfers || n < maxTransfers/2 {
		t.Errorf("%d transfers are kept, want %d to %d", n, maxTransfers/2, maxTransfers)
	}
}

// TestConcurrent lets the race detector look: handles in their goroutines, the
// controls in others.
func TestConcurrent(t *testing.T) {
	u, err := New("", WithSpeed(1000))
	if err != nil {
		t.Fatal(err)
	}
	u.OnOutput(func(bool) { u.Output() })
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			buf := make([]byte, 64)
			for range 20 {
				h, err := u.Open()
				if err != nil {
					continue
				}
				h.GetFeature(1, buf)
				h.SetFeature([]byte{9, 1, 0, 0, 0})
				h.ReadInput(buf, time.Millisecond)
				h.Close()
			}
		})
	}
	for _, f := range []func(){u.CutMains, u.RestoreMains, u.Unplug, u.Plug, func() { u.SetLoad(40) }, func() { u.SetCharge(60) },
		func() { u.Inject(Fault{Kind: Overload}) }, func() { u.Clear(Overload) }, func() { u.Transfers() }, func() { u.Strings([]uint8{1}) }} {
		wg.Go(func() {
			for range 50 {
				f()
			}
		})
	}
	wg.Wait()
}
