package generic

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ecnutd/hid"
	"ecnutd/internal/sim/describe"
	"ecnutd/ups"
)

// Units of the HID system (HID 1.11 §6.2.2.7): what a unit item holds, and the
// exponent that makes its own unit of it.
const (
	volt, voltExponent = 0x00f0d121, 7
	watt, wattExponent = 0x0000d121, 7
	second             = 0x00001001
	ampereSecond       = 0x00101001
)

// row is a feature of its own report.
func row(path string, report uint8, bits int) describe.Field {
	return describe.Field{Path: path, Report: report, Bits: bits, Feature: true}
}

// in gives a row a unit.
func in(unit uint32, exponent int, f describe.Field) describe.Field {
	f.Unit, f.Exponent = unit, exponent
	return f
}

// statusRow is a bit in input and feature report.
func statusRow(path string, report uint8) describe.Field {
	return describe.Field{Path: path, Report: report, Bits: 1, Input: true, Feature: true}
}

// backUPS is a unit in the form of APC's Back-UPS: the battery at two places, the
// load at the converter, the firmware in the name.
func backUPS() []describe.Field {
	const s, b, i = "UPS.PowerSummary.", "UPS.Battery.", "UPS.Input."
	list := []describe.Field{
		row(s+"iProduct", 1, 8), row(s+"iSerialNumber", 2, 8), row(s+"iDeviceChemistry", 3, 8), row(s+"iManufacturer", 10, 8),
		in(volt, voltExponent-2, row(s+"ConfigVoltage", 8, 16)), in(volt, voltExponent-2, row(s+"Voltage", 9, 16)),
		row(s+"RemainingCapacity", 12, 8), in(second, 0, row(s+"RunTimeToEmpty", 12, 16)),
		row(s+"WarningCapacityLimit", 15, 8), row(s+"RemainingCapacityLimit", 17, 8),
		in(second, 0, describe.Field{Path: s + "DelayBeforeShutdown", Report: 21, Bits: 16, Signed: true, Feature: true, Writable: true}),
		in(second, 0, row(s+"RemainingTimeLimit", 23, 16)),
		{Path: s + "AudibleAlarmControl", Report: 24, Bits: 8, Feature: true, Writable: true},
		row(b+"ManufacturerDate", 32, 16), row(b+"Test", 33, 8), {Path: b + "ff860016", Report: 28, Bits: 24, Feature: true},
		row(i+"ConfigVoltage", 48, 8), in(volt, voltExponent, row(i+"Voltage", 49, 16)),
		in(volt, voltExponent, row(i+"LowVoltageTransfer", 50, 16)), in(volt, voltExponent, row(i+"HighVoltageTransfer", 51, 16)),
		row(i+"ff860061", 53, 8), row("UPS.PowerConverter.PercentLoad", 80, 8), in(watt, wattExponent, row("UPS.PowerConverter.ConfigActivePower", 82, 16)),
		{Path: "UPS.ff860005.ff86007d", Report: 65, Bits: 16, Signed: true, Feature: true, Writable: true},
	}
	for _, flag := range []string{"Charging", "Discharging", "ACPresent", "BatteryPresent", "BelowRemainingCapacityLimit", "ShutdownImminent", "RemainingTimeLimitExpired", "NeedReplacement", "Overload"} {
		list = append(list, statusRow(s+"PresentStatus."+flag, 22))
	}
	return list
}

