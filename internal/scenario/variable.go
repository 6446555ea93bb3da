package scenario

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"ecnutd/ups"
)

// numbers are the variables that decide and are numbers.
var numbers = []string{"battery.charge", "battery.charge.low", "battery.runtime", "ups.load"}

// deciding are all variables that decide.
var deciding = append([]string{"ups.status", "ups.alarm"}, numbers...)

// checkVariable refuses a line that would rehearse nothing: a value that is
// none, or a name that is almost one that decides. known says whether
// anybody knows the name.
func checkVariable(name, value string) (known bool, err error) {
	switch {
	case name == "ups.status":
		return true, checkStatus(value)
	case slices.Contains(numbers, name):
		if f, err := strconv.ParseFloat(value, 64); value != "" && (err != nil || math.IsNaN(f) || math.IsInf(f, 0)) {
			return true, fmt.Errorf("%s is a number, not %q", name, value)
		}
		return true, nil
	case ups.Describe(name) != "" || slices.Contains(deciding, name):
		return true, nil
	}
	if near := ups.Nearest(name, deciding); len(near) > 0 {
		return false, fmt.Errorf("nothing decides on %q; is %s meant?", name, near[0])
	}
	return false, nil
}

// checkStatus refuses a status that none of its words is known of: a mistake
// in it would rehearse nothing.
func checkStatus(value string) error {
	for word := range strings.FieldsSeq(value) {
		if ups.ParseStatus(word) == 0 && !slices.Contains([]string{"HB", "ECO", "TEST", "WAIT"}, strings.ToUpper(word)) {
			return fmt.Errorf("ups.status has no token %q", word)
		}
	}
	return nil
}
