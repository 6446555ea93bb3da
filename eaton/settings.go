package eaton

import "fmt"

// A Setting limits what may be written to a variable. Numbers are in the
// variable's unit; what a setting does not limit, the field's logical range
// in the descriptor does.
type Setting struct {
	Variable string
	Min, Max int64 // both 0: the logical range alone
	// Choices are the only values allowed, where given. Of several groups the
	// one counts that the present value is in: units are sold for one region.
	Choices [][]string
	// Above and Below are variables that a number has to be above and below,
	// where this UPS has them.
	Above, Below []string
}

// Settings are the variables with narrower limits than their fields. Names
// that are settable in the variables table and not here take whatever the
// field can hold.
//
// Three kinds of names that NUT shows as writable are no settings here. The
// switches of the bypass are the commands bypass.start and bypass.stop, which
// ask for a permit. The outlets' descriptions are texts of the driver that the
// UPS has no place for. ups.beeper.status is not in the variables table as
// settable because it stands for the beeper commands (see Commander.Set).
var Settings = []Setting{
	{Variable: "battery.charge.low", Min: 0, Max: 100},
	{Variable: "battery.charge.restart", Min: 0, Max: 100},
	// Mains of every day has to lie between the two transfer voltages: outside
	// of them the UPS goes to battery, and stays there until that is empty.
	{Variable: "input.transfer.low", Below: []string{nominalVoltage, "input.transfer.high"}},
	{Variable: "input.transfer.high", Above: []string{nominalVoltage, "input.transfer.low"}},
	{Variable: "ups.delay.start", Min: 0, Max: 7200},
	{Variable: "ups.delay.shutdown", Min: 0, Max: 7200},
	{Variable: "outlet.power", Choices: [][]string{{"10", "25", "60"}}},
	{Variable: nominalVoltage, Above: []string{"input.transfer.low"}, Below: []string{"input.transfer.high"}, Choices: [][]string{
		{"100", "110", "120", "127"},
		{"200", "208"},
		{"220", "230", "240"},
	}},
	{Variable: "outlet.2.switchable", Choices: [][]string{{"no", "yes"}}},
}

const nominalVoltage = "output.voltage.nominal"

// limitsOf is the row of a variable; one without limits where there is none.
func limitsOf(variable string) Setting {
	for _, s := range Settings {
		if s.Variable == variable {
			return s
		}
	}
	return Setting{Variable: variable}
}

// check refuses a number outside the limits.
func (s Setting) check(v float64) error {
	if s.Min == 0 && s.Max == 0 || float64(s.Min) <= v && v <= float64(s.Max) {
		return nil
	}
	return fmt.Errorf("%s takes %d to %d", s.Variable, s.Min, s.Max)
}
