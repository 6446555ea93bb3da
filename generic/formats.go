package generic

import (
	"fmt"
	"math"
	"strconv"

	"ecnutd/hid/power/family"
)

// The formats. The words are those of NUT, which scripts compare with.
var (
	integer = family.Decimals(0)
	tenths  = family.Decimals(1)

	beeper     = family.Enum(map[int]string{1: "disabled", 2: "enabled", 3: "muted"})
	testResult = family.Enum(map[int]string{
		1: "Done and passed", 2: "Done and warning", 3: "Done and error", 4: "Aborted", 5: "In progress", 6: "No test initiated", 7: "Test scheduled",
	})

	charge = family.Format{Print: printCharge}
	date   = family.Format{Print: printDate}
)

// printCharge is the charge in percent, in whatever the unit counts it.
func printCharge(d family.Device, _ float64) (string, bool) {
	v, known := d.Charge()
	return strconv.FormatFloat(v, 'f', 0, 64), known
}

// printDate takes a date as the class packs it: five bits of a day, four of a month,
// and the years since 1980 (HID Power Device Class 1.1, 4.2.6).
func printDate(_ family.Device, v float64) (string, bool) {
	n := int(v)
	day, month, year := n&31, n>>5&15, 1980+n>>9
	switch {
	case n == 0:
		return "not set", true
	case n < 0 || n > math.MaxUint16 || day == 0 || month == 0 || month > 12:
		return "", false
	}
	return fmt.Sprintf("%04d/%02d/%02d", year, month, day), true
}
