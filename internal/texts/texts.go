// Package texts puts into words what people are told: the default message of
// every event in French and English, and the templates that replace them.
//
// Templates have the form of package placeholder. What is not known is told as
// "unknown", never as nothing and never as zero.
package texts

import (
	"slices"
	"time"

	"ecnutd/internal/placeholder"
	"ecnutd/monitor"
	"ecnutd/ups"
)

// Data is what the placeholders of a text stand for.
type Data struct {
	UPS         string // "" for an event of the host
	Description string
	Event       ups.Event
	Timer       string // "" where no timer ended
	Reason      monitor.Reason
	Snapshot    ups.Snapshot
	Variables   ups.Variables // may be nil
	Host        string
	At          time.Time
	Language    ups.Language

	// Next says what follows (NextOf); nil where that is not known.
	Next func() string

	brief bool // what follows is told beside the reason, and not in it
}

// words are what stands behind the placeholders that are not variables, all of
// placeholder.Names.
var words = map[string]func(Data) string{
	"ups":         func(d Data) string { return d.UPS },
	"description": func(d Data) string { return d.Description },
	"event":       func(d Data) string { return string(d.Event) },
	"timer":       func(d Data) string { return d.Timer },
	"reason": func(d Data) string {
		if d.brief {
			return briefReason(d.Language, d.Reason)
		}
		return Reason(d.Language, d.Reason)
	},
	"status": func(d Data) string { return Status(d.Language, d.Snapshot.Status) },
	"alarm": func(d Data) string {
		if d.Reason.Code == monitor.ChargeFalls {
			return Reason(d.Language, d.Reason) // the UPS itself says nothing of it
		}
		return Alarm(d.Language, d.Snapshot.Alarm)
	},
	"charge": func(d Data) string { return amount(d.Snapshot.Charge, " %") },
	"load":   func(d Data) string { return amount(d.Snapshot.Load, " %") },
	"runtime": func(d Data) string {
		if !d.Snapshot.Runtime.Known {
			return ""
		}
		return seconds(d.Snapshot.Runtime.N)
	},
	"host": func(d Data) string { return d.Host },
	"name": func(d Data) string {
		if d.Description != "" || d.UPS == "" {
			return d.Description
		}
		return phrase{"UPS ", "Onduleur "}.in(d.Language) + d.UPS
	},
	"next": func(d Data) string {
		if d.Next == nil {
			return ""
		}
		return d.Next()
	},
	"time": func(d Data) string { return d.At.Format("15:04") },
	"date": func(d Data) string { return d.At.Format("2006-01-02") },
}

// mayBeEmpty are words whose emptiness says something.
var mayBeEmpty = []string{"ups", "description", "name", "timer", "alarm"}

func amount(n ups.Number, unit string) string {
	if !n.Known {
		return ""
	}
	return n.String() + unit
}

// Expand fills a template. A template with a flaw (placeholder.Check) comes
// back as it is.
func Expand(template string, d Data) string {
	d.brief = placeholder.Uses(template, "next")
	return placeholder.Expand(template, func(name string) string {
		text := d.Variables[name]
		if f, ok := words[name]; ok {
			text = f(d)
		}
		if text == "" && !slices.Contains(mayBeEmpty, name) {
			text = unknown.in(d.Language)
			if slices.Contains(feminine, name) {
				text = phrase{"unknown", "inconnue"}.in(d.Language)
			}
		}
		return text
	})
}

// Foretell is the template of a sentence about what follows.
func Foretell(l ups.Language) string {
	return phrase{"Next: {{next}}.", "Prévision : {{next}}."}.in(l)
}

var unknown = phrase{"unknown", "inconnu"}

// feminine are the words whose name is feminine in French.
var feminine = []string{"charge", "runtime", "load"}

// Default is the template of the message that is sent where the configuration
// has none of its own.
func Default(l ups.Language, e ups.Event) string {
	return defaults[e].in(l)
}

