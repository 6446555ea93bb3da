package eaton

import (
	"ecnutd/hid/power/family"
	"ecnutd/ups"
)

const pathBatteryFeeds = "UPS.PowerConverter.Input.[3].PresentStatus.Used"

// lines are the fields that tell mains from battery, in the order of trust:
// the first one that the device has and that has a value decides.
var lines = []family.Line{
	{Path: family.PathStatus + "ACPresent", OnMains: family.Set, Why: "the plain statement of the Power Device Class; every unit of the family seen so far has it", Unless: [][]string{
		// Mains is there, out of range, and the battery feeds: that ends like any outage.
		{family.PathStatus + "Discharging", pathBatteryFeeds, "UPS.PowerConverter.Input.[1].PresentStatus.VoltageOutOfRange"},
		{family.PathStatus + "Discharging", pathBatteryFeeds, "UPS.PowerConverter.Input.[1].PresentStatus.FrequencyOutOfRange"},
	}},
	{Path: pathBatteryFeeds, OnMains: family.Clear, Why: "input 3 is the battery: units that feed from it are not on mains"},
	{Path: "UPS.PowerConverter.Input.[1].PresentStatus.Used", OnMains: family.Set, Why: "input 1 is the mains converter"},
	{Path: "UPS.PowerConverter.Input.[1].PresentStatus.VoltageTooLow", OnMains: family.Clear, Why: "old units say only that the mains voltage is too low"},
}

// flags are the status flags and alarms of the family, with the paths that
// NUT's mge-hid driver reads. Each flag of PowerSummary.PresentStatus that
// decides about a shutdown is asked quickly.
var flags = []family.Flag{
	{Low: ups.BelowCapacity, Paths: []string{family.PathStatus + "BelowRemainingCapacityLimit"}, PollAs: quick},
	{Low: ups.TimeExpired, Paths: []string{family.PathStatus + "RemainingTimeLimitExpired"}, PollAs: quick},
	{Low: ups.ShutdownImminent, Alarm: "Shutdown imminent!", Paths: []string{family.PathStatus + "ShutdownImminent"}, PollAs: quick},
	{Bit: ups.Discharging, Paths: []string{family.PathStatus + "Discharging"}, PollAs: quick},
	{Bit: ups.Charging, Paths: []string{family.PathStatus + "Charging"}, PollAs: quick},

	{Bit: ups.Off, When: family.Clear, Paths: []string{family.PathStatus + "Good"}, PollAs: full},
	{Bit: ups.Overloaded, Paths: []string{
		family.PathStatus + "Overload",
		"UPS.PowerConverter.Output.Overload.[1].PresentStatus.OverThreshold",
		"UPS.PowerConverter.Output.Overload.[2].PresentStatus.OverThreshold",
	}, PollAs: full},
	{Bit: ups.ReplaceBattery, Alarm: "Replace battery!", Paths: []string{
		family.PathStatus + "NeedReplacement",
		"UPS.LCMSystem.LCMAlarm.[2].PresentStatus.TimerExpired",
	}, PollAs: full},
	{Bit: ups.ReplaceBattery, Alarm: "No battery installed!", When: family.Clear, Paths: []string{
		"UPS.BatterySystem.Battery.PresentStatus.Present",
	}, PollAs: full},
	{Bit: ups.Trimming, Paths: []string{"UPS.PowerConverter.Input.[1].PresentStatus.Buck"}, PollAs: full},
	{Bit: ups.Boosting, Paths: []string{"UPS.PowerConverter.Input.[1].PresentStatus.Boost"}, PollAs: full},
	// A unit that saves energy feeds its load through the bypass on purpose, and
	// says so at input 5: 1 is ECO mode, 2 ESS.
	{Bit: ups.Bypassed, Alarm: "Automatic bypass mode!", Paths: []string{
		"UPS.PowerConverter.Input.[2].PresentStatus.Used",
	}, Unless: []string{"UPS.PowerConverter.Input.[5].PresentStatus.Used"}, PollAs: full},
	{Bit: ups.Bypassed, Alarm: "Manual bypass mode!", Paths: []string{
		"UPS.PowerConverter.Input.[4].PresentStatus.Used",
	}, PollAs: full},

	{Alarm: "Fan failure!", Paths: []string{family.PathStatus + "FanFailure"}, PollAs: full},
	{Alarm: "Battery charger fail!", Paths: []string{"UPS.BatterySystem.Charger.PresentStatus.InternalFailure"}, PollAs: full},
	{Alarm: "Battery voltage too high!", Paths: []string{
		"UPS.BatterySystem.Charger.PresentStatus.VoltageTooHigh",
		"UPS.BatterySystem.Battery.PresentStatus.VoltageTooHigh",
		"UPS.PowerConverter.Input.[1].PresentStatus.VoltageTooHigh",
	}, PollAs: full},
	{Alarm: "Battery voltage too low!", Paths: []string{"UPS.BatterySystem.Charger.PresentStatus.VoltageTooLow"}, PollAs: full},
	{Alarm: "Internal UPS fault!", Paths: []string{family.PathStatus + "InternalFailure"}, PollAs: full},
	{Alarm: "Temperature too high!", Paths: []string{family.PathStatus + "OverTemperature"}, PollAs: full},
	{Alarm: "Emergency stop!", Paths: []string{family.PathStatus + "EmergencyStop"}, PollAs: full},
	{Alarm: "Wiring fault!", Paths: []string{"UPS.PowerConverter.Input.[1].PresentStatus.WiringFault"}, PollAs: full},
	// NUT calls it "Fatal EEPROM fault!"; it was seen after an update of the
	// firmware, which resets the settings (NUT issue 2101).
	{Alarm: "The settings of the UPS were reset!", Paths: []string{family.PathStatus + "ConfigurationFailure"}, PollAs: full},
	{Alarm: "Inverter AC voltage too high!", Paths: []string{"UPS.PowerConverter.Inverter.PresentStatus.VoltageTooHigh"}, PollAs: full},
	{Alarm: "Inverter AC voltage too low!", Paths: []string{"UPS.PowerConverter.Inverter.PresentStatus.VoltageTooLow"}, PollAs: full},
	{Alarm: "Output short circuit!", Paths: []string{"UPS.PowerConverter.Output.PresentStatus.ShortCircuit"}, PollAs: full},
}

// transferReasons are the texts of input.transfer.reason.
var transferReasons = []family.TransferReason{
	{Path: "UPS.PowerConverter.Input.[1].PresentStatus.VoltageOutOfRange", Text: "input voltage out of range"},
	{Path: "UPS.PowerConverter.Input.[1].PresentStatus.FrequencyOutOfRange", Text: "input frequency out of range"},
}

// chargers are the charger's three-stage scheme that Eaton calls ABM.
var chargers = []family.Charger{
	{Enable: pathABMEnable, Mode: pathChargerMode, Stages: map[int]ups.Status{
		1: ups.Charging, 2: ups.Discharging, 3: ups.Charging, // charging, discharging, floating
	}},
	{Enable: pathABMEnable, Mode: pathChargerStatus, Stages: map[int]ups.Status{
		1: ups.Charging, 2: ups.Charging, 4: ups.Discharging, // charging, floating, discharging
	}},
}
