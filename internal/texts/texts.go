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
	"status": func(d Data) string { return d.Snapshot.Status.String() },
	"alarm": func(d Data) string {
		if d.Reason.Code == monitor.ChargeFalls {
			return Reason(d.Language, d.Reason) // the UPS itself says nothing of it
		}
		return d.Snapshot.Alarm
	},
	"charge": func(d Data) string { return amount(d.Snapshot.Charge, " %") },
	"load":   func(d Data) string { return amount(d.Snapshot.Load, " %") },
	"runtime": func(d Data) string {
		if !d.Snapshot.Runtime.Known {
			return ""
		}
		return ups.Duration(d.Snapshot.Runtime.N)
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
			text = unknown[d.Language]
		}
		return text
	})
}

// Foretell is the template of a sentence about what follows.
func Foretell(l ups.Language) string {
	return phrase{"Next: {{next}}.", "Prévision : {{next}}."}.in(l)
}

var unknown = map[ups.Language]string{ups.English: "unknown", ups.French: "inconnu", "": "unknown"}

// Default is the template of the message that is sent where the configuration
// has none of its own.
func Default(l ups.Language, e ups.Event) string {
	t := defaults[e]
	if l == ups.French {
		return t.fr
	}
	return t.en
}

// defaults are the messages by event. They name the UPS first, since one
// telephone may hear of several.
var defaults = map[ups.Event]struct{ en, fr string }{
	ups.EventOnline:        {"UPS {{ups}}: mains is back ({{reason}}).", "Onduleur {{ups}} : retour du secteur ({{reason}})."},
	ups.EventOnBattery:     {"{{name}}: mains lost, running on battery. Charge {{charge}}, runtime {{runtime}}. Next: {{next}}.", "{{name}} : coupure de courant, fonctionnement sur batterie. Charge {{charge}}, autonomie {{runtime}}. Prévision : {{next}}."},
	ups.EventLowBattery:    {"UPS {{ups}}: battery low ({{reason}}).", "Onduleur {{ups}} : batterie faible ({{reason}})."},
	ups.EventNotLowBattery: {"UPS {{ups}}: battery no longer low ({{reason}}).", "Onduleur {{ups}} : batterie de nouveau suffisante ({{reason}})."},
	ups.EventFSD:           {"UPS {{ups}}: forced shutdown in progress ({{reason}}).", "Onduleur {{ups}} : arrêt forcé en cours ({{reason}})."},
	ups.EventCommOK:        {"UPS {{ups}}: link is back ({{reason}}).", "Onduleur {{ups}} : liaison rétablie ({{reason}})."},
	ups.EventCommBad:       {"{{name}}: {{reason}}. Next: {{next}}.", "{{name}} : {{reason}}. Prévision : {{next}}."},
	ups.EventNoComm:        {"UPS {{ups}}: still no link ({{reason}}).", "Onduleur {{ups}} : toujours pas de liaison ({{reason}})."},
	ups.EventLoginBad:      {"UPS {{ups}}: {{host}} is not let in by the host that serves it ({{reason}}).", "Onduleur {{ups}} : {{host}} n'est pas accepté par le serveur de l'onduleur ({{reason}})."},
	ups.EventLoginOK:       {"UPS {{ups}}: {{host}} is let in again by the host that serves it.", "Onduleur {{ups}} : {{host}} est de nouveau accepté par le serveur de l'onduleur."},
	ups.EventShutdown:      {"{{host}} is shutting down: {{reason}}", "{{host}} s'arrête : {{reason}}"},
	ups.EventNotShutdown:   {"{{host}}: shutdown called off ({{reason}}).", "{{host}} : arrêt annulé ({{reason}})."},
	ups.EventReplace:       {"UPS {{ups}}: replace the battery ({{reason}}).", "Onduleur {{ups}} : batterie à remplacer ({{reason}})."},
	ups.EventNotReplace:    {"UPS {{ups}}: battery good again.", "Onduleur {{ups}} : batterie de nouveau bonne."},
	ups.EventCal:           {"UPS {{ups}}: calibration has begun.", "Onduleur {{ups}} : étalonnage en cours."},
	ups.EventNotCal:        {"UPS {{ups}}: calibration is over.", "Onduleur {{ups}} : étalonnage terminé."},
	ups.EventOff:           {"UPS {{ups}}: its output is off.", "Onduleur {{ups}} : sortie coupée."},
	ups.EventNotOff:        {"UPS {{ups}}: its output is on again.", "Onduleur {{ups}} : sortie rétablie."},
	ups.EventBypass:        {"UPS {{ups}}: on bypass, powered but not protected.", "Onduleur {{ups}} : en dérivation, alimenté mais non protégé."},
	ups.EventNotBypass:     {"UPS {{ups}}: no longer on bypass.", "Onduleur {{ups}} : fin de la dérivation."},
	ups.EventOver:          {"UPS {{ups}}: overloaded, load {{load}}.", "Onduleur {{ups}} : surcharge, charge de sortie {{load}}."},
	ups.EventNotOver:       {"UPS {{ups}}: no longer overloaded.", "Onduleur {{ups}} : fin de la surcharge."},
	ups.EventTrim:          {"UPS {{ups}}: lowering a high mains voltage.", "Onduleur {{ups}} : tension secteur trop haute, abaissée."},
	ups.EventNotTrim:       {"UPS {{ups}}: mains voltage no longer lowered.", "Onduleur {{ups}} : tension secteur de nouveau normale."},
	ups.EventBoost:         {"UPS {{ups}}: raising a low mains voltage.", "Onduleur {{ups}} : tension secteur trop basse, relevée."},
	ups.EventNotBoost:      {"UPS {{ups}}: mains voltage no longer raised.", "Onduleur {{ups}} : tension secteur de nouveau normale."},
	ups.EventAlarm:         {"UPS {{ups}}: alarm: {{alarm}}", "Onduleur {{ups}} : alarme : {{alarm}}"},
	ups.EventNotAlarm:      {"UPS {{ups}}: no more alarm.", "Onduleur {{ups}} : fin d'alarme."},
}