// defaults are the messages by event. They name the UPS first, since one
// telephone may hear of several.
var defaults = map[ups.Event]phrase{
	ups.EventOnline:        {"{{name}}: {{reason}}.", "{{name}} : {{reason}}."},
	ups.EventOnBattery:     {"{{name}}: mains lost, running on battery. Charge {{charge}}, runtime {{runtime}}. Next: {{next}}.", "{{name}} : coupure de courant, fonctionnement sur batterie. Charge {{charge}}, autonomie {{runtime}}. Prévision : {{next}}."},
	ups.EventLowBattery:    {"{{name}}: {{reason}}.", "{{name}} : {{reason}}."},
	ups.EventNotLowBattery: {"{{name}}: {{reason}}.", "{{name}} : {{reason}}."},
	ups.EventFSD:           {"{{name}}: forced shutdown ({{reason}}).", "{{name}} : arrêt forcé ({{reason}})."},
	ups.EventCommOK:        {"{{name}}: {{reason}}.", "{{name}} : {{reason}}."},
	ups.EventCommBad:       {"{{name}}: {{reason}}. Next: {{next}}.", "{{name}} : {{reason}}. Prévision : {{next}}."},
	ups.EventNoComm:        {"{{name}}: {{reason}}.", "{{name}} : {{reason}}."},
	ups.EventLoginBad:      {"{{host}}, {{name}}: {{reason}}.", "{{host}}, {{name}} : {{reason}}."},
	ups.EventLoginOK:       {"{{host}}, {{name}}: {{reason}}.", "{{host}}, {{name}} : {{reason}}."},
	ups.EventShutdown:      {"{{host}} is shutting down: {{reason}}.", "{{host}} s'arrête : {{reason}}."},
	ups.EventNotShutdown:   {"{{host}}: shutdown called off, {{reason}}.", "{{host}} : arrêt annulé, {{reason}}."},
	ups.EventReplace:       {"{{name}}: {{reason}}.", "{{name}} : {{reason}}."},
	ups.EventNotReplace:    {"{{name}}: battery good again.", "{{name}} : la batterie n'est plus à remplacer."},
	ups.EventCal:           {"{{name}}: calibration has begun.", "{{name}} : étalonnage en cours."},
	ups.EventNotCal:        {"{{name}}: calibration is over.", "{{name}} : étalonnage terminé."},
	ups.EventOff:           {"{{name}}: its output is off.", "{{name}} : sortie coupée."},
	ups.EventNotOff:        {"{{name}}: its output is on again.", "{{name}} : sortie rétablie."},
	ups.EventBypass:        {"{{name}}: on bypass, powered but not protected.", "{{name}} : en dérivation, alimenté mais non protégé."},
	ups.EventNotBypass:     {"{{name}}: no longer on bypass.", "{{name}} : fin de la dérivation."},
	ups.EventOver:          {"{{name}}: overloaded, load {{load}}.", "{{name}} : surcharge, {{load}} de la puissance nominale."},
	ups.EventNotOver:       {"{{name}}: no longer overloaded.", "{{name}} : fin de la surcharge."},
	ups.EventTrim:          {"{{name}}: lowering a high mains voltage.", "{{name}} : tension secteur trop haute, abaissée."},
	ups.EventNotTrim:       {"{{name}}: mains voltage no longer lowered.", "{{name}} : tension secteur de nouveau normale."},
	ups.EventBoost:         {"{{name}}: raising a low mains voltage.", "{{name}} : tension secteur trop basse, relevée."},
	ups.EventNotBoost:      {"{{name}}: mains voltage no longer raised.", "{{name}} : tension secteur de nouveau normale."},
	ups.EventAlarm:         {"{{name}}: alarm: {{alarm}}", "{{name}} : alarme : {{alarm}}."},
	ups.EventNotAlarm:      {"{{name}}: no more alarm.", "{{name}} : fin d'alarme."},
}