var backUPSNumbers = numbers{
	"UPS.PowerSummary.iProduct": 2, "UPS.PowerSummary.iSerialNumber": 3, "UPS.PowerSummary.iDeviceChemistry": 4, "UPS.PowerSummary.iManufacturer": 1,
	"UPS.PowerSummary.ConfigVoltage": 1200, "UPS.PowerSummary.Voltage": 1365, "UPS.PowerSummary.RemainingCapacity": 97, "UPS.PowerSummary.RunTimeToEmpty": 2034,
	"UPS.PowerSummary.WarningCapacityLimit": 50, "UPS.PowerSummary.RemainingCapacityLimit": 10, "UPS.PowerSummary.DelayBeforeShutdown": -1,
	"UPS.PowerSummary.RemainingTimeLimit": 120, "UPS.PowerSummary.AudibleAlarmControl": 2,
	// 2 December 2019 is 39 years after 1980: 39·512 + 12·32 + 2.
	"UPS.Battery.ManufacturerDate": 39*512 + 12*32 + 2, "UPS.Battery.Test": 6, "UPS.Battery.ff860016": 0x092501,
	"UPS.Input.ConfigVoltage": 230, "UPS.Input.Voltage": 236, "UPS.Input.LowVoltageTransfer": 176, "UPS.Input.HighVoltageTransfer": 282, "UPS.Input.ff860061": 1,
	"UPS.PowerConverter.PercentLoad": 14, "UPS.PowerConverter.ConfigActivePower": 390, "UPS.ff860005.ff86007d": -1,
	"UPS.PowerSummary.PresentStatus.ACPresent": 1, "UPS.PowerSummary.PresentStatus.BatteryPresent": 1, "UPS.PowerSummary.PresentStatus.Charging": 1,
}

// TestBackUPS: the names, numbers and words are those that usbhid-ups makes of such a
// unit by its table (apc-hid.c): 25 variables beside those of every unit. Two of them
// are delays of a cut that is never made here.
func TestBackUPS(t *testing.T) {
	u := newUnit(t, hid.Info{Vendor: VendorAPC, Product: 2, Manufacturer: "American Power Conversion", ProductName: "Back-UPS BX700 FW:926.T2 .I USB FW:T2", Serial: "3B0000000000"}, backUPS(), backUPSNumbers)
	check(t, u.decoder(t, map[uint8]string{4: "PbAc"}).Variables(), `
		battery.charge: 97
		battery.charge.low: 10
		battery.charge.warning: 50
		battery.date: 2001/09/25
		battery.mfr.date: 2019/12/02
		battery.runtime: 2034
		battery.runtime.low: 120
		battery.type: PbAc
		battery.voltage: 13.7
		battery.voltage.nominal: 12.0
		device.mfr: American Power Conversion
		device.model: Back-UPS BX700
		device.serial: 3B0000000000
		device.type: ups
		input.sensitivity: medium
		input.transfer.high: 282
		input.transfer.low: 176
		input.voltage: 236.0
		input.voltage.nominal: 230
		ups.beeper.status: enabled
		ups.firmware: 926.T2 .I
		ups.firmware.aux: T2
		ups.load: 14
		ups.mfr: American Power Conversion
		ups.model: Back-UPS BX700
		ups.productid: 0002
		ups.realpower.nominal: 390
		ups.serial: 3B0000000000
		ups.status: OL CHRG
		ups.test.result: No test initiated
		ups.timer.shutdown: -1
		ups.vendorid: 051d`)
}

// cyberPower is a unit in the form of CyberPower's: delays in minutes, load, test and
// timers at the output, and a battery that is more than full.
func cyberPower() []describe.Field {
	const s, i, o = "UPS.PowerSummary.", "UPS.Input.", "UPS.Output."
	minutes := func(path string, report uint8) describe.Field {
		return describe.Field{Path: path, Report: report, Bits: 16, Signed: true, Feature: true, Writable: true, Unit: second}
	}
	list := []describe.Field{
		row(s+"iProduct", 1, 8), row(s+"iDeviceChemistry", 3, 8), row(s+"iManufacturer", 13, 8),
		row(s+"WarningCapacityLimit", 7, 8), row(s+"RemainingCapacityLimit", 7, 8), row(s+"FullChargeCapacity", 7, 8), row(s+"CapacityMode", 6, 8),
		row(s+"RemainingCapacity", 8, 8), in(second, 0, row(s+"RunTimeToEmpty", 8, 16)), in(second, 0, row(s+"RemainingTimeLimit", 8, 16)),
		in(volt, voltExponent-1, row(s+"ConfigVoltage", 9, 8)), in(volt, voltExponent-1, row(s+"Voltage", 10, 16)),
		{Path: s + "AudibleAlarmControl", Report: 12, Bits: 8, Feature: true, Writable: true},
		in(volt, voltExponent, row(i+"ConfigVoltage", 14, 16)), in(volt, voltExponent, row(i+"Voltage", 15, 16)), row(i+"Frequency", 17, 16),
		in(volt, voltExponent, row(i+"LowVoltageTransfer", 16, 16)), in(volt, voltExponent, row(i+"HighVoltageTransfer", 16, 16)),
		in(volt, voltExponent, row(o+"Voltage", 18, 16)), row(o+"PercentLoad", 19, 8), row(o+"Test", 20, 8),
		minutes(o+"DelayBeforeShutdown", 21), minutes(o+"DelayBeforeStartup", 22), in(watt, wattExponent, row(o+"ConfigActivePower", 24, 16)),
		row(s+"ff0100d0", 30, 8), row(o+"ff010043", 31, 8),
		statusRow(o+"Overload", 25), statusRow(o+"Boost", 25),
	}
	for _, flag := range []string{"ACPresent", "Charging", "Discharging", "BelowRemainingCapacityLimit", "FullyCharged", "RemainingTimeLimitExpired"} {
		list = append(list, statusRow(s+"PresentStatus."+flag, 11))
	}
	return list
}

