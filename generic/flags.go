package generic

import (
	"ecnutd/hid/power/family"
	"ecnutd/ups"
)

// lines are the fields that tell mains from battery: ACPresent, wherever it stands. A
// unit that has none of them is on battery while it says that it discharges, and else
// says nothing, which is no health.
var lines = func() []family.Line {
	var list []family.Line
	for _, path := range at(statusPlaces, "ACPresent") {
		list = append(list, family.Line{Path: path, OnMains: family.Set, Why: "the plain statement of the Power Device Class"})
	}
	return list
}()

// flags are the status flags and alarms, at all places.
var flags = []family.Flag{
	{Low: ups.BelowCapacity, Paths: at(statusPlaces, "BelowRemainingCapacityLimit"), PollAs: quick},
	{Low: ups.TimeExpired, Paths: at(statusPlaces, "RemainingTimeLimitExpired"), PollAs: quick},
	{Low: ups.ShutdownImminent, Alarm: "Shutdown imminent!", Paths: at(statusPlaces, "ShutdownImminent"), PollAs: quick},
	{Bit: ups.Discharging, Paths: at(statusPlaces, "Discharging"), PollAs: quick},
	{Bit: ups.Charging, Paths: at(statusPlaces, "Charging"), PollAs: quick},

	{Bit: ups.Off, When: family.Clear, Paths: at(statusPlaces[:2], "Good"), PollAs: full},
	{Bit: ups.Overloaded, Paths: at(statusPlaces, "Overload"), PollAs: full},
	{Bit: ups.ReplaceBattery, Alarm: "Replace battery!", Paths: at(statusPlaces, "NeedReplacement"), PollAs: full},
	{Bit: ups.ReplaceBattery, Alarm: "No battery installed!", When: family.Clear, Paths: at(statusPlaces, "BatteryPresent"), PollAs: full},
	{Bit: ups.Trimming, Paths: at(statusPlaces, "Buck"), PollAs: full},
	{Bit: ups.Boosting, Paths: at(statusPlaces, "Boost"), PollAs: full},

	{Alarm: "Internal UPS fault!", Paths: at(statusPlaces, "InternalFailure"), PollAs: full},
	{Alarm: "Temperature too high!", Paths: at(statusPlaces, "OverTemperature"), PollAs: full},
}

// commands are all that such a unit is ever told.
var commands = []family.Command{
	{Name: "beeper.disable", Description: "Disable the UPS beeper", Steps: []family.Step{{Paths: beeperPlaces, Value: 1}}},
	{Name: "beeper.enable", Description: "Enable the UPS beeper", Steps: []family.Step{{Paths: beeperPlaces, Value: 2}}},
	{Name: "beeper.mute", Description: "Temporarily mute the UPS beeper", Steps: []family.Step{{Paths: beeperPlaces, Value: 3}}},
}

// transferReasons are the texts of input.transfer.reason.
var transferReasons = []family.TransferReason{
	{Path: "UPS.PowerConverter.Input.[1].PresentStatus.VoltageOutOfRange", Text: "input voltage out of range"},
	{Path: "UPS.PowerConverter.PresentStatus.VoltageOutOfRange", Text: "input voltage out of range"},
	{Path: "UPS.PowerConverter.PresentStatus.FrequencyOutOfRange", Text: "input frequency out of range"},
}

// paths are where the figures stand.
var paths = family.Paths{
	Test:        "UPS.BatterySystem.Battery.Test",
	Charge:      at(batteryPlaces, "RemainingCapacity"),
	Runtime:     at(batteryPlaces, "RunTimeToEmpty"),
	Load:        at(loadPlaces, "PercentLoad"),
	Discharging: at(statusPlaces, "Discharging"),
	Full:        "UPS.PowerSummary.FullChargeCapacity",
	Mode:        "UPS.PowerSummary.CapacityMode",
	Once:        []string{"UPS.PowerSummary.FullChargeCapacity", "UPS.PowerSummary.CapacityMode"},
}

// Family serves any UPS of the class that is of no family that is known.
var Family = &family.Family{
	Name: "generic", Any: true,
	Variables: variables, Lines: lines, Flags: flags, TransferReasons: transferReasons,
	Commands: commands, Paths: paths,
	Quirks: []family.Quirk{
		{Name: "charge in ampere seconds", Reason: "CapacityMode says in what the charge is counted, or the unit of its field; a percentage is made of it with FullChargeCapacity"},
		{Name: "status in input reports alone", Reason: "some units answer no feature report of their status: the input report is asked for"},
	},
}

// Families are all of this package, those of a maker first.
var Families = []*family.Family{APC, CyberPower, Family}
