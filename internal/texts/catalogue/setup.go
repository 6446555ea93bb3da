package catalogue

// setup is what `ecnutd setup` asks and says.
var setup = map[string]string{
	"Which number?": "Quel numéro ?",
	"yes":           "oui",
	"by SMS, to the owner of a Free Mobile line":           "par SMS, au titulaire d'une ligne Free Mobile",
	"by mail, through a mail server":                       "par courriel, par un serveur de courrier",
	"by a push service that takes a text over HTTP (ntfy)": "par un service de notification qui prend un texte en HTTP (ntfy)",
	"nobody, for now":                                      "personne, pour l'instant",
	"Who is told of an outage, and how?":                   "Qui est prévenu d'une coupure, et comment ?",
	"No UPS is attached: the one that will be is taken.":   "Aucun onduleur n'est branché : celui qui le sera est pris.",
	"The UPS: %s":                                       "L'onduleur : %s",
	"Which UPS feeds this host?":                        "Quel onduleur alimente cette machine ?",
	"Eaton UPS":                                         "Onduleur Eaton",
	"What is it called in messages?":                    "Comment s'appelle-t-il dans les messages ?",
	"Customer number (8 digits):":                       "Identifiant (8 chiffres) :",
	"Mail server (smtp.example.net, or with its port):": "Serveur de courrier (smtp.example.net, ou avec son port) :",
	"Encryption: starttls, tls or off?":                 "Chiffrement : starttls, tls ou off ?",
	"Login there (empty: none):":                        "Identifiant sur ce serveur (vide : aucun) :",
	"The mail comes from (address):":                    "Le courriel vient de (adresse) :",
	"The mail goes to (address):":                       "Le courriel va à (adresse) :",
	"The key of the option":                             "La clé de l'option",
	"The password there":                                "Le mot de passe sur ce serveur",
	"An access token":                                   "Un jeton d'accès",
	" (empty: the one that is there)":                   " (vide : celle qui est en place)",
	" (empty: none)":                                    " (vide : aucun)",
	"At its load the battery lasts %s now.":             "À cette charge, la batterie tient %s en ce moment.",
	"a number from 1 to %d":                             "un nombre de 1 à %d",
	"an answer is needed here":                          "il faut une réponse ici",
	"starttls, tls or off":                              "starttls, tls ou off",
	"the address begins with https://":                  "l'adresse commence par https://",
	"%q is neither low nor a duration such as 10m":      "%q n'est ni low ni une durée comme 10m",
	"The file %s:":                                      "Le fichier %s :",
	"Write it?":                                         "L'écrire ?",
	"%s was edited by hand. It is kept as it is beside the new one, which takes its place.": "%s a été modifié à la main. Il est gardé tel quel à côté du nouveau, qui prend sa place.",
	"Nothing was written.":       "Rien n'a été écrit.",
	"Written: %s":                "Écrit : %s",
	"What was there is kept: %s": "Ce qui y était est gardé : %s",
	"Send a test message now?":   "Envoyer un message d'essai maintenant ?",
	"The test message was taken: look whether it arrives.": "Le message d'essai a été pris : voyez s'il arrive.",
	"The test message was not taken: %v":                   "Le message d'essai n'a pas été pris : %v",
	"The service has taken the file over.":                 "Le service a repris le fichier.",
	"Now: %s":                                              "À faire : %s",
	"In the subscriber's area, \"Notifications par SMS\" has to be on; it shows the key.": "Dans l'espace abonné, « Notifications par SMS » doit être activé ; la clé y est montrée.",
	"Address that takes the text (https://ntfy.sh/my-secret-topic):":                      "Adresse qui prend le texte (https://ntfy.sh/mon-sujet-secret) :",
	"How long on battery until the host goes down (10m; low: when the battery is low)?":   "Combien de temps sur batterie avant l'arrêt de la machine (10m ; low : quand la batterie est faible) ?",
	"it says neither mains nor battery":                                                   "il ne dit ni secteur ni batterie",
	"charge %s":                                                                           "charge %s",
	"the battery lasts %s":                                                                "la batterie tient %s",
	"load %s":                                                                             "utilisation %s",
	"(its numbers cannot be read: %v)":                                                    "(ses mesures ne peuvent être lues : %v)",
	"%s is still missing: give --%s":                                                      "il manque encore %s : donnez --%s",
	"found in the file: %s":                                                               "trouvé dans le fichier : %s",
	"Written by `sudo ecnutd setup`, which can be run again. `man ecnutd.yaml` has every key.":            "Écrit par `sudo ecnutd setup`, qui peut être relancé. `man ecnutd.yaml` donne chaque clé.",
	"After a change: sudo ecnutd check && sudo systemctl reload ecnutd":                                   "Après un changement : sudo ecnutd check && sudo systemctl reload ecnutd",
	"The host goes down so long after mains was lost, and sooner where the battery is low.":               "La machine s'arrête après ce temps sans secteur, et plus tôt si la batterie est faible.",
	"The host goes down when the battery is low.":                                                         "La machine s'arrête quand la batterie est faible.",
	"At its load the battery lasts %s now: it is low before %s have passed, and then the host goes down.": "À cette charge, la batterie tient %s en ce moment : elle est faible avant que %s soient passées, et la machine s'arrête alors.",
	plugTest: plugTestFrench,
}

// plugTest is how it is seen that all works; its arguments are what the messages
// say.
const plugTest = `The plug test, once, before the night on which it matters. Pull the plug of the UPS
out of the wall, not that of this host. Within ten seconds:
  ecnutd status    says "on battery"
  message          %s
Put it back:
  ecnutd status    says "on mains"
  message          %s`

const plugTestFrench = `L'essai de la prise, une fois, avant la nuit où cela compte. Retirez du mur la prise de
l'onduleur, pas celle de cette machine. Dans les dix secondes :
  ecnutd status    dit « sur batterie »
  message          %s
Remettez-la :
  ecnutd status    dit « sur secteur »
  message          %s`

// PlugTest is the code of the text on the plug test.
const PlugTest = plugTest