var cyberPowerNumbers = numbers{
	"UPS.PowerSummary.iProduct": 2, "UPS.PowerSummary.iDeviceChemistry": 4, "UPS.PowerSummary.iManufacturer": 3,
	"UPS.PowerSummary.WarningCapacityLimit": 20, "UPS.PowerSummary.RemainingCapacityLimit": 10, "UPS.PowerSummary.FullChargeCapacity": 100, "UPS.PowerSummary.CapacityMode": 2,
	"UPS.PowerSummary.RemainingCapacity": 106, "UPS.PowerSummary.RunTimeToEmpty": 3480, "UPS.PowerSummary.RemainingTimeLimit": 300,
	"UPS.PowerSummary.ConfigVoltage": 240, "UPS.PowerSummary.Voltage": 405, "UPS.PowerSummary.AudibleAlarmControl": 1,
	"UPS.Input.ConfigVoltage": 120, "UPS.Input.Voltage": 122, "UPS.Input.Frequency": 599, "UPS.Input.LowVoltageTransfer": 96, "UPS.Input.HighVoltageTransfer": 140,
	"UPS.Output.Voltage": 122, "UPS.Output.PercentLoad": 21, "UPS.Output.Test": 1, "UPS.Output.DelayBeforeShutdown": -1, "UPS.Output.DelayBeforeStartup": -1,
	"UPS.Output.ConfigActivePower": 900, "UPS.PowerSummary.ff0100d0": 5, "UPS.Output.ff010043": 1, "UPS.PowerSummary.PresentStatus.ACPresent": 1, "UPS.PowerSummary.PresentStatus.FullyCharged": 1,
}

// TestCyberPower: 106 % is full, 40.5 V of a battery of 24 V are two thirds of it
// (27.0), and a frequency without its exponent is tenths (cps-hid.c).
func TestCyberPower(t *testing.T) {
	u := newUnit(t, hid.Info{Vendor: VendorCyberPower, Product: 0x0501, Manufacturer: "CPS", ProductName: "CP1500PFCLCD"}, cyberPower(), cyberPowerNumbers)
	check(t, u.decoder(t, map[uint8]string{4: "PbAcid", 5: "CR01802B7H21"}).Variables(), `
		battery.charge: 100
		battery.charge.low: 10
		battery.charge.warning: 20
		battery.runtime: 3480
		battery.runtime.low: 300
		battery.type: PbAcid
		battery.voltage: 27.0
		battery.voltage.nominal: 24
		device.mfr: CPS
		device.model: CP1500PFCLCD
		device.type: ups
		input.frequency: 59.9
		input.sensitivity: normal
		input.transfer.high: 140
		input.transfer.low: 96
		input.voltage: 122.0
		input.voltage.nominal: 120
		output.voltage: 122.0
		ups.beeper.status: disabled
		ups.firmware: CR01802B7H21
		ups.load: 21
		ups.mfr: CPS
		ups.model: CP1500PFCLCD
		ups.productid: 0501
		ups.realpower.nominal: 900
		ups.status: OL
		ups.test.result: Done and passed
		ups.timer.shutdown: -1
		ups.timer.start: -1
		ups.vendorid: 0764`)
}

