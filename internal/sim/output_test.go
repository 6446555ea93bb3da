package sim

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ecnutd/hid"
)

// set writes a report given in hexadecimal.
func set(t *testing.T, h hid.Device, report string) {
	t.Helper()
	data, err := unhex(report)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.SetFeature(data); err != nil {
		t.Fatal(err)
	}
}

// watch collects what OnOutput is told, with times since the call.
func watch(u *UPS) func() []string {
	start := time.Now()
	var got []string
	u.OnOutput(func(on bool) {
		got = append(got, fmt.Sprintf("%s %s", time.Since(start), map[bool]string{true: "on", false: "off"}[on]))
	})
	return func() []string {
		u.Output() // moves the simulation to the present
		return got
	}
}

// TestOutputOnTime: with nobody reading, Run tells of the output when it
// happens: shutdown.return with 20 s and 30 s on mains is off at 20 s and on
// at 50 s; sixty times as fast, a third of a second and five sixths.
func TestOutputOnTime(t *testing.T) {
	for speed, want := range map[float64][]string{
		1:  {"20s off", "50s on"},
		60: {"333.333334ms off", "833.333334ms on"},
	} {
		synctest.Test(t, func(t *testing.T) {
			u, h := newUPS(t, "", WithSpeed(speed))
			set(t, h, "0a 1e 00 00 00")
			set(t, h, "09 14 00 00 00")
			h.Close() // the host is down
			said := watch(u)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if err := u.Run(ctx); err != context.DeadlineExceeded {
				t.Error("Run ended with", err)
			}
			if diff := cmp.Diff(want, said()); diff != "" {
				t.Errorf("at speed %v (-want +got): %s", speed, diff)
			}
		})
	}
}

// TestShutdownAgain: a second shutdown.return that comes while the output is
// off runs out as well; the output comes back 20 s + 30 s after it.
func TestShutdownAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, h := newUPS(t, "")
		said := watch(u)
		for range 2 { // at 0 s and at 25 s
			set(t, h, "0a 1e 00 00 00")
			set(t, h, "09 14 00 00 00")
			inputs(h, 25*time.Second)
		}
		if got := get(h, 1); got != "01 05 00 00" { // mains, Charging, not Good
			t.Error("with the output off report 01 is", got)
		}
		if got := get(h, 7); got != "07 00" {
			t.Error("with the output off the load is", got)
		}
		inputs(h, time.Minute)
		if diff := cmp.Diff([]string{"20s off", "1m15s on"}, said()); diff != "" {
			t.Error("output (-want +got):", diff)
		}
		if got := get(h, 9) + "|" + get(h, 10); got != "09 ff ff ff ff|0a ff ff ff ff" {
			t.Error("timers afterwards:", got)
		}
	})
}

// TestCancelOnMains: mains that was never away cancels nothing.
func TestCancelOnMains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, h := newUPS(t, "", WithMainsReturn(CancelOnMains))
		set(t, h, "09 14 00 00 00")
		u.RestoreMains()
		if got := get(h, 9); got != "09 14 00 00 00" {
			t.Error("the timer is", got)
		}
	})
}

// TestSwitchNow: 0 in a timer switches at once: off, and on where there is
// mains, else as soon as there is.
func TestSwitchNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, h := newUPS(t, "")
		said := watch(u)
		set(t, h, "09 00 00 00 00")
		time.Sleep(time.Second)
		set(t, h, "0a 00 00 00 00")
		time.Sleep(time.Second)
		u.CutMains()
		set(t, h, "09 00 00 00 00")
		time.Sleep(time.Second)
		set(t, h, "0a 00 00 00 00")
		time.Sleep(time.Second)
		u.RestoreMains()
		inputs(h, time.Second)
		if diff := cmp.Diff([]string{"0s off", "1s on", "2s off", "4.000000001s on"}, said()); diff != "" {
			t.Error("output (-want +got):", diff)
		}
	})
}

// TestEmptyEndsTimers: at 2 % of 585 s the battery is empty after 11.7 s, before
// a shutdown in 20 s; the count-down ends with it, and mains alone brings the
// output back to stay.
func TestEmptyEndsTimers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, h := newUPS(t, "")
		said := watch(u)
		u.SetCharge(2)
		u.CutMains()
		set(t, h, "0a ff ff ff ff")
		set(t, h, "09 14 00 00 00")
		inputs(h, 15*time.Second)
		if got := get(h, 9); got != "09 ff ff ff ff" {
			t.Error("the timer is", got)
		}
		u.RestoreMains()
		inputs(h, time.Hour)
		if got := said(); len(got) != 2 || got[0][:5] != "11.69" && got[0][:4] != "11.7" || got[1] != "15s on" {
			t.Errorf("output %q, want off at 11.7 s and on at 15 s", got)
		}
	})
}

// TestNoDrainWhileOff: an output that was cut draws nothing.
func TestNoDrainWhileOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, h := newUPS(t, "")
		u.SetCharge(50)
		u.CutMains()
		set(t, h, "09 00 00 00 00")
		time.Sleep(24 * time.Hour)
		if got := get(h, 6); got[:5] != "06 32" { // 50 %
			t.Error("after a day report 06 is", got)
		}
	})
}

// TestWrites: what a unit takes without effect, and what it refuses.
func TestWrites(t *testing.T) {
	u, h := newUPS(t, "")
	for _, tc := range []struct{ write, read string }{
		{"1f 01", "1f 01"},                   // beeper off
		{"22 1e", "22 1e"},                   // low limit 30 %
		{"09 fe ff ff ff", "09 ff ff ff ff"}, // -2 is below the field's -1
		{"0d 01 00 00", "0d 20 03 32"},       // constant
	} {
		set(t, h, tc.write)
		if got := get(h, u8(tc.write)); got != tc.read {
			t.Errorf("after %s: %s, want %s", tc.write, got, tc.read)
		}
	}
	if got := get(h, 8); got != "08 1e" {
		t.Error("the low limit in force is", got)
	}
	for _, bad := range [][]byte{nil, {9}, {9, 20}, {9, 20, 0, 0, 0, 0}, {0x77, 0}} {
		if err := h.SetFeature(bad); err == nil {
			t.Errorf("took % x", bad)
		}
	}
	refused := 0
	for _, x := range u.Transfers() {
		if x.Kind == Set && x.Err != nil {
			refused++
		}
	}
	if refused != 4 { // the empty one never reaches the wire
		t.Errorf("%d refused writes were logged, want 4", refused)
	}
}

func u8(report string) (id uint8) {
	fmt.Sscanf(report, "%02x", &id)
	return id
}
