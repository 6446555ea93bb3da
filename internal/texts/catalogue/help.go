package catalogue

import (
	"maps"
	"slices"
)

// help are the texts of the help: what commands and flags are for.
var help = map[string]string{
	"Work on a UPS in peace: no messages, and silence shuts nothing down": "Travailler sur un onduleur sans être dérangé : ni messages, ni arrêt sur un silence",
	"an outage does not end it":                       "une coupure n'y met pas fin",
	"`TEXT` for the messages and the status":          "`TEXTE` pour les messages et l'état",
	"leave the serial number out, wherever it stands": "omettre le numéro de série, où qu'il se trouve",
	"the same": "de même",
	"with --simulate: a `SOCKET` that takes commands for the UPS, a line each (cut, restore, low, unplug; help lists them)": "avec --simulate : une `SOCKET` qui prend des ordres pour l'onduleur, un par ligne (cut, restore, low, unplug ; help les liste)",
	"Make the configuration, by a few questions":                                       "Écrire la configuration, en quelques questions",
	"how long on battery until the host goes down: 10m, or low":                        "durée sur batterie avant l'arrêt du serveur : 10m, ou low",
	"what the UPS is called in messages":                                               "nom de l'onduleur dans les messages",
	"show the file, and write nothing":                                                 "montrer le fichier, sans rien écrire",
	"address that mail comes from":                                                     "adresse de l'expéditeur du courriel",
	"mail server, with its port if that is another than usual":                         "serveur de messagerie, avec son port s'il n'est pas l'habituel",
	"of the messages, en or fr; by default that of the environment":                    "des messages, en ou fr ; par défaut celle de l'environnement",
	"of the UPS, in the configuration and in commands":                                 "de l'onduleur, dans la configuration et dans les commandes",
	"its place on USB, where several are attached, as `devices -v` lists it":           "son emplacement sur l'USB, s'il y en a plusieurs, comme `devices -v` l'affiche",
	"write it in the place of a file that was edited by hand, which is kept beside it": "l'écrire à la place d'un fichier modifié à la main, qui est gardé à côté",
	"`FILE` whose first line is the key, password or token; - is the standard input":   "`FICHIER` dont la première ligne est la clé, le mot de passe ou le jeton ; - est l'entrée standard",
	"who is told: free_mobile, mail, http or none":                                     "qui est prévenu : free_mobile, mail, http ou none",
	"send a test message":                                                              "envoyer un message d'essai",
	"address that mail goes to":                                                        "adresse du destinataire du courriel",
	"address that takes the text, with --tell http":                                    "adresse qui prend le texte, avec --tell http",
	"customer number of Free Mobile, or login at the mail server":                      "identifiant Free Mobile, ou compte sur le serveur de messagerie",
	"ask nothing: what is not given is as it was, or as it is by default":              "ne rien demander : ce qui n'est pas donné reste comme avant, ou par défaut",
	"Usage:":               "Emploi :",
	"Examples:":            "Exemples :",
	"Flags:":               "Options :",
	"Global Flags:":        "Options communes :",
	"Available Commands:":  "Commandes :",
	"Additional Commands:": "Autres commandes :",
	"The daemon:":          "Le démon :",
	"The device:":          "L'appareil :",
	"Installation:":        "Installation :",
	"Use %s for more information about a command.": "%s en dit plus sur une commande.",

	"Watches an Eaton UPS on USB":                                           "Surveille un onduleur Eaton en USB",
	"Force a shutdown, as upsmon -c fsd":                                    "Forcer un arrêt, comme upsmon -c fsd",
	"The outages of this host, and the story of each":                       "Les coupures de ce serveur, et l'histoire de chacune",
	"The last stage of a shutdown: have the UPS cut its output":             "La fin d'un arrêt : faire couper sa sortie à l'onduleur",
	"The daemon: watch, warn, shut down in time":                            "Le démon : surveiller, prévenir, arrêter à temps",
	"Try the messages, and see which wait":                                  "Essayer les messages, et voir ceux qui attendent",
	"How things are, and what happens next and when":                        "L'état, et ce qui va se passer et quand",
	"Give the UPS an instant command, as upscmd":                            "Donner une commande à l'onduleur, comme upscmd",
	"The instant commands that the UPS has, as upscmd -l":                   "Les commandes de l'onduleur, comme upscmd -l",
	"The UPSs that are attached, or all that are known":                     "Les onduleurs branchés, ou tous ceux qui sont connus",
	"What the UPS says: every variable, as upsc prints it":                  "Ce que dit l'onduleur : chaque variable, comme upsc",
	"The UPS on the USB level: descriptors, strings, driver":                "L'onduleur vu de l'USB : descripteurs, textes, pilote",
	"Captures the UPS in a file that --replay reads":                        "Enregistrer l'onduleur dans un fichier que lit --replay",
	"Change a setting of the UPS, as upsrw -s":                              "Changer un réglage de l'onduleur, comme upsrw -s",
	"Prove the configuration, on its own and against the UPS":               "Vérifier la configuration, seule et face à l'onduleur",
	"A script that completes ecnutd's command lines":                        "Un script qui complète les lignes de commande",
	"A whole outage in a quarter of a minute, without a UPS":                "Une coupure entière en un quart de minute, sans onduleur",
	"Find out why it does not work":                                         "Trouver pourquoi cela ne marche pas",
	"Translate the configuration of NUT":                                    "Traduire la configuration de NUT",
	"Install this program as a service, where there is no package":          "Installer ce programme comme service, sans paquet",
	"Make the hash of a password, for network.users":                        "Faire l'empreinte d'un mot de passe, pour network.users",
	"Rehearse an outage through the rules of the configuration":             "Répéter une coupure par les règles de la configuration",
	"The rule that gives ecnutd the nodes of its UPSs":                      "La règle qui donne à ecnutd les nœuds de ses onduleurs",
	"Take away what install has put in place":                               "Retirer ce qu'install a mis en place",
	"The version, and what it was built with":                               "La version, et avec quoi elle a été faite",
	"Help about any command":                                                "Aide sur une commande",
	"Send a text on every route, and say what came of each":                 "Envoyer un texte par chaque route, et dire ce qu'il en est",
	"List the messages that wait, and those that got nowhere":               "Lister les messages en attente, et ceux qui n'ont pu partir",
	"Give up a message that waits":                                          "Abandonner un message en attente",
	"Prints the rule":                                                       "Afficher la règle",
	"Puts the rule in its place and makes udev use it":                      "Mettre la règle en place et la faire prendre par udev",
	"Deletes what install wrote":                                            "Effacer ce qu'install a écrit",
	"Is the rule there, and has it done its work?":                          "La règle est-elle là, et a-t-elle fait son travail ?",
	"Refuse to start while NUT is at work":                                  "Refuser de démarrer tant que NUT travaille",
	"Switch the host off before the battery ends, where its shutdown hangs": "Éteindre le serveur avant la fin de la batterie, si son arrêt traîne",
	"Carry out the shutdown that the daemon has ordered":                    "Exécuter l'arrêt que le démon a ordonné",

	"help for %s":          "aide de %s",
	"configuration `FILE`": "`FICHIER` de configuration",
	"the UPS of this `NAME`, where several exist":                              "l'onduleur de ce `NOM`, s'il y en a plusieurs",
	"print the version":                                                        "afficher la version",
	"print for programs":                                                       "afficher pour des programmes",
	"print for a spreadsheet":                                                  "afficher pour un tableur",
	"the UPS at this `PATH`, /dev/hidraw0":                                     "l'onduleur à ce `CHEMIN`, /dev/hidraw0",
	"the UPS in this recording, a `FILE` that `ecnutd record` made":            "l'onduleur de cet enregistrement, un `FICHIER` fait par `ecnutd record`",
	"a simulated UPS, of this `MODEL` if one is given: %s":                     "un onduleur simulé, de ce `MODÈLE` s'il est donné : %s",
	"send a test message on every route, for real":                             "envoyer pour de vrai un message d'essai par chaque route",
	"fail on findings too":                                                     "échouer aussi sur un point à voir",
	"do not look at a UPS":                                                     "ne pas regarder d'onduleur",
	"do not ask for confirmation":                                              "ne pas demander de confirmation",
	"why, as `TEXT` for the log and the message":                               "pourquoi, un `TEXTE` pour le journal et le message",
	"the route of this `NAME` alone":                                           "la route de ce `NOM` seulement",
	"have the daemon send it, and try again until it has arrived":              "le faire envoyer par le démon, qui réessaie jusqu'à ce qu'il arrive",
	"cut power even though this host is in use":                                "couper le courant bien que ce serveur soit en service",
	"decide and say everything, shut nothing down":                             "tout décider et tout dire, ne rien arrêter",
	"with --dry-run, --simulate or --replay: send messages, marked as a trial": "avec --dry-run, --simulate ou --replay : envoyer les messages, marqués comme essai",
	"log more":                    "en écrire plus au journal",
	"only show what would change": "montrer seulement ce qui changerait",
	"en or fr; by default that of the environment": "en ou fr ; par défaut celle de l'environnement",
	"the known models":                                                                         "les modèles connus",
	"print the HID fields":                                                                     "afficher les champs HID",
	"with --usages: report, type and raw number too":                                           "avec --usages : aussi rapport, type et nombre brut",
	"with --replay: the state after this many `SECONDS`":                                       "avec --replay : l'état après tant de `SECONDES`",
	"replace FILE if it is there":                                                              "remplacer le fichier s'il existe",
	"leave the serial number out":                                                              "omettre le numéro de série",
	"listen for this `DURATION` (90s, 10m) after the feature reports":                          "écouter pendant cette `DURÉE` (90s, 10m) après les rapports",
	"write passwords into the configuration instead of naming a file for them":                 "écrire les mots de passe dans la configuration au lieu de nommer un fichier",
	"how long the battery lasts at its load, to compare with the timers, 585s":                 "combien de temps tient la batterie à sa charge, pour le comparer aux délais, 585s",
	"this `FILE` says that it has been refused before":                                         "ce `FICHIER` dit que cela a déjà été refusé",
	"with --supported: what was checked, and the quirks":                                       "avec --supported : ce qui a été vérifié, et les particularités",
	"print the settings, and what they may be set to, as upsrw":                                "afficher les réglages et leurs valeurs possibles, comme upsrw",
	"work on the system below `DIR`; udev is not told of it":                                   "travailler sur le système sous `DOSSIER` ; udev n'en est pas averti",
	"what the host is going to do, as systemd says it: poweroff, halt, reboot, kexec":          "ce que va faire le serveur, selon systemd : poweroff, halt, reboot, kexec",
	"do not wait for mains afterwards: whoever calls it switches the host off":                 "ne pas attendre le secteur ensuite : qui l'appelle éteint le serveur",
	"the device at this `BUS/ADDRESS`, 001/005":                                                "l'appareil à ce `BUS/ADRESSE`, 001/005",
	"have root shut the host down, by writing this `FILE`: ecnutd.service runs without rights": "faire arrêter le serveur par root, en écrivant ce `FICHIER` : ecnutd.service tourne sans droits",
	"the order to shut down is this `FILE`":                                                    "l'ordre d'arrêt est ce `FICHIER`",
	"the order is this `FILE`":                                                                 "l'ordre est ce `FICHIER`",
	"how far the shutdown is stands in this `FILE`":                                            "l'avancement de l'arrêt est dans ce `FICHIER`",
	"prove beforehand that it would work":                                                      "vérifier d'avance que cela marcherait",
}

