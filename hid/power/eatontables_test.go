package power_test

import (
	"testing"

	"ecnutd/eaton"
	"ecnutd/hid"
	"ecnutd/hid/power"
	"ecnutd/hid/power/family"
	"ecnutd/ups"
)

// A number is a field of a made-up unit and what it says.
type number struct {
	path  string
	value byte
}

// unit is a decoder of a unit that calls itself product and whose model string,
// which stands at index 7, is suffix. All fields are bytes of one report.
func unit(t *testing.T, product, suffix string, numbers ...number) *power.Decoder {
	t.Helper()
	numbers = append(numbers, number{"UPS.PowerSummary.iModel", 7})
	var fields []field
	report := []byte{1}
	for _, n := range numbers {
		fields = append(fields, field{n.path, 1, 8, 0, 255})
		report = append(report, n.value)
	}
	desc, err := hid.Parse(describe(fields...).descriptor)
	if err != nil {
		t.Fatal(err)
	}
	d := power.NewDecoder(desc, hid.Info{Vendor: eaton.VendorMGE, Product: 0xffff, ProductName: product}, eaton.Family)
	d.SetStrings(map[uint8]string{7: suffix})
	if err := d.Feature(1, report); err != nil {
		t.Fatal(err)
	}
	return d
}

// TestBypass: a unit that saves energy (Input.[5]: 1 ECO, 2 ESS) feeds its load
// through the bypass on purpose; that is no alarm. The bypass by hand is.
func TestBypass(t *testing.T) {
	for _, tc := range []struct {
		eco, automatic, manual byte
		want                   bool
	}{{0, 0, 0, false}, {0, 1, 0, true}, {1, 1, 0, false}, {2, 1, 0, false}, {1, 0, 1, true}, {0, 0, 1, true}} {
		d := unit(t, "Eaton 9PX", "3000", number{family.PathStatus + "ACPresent", 1}, number{"UPS.PowerConverter.Input.[5].PresentStatus.Used", tc.eco},
			number{"UPS.PowerConverter.Input.[2].PresentStatus.Used", tc.automatic}, number{"UPS.PowerConverter.Input.[4].PresentStatus.Used", tc.manual})
		if s := d.Snapshot(); s.Status.Has(ups.Bypassed) != tc.want || s.Status.Has(ups.Alarm) != tc.want {
			t.Errorf("%+v: %s, %q", tc, s.Status, s.Alarm)
		}
	}
}

// TestBatteryFeedsBesideMains: mains that is there and out of range, with the battery
// feeding the load, is an outage for the host. One of the three alone, as in a test,
// is not.
func TestBatteryFeedsBesideMains(t *testing.T) {
	const in = "UPS.PowerConverter.Input.[1].PresentStatus."
	for _, tc := range []struct {
		discharging, feeds, voltage, frequency byte
		want                                   ups.Status
	}{
		{1, 1, 1, 0, ups.OnBattery}, {1, 1, 0, 1, ups.OnBattery},
		{0, 1, 1, 1, ups.Online}, {1, 0, 1, 1, ups.Online}, {1, 1, 0, 0, ups.Online}, {0, 0, 1, 0, ups.Online},
	} {
		d := unit(t, "Eaton 9SX", "1000i", number{family.PathStatus + "ACPresent", 1}, number{family.PathStatus + "Discharging", tc.discharging},
			number{"UPS.PowerConverter.Input.[3].PresentStatus.Used", tc.feeds}, number{in + "VoltageOutOfRange", tc.voltage}, number{in + "FrequencyOutOfRange", tc.frequency})
		if s := d.Snapshot().Status & (ups.Online | ups.OnBattery); s != tc.want {
			t.Errorf("%+v: %s", tc, s)
		}
	}
}

// TestOutletLimits: the charge at which an outlet goes off by itself is a
// percentage, whatever its field would hold.
func TestOutletLimits(t *testing.T) {
	d := unit(t, "Eaton 5PX", "1500", number{"UPS.OutletSystem.Outlet.[2].RemainingCapacityLimit", 0}, number{"UPS.OutletSystem.Outlet.[4].RemainingCapacityLimit", 0})
	for _, s := range d.Writable() {
		if s.Min != 0 || s.Max != 100 {
			t.Errorf("%s takes %d to %d", s.Name, s.Min, s.Max)
		}
	}
	if n := len(d.Writable()); n != 2 {
		t.Errorf("%d settings", n)
	}
}

// TestEstimatedPower: load 50 % of 200 VA at a power factor of 0.90 is 90 W; one
// of 0 is a unit that does not measure it, and 0.80 stands in: 80 W.
func TestEstimatedPower(t *testing.T) {
	for factor, want := range map[byte]string{90: "90", 0: "80"} {
		d := unit(t, "Ellipse PRO", "650", number{family.PathLoad, 50}, number{"UPS.Flow.[4].ConfigApparentPower", 200}, number{"UPS.PowerConverter.Output.PowerFactor", factor})
		if got := d.Variables()["ups.realpower"]; got != want {
			t.Errorf("a factor of %d: %s W, want %s", factor, got, want)
		}
	}
}

// TestAlarms: what an alarm says is what happened. ConfigurationFailure is set
// after an update of the firmware (NUT issue 2101).
func TestAlarms(t *testing.T) {
	for path, want := range map[string]string{
		family.PathStatus + "ConfigurationFailure": "The settings of the UPS were reset!",
		family.PathStatus + "FanFailure":           "Fan failure!",
	} {
		if got := unit(t, "Eaton 5SC", "750", number{path, 1}).Snapshot().Alarm; got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	if s := unit(t, "Eaton 5SC", "750", number{"UPS.BatterySystem.Battery.PresentStatus.Present", 0}).Snapshot(); !s.Status.Has(ups.ReplaceBattery) || s.Alarm != "No battery installed!" {
		t.Errorf("without a battery: %s", s)
	}
}

// TestPublished: numbers that cannot be are not shown.
func TestPublished(t *testing.T) {
	d := unit(t, "Ellipse PRO", "650", number{family.PathCharge, 255}, number{family.PathRuntime, 5}, number{family.PathLoad, 12})
	v := d.Variables()
	if _, shown := v["battery.charge"]; shown || v["battery.runtime"] != "5" || v["ups.load"] != "12" {
		t.Error(v)
	}
	d = unit(t, "Ellipse PRO", "650", number{family.PathCharge, 90}, number{family.PathRuntime, 5})
	if v := d.Variables(); v["battery.charge"] != "90" || v["battery.runtime"] != "" {
		t.Error(v)
	}
}
