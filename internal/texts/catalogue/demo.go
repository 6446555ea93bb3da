package catalogue

// demo are the texts of `ecnutd demo`.
var demo = map[string]string{
	"A simulated Protection Station 800, its battery full, feeds this host. Time runs 40 times as fast.": "Une Protection Station 800 simulée, batterie pleine, alimente ce serveur. Le temps passe 40 fois plus vite.",
	"the phone shows:":               "le téléphone affiche :",
	"wait-for-mains":                 "attente-secteur",
	"done and read back":             "fait et relu",
	"the cut of the output is armed": "la coupure de la sortie est armée",
	"%s = %d (reads %d)":             "%s = %d (relu : %d)",
	"mains is cut":                   "le secteur est coupé",
	"mains is back":                  "le secteur revient",
	"the host stops its services, unmounts its disks and comes to the late stage of its shutdown": "le serveur arrête ses services, démonte ses disques et arrive à la fin de son arrêt",
	"the UPS cuts its output: the host is dark":                                                   "l'onduleur coupe sa sortie : le serveur est éteint",
	"the UPS restores its output: the host boots by itself, and is watched again":                 "l'onduleur rétablit sa sortie : le serveur redémarre de lui-même, et il est de nouveau surveillé",
	"%d messages went to the stand-in of the gateway on %s; nothing left this machine.":           "%d messages sont allés à la passerelle factice sur %s ; rien n'est sorti de cette machine.",
	"Next, the same UPS by itself (yours without --simulate):":                                    "Ensuite, le même onduleur seul (le vôtre sans --simulate) :",
	"flag written, so that the UPS cuts its output at the very end":                               "témoin d'arrêt écrit, pour que l'onduleur coupe sa sortie tout à la fin",
	"shutdown command: %s (not run in a demonstration)":                                           "commande d'arrêt : %s (non exécutée dans une démonstration)",
	"message queued for the route phone":                                                          "message mis en file pour la route phone",
	"UPS command %s":                                                                              "commande à l'onduleur %s",
	"demo: the stand-in of the gateway: %w":                                                       "demo : la passerelle factice : %w",
	"demo: the story did not come to its end: %w":                                                 "demo : l'histoire n'est pas allée à son terme : %w",
}