func check(t *testing.T, got ups.Variables, lines string) {
	t.Helper()
	want := ups.Variables{}
	for line := range strings.Lines(lines) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ": "); ok {
			want[name] = value
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("variables (-want +got):\n%s", diff)
	}
}

// TestStatuses: each word of ups.status, by the flags of the class that say it.
func TestStatuses(t *testing.T) {
	const p = "UPS.PowerSummary.PresentStatus."
	words := map[string]numbers{
		"OL":               {p + "ACPresent": 1},
		"OL CHRG":          {p + "ACPresent": 1, p + "Charging": 1},
		"OB DISCHRG":       {p + "Discharging": 1},
		"OB DISCHRG LB":    {p + "Discharging": 1, p + "BelowRemainingCapacityLimit": 1},
		"OB DISCHRG LB t":  {p + "Discharging": 1, p + "RemainingTimeLimitExpired": 1},
		"ALARM OL RB":      {p + "ACPresent": 1, p + "NeedReplacement": 1},
		"ALARM OL RB gone": {p + "ACPresent": 1, p + "BatteryPresent": 0},
		"OL OVER":          {p + "ACPresent": 1, p + "Overload": 1},
		"OL TRIM":          {p + "ACPresent": 1, p + "Buck": 1},
		"OL BOOST":         {p + "ACPresent": 1, p + "Boost": 1},
		"OL OFF":           {p + "ACPresent": 1, p + "Good": 0},
		"":                 {}, // neither mains nor battery: nothing is known
	}
	fields := []describe.Field{row("UPS.PowerSummary.RemainingCapacity", 2, 8)}
	flagNames := []string{"ACPresent", "Charging", "Discharging", "BelowRemainingCapacityLimit", "RemainingTimeLimitExpired", "NeedReplacement", "BatteryPresent", "Overload", "Buck", "Boost", "Good"}
	for want, set := range words {
		list := fields
		for _, name := range flagNames {
			if _, given := set[p+name]; given || name == "Charging" && want != "" {
				list = append(list[:len(list):len(list)], statusRow(p+name, 1))
			}
		}
		set["UPS.PowerSummary.RemainingCapacity"] = 60
		want = strings.TrimSuffix(strings.TrimSuffix(want, " gone"), " t")
		got := newUnit(t, hid.Info{Vendor: 0x1234, Product: 1}, list, set).decoder(t, nil).Variables()["ups.status"]
		if got != want {
			t.Errorf("%v: %q, want %q", set, got, want)
		}
	}
}

