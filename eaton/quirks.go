package eaton

import (
	"ecnutd/hid/power/family"
	"slices"
	"strings"
)

// countryEurope is the value of UPS.PowerSummary.Country on units for Europe.
const countryEurope = 0

var (
	// ecoUnits: the outlet thresholds (10, 25 or 60 VA) and the switch for ECO control
	// share their paths with other models' measurements.
	ecoUnits = &family.Condition{
		Reason: "only Protection Station, Ellipse ECO and the 3S sold outside Europe cut slave outlets by the master's power",
		Holds: func(d family.Device) bool {
			product := d.Product()
			if strings.HasPrefix(product, "Protection Station") || strings.HasPrefix(product, "Ellipse ECO") {
				return true
			}
			country, known := d.Number(pathCountry)
			return strings.HasSuffix(product, "3S") && known && country != countryEurope
		},
	}

	batteryVoltageUnits = &family.Condition{
		Reason: "PowerSummary.Voltage is the battery's only on some Evolution, on Pulsar M, EX, 5P, 5PX, 5SC, 9E, 9SX and 9PX, and on a 5S that calls itself Ellipse PRO; others put something else there (NUT issues 1925, 2380 and 2685)",
		Holds: func(d family.Device) bool {
			product := d.Product()
			number := d.ModelNumber()
			switch {
			case product == "EX", strings.HasPrefix(product, "EX "): // EXtreme is another
				return true
			case strings.HasPrefix(product, "Evolution"):
				return number != "" && !slices.Contains(otherEvolutions, strings.TrimSpace(number))
			case product == "Ellipse PRO":
				return slices.Contains(hidden5S, number)
			}
			return slices.ContainsFunc(voltageProducts, func(prefix string) bool { return strings.HasPrefix(product, prefix) })
		},
	}

	evolution650 = &family.Condition{
		Reason: "Evolution 650 has a battery of 12 V, whatever it says (mge-hid.c of NUT)",
		Holds:  func(d family.Device) bool { return d.Model() == "Evolution 650" },
	}

	// voltageProducts begin the names of the products with the battery's voltage.
	voltageProducts = []string{"PULSAR M", "Eaton 5P", "5P", "Eaton 5SC", "Eaton 9E", "9E", "Eaton 9SX", "9SX", "Eaton 9PX", "9PX"}

	// otherEvolutions are the models of Evolution that have another voltage there.
	otherEvolutions = []string{"500", "800", "1100", "1500", "2200", "3000", "3000XL"}

	// hidden5S are the numbers of a 5S that calls itself Ellipse PRO: the blank
	// at the end tells it from a real one.
	hidden5S = []string{"1200 ", "1500 ", "1600 "}
)

// quirks lists what is taken care of for this family.
var quirks = []family.Quirk{
	{Name: "charging-at-100", Reason: "Charging stays set on mains at 100 %: CHRG is shown below 100 % only (seen on Protection Station, Ellipse ECO and TG-BOX)"},
	{Name: "shutdown-imminent-early", Reason: "ShutdownImminent may rise one second into an outage at over 90 % charge; it is kept apart from the low-capacity flag (NUT issues 3087, 1942)"},
	{Name: "shared-serial", Reason: "every Protection Station says it is AN2E49008, later units 000000000 or Blank: the serial number identifies nothing"},
	{Name: "zero-charge-while-good", Reason: "a charge of 0 while the UPS reports Good and mains present is taken as unknown until a second report says it again"},
	{Name: "impossible-numbers", Reason: "a charge above 100 %, a runtime of 65535 s or more, one of 10 s or less beside a charge of 20 % or more, and negative numbers are taken as unknown: nothing is decided on them, and they are not shown"},
	{Name: "stall-then-mute", Reason: "some units answer one request with a stall and then fall silent until they are opened afresh (NUT issue 3573): the reader stops talking at once, and waits before the next try"},
	{Name: "foreign-reply", Reason: "answers with another id than asked for happen and are thrown away (NUT issue 2742)"},
	{Name: "odd-lengths", Reason: "some units pad every answer, others cut one: the declared bytes, and the whole fields, are taken (NUT issues 1208, 3182)"},
	{Name: "refused-status", Reason: "a status that is refused while all else is answered is told as such and not hidden (NUT issue 3080)"},
	{Name: "two-beepers", Reason: "the battery system and the summary have a beeper object each, and some units obey one of them only: both are written, and one that shows it is enough (NUT issues 801, 1286)"},
	{Name: "write-without-effect", Reason: "writes are taken on the wire and have no effect on some units: every write is read back (NUT pull request 3342)"},
	{Name: "wide-flags", Reason: "Overload and ShutdownImminent are bytes here, whole-byte flags on 5SC and 5P: any value but 0 is set"},
}
