package eaton

import "strings"

// A condition limits a row to some models.
type condition struct {
	reason string
	holds  func(d *Decoder) bool
}

// countryEurope is the value of UPS.PowerSummary.Country on units for Europe.
const countryEurope = 0

var (
	// The outlet thresholds (10, 25 or 60 VA) and the switch for ECO control
	// share their paths with other models' measurements.
	ecoUnits = &condition{
		"only Protection Station, Ellipse ECO and the 3S sold outside Europe cut slave outlets by the master's power",
		func(d *Decoder) bool {
			product := d.Product()
			if strings.HasPrefix(product, "Protection Station") || strings.HasPrefix(product, "Ellipse ECO") {
				return true
			}
			country, known := d.number(pathCountry)
			return strings.HasSuffix(product, "3S") && known && country != countryEurope
		},
	}

	batteryVoltageUnits = &condition{
		"PowerSummary.Voltage is the battery's only on Evolution, Pulsar M, 5P, 5PX, 5SC and 9E; others put something else there (NUT issues 1925 and 2380)",
		func(d *Decoder) bool {
			for _, prefix := range []string{"Evolution", "PULSAR M", "EX", "Eaton 5P", "5P", "Eaton 5SC", "Eaton 9E", "9E"} {
				if strings.HasPrefix(d.Product(), prefix) {
					return true
				}
			}
			return false
		},
	}
)

// A Quirk is a behaviour of a device that the code takes care of, and why.
// The rows are for people: `ecnutd devices --supported -v` and the documents
// print them.
type Quirk struct {
	Name   string
	Reason string
}

// Quirks lists what is taken care of for this family.
var Quirks = []Quirk{
	{"charging-at-100", "Charging stays set on mains at 100 %: CHRG is shown below 100 % only (seen on Protection Station, Ellipse ECO and TG-BOX)"},
	{"shutdown-imminent-early", "ShutdownImminent may rise one second into an outage at over 90 % charge; it is kept apart from the low-capacity flag (NUT issues 3087, 1942)"},
	{"shared-serial", "every Protection Station says it is AN2E49008, later units 000000000 or Blank: the serial number identifies nothing"},
	{"zero-charge-while-good", "a charge of 0 while the UPS reports Good and mains present is taken as unknown until a second report says it again"},
	{"impossible-numbers", "a charge above 100 %, a runtime of 65535 s or more and negative numbers are taken as unknown: nothing is decided on them"},
	{"stall-then-mute", "some units answer one request with a stall and then fall silent until they are opened afresh (NUT issue 3573): the reader stops talking at once, and waits before the next try"},
	{"foreign-reply", "answers with another id or length than asked for happen and are thrown away (NUT issue 2742)"},
	{"two-beepers", "the battery system and the summary have a beeper object each, and some units obey one of them only: both are written, and one that shows it is enough (NUT issues 801, 1286)"},
	{"write-without-effect", "writes are taken on the wire and have no effect on some units: every write is read back (NUT pull request 3342)"},
	{"wide-flags", "Overload and ShutdownImminent are bytes here, whole-byte flags on 5SC and 5P: any value but 0 is set"},
}
