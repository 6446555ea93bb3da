package family

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Format turns a field's value into the text that upsc prints, and back
// where the field is a setting.
type Format struct {
	// Print is the text of a value. ok is false where the value says nothing,
	// and the variable stays absent.
	Print func(d Device, v float64) (text string, ok bool)

	// Parse is the value that a text stands for, given the present one; nil
	// where nothing of that format is written.
	Parse func(text string, present float64) (float64, error)

	Kind  SettingType // how a setting of this format is described
	Words []string    // of an enumeration, in the order of their numbers
}

// Decimals prints a number with n digits after the point.
func Decimals(n int) Format {
	return Format{
		Print: func(_ Device, v float64) (string, bool) {
			return strconv.FormatFloat(v, 'f', n, 64), true
		},
		Parse: func(text string, _ float64) (float64, error) { return ParseNumber(text, n) },
		Kind:  RangeSetting,
	}
}

// ParseNumber reads a decimal number with at most n digits after the point,
// and nothing that strconv is kind enough to take besides: no plus sign, no
// exponent, no hexadecimal.
func ParseNumber(text string, n int) (float64, error) {
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

// Enum prints the word for a number and nothing for a number without one.
func Enum(words map[int]string) Format {
	var choices []string
	for _, n := range slices.Sorted(maps.Keys(words)) {
		choices = append(choices, words[n])
	}
	return Format{
		Print: func(_ Device, v float64) (string, bool) {
			word, ok := words[int(v)]
			return word, ok && v == math.Trunc(v)
		},
		Parse: func(text string, _ float64) (float64, error) {
			for n, word := range words {
				if word == text {
					return float64(n), nil
				}
			}
			return 0, fmt.Errorf("%q is none of %s", text, strings.Join(choices, ", "))
		},
		Kind:  EnumSetting,
		Words: choices,
	}
}

// Constant prints a text that the device is not asked for; the field only says
// that the device has the thing at all.
func Constant(text string) Format {
	return Format{Print: func(Device, float64) (string, bool) { return text, true }}
}

// Scaled prints a number multiplied by a factor.
func Scaled(factor float64, n int) Format {
	return Format{Print: func(_ Device, v float64) (string, bool) {
		return strconv.FormatFloat(v*factor, 'f', n, 64), true
	}}
}

// Celsius and USBString are formats that the Power Device Class fixes.
var (
	Celsius   = Format{Print: printCelsius}
	USBString = Format{Print: printUSBString}
)

// printCelsius takes kelvin, the unit of the Power Device Class (PDC 1.1 §4.1.4).
func printCelsius(_ Device, v float64) (string, bool) {
	return strconv.FormatFloat(v-273.15, 'f', 1, 64), true
}

// printUSBString takes the index of a USB string and prints the string. Index 0
// means that there is none.
func printUSBString(d Device, v float64) (string, bool) {
	s, ok := d.USBText(uint8(v))
	return s, ok && v >= 1 && v <= 255 && s != ""
}

// Clock is one half of the device's own clock, which counts seconds of
// Unix time; writing one half keeps the other. The device knows no time zone;
// like NUT this shows local time.
func Clock(half, other string) Format {
	return Format{
		Print: func(_ Device, v float64) (string, bool) {
			return time.Unix(int64(v), 0).Format(half), true
		},
		Parse: func(text string, present float64) (float64, error) {
			kept := time.Unix(int64(present), 0).Format(other)
			t, err := time.ParseInLocation(half+" "+other, text+" "+kept, time.Local)
			if err != nil {
				return 0, fmt.Errorf("%q is not of the form %s", text, half)
			}
			return float64(t.Unix()), nil
		},
		Kind: StringSetting,
	}
}

// StartDelay and ShutdownDelay print a delay. The field only says that the
// device has the timer.
var (
	StartDelay    = delay("ups.delay.start")
	ShutdownDelay = delay("ups.delay.shutdown")
)

func delay(variable string) Format {
	f := Decimals(0)
	f.Print = func(d Device, _ float64) (string, bool) {
		return strconv.FormatInt(int64(d.Delay(variable)/time.Second), 10), true
	}
	return f
}
