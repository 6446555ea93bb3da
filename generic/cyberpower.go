package generic

import (
	"strconv"

	"ecnutd/hid/power/family"
)

// VendorCyberPower is the USB vendor id of Cyber Power Systems.
const VendorCyberPower = 0x0764

// CyberPower's usages on its vendor page ff01, named as NUT's cps-hid.c does.
const (
	cpsSensitivity = "UPS.Output.ff010043"       // CPSInputSensitivity
	cpsFirmware    = "UPS.PowerSummary.ff0100d0" // CPSFirmwareVersion, the index of a string
)

const (
	pathBatteryVoltage = "UPS.PowerSummary.Voltage"
	pathBatteryNominal = "UPS.PowerSummary.ConfigVoltage"
)

var (
	cpsSensitivities = family.Enum(map[int]string{0: "low", 1: "normal", 2: "high"})
	cpsVoltage       = family.Format{Print: printCPSVoltage}
	cpsFrequency     = family.Format{Print: printCPSFrequency}
)

// printCPSVoltage takes two thirds of a voltage that no battery of its kind has: some
// units say half as much again as there is (NUT, cps-hid.c: above 1.4 of the nominal).
func printCPSVoltage(d family.Device, v float64) (string, bool) {
	if nominal, known := d.Number(pathBatteryNominal); known && nominal > 0 && v > 1.4*nominal {
		v = v * 2 / 3
	}
	return strconv.FormatFloat(v, 'f', 1, 64), true
}

// printCPSFrequency takes tenths of a hertz for what they are: some units leave their
// exponent out, and say 499 for 49.9 Hz (NUT, cps-hid.c).
func printCPSFrequency(_ family.Device, v float64) (string, bool) {
	if v > 200 {
		v /= 10
	}
	return strconv.FormatFloat(v, 'f', 1, 64), true
}

// CyberPower serves the units of Cyber Power Systems, also under other brands.
var CyberPower = &family.Family{
	Name: "cyberpower", Vendors: []uint16{VendorCyberPower}, Others: []family.ID{{Vendor: 0x0483, Product: 0xa430}},
	Variables: with(variables,
		family.Variable{Name: "battery.voltage", From: []family.Source{{Path: pathBatteryVoltage, As: cpsVoltage, Every: full}}},
		family.Variable{Name: "battery.voltage.nominal", From: []family.Source{{Path: pathBatteryNominal, As: integer, Every: once}}},
		family.Variable{Name: "input.frequency", From: []family.Source{{Path: "UPS.Input.Frequency", As: cpsFrequency, Every: full}}},
		family.Variable{Name: "output.frequency", From: []family.Source{{Path: "UPS.Output.Frequency", As: cpsFrequency, Every: full}}},
		family.Variable{Name: "input.sensitivity", From: []family.Source{{Path: cpsSensitivity, As: cpsSensitivities, Every: rarely}}},
		family.Variable{Name: "ups.firmware", From: []family.Source{{Path: cpsFirmware, As: family.USBString, Every: once}}},
	),
	Lines: lines, Flags: flags, TransferReasons: transferReasons, Commands: commands,
	Paths: func() family.Paths {
		p := paths
		p.Test = "UPS.Output.Test"
		p.Overfull = true
		return p
	}(),
	Quirks: []family.Quirk{
		{Name: "more than full", Reason: "units say up to 106 % of a full battery; NUT shows 100 (cps-hid.c)"},
		{Name: "battery voltage of half as much again", Reason: "two thirds of it are shown where it is above 1.4 of the nominal"},
		{Name: "delays in minutes", Reason: "the output's timers count minutes, and 20 s are rounded to none: the output is never cut"},
	},
}
