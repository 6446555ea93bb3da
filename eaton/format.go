package eaton

import (
	"math"
	"strconv"
	"time"
)

// A format turns a field's value into the text that upsc prints. ok is false
// where the value says nothing, and the variable stays absent.
type format func(d *Decoder, v float64) (text string, ok bool)

// decimals prints a number with n digits after the point.
func decimals(n int) format {
	return func(_ *Decoder, v float64) (string, bool) {
		return strconv.FormatFloat(v, 'f', n, 64), true
	}
}

// enum prints the word for a number and nothing for a number without one.
func enum(words map[int]string) format {
	return func(_ *Decoder, v float64) (string, bool) {
		word, ok := words[int(v)]
		return word, ok && v == math.Trunc(v)
	}
}

// constant prints a text that the device is not asked for; the field only says
// that the device has the thing at all.
func constant(text string) format {
	return func(*Decoder, float64) (string, bool) { return text, true }
}

// scaled prints a number multiplied by a factor.
func scaled(factor float64, n int) format {
	return func(_ *Decoder, v float64) (string, bool) {
		return strconv.FormatFloat(v*factor, 'f', n, 64), true
	}
}

// The formats. The words are those of NUT, which scripts compare with.
var (
	integer       = decimals(0)
	tenths        = decimals(1)
	hundredths    = decimals(2)
	ampereHours   = scaled(1.0/3600, 2) // sent in ampere seconds
	percentFactor = scaled(1.0/100, 2)  // a power factor of 0.53 is sent as 53

	yesNo       = enum(map[int]string{0: "no", 1: "yes"})
	onOff       = enum(map[int]string{0: "off", 1: "on"})
	enabled     = enum(map[int]string{0: "disabled", 1: "enabled"})
	beeper      = enum(map[int]string{1: "disabled", 2: "enabled", 3: "muted"})
	sensitivity = enum(map[int]string{0: "normal", 1: "high", 2: "low"})
	ecoControl  = enum(map[int]string{0: "The outlet is not ECO controlled", 1: "The outlet is ECO controlled"})
	ecoMode     = enum(map[int]string{0: "normal", 1: "ECO", 2: "ESS"})
	protection  = enum(map[int]string{0: "not powered", 1: "not protected", 2: "protected"})
	bypassOn    = enum(map[int]string{0: "disabled", 1: "on"})
	bypassOff   = enum(map[int]string{0: "disabled", 1: "off"})
	topology    = enum(map[int]string{
		1: "offline / line interactive", 2: "online", 3: "online - unitary/parallel",
		4: "online - parallel with hot standby", 5: "online - hot standby redundancy",
	})
	testResult = enum(map[int]string{
		1: "Done and passed", 2: "Done and warning", 3: "Done and error", 4: "Aborted",
		5: "In progress", 6: "No test initiated", 7: "Test scheduled",
	})
	chargerModes = enum(map[int]string{1: "charging", 2: "discharging", 3: "floating", 4: "resting", 6: "off"})
)

// celsius takes kelvin, the unit of the Power Device Class (PDC 1.1 §4.1.4).
func celsius(_ *Decoder, v float64) (string, bool) {
	return strconv.FormatFloat(v-273.15, 'f', 1, 64), true
}

// usbString takes the index of a USB string and prints the string. Index 0
// means that there is none.
func usbString(d *Decoder, v float64) (string, bool) {
	s, ok := d.strings[uint8(v)]
	return s, ok && v >= 1 && v <= 255 && s != ""
}

// chargerStatus is what the charger does, on units whose charging follows the
// three-stage scheme that Eaton calls ABM; where that is switched off the
// number has no meaning.
func chargerStatus(d *Decoder, v float64) (string, bool) {
	if on, known := d.number(pathABMEnable); known && on == 0 {
		return "", false
	}
	return chargerModes(d, v)
}

// estimatedPower computes watts from the load where the device does not
// measure them: load · nominal power · power factor, 0.80 where none is known.
func estimatedPower(d *Decoder, nominal float64) (string, bool) {
	load, ok := d.number(pathLoad)
	if !ok {
		return "", false
	}
	factor := 0.80
	if f, ok := d.number(pathPowerFactor); ok {
		factor = f / 100
	}
	return strconv.FormatFloat(math.Round(load/100*nominal*factor), 'f', 0, 64), true
}

// date and clock take the time of the device's own clock in seconds of Unix
// time. The device knows no time zone; like NUT this shows local time.
func date(_ *Decoder, v float64) (string, bool) {
	return time.Unix(int64(v), 0).Format("2006/01/02"), true
}

func clock(_ *Decoder, v float64) (string, bool) {
	return time.Unix(int64(v), 0).Format("15:04:05"), true
}

// Paths that more than one table or rule reads.
const (
	pathCharge      = "UPS.PowerSummary.RemainingCapacity"
	pathRuntime     = "UPS.PowerSummary.RunTimeToEmpty"
	pathLoad        = "UPS.PowerSummary.PercentLoad"
	pathPowerFactor = "UPS.PowerConverter.Output.PowerFactor"
	pathABMEnable   = "UPS.BatterySystem.Charger.ABMEnable"
	pathChargerMode = "UPS.BatterySystem.Charger.Mode"
	pathCountry     = "UPS.PowerSummary.Country"
	pathNominal     = "UPS.Flow.[4].ConfigApparentPower"
	pathModel       = "UPS.PowerSummary.iModel"
	pathStatus      = "UPS.PowerSummary.PresentStatus."
	pathShutdown    = "UPS.PowerSummary.DelayBeforeShutdown"
	pathStartup     = "UPS.PowerSummary.DelayBeforeStartup"
)
