package sim

import (
	"ecnutd/hid"
	"ecnutd/internal/sim/describe"
)

// Units of other makers, in the form that public dumps show: where each puts its
// figures, in which units, and what it has on its maker's page. Numbers and report ids
// are of ours.

// Units of the HID system (HID 1.11 §6.2.2.7).
const (
	unitVolt, unitWatt, unitSecond = 0x00f0d121, 0x0000d121, 0x00001001
	exponentOfOne                  = 7 // volts and watts are 10^7 of the system's own
)

func feature(path string, report uint8, bits int) describe.Field {
	return describe.Field{Path: path, Report: report, Bits: bits, Feature: true}
}

func volts(path string, report uint8, bits, exponent int) describe.Field {
	f := feature(path, report, bits)
	f.Unit, f.Exponent = unitVolt, exponentOfOne+exponent
	return f
}

func watts(path string, report uint8) describe.Field {
	f := feature(path, report, 16)
	f.Unit, f.Exponent = unitWatt, exponentOfOne
	return f
}

// seconds are a span that is also pushed.
func seconds(path string, report uint8) describe.Field {
	return describe.Field{Path: path, Report: report, Bits: 16, Unit: unitSecond, Feature: true, Input: true}
}

// timer can be written.
func timer(path string, report uint8) describe.Field {
	return describe.Field{Path: path, Report: report, Bits: 16, Signed: true, Unit: unitSecond, Feature: true, Writable: true}
}

func beeper(report uint8) describe.Field {
	return describe.Field{Path: "UPS.PowerSummary.AudibleAlarmControl", Report: report, Bits: 8, Feature: true, Writable: true}
}

// statusBits are flags of one report, pushed when they change; askable ones stand in
// the feature report too.
func statusBits(report uint8, askable bool, names ...string) []describe.Field {
	var list []describe.Field
	for _, name := range names {
		list = append(list, describe.Field{Path: pathStatus + name, Report: report, Bits: 1, Input: true, Feature: askable})
	}
	return list
}

