package ups

import (
	"maps"
	"testing"
)

// TestPlausible: the same numbers are unknown in a snapshot and in variables,
// and those next to them are not. 255 and 65535 are all ones in one and two
// bytes; a unit that is asked at the transfer shows a charge of 100 beside a
// runtime of 0.
func TestPlausible(t *testing.T) {
	for _, tc := range []struct {
		charge, runtime, load                string
		chargeKnown, runtimeKnown, loadKnown bool
	}{
		{"100", "585", "25", true, true, true},
		{"255", "65535", "25", false, false, true},
		{"101", "65534", "1001", false, true, false},
		{"-1", "-1", "-1", false, false, false},
		{"100", "0", "0", true, false, true},
		{"20", "10", "1000", true, false, true},
		{"20", "11", "25", true, true, true},
		{"19", "10", "25", true, true, true},
		{"0", "0", "25", true, true, true},
		{"", "5", "25", false, true, true}, // nothing contradicts it
		{"255", "5", "25", false, true, true},
		{"99.6", "585.9", "25.5", true, true, true},
		{"a lot", "inf", "NaN", false, false, false},
	} {
		v := Variables{"ups.status": "OB", "battery.charge": tc.charge, "battery.runtime": tc.runtime, "ups.load": tc.load}
		if tc.charge == "" {
			delete(v, "battery.charge")
		}
		before := maps.Clone(v)
		s, shown := v.Snapshot(), v.Plausible()
		for name, x := range map[string]struct {
			number Number
			known  bool
		}{"battery.charge": {s.Charge, tc.chargeKnown}, "battery.runtime": {s.Runtime, tc.runtimeKnown}, "ups.load": {s.Load, tc.loadKnown}} {
			if _, there := shown[name]; there != x.known || x.number.Known != x.known {
				t.Errorf("charge %q, runtime %q, load %q: %s is %s and shown %v, want known %v", tc.charge, tc.runtime, tc.load, name, x.number, there, x.known)
			}
		}
		if shown["ups.status"] != "OB" || !maps.Equal(v, before) {
			t.Errorf("%v became %v, out of %v", before, shown, v)
		}
	}
	direct := Snapshot{Charge: Known(-5), Runtime: Known(90000), Load: Known(-1), ChargeLow: Known(255)}.Plausible()
	if direct != (Snapshot{}) {
		t.Errorf("nothing of this can be: %s", direct)
	}
}

// TestChargeLow: the UPS's own limit comes with the variables.
func TestChargeLow(t *testing.T) {
	for text, want := range map[string]Number{"20": Known(20), "100": Known(100), "255": {}, "": {}, "no": {}} {
		if got := (Variables{"battery.charge.low": text}).Snapshot().ChargeLow; got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}
