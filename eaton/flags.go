package eaton

import "ecnutd/ups"

// A sense says which numbers of a field set a flag.
type sense uint8

const (
	set   sense = iota // any number but 0: some flags are whole bytes
	clear              // 0 sets it: the field says that all is well
)

// A flag is a bit of ups.status and the fields that say it: any of them sets
// it. An alarm is a text of ups.alarm.
type flag struct {
	bit    ups.Status
	low    ups.LowReason
	alarm  string
	when   sense
	paths  []string
	pollAs class
}

// lines are the fields that tell mains from battery, in the order of trust:
// the first one that the device has and that has a value decides.
var lines = []struct {
	path     string
	onMains  sense
	whyAlone string
}{
	{pathStatus + "ACPresent", set, "the plain statement of the Power Device Class; every unit of the family seen so far has it"},
	{"UPS.PowerConverter.Input.[3].PresentStatus.Used", clear, "input 3 is the battery: units that feed from it are not on mains"},
	{"UPS.PowerConverter.Input.[1].PresentStatus.Used", set, "input 1 is the mains converter"},
	{"UPS.PowerConverter.Input.[1].PresentStatus.VoltageTooLow", clear, "old units say only that the mains voltage is too low"},
}

// flags are the status flags and alarms of the family, with the paths that
// NUT's mge-hid driver reads. Each flag of PowerSummary.PresentStatus that
// decides about a shutdown is asked quickly.
var flags = []flag{
	{low: ups.BelowCapacity, paths: []string{pathStatus + "BelowRemainingCapacityLimit"}, pollAs: quick},
	{low: ups.TimeExpired, paths: []string{pathStatus + "RemainingTimeLimitExpired"}, pollAs: quick},
	{low: ups.ShutdownImminent, alarm: "Shutdown imminent!", paths: []string{pathStatus + "ShutdownImminent"}, pollAs: quick},
	{bit: ups.Discharging, paths: []string{pathStatus + "Discharging"}, pollAs: quick},
	{bit: ups.Charging, paths: []string{pathStatus + "Charging"}, pollAs: quick},

	{bit: ups.Off, when: clear, paths: []string{pathStatus + "Good"}, pollAs: full},
	{bit: ups.Overloaded, paths: []string{
		pathStatus + "Overload",
		"UPS.PowerConverter.Output.Overload.[1].PresentStatus.OverThreshold",
		"UPS.PowerConverter.Output.Overload.[2].PresentStatus.OverThreshold",
	}, pollAs: full},
	{bit: ups.ReplaceBattery, alarm: "Replace battery!", paths: []string{
		pathStatus + "NeedReplacement",
		"UPS.LCMSystem.LCMAlarm.[2].PresentStatus.TimerExpired",
	}, pollAs: full},
	{bit: ups.ReplaceBattery, alarm: "No battery installed!", when: clear, paths: []string{
		"UPS.BatterySystem.Battery.PresentStatus.Present",
	}, pollAs: full},
	{bit: ups.Trimming, paths: []string{"UPS.PowerConverter.Input.[1].PresentStatus.Buck"}, pollAs: full},
	{bit: ups.Boosting, paths: []string{"UPS.PowerConverter.Input.[1].PresentStatus.Boost"}, pollAs: full},
	{bit: ups.Bypassed, alarm: "Automatic bypass mode!", paths: []string{
		"UPS.PowerConverter.Input.[2].PresentStatus.Used",
	}, pollAs: full},
	{bit: ups.Bypassed, alarm: "Manual bypass mode!", paths: []string{
		"UPS.PowerConverter.Input.[4].PresentStatus.Used",
	}, pollAs: full},

	{alarm: "Fan failure!", paths: []string{pathStatus + "FanFailure"}, pollAs: full},
	{alarm: "Battery charger fail!", paths: []string{"UPS.BatterySystem.Charger.PresentStatus.InternalFailure"}, pollAs: full},
	{alarm: "Battery voltage too high!", paths: []string{
		"UPS.BatterySystem.Charger.PresentStatus.VoltageTooHigh",
		"UPS.BatterySystem.Battery.PresentStatus.VoltageTooHigh",
		"UPS.PowerConverter.Input.[1].PresentStatus.VoltageTooHigh",
	}, pollAs: full},
	{alarm: "Battery voltage too low!", paths: []string{"UPS.BatterySystem.Charger.PresentStatus.VoltageTooLow"}, pollAs: full},
	{alarm: "Internal UPS fault!", paths: []string{pathStatus + "InternalFailure"}, pollAs: full},
	{alarm: "Temperature too high!", paths: []string{pathStatus + "OverTemperature"}, pollAs: full},
	{alarm: "Emergency stop!", paths: []string{pathStatus + "EmergencyStop"}, pollAs: full},
	{alarm: "Wiring fault!", paths: []string{"UPS.PowerConverter.Input.[1].PresentStatus.WiringFault"}, pollAs: full},
	{alarm: "Fatal EEPROM fault!", paths: []string{pathStatus + "ConfigurationFailure"}, pollAs: full},
	{alarm: "Inverter AC voltage too high!", paths: []string{"UPS.PowerConverter.Inverter.PresentStatus.VoltageTooHigh"}, pollAs: full},
	{alarm: "Inverter AC voltage too low!", paths: []string{"UPS.PowerConverter.Inverter.PresentStatus.VoltageTooLow"}, pollAs: full},
	{alarm: "Output short circuit!", paths: []string{"UPS.PowerConverter.Output.PresentStatus.ShortCircuit"}, pollAs: full},
}

// transferReasons are the texts of input.transfer.reason.
var transferReasons = []struct{ path, text string }{
	{"UPS.PowerConverter.Input.[1].PresentStatus.VoltageOutOfRange", "input voltage out of range"},
	{"UPS.PowerConverter.Input.[1].PresentStatus.FrequencyOutOfRange", "input frequency out of range"},
}
