package texts

import (
	"strings"

	"ecnutd/ups"
)

// titles are what events are called where there is room for a few words.
var titles = map[ups.Event]phrase{
	ups.EventOnline:        {"mains is back", "retour du secteur"},
	ups.EventOnBattery:     {"mains lost, on battery", "coupure, sur batterie"},
	ups.EventLowBattery:    {"battery low", "batterie faible"},
	ups.EventNotLowBattery: {"battery no longer low", "batterie suffisante à nouveau"},
	ups.EventFSD:           {"forced shutdown", "arrêt forcé"},
	ups.EventCommOK:        {"link is back", "liaison rétablie"},
	ups.EventCommBad:       {"link lost", "liaison perdue"},
	ups.EventNoComm:        {"still no link", "toujours pas de liaison"},
	ups.EventLoginBad:      {"login refused", "connexion refusée"},
	ups.EventLoginOK:       {"login accepted again", "connexion acceptée à nouveau"},
	ups.EventShutdown:      {"this host shuts down", "arrêt de la machine"},
	ups.EventNotShutdown:   {"shutdown called off", "arrêt annulé"},
	ups.EventReplace:       {"replace the battery", "batterie à remplacer"},
	ups.EventNotReplace:    {"battery good again", "batterie bonne à nouveau"},
	ups.EventCal:           {"calibration begins", "début d'étalonnage"},
	ups.EventNotCal:        {"calibration has ended", "fin d'étalonnage"},
	ups.EventOff:           {"output off", "sortie coupée"},
	ups.EventNotOff:        {"output on again", "sortie rétablie"},
	ups.EventBypass:        {"bypass", "dérivation"},
	ups.EventNotBypass:     {"bypass has ended", "fin de dérivation"},
	ups.EventOver:          {"overload", "surcharge"},
	ups.EventNotOver:       {"overload has ended", "fin de surcharge"},
	ups.EventTrim:          {"mains voltage high, trimmed", "tension du secteur haute, abaissée"},
	ups.EventNotTrim:       {"mains voltage no longer high", "tension du secteur normale"},
	ups.EventBoost:         {"mains voltage low, boosted", "tension du secteur basse, relevée"},
	ups.EventNotBoost:      {"mains voltage no longer low", "tension du secteur normale"},
	ups.EventAlarm:         {"alarm", "alarme"},
	ups.EventNotAlarm:      {"alarm has ended", "fin d'alarme"},
}

// Title is the headline of a message, for a mail or a push: the host, which UPS
// (a description or a name; "" for what is the host's), and the event, where there is
// one.
func Title(l ups.Language, host, name string, e ups.Event) string {
	var parts []string
	for _, part := range []string{host, name, titles[e].in(l)} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	colon := phrase{": ", " : "}.in(l)
	return strings.Join(parts, colon)
}