// Long is what a command is for, at length, by its path; "" where French has none.
func Long(path string) string { return longs[path] }

var longs = map[string]string{
	"ecnutd": `Ecnutd surveille un onduleur Eaton en USB : il le lit, prévient, arrête le
serveur à temps, et fait couper puis rétablir sa sortie à l'onduleur.

Code de sortie : 0 fait, 1 échec, 2 mauvais emploi, 3 pas d'onduleur.`,
	"ecnutd status": `Demande au démon où en sont les choses : ce qui va se passer et quand, l'état de
chaque onduleur et depuis quand, et les messages. Là où aucun démon ne tourne, ou
avec --device, --simulate ou --replay, l'onduleur lui-même est interrogé.`,
	"ecnutd check": `Lit la configuration et dit ce qui y est faux, et ce qui ne ferait pas ce qu'on en
attend. Avec un onduleur à portée, elle est comparée à ce qu'il dit : un délai de
20 minutes sur une batterie qui en tient 10 est à voir.

Code de sortie 1 quand la configuration est inutilisable, ou avec --strict quand il
y a quoi que ce soit à voir.`,
	"ecnutd fsd": `Fait arrêter ce serveur par le démon, maintenant : d'abord les messages, puis le
fichier témoin par lequel l'onduleur coupera sa sortie, puis la commande d'arrêt.
Rien ne l'annule, pas même le retour du secteur. Sur un terminal, il demande avant.`,
	"ecnutd sms send": `Envoie aussitôt un texte par chaque route de la configuration, ou par celle de
--route, et affiche le verdict de chaque passerelle. La file du démon est
contournée ; avec --queue, le texte est remis au démon, qui essaie jusqu'à ce qu'il
arrive.`,
	"ecnutd demo": `Joue une coupure entière sur une Protection Station 800 simulée, en accéléré :
coupures, événements, délais, messages et où ils vont, l'arrêt dans son ordre, la
sortie coupée, le retour du secteur et le résumé. Tout sauf l'onduleur et la
passerelle est le code du démon. Il ne faut ni onduleur, ni configuration, ni
droits, ni réseau, et rien n'est arrêté.`,
	"ecnutd doctor": `Regarde tout ce dont dépend la protection, et dit sur une ligne ce qu'il en est :
« bon », « NON » avec un remède, ou « voir » là où seul quelqu'un peut juger :
l'appareil (pilote, nœuds, droits, économie d'énergie, autres programmes), la
configuration et ses secrets, les passerelles, le service, le réseau, l'arrêt et la
coupure de la sortie. Rien n'est changé et aucun message n'est envoyé.`,
}

// LongOf are the commands that have a long text in French.
func LongOf() []string { return slices.Sorted(maps.Keys(longs)) }
