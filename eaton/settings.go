package eaton

import "ecnutd/hid/power/family"

// settings are the variables with narrower limits than their fields. Names
// that are settable in the variables table and not here take whatever the
// field can hold.
//
// Three kinds of names that NUT shows as writable are no settings here. The
// switches of the bypass are the commands bypass.start and bypass.stop, which
// ask for a permit. The outlets' descriptions are texts of the driver that the
// UPS has no place for. ups.beeper.status is not in the variables table as
// settable because it stands for the beeper commands (see commandSettings).
var settings = []family.Setting{
	{Variable: "battery.charge.low", Min: 0, Max: 100},
	{Variable: "battery.charge.restart", Min: 0, Max: 100},
	// Mains of every day has to lie between the two transfer voltages: outside
	// of them the UPS goes to battery, and stays there until that is empty.
	{Variable: "input.transfer.low", Below: []string{nominalVoltage, "input.transfer.high"}},
	{Variable: "input.transfer.high", Above: []string{nominalVoltage, "input.transfer.low"}},
	{Variable: "ups.delay.start", Min: 0, Max: 7200},
	{Variable: "ups.delay.shutdown", Min: 0, Max: 7200},
	{Variable: "outlet.1.autoswitch.charge.low", Min: 0, Max: 100},
	{Variable: "outlet.2.autoswitch.charge.low", Min: 0, Max: 100},
	{Variable: "outlet.3.autoswitch.charge.low", Min: 0, Max: 100},
	{Variable: "outlet.power", Choices: [][]string{{"10", "25", "60"}}},
	{Variable: nominalVoltage, Above: []string{"input.transfer.low"}, Below: []string{"input.transfer.high"}, Choices: [][]string{
		{"100", "110", "120", "127"},
		{"200", "208"},
		{"220", "230", "240"},
	}},
	{Variable: "outlet.2.switchable", Choices: [][]string{{"no", "yes"}}},
}

const nominalVoltage = "output.voltage.nominal"

// commandSettings: there is more than one beeper object, and the commands write
// them together.
var commandSettings = []family.CommandSetting{
	{Variable: "ups.beeper.status", Values: []family.ValueCommand{
		{Value: "disabled", Command: "beeper.disable"},
		{Value: "enabled", Command: "beeper.enable"},
		{Value: "muted", Command: "beeper.mute"},
	}},
}