// TestPlaces: what a unit has at another place, or counts otherwise, or says in input
// reports alone, is what it is.
func TestPlaces(t *testing.T) {
	for name, c := range map[string]struct {
		fields []describe.Field
		values numbers
		want   ups.Snapshot
	}{
		"ampere seconds by the unit": {
			[]describe.Field{in(ampereSecond, 0, row("UPS.PowerSummary.RemainingCapacity", 1, 16)), in(ampereSecond, 0, row("UPS.PowerSummary.FullChargeCapacity", 2, 16)), statusRow("UPS.PowerSummary.PresentStatus.ACPresent", 3)},
			numbers{"UPS.PowerSummary.RemainingCapacity": 300, "UPS.PowerSummary.FullChargeCapacity": 400, "UPS.PowerSummary.PresentStatus.ACPresent": 1},
			ups.Snapshot{Status: ups.Online, Charge: ups.Known(75)},
		},
		"milliampere hours by the mode": {
			[]describe.Field{row("UPS.PowerSummary.RemainingCapacity", 1, 16), row("UPS.PowerSummary.FullChargeCapacity", 2, 16), row("UPS.PowerSummary.CapacityMode", 3, 8), statusRow("UPS.PowerSummary.PresentStatus.ACPresent", 4)},
			numbers{"UPS.PowerSummary.RemainingCapacity": 3500, "UPS.PowerSummary.FullChargeCapacity": 7000, "UPS.PowerSummary.CapacityMode": 0, "UPS.PowerSummary.PresentStatus.ACPresent": 1},
			ups.Snapshot{Status: ups.Online, Charge: ups.Known(50)},
		},
		"no full charge to compare with": {
			[]describe.Field{row("UPS.PowerSummary.RemainingCapacity", 1, 16), row("UPS.PowerSummary.CapacityMode", 3, 8), statusRow("UPS.PowerSummary.PresentStatus.ACPresent", 4)},
			numbers{"UPS.PowerSummary.RemainingCapacity": 80, "UPS.PowerSummary.CapacityMode": 1, "UPS.PowerSummary.PresentStatus.ACPresent": 1},
			ups.Snapshot{Status: ups.Online},
		},
		"battery system": {
			[]describe.Field{row("UPS.BatterySystem.Battery.RemainingCapacity", 1, 8), in(second, 0, row("UPS.BatterySystem.Battery.RunTimeToEmpty", 1, 16)), statusRow("UPS.BatterySystem.Battery.PresentStatus.Discharging", 2), row("UPS.PowerConverter.Output.PercentLoad", 3, 8)},
			numbers{"UPS.BatterySystem.Battery.RemainingCapacity": 40, "UPS.BatterySystem.Battery.RunTimeToEmpty": 900, "UPS.BatterySystem.Battery.PresentStatus.Discharging": 1, "UPS.PowerConverter.Output.PercentLoad": 33},
			ups.Snapshot{Status: ups.OnBattery | ups.Discharging, Charge: ups.Known(40), Runtime: ups.Known(900), Load: ups.Known(33)},
		},
		"status in input reports alone": {
			[]describe.Field{{Path: "UPS.PresentStatus.ACPresent", Report: 1, Bits: 1, Input: true}, {Path: "UPS.PresentStatus.BelowRemainingCapacityLimit", Report: 1, Bits: 1, Input: true}, row("UPS.PowerSummary.RemainingCapacity", 2, 8)},
			numbers{"UPS.PresentStatus.ACPresent": 0, "UPS.PresentStatus.BelowRemainingCapacityLimit": 1, "UPS.PowerSummary.RemainingCapacity": 9},
			ups.Snapshot{Status: ups.OnBattery | ups.LowBattery, Low: ups.BelowCapacity, Charge: ups.Known(9)},
		},
	} {
		got := newUnit(t, hid.Info{Vendor: 0x1234, Product: 1}, c.fields, c.values).decoder(t, nil).Snapshot()
		if got.Status != c.want.Status || got.Low != c.want.Low || got.Charge != c.want.Charge || got.Runtime != c.want.Runtime || got.Load != c.want.Load {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// TestTables: every path can be written as usages, nothing can be set, and no command
// takes power away.
func TestTables(t *testing.T) {
	for _, f := range Families {
		seen := map[string]bool{}
		for _, v := range f.Variables {
			if seen[v.Name] {
				t.Errorf("%s: %s stands in two rows", f.Name, v.Name)
			}
			seen[v.Name] = true
			for _, s := range v.From {
				if _, err := hid.ParsePath(s.Path); err != nil {
					t.Errorf("%s: %s: %v", f.Name, v.Name, err)
				}
				if s.Settable {
					t.Errorf("%s: %s can be set", f.Name, v.Name)
				}
			}
		}
		for _, c := range f.Commands {
			if c.Cuts || !strings.HasPrefix(c.Name, "beeper.") {
				t.Errorf("%s: %s", f.Name, c.Name)
			}
		}
		for _, row := range f.Flags {
			for _, path := range row.Paths {
				if _, err := hid.ParsePath(path); err != nil {
					t.Errorf("%s: %v", f.Name, err)
				}
			}
		}
		if len(f.Settings)+len(f.CommandSettings) > 0 {
			t.Errorf("%s has settings", f.Name)
		}
	}
}
