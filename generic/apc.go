package generic

import (
	"ecnutd/hid/power/family"
	"ecnutd/ups"
)

// VendorAPC is the USB vendor id of American Power Conversion.
const VendorAPC = 0x051d

// APC's usages on its vendor page ff86, named as NUT's apc-hid.c does.
const (
	apcBatteryDate = "ff860016" // APCBattReplaceDate
	apcStatusFlag  = "ff860060" // APCStatusFlag
	apcSensitivity = "ff860061" // APCSensitivity
	apcReboot      = "ff86007c" // APCDelayBeforeReboot
	apcGeneral     = "UPS.ff860005."
)

var apcSensitivities = family.Enum(map[int]string{0: "low", 1: "medium", 2: "high"})

// apcDate is a date in three bytes, the month, the day and the year in two decimal
// digits each, written as hexadecimal ones: 0x092501 is the 25th of September 2001
// (NUT, apc-hid.c).
var apcDate = family.Format{Print: printAPCDate}

// APC serves Back-UPS and Smart-UPS units.
var APC = &family.Family{
	Name: "apc", Vendors: []uint16{VendorAPC},
	Variables: with(variables,
		family.Variable{Name: "battery.date", From: []family.Source{{Path: "UPS.Battery." + apcBatteryDate, As: apcDate, Every: once}}},
		family.Variable{Name: "battery.mfr.date", From: []family.Source{{Path: "UPS.PowerSummary." + apcBatteryDate, As: apcDate, Every: once}}},
		family.Variable{Name: "input.sensitivity", From: []family.Source{{Path: "UPS.Input." + apcSensitivity, As: apcSensitivities, Every: rarely}}},
		family.Variable{Name: "ups.firmware", From: from(productPaths, family.Format{Print: printFirmware}, once)},
		family.Variable{Name: "ups.firmware.aux", From: from(productPaths, family.Format{Print: printAuxFirmware}, once)},
		family.Variable{Name: "ups.timer.reboot", From: []family.Source{{Path: apcGeneral + apcReboot, As: integer, Every: full}}},
	),
	Lines: lines,
	Flags: append(flags[:len(flags):len(flags)],
		// 8 while all is well, 16 at the start, 0 off: a Back-UPS LS 500 (NUT, apc-hid.c).
		family.Flag{Bit: ups.Off, When: family.Clear, Paths: []string{"UPS.PowerSummary." + apcStatusFlag}, PollAs: full},
	),
	TransferReasons: transferReasons,
	Commands:        commands,
	Paths: func() family.Paths {
		p := paths
		p.Test = "UPS.Battery.Test"
		p.Product = apcModel
		return p
	}(),
	Quirks: []family.Quirk{
		{Name: "firmware in the name", Reason: "the product string has the firmware behind FW: and USB FW:, which are variables of their own"},
	},
}
