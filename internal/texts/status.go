package texts

import (
	"strings"

	"ecnutd/internal/texts/catalogue"
	"ecnutd/monitor"
	"ecnutd/ups"
)

// conditions are the flags of ups.status in words, in the order in which they are
// told.
var conditions = []struct {
	bit ups.Status
	phrase
}{
	{ups.ForcedShutdown, phrase{"shutdown ordered", "arrêt ordonné"}},
	{ups.Online, phrase{"on mains", "sur secteur"}},
	{ups.OnBattery, phrase{"on battery", "sur batterie"}},
	{ups.LowBattery, phrase{"battery low", "batterie faible"}},
	{ups.Calibrating, phrase{"calibrating", "étalonnage en cours"}},
	{ups.Discharging, phrase{"discharging", "en décharge"}},
	{ups.Charging, phrase{"charging", "en charge"}},
	{ups.Overloaded, phrase{"overloaded", "en surcharge"}},
	{ups.ReplaceBattery, phrase{"battery to be replaced", "batterie à remplacer"}},
	{ups.Trimming, phrase{"lowering the mains voltage", "tension secteur abaissée"}},
	{ups.Boosting, phrase{"raising the mains voltage", "tension secteur relevée"}},
	{ups.Bypassed, phrase{"on bypass", "en dérivation"}},
	{ups.Off, phrase{"output off", "sortie coupée"}},
	{ups.Alarm, phrase{"alarm", "alarme"}},
}

// Status is ups.status in words: "on battery, discharging"; "" for none.
func Status(l ups.Language, s ups.Status) string {
	var list []string
	for _, c := range conditions {
		if s.Has(c.bit) {
			list = append(list, c.in(l))
		}
	}
	return strings.Join(list, ", ")
}

// Alarm is ups.alarm, one text or several, in a language.
func Alarm(l ups.Language, alarm string) string {
	if l != ups.French {
		return alarm
	}
	var list []string
	for one := range strings.SplitSeq(alarm, "! ") {
		if one = strings.TrimSuffix(one, "!"); one != "" {
			list = append(list, strings.TrimSuffix(catalogue.Say(l, one+"!"), "!"))
		}
	}
	return strings.Join(list, ", ")
}

// phases are how far a shutdown has come.
var phases = map[monitor.Phase]phrase{
	monitor.Watching:     {"watching", "surveillance"},
	monitor.Syncing:      {"waiting for secondaries", "attente des hôtes secondaires"},
	monitor.ShuttingDown: {"shutting down", "arrêt en cours"},
	monitor.Down:         {"shutdown command given", "commande d'arrêt lancée"},
}

// Phase says how far a shutdown has come.
func Phase(l ups.Language, p monitor.Phase) string { return phases[p].in(l) }

// NotHeard says that a UPS was not heard since the start.
func NotHeard(l ups.Language) string {
	return phrase{"not heard yet", "pas encore de nouvelles"}.in(l)
}

// LinkLost says that a link is lost, and what was heard last; 0 is nothing.
func LinkLost(l ups.Language, last ups.Status) string {
	text := phrase{"link lost", "liaison perdue"}.in(l)
	if last != 0 {
		text += phrase{", last known ", ", dernier état : "}.in(l) + Status(l, last)
	}
	return text
}
