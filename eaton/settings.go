package eaton

// A Setting limits what may be written to a variable. Numbers are in the
// variable's unit; what a setting does not limit, the field's logical range
// in the descriptor does.
type Setting struct {
	Variable string
	Min, Max int64 // both 0: the logical range alone
	// Choices are the only values allowed, where given. Of several groups the
	// one counts that the present value is in: units are sold for one region.
	Choices [][]string
}

// Settings are the variables with narrower limits than their fields. Names
// that are settable in the variables table and not here take whatever the
// field can hold.
var Settings = []Setting{
	{Variable: "battery.charge.low", Min: 0, Max: 100},
	{Variable: "battery.charge.restart", Min: 0, Max: 100},
	{Variable: "ups.delay.start", Min: 0, Max: 7200},
	{Variable: "ups.delay.shutdown", Min: 0, Max: 7200},
	{Variable: "outlet.power", Choices: [][]string{{"10", "25", "60"}}},
	{Variable: "output.voltage.nominal", Choices: [][]string{
		{"100", "110", "120", "127"},
		{"200", "208"},
		{"220", "230", "240"},
	}},
	{Variable: "outlet.2.switchable", Choices: [][]string{{"no", "yes"}}},
}
