package texts

import "ecnutd/ups"

// PageWords are the words of the page that shows a UPS in a browser.
type PageWords struct {
	Lang, Title                                                                              string
	NoDaemon, NotHeard, LinkLost, OnMains, OnBattery, Unknown                                string // sentences on top
	ShutsDown                                                                                string // %s: the reason
	Since                                                                                    string // %s: a time
	Charge, Runtime, Load, State, Alarm, Low, Model, Input, Output, BatteryVoltage           string
	Next, Messages, Waiting, Refused, AllDelivered, NoneYet, NoRoute, Faults, Outages, Curve string
	Day, Week, Month, Year, Back, Story                                                      string
}

var pageWords = map[ups.Language]PageWords{
	ups.English: {
		Lang: "en", Title: "UPS of %s",
		NoDaemon: "ecnutd does not answer: nobody knows how the UPS is.", NotHeard: "The UPS has not been heard yet.", LinkLost: "The link to the UPS is lost.",
		OnMains: "On mains.", OnBattery: "On battery.", Unknown: "The UPS says neither mains nor battery.",
		ShutsDown: "This host is going down: %s", Since: "since %s",
		Charge: "Charge", Runtime: "Runtime", Load: "Load", State: "State", Alarm: "Alarm", Low: "Low", Model: "Model", Input: "Mains", Output: "Output", BatteryVoltage: "Battery",
		Next: "What comes next", Messages: "Messages", Waiting: "waiting", Refused: "got nowhere", AllDelivered: "last delivered %s by %s", NoneYet: "none sent yet", NoRoute: "no route: nobody is told",
		Faults: "Faults", Outages: "Outages", Curve: "Charge in this outage, and in the ones before",
		Day: "a day", Week: "a week", Month: "a month", Year: "a year", Back: "Back", Story: "Story",
	},
	ups.French: {
		Lang: "fr", Title: "Onduleur de %s",
		NoDaemon: "ecnutd ne répond pas : l'état de l'onduleur est inconnu.", NotHeard: "L'onduleur n'a pas encore répondu.", LinkLost: "La liaison avec l'onduleur est perdue.",
		OnMains: "Sur secteur.", OnBattery: "Sur batterie.", Unknown: "L'onduleur n'indique ni secteur ni batterie.",
		ShutsDown: "Ce serveur s'arrête : %s", Since: "depuis %s",
		Charge: "Charge", Runtime: "Autonomie", Load: "Consommation", State: "État", Alarm: "Alarme", Low: "Batterie faible", Model: "Modèle", Input: "Secteur", Output: "Sortie", BatteryVoltage: "Batterie",
		Next: "La suite", Messages: "Messages", Waiting: "en attente", Refused: "sans issue", AllDelivered: "dernier remis le %s par %s", NoneYet: "aucun envoyé", NoRoute: "aucune route : personne n'est prévenu",
		Faults: "Défauts", Outages: "Coupures", Curve: "Charge pendant cette coupure et les précédentes",
		Day: "un jour", Week: "une semaine", Month: "un mois", Year: "un an", Back: "Retour", Story: "Récit",
	},
}

// Page is the words of a language for the page.
func Page(l ups.Language) PageWords { return pageWords[l] }
