package ups

import (
	"slices"
	"testing"
)

// TestStatus: ups.status lines of real dumps (Eaton 5SC 750, 9SX 5000i,
// Protection Station 650) and of the NUT documentation come back as they were.
func TestStatus(t *testing.T) {
	for _, s := range []string{
		"OL", "OL CHRG", "OB", "OB DISCHRG LB", "OL CHRG TRIM OFF", "OL CHRG BYPASS",
		"FSD OB LB", "ALARM OB DISCHRG LB", "CAL OB", "OL OVER RB", "",
	} {
		if got := ParseStatus(s).String(); got != s {
			t.Errorf("%q comes back as %q", s, got)
		}
	}
	if got := ParseStatus("lb HB ob  ECO"); got != OnBattery|LowBattery {
		t.Errorf("got %q", got)
	}
}

func TestUnknownIsNotZero(t *testing.T) {
	var n Number
	if n == Known(0) || n.String() != "unknown" || Known(0).String() != "0" {
		t.Errorf("unknown %v, zero %v", n, Known(0))
	}
	want := "OB, charge unknown, runtime 9m45s, load 25 %, low because of BelowRemainingCapacityLimit, ShutdownImminent, alarm: Shutdown imminent!"
	got := Snapshot{Status: OnBattery, Runtime: Known(585), Load: Known(25), Low: BelowCapacity | ShutdownImminent, Alarm: "Shutdown imminent!"}.String()
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestDuration(t *testing.T) {
	for seconds, want := range map[int]string{0: "0s", 59: "59s", 60: "1m0s", 585: "9m45s", 3600: "1h0m0s", 7795: "2h9m55s", -1: "-1s"} {
		if got := Duration(seconds); got != want {
			t.Errorf("%d is %s, want %s", seconds, got, want)
		}
	}
}

func TestNearest(t *testing.T) {
	v := Variables{"battery.charge": "100", "battery.charge.low": "20", "battery.runtime": "585", "ups.status": "OL", "ups.load": "25"}
	for word, want := range map[string][]string{
		"battery.charg":  {"battery.charge", "battery.charge.low"},
		"batery.charge":  {"battery.charge"},
		"ups.stauts":     {"ups.status"},
		"runtime":        {"battery.runtime"},
		"ups.load":       {"ups.load"},
		"something.else": nil,
	} {
		if got := v.Nearest(word); !slices.Equal(got, want) && !(len(want) == 1 && len(got) > 0 && got[0] == want[0]) {
			t.Errorf("nearest to %q: %q, want %q", word, got, want)
		}
	}
}
