package sim

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"ecnutd/generic"
	"ecnutd/hid/power"
	"ecnutd/ups"
)

// TestOthers: a reader with the tables of the class goes through an outage of each of
// these units, and sees mains, battery and a low battery. The numbers are those of the
// rows; the unit that says its status in input reports alone is asked for them.
func TestOthers(t *testing.T) {
	for name, want := range map[string]ups.Variables{
		"apc-back-ups": {"ups.model": "Back-UPS BX700", "ups.firmware": "926.T2 .I", "battery.voltage": "13.7", "ups.load": "14", "battery.runtime": "2034", "battery.charge.low": "10"},
		"cyberpower":   {"ups.model": "CP1500PFCLCD", "battery.voltage": "27.0", "ups.load": "21", "battery.runtime": "3480", "input.transfer.low": "96"},
		"input-status": {"battery.charge": "100", "battery.runtime": "1200", "battery.charge.low": "20"},
	} {
		synctest.Test(t, func(t *testing.T) {
			u, err := New(name)
			if err != nil {
				t.Fatal(err)
			}
			dev, err := u.Open()
			if err != nil {
				t.Fatal(err)
			}
			r, err := power.NewReader(dev, power.Options{}, generic.Families...)
			if err != nil {
				t.Fatal(err)
			}
			var vars ups.Variables
			seen := map[string]bool{}
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Hour)
			defer cancel()
			go func() {
				time.Sleep(2 * time.Minute)
				u.CutMains()
			}()
			_ = r.Run(ctx, func(d *power.Decoder) { // it ends with the time
				s := d.Snapshot().Status
				if s.Has(ups.Online) {
					vars = d.Variables()
				}
				seen["mains"] = seen["mains"] || s.Has(ups.Online)
				seen["battery"] = seen["battery"] || s.Has(ups.OnBattery)
				seen["low"] = seen["low"] || s.Has(ups.OnBattery|ups.LowBattery)
			}, nil)
			for key, value := range want {
				if vars[key] != value {
					t.Errorf("%s: %s is %q, want %q", name, key, vars[key], value)
				}
			}
			if len(seen) != 3 || !seen["mains"] || !seen["battery"] || !seen["low"] {
				t.Errorf("%s: saw %v", name, seen)
			}
		})
	}
}
