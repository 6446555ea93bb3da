package eaton

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A format turns a field's value into the text that upsc prints, and back
// where the field is a setting.
type format struct {
	// print is the text of a value. ok is false where the value says nothing,
	// and the variable stays absent.
	print func(d *Decoder, v float64) (text string, ok bool)

	// parse is the value that a text stands for, given the present one; nil
	// where nothing of that format is written.
	parse func(text string, present float64) (float64, error)

	kind  SettingType // how a setting of this format is described
	words []string    // of an enumeration, in the order of their numbers
}

// decimals prints a number with n digits after the point.
func decimals(n int) format {
	return format{
		print: func(_ *Decoder, v float64) (string, bool) {
			return strconv.FormatFloat(v, 'f', n, 64), true
		},
		parse: func(text string, _ float64) (float64, error) { return parseNumber(text, n) },
		kind:  RangeSetting,
	}
}

// parseNumber reads a decimal number with at most n digits after the point,
// and nothing that strconv is kind enough to take besides: no plus sign, no
// exponent, no hexadecimal.
func parseNumber(text string, n int) (float64, error) {
	digits, fraction, point := strings.Cut(strings.TrimPrefix(text, "-"), ".")
	plain := func(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
	if !plain(digits) || point && !plain(fraction) || len(fraction) > n || len(text) > 20 {
		text = text[:min(len(text), 40)]
		if n == 0 {
			return 0, fmt.Errorf("%q is not a whole number", text)
		}
		return 0, fmt.Errorf("%q is not a number with at most %d digits after the point", text, n)
	}
	return strconv.ParseFloat(text, 64)
}

// enum prints the word for a number and nothing for a number without one.
func enum(words map[int]string) format {
	var choices []string
	for _, n := range slices.Sorted(maps.Keys(words)) {
		choices = append(choices, words[n])
	}
	return format{
		print: func(_ *Decoder, v float64) (string, bool) {
			word, ok := words[int(v)]
			return word, ok && v == math.Trunc(v)
		},
		parse: func(text string, _ float64) (float64, error) {
			for n, word := range words {
				if word == text {
					return float64(n), nil
				}
			}
			return 0, fmt.Errorf("%q is none of %s", text, strings.Join(choices, ", "))
		},
		kind:  EnumSetting,
		words: choices,
	}
}

// constant prints a text that the device is not asked for; the field only says
// that the device has the thing at all.
func constant(text string) format {
	return format{print: func(*Decoder, float64) (string, bool) { return text, true }}
}

// scaled prints a number multiplied by a factor.
func scaled(factor float64, n int) format {
	return format{print: func(_ *Decoder, v float64) (string, bool) {
		return strconv.FormatFloat(v*factor, 'f', n, 64), true
	}}
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
		1: "Done and passed", 2: "Done and warning", testError: "Done and error", 4: "Aborted",
		5: "In progress", 6: "No test initiated", 7: "Test scheduled",
	})
	chargerModes = enum(map[int]string{1: "charging", 2: "discharging", 3: "floating", 4: "resting", 6: "off"})

	celsius        = format{print: printCelsius}
	usbString      = format{print: printUSBString}
	chargerStatus  = format{print: printChargerStatus}
	estimatedPower = format{print: printEstimatedPower}

	date  = clockFormat("2006/01/02", "15:04:05")
	clock = clockFormat("15:04:05", "2006/01/02")
)

// printCelsius takes kelvin, the unit of the Power Device Class (PDC 1.1 §4.1.4).
func printCelsius(_ *Decoder, v float64) (string, bool) {
	return strconv.FormatFloat(v-273.15, 'f', 1, 64), true
}

// printUSBString takes the index of a USB string and prints the string. Index 0
// means that there is none.
func printUSBString(d *Decoder, v float64) (string, bool) {
	s, ok := d.strings[uint8(v)]
	return s, ok && v >= 1 && v <= 255 && s != ""
}

// printChargerStatus is what the charger does, on units whose charging follows the
// three-stage scheme that Eaton calls ABM; where that is switched off the
// number has no meaning.
func printChargerStatus(d *Decoder, v float64) (string, bool) {
	if on, known := d.number(pathABMEnable); known && on == 0 {
		return "", false
	}
	return chargerModes.print(d, v)
}

// printEstimatedPower computes watts from the load where the device does not
// measure them: load · nominal power · power factor, 0.80 where none is known.
func printEstimatedPower(d *Decoder, nominal float64) (string, bool) {
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

// clockFormat is one half of the device's own clock, which counts seconds of
// Unix time; writing one half keeps the other. The device knows no time zone;
// like NUT this shows local time.
func clockFormat(half, other string) format {
	return format{
		print: func(_ *Decoder, v float64) (string, bool) {
			return time.Unix(int64(v), 0).Format(half), true
		},
		parse: func(text string, present float64) (float64, error) {
			kept := time.Unix(int64(present), 0).Format(other)
			t, err := time.ParseInLocation(half+" "+other, text+" "+kept, time.Local)
			if err != nil {
				return 0, fmt.Errorf("%q is not of the form %s", text, half)
			}
			return float64(t.Unix()), nil
		},
		kind: StringSetting,
	}
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

// testError is Battery.Test of a self-test that ended with an error (Power
// Device Class 4.2.5).
const testError = 3
