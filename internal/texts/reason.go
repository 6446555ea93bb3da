package texts

import (
	"fmt"
	"strings"
	"time"

	"ecnutd/internal/texts/catalogue"
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
		return s + runtime + seconds(r.Runtime.N)
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
		list = append(list, runtime+seconds(r.Runtime.N))
	}
	return strings.Join(list, ", ")
}

// failed is how the command ended, where it did not end well.
func failed(l ups.Language, why string) string {
	if why == "" {
		return ""
	}
	return " (" + catalogue.Translate(l, why) + ")"
}

// bracketed is what somebody gave as a reason, where he did.
func bracketed(text string) string {
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}

// unlinked names UPSs whose link is lost, where there are any.
func unlinked(before, names string) string {
	if names == "" {
		return ""
	}
	return before + names
}

func orText(text, or string) string {
	if text == "" {
		return or
	}
	return text
}

// lowSays is what stands in front of a cause that does not say itself that the
// battery is low.
func lowSays(cause monitor.Code, words string) string {
	switch cause {
	case monitor.LowSaid, monitor.LowFlickers, monitor.LowPushed, monitor.LowSilent:
		return ""
	}
	return words
}

// order is why somebody or a rule ordered a shutdown, where those are our words.
func order(l ups.Language, text string) string { return catalogue.Translate(l, text) }

// orNothing is a status in words, or what is said where there is none.
func orNothing(l ups.Language, s ups.Status, nothing string) string {
	if s == 0 {
		return nothing
	}
	return Status(l, s)
}

// seconds are a span that a UPS has said.
func seconds(n int) string { return Span(time.Duration(n) * time.Second) }
