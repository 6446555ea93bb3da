package texts

import (
	"fmt"
	"strings"
	"time"

	"ecnutd/monitor"
	"ecnutd/ups"
)

// Reason is why something was decided or told, as a sentence without a full
// stop; "" for no reason.
func Reason(l ups.Language, r monitor.Reason) string {
	if l == ups.French {
		return french(r)
	}
	return english(r)
}

// briefReason is Reason of a lost link without its last part, what will follow.
func briefReason(l ups.Language, r monitor.Reason) string {
	text := Reason(l, r)
	switch r.Code {
	case monitor.LostOnMains, monitor.LostOnBattery, monitor.ChargeFalls:
		if i := strings.LastIndex(text, ";"); i >= 0 {
			return strings.TrimSpace(text[:i])
		}
	}
	return text
}

// figures are the charge and the runtime that every sentence carries.
func figures(charge, noCharge, runtime, noRuntime string, r monitor.Reason) string {
	var s string
	if r.Charge.Known {
		s = fmt.Sprintf(charge, r.Charge.N)
	} else {
		s = noCharge
	}
	if r.Runtime.Known {
		return s + runtime + ups.Duration(r.Runtime.N)
	}
	return s + noRuntime
}

// knownFigures are the figures that are known; "" for none.
func knownFigures(charge, runtime string, r monitor.Reason) string {
	var list []string
	if r.Charge.Known {
		list = append(list, fmt.Sprintf(charge, r.Charge.N))
	}
	if r.Runtime.Known {
		list = append(list, runtime+ups.Duration(r.Runtime.N))
	}
	return strings.Join(list, ", ")
}

// failed is how the command ended, where it did not end well.
func failed(why string) string {
	if why == "" {
		return ""
	}
	return " (" + why + ")"
}

func orText(text, or string) string {
	if text == "" {
		return or
	}
	return text
}

func orNothing(s ups.Status, nothing string) string {
	if s == 0 {
		return nothing
	}
	return s.String()
}

// short prints a time that passed, without fractions of a second: "20m0s".
func short(d time.Duration) string { return d.Truncate(time.Second).String() }

// compact prints a limit as an administrator writes it: "20m".
func compact(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
