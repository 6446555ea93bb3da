package texts

import "ecnutd/ups"

// HistoryWords are the words in which outages are shown.
type HistoryWords struct {
	Begin, Lasted, Lowest, Shutdown, Off, Messages string // titles of columns

	Day      string // how a day is written, as package time has it
	None     string // there was no outage
	Lasts    string // an outage has not ended
	NoOff    string // the host stayed up
	ShutDown string // it was shut down
	Late     string // of %d messages %d were late
	Sum      string // %d outages since %s, %s on battery, %d shutdowns
	LastOne  string // on mains since %s, last outage %s, %s, lowest %s
	NoOutage string // on mains, no outage since %s

	Outage    string // outage %d of %s
	From      string // from %s to %s, %s on battery
	Still     string // from %s on, %s on battery until now
	Lowest2   string // lowest charge %d %%
	Load      string // highest load %d %%
	HostOff   string // the host was off from %s to %s, %s: %s
	HostGone  string // the host went off %s: %s
	Delivered string // delivered by %s at %s
	Waits     string // it waits
	Ended     string // %s on %s: refused on mobile
	LeftOut   string // %d lines and %d messages were left out
	Curve     string // the title of a curve
	Before    string // and of those before it, %s: numbers of outages
	NoCurve   string
}

var historyWords = map[ups.Language]HistoryWords{
	ups.English: {
		Begin: "begin", Lasted: "on battery", Lowest: "lowest", Shutdown: "shutdown", Off: "host off", Messages: "messages",
		Day: "2006-01-02", None: "no outage yet", Lasts: "lasts", NoOff: "no", ShutDown: "yes", Late: "%d, %d late",
		Sum:     "%d since %s; %s on battery in all; shutdowns: %d",
		LastOne: "last %s, %s, lowest charge %s (`ecnutd history %d`)", NoOutage: "no outage since %s",
		Outage: "Outage %d of %s", From: "From %s to %s, %s on battery.", Still: "From %s on, %s on battery until now.",
		Lowest2: "Lowest charge %d %%.", Load: "Highest load %d %%.",
		HostOff: "The host was off from %s to %s, for %s: %s.", HostGone: "The host went off at %s: %s.",
		Delivered: "delivered by %s at %s", Waits: "waits", Ended: "%s on %s",
		LeftOut: "Left out, since there were too many: lines %d, messages %d.",
		Curve:   "charge in %% over %s", Before: "; behind it: outage %s", NoCurve: "No curve: it was too short.",
	},
	ups.French: {
		Begin: "début", Lasted: "sur batterie", Lowest: "minimum", Shutdown: "arrêt", Off: "éteint", Messages: "messages",
		Day: "02/01/2006", None: "aucune coupure à ce jour", Lasts: "en cours", NoOff: "non", ShutDown: "oui", Late: "%d, dont %d en retard",
		Sum:     "%d depuis le %s ; %s sur batterie en tout ; arrêts : %d",
		LastOne: "dernière le %s, %s, charge minimale %s (`ecnutd history %d`)", NoOutage: "aucune coupure depuis le %s",
		Outage: "Coupure %d de %s", From: "Du %s au %s, %s sur batterie.", Still: "Depuis le %s, %s sur batterie jusqu'ici.",
		Lowest2: "Charge minimale : %d %%.", Load: "Consommation maximale : %d %%.",
		HostOff: "Le serveur a été éteint du %s au %s, pendant %s : %s.", HostGone: "Le serveur s'est éteint le %s : %s.",
		Delivered: "remis par %s à %s", Waits: "en attente", Ended: "%s sur %s",
		LeftOut: "Omis, car trop nombreux : lignes %d, messages %d.",
		Curve:   "charge en %% sur %s", Before: " ; derrière : coupure %s", NoCurve: "Pas de courbe : la coupure a été trop courte.",
	},
}

// History is the words of a language in which outages are shown.
func History(l ups.Language) HistoryWords { return historyWords[l] }