// others are the models.
var others = []model{
	{
		name: "apc-back-ups",
		info: hid.Info{Vendor: 0x051d, Product: 0x0002, Release: 0x0106, Name: "American Power Conversion Back-UPS BX700", Manufacturer: "American Power Conversion", ProductName: "Back-UPS BX700 FW:926.T2 .I USB FW:T2", Serial: "3B0000000000", Usage: hid.UsageUPS},
		fields: append([]describe.Field{
			feature("UPS.PowerSummary.iProduct", 1, 8), feature("UPS.PowerSummary.iSerialNumber", 2, 8), feature("UPS.PowerSummary.iDeviceChemistry", 3, 8),
			feature("UPS.PowerSummary.iManufacturer", 10, 8), volts("UPS.PowerSummary.ConfigVoltage", 8, 16, -2), volts("UPS.PowerSummary.Voltage", 9, 16, -2),
			{Path: pathCharge, Report: 12, Bits: 8, Feature: true, Input: true}, seconds(pathRuntime, 12),
			feature("UPS.PowerSummary.WarningCapacityLimit", 15, 8), feature(pathLimit, 17, 8), timer(pathShutdown, 21),
			feature("UPS.PowerSummary.RemainingTimeLimit", 23, 16), beeper(24),
			feature("UPS.Battery.ManufacturerDate", 32, 16), feature("UPS.Battery.Test", 33, 8),
			feature("UPS.Input.ConfigVoltage", 48, 8), volts("UPS.Input.Voltage", 49, 16, 0), volts("UPS.Input.LowVoltageTransfer", 50, 16, 0), volts("UPS.Input.HighVoltageTransfer", 51, 16, 0),
			feature("UPS.Input.ff860061", 53, 8), feature("UPS.PowerConverter.PercentLoad", 80, 8), watts("UPS.PowerConverter.ConfigActivePower", 82),
		}, statusBits(22, true, "Charging", "Discharging", "ACPresent", "BatteryPresent", "BelowRemainingCapacityLimit", "ShutdownImminent", "NeedReplacement", "Overload")...),
		numbers: map[string]int64{
			"UPS.PowerSummary.iProduct": 2, "UPS.PowerSummary.iSerialNumber": 3, "UPS.PowerSummary.iDeviceChemistry": 4, "UPS.PowerSummary.iManufacturer": 1,
			"UPS.PowerSummary.ConfigVoltage": 1200, "UPS.PowerSummary.Voltage": 1365, "UPS.PowerSummary.WarningCapacityLimit": 50, pathLimit: 10,
			"UPS.PowerSummary.RemainingTimeLimit": 120, "UPS.PowerSummary.AudibleAlarmControl": 2, "UPS.Battery.ManufacturerDate": 39<<9 | 12<<5 | 2, "UPS.Battery.Test": 6,
			"UPS.Input.ConfigVoltage": 230, "UPS.Input.Voltage": 236, "UPS.Input.LowVoltageTransfer": 176, "UPS.Input.HighVoltageTransfer": 282, "UPS.Input.ff860061": 1,
			"UPS.PowerConverter.ConfigActivePower": 390, pathStatus + "BatteryPresent": 1,
		},
		strings: map[uint8]string{1: "American Power Conversion", 2: "Back-UPS BX700 FW:926.T2 .I USB FW:T2", 3: "3B0000000000", 4: "PbAc"},
		load:    14, battery: Battery{Runtime: 2034, AtLoad: 14},
	},
	{
		name: "cyberpower",
		info: hid.Info{Vendor: 0x0764, Product: 0x0501, Release: 0x0001, Name: "CPS CP1500PFCLCD", Manufacturer: "CPS", ProductName: "CP1500PFCLCD", Usage: hid.UsageUPS},
		fields: append([]describe.Field{
			feature("UPS.PowerSummary.iProduct", 1, 8), feature("UPS.PowerSummary.iDeviceChemistry", 3, 8), feature("UPS.PowerSummary.iManufacturer", 13, 8), feature("UPS.PowerSummary.CapacityMode", 6, 8),
			feature("UPS.PowerSummary.WarningCapacityLimit", 7, 8), feature(pathLimit, 7, 8), feature("UPS.PowerSummary.FullChargeCapacity", 7, 8),
			{Path: pathCharge, Report: 8, Bits: 8, Feature: true, Input: true}, seconds(pathRuntime, 8), seconds("UPS.PowerSummary.RemainingTimeLimit", 8),
			volts("UPS.PowerSummary.ConfigVoltage", 9, 8, -1), volts("UPS.PowerSummary.Voltage", 10, 16, -1), beeper(12),
			volts("UPS.Input.ConfigVoltage", 14, 16, 0), volts("UPS.Input.Voltage", 15, 16, 0), volts("UPS.Input.LowVoltageTransfer", 16, 16, 0), volts("UPS.Input.HighVoltageTransfer", 16, 16, 0),
			volts("UPS.Output.Voltage", 18, 16, 0), feature("UPS.Output.PercentLoad", 19, 8), feature("UPS.Output.Test", 20, 8),
			timer("UPS.Output.DelayBeforeShutdown", 21), timer("UPS.Output.DelayBeforeStartup", 22), watts("UPS.Output.ConfigActivePower", 24),
		}, statusBits(11, true, "ACPresent", "Charging", "Discharging", "BelowRemainingCapacityLimit", "FullyCharged", "RemainingTimeLimitExpired")...),
		numbers: map[string]int64{
			"UPS.PowerSummary.iProduct": 2, "UPS.PowerSummary.iDeviceChemistry": 4, "UPS.PowerSummary.iManufacturer": 3, "UPS.PowerSummary.CapacityMode": 2,
			"UPS.PowerSummary.WarningCapacityLimit": 20, pathLimit: 10, "UPS.PowerSummary.FullChargeCapacity": 100, "UPS.PowerSummary.RemainingTimeLimit": 300,
			"UPS.PowerSummary.ConfigVoltage": 240, "UPS.PowerSummary.Voltage": 270, "UPS.PowerSummary.AudibleAlarmControl": 1,
			"UPS.Input.ConfigVoltage": 120, "UPS.Input.Voltage": 122, "UPS.Input.LowVoltageTransfer": 96, "UPS.Input.HighVoltageTransfer": 140, "UPS.Output.Voltage": 122,
			"UPS.Output.Test": 1, "UPS.Output.DelayBeforeShutdown": -1, "UPS.Output.DelayBeforeStartup": -1, "UPS.Output.ConfigActivePower": 900,
		},
		strings: map[uint8]string{2: "CP1500PFCLCD", 3: "CPS", 4: "PbAcid"},
		load:    21, battery: Battery{Runtime: 3480, AtLoad: 21},
	},
	{
		// A unit whose status stands in input reports alone.
		name: "input-status",
		info: hid.Info{Vendor: 0x5131, Product: 0x2007, Name: "a UPS", ProductName: "a UPS", Usage: hid.UsageUPS},
		fields: append([]describe.Field{feature(pathCharge, 2, 8), feature(pathRuntime, 2, 16), feature(pathLimit, 3, 8)},
			statusBits(1, false, "ACPresent", "Discharging", "BelowRemainingCapacityLimit")...),
		numbers: map[string]int64{pathLimit: 20},
		load:    20, battery: Battery{Runtime: 1200, AtLoad: 20},
	},
}
