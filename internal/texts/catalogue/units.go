package catalogue

// units are what UPSs say: their alarms, and results of their self-tests.
var units = map[string]string{
	"Shutdown imminent!":                  "arrêt imminent",
	"Replace battery!":                    "batterie à remplacer",
	"No battery installed!":               "pas de batterie",
	"Automatic bypass mode!":              "dérivation automatique",
	"Manual bypass mode!":                 "dérivation manuelle",
	"Fan failure!":                        "ventilateur en panne",
	"Battery charger fail!":               "chargeur en panne",
	"Battery voltage too high!":           "tension de batterie trop haute",
	"Battery voltage too low!":            "tension de batterie trop basse",
	"Internal UPS fault!":                 "défaut interne de l'onduleur",
	"Temperature too high!":               "température trop haute",
	"Emergency stop!":                     "arrêt d'urgence",
	"Wiring fault!":                       "défaut de câblage",
	"The settings of the UPS were reset!": "réglages de l'onduleur remis à zéro",
	"Inverter AC voltage too high!":       "tension de l'onduleur trop haute en sortie",
	"Inverter AC voltage too low!":        "tension de l'onduleur trop basse en sortie",
	"Output short circuit!":               "court-circuit en sortie",

	"Done and passed":   "réussi",
	"Done and warning":  "terminé avec avertissement",
	"Done and error":    "échoué",
	"Aborted":           "interrompu",
	"In progress":       "en cours",
	"No test initiated": "aucun test lancé",

	"no reason was given": "sans motif",
	"rule for timer %s":   "règle du délai %s",
	"rule for %s":         "règle de %s",
	"timer %s":            "délai %s",
}
