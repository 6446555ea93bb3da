package catalogue

// routes are what a configuration is told of its routes and wakes.
var routes = map[string]string{
	"a UPS has one place: either remote, or device, match and generic": "un onduleur n'a qu'un emplacement : soit remote, soit device, match et generic",
	"%s is named twice": "%s est nommé deux fois",
	"a route for no event: name some, or leave it out for all": "une route sans événement : en nommer, ou retirer la clé pour les prendre tous",
	"the name of the mail server":                              "le nom du serveur de messagerie",
	"the address that the mail comes from":                     "l'adresse de l'expéditeur",
	"the address that it goes to":                              "l'adresse du destinataire",
	"%s is missing: %s":                                        "%s manque : %s",
	"a name or an address alone, as in smtp.example.net; the port has a key of its own": "un nom ou une adresse seule, comme smtp.example.net ; le port a sa propre clé",
	"%d is not a port: 1 to 65535": "%d n'est pas un port : de 1 à 65535",
	"user and password_file go together: give both, or neither where the server takes mail without":                                             "user et password_file vont ensemble : donner les deux, ou aucun si le serveur n'en demande pas",
	"0s: the messages that tell of the shutdown are not waited for and leave after the reboot, if the host comes back; give them a few seconds": "0s : les messages qui annoncent l'arrêt ne sont pas attendus et partent après le redémarrage, si le serveur revient ; leur laisser quelques secondes",
	"no route takes %s: nobody is told of it; name it in the events of one":                                                                     "aucune route ne prend %s : personne n'en est informé ; le nommer dans les events d'une route",
	"an empty route: give free_mobile, mail, http or command":                                                                                   "une route vide : donner free_mobile, mail, http ou command",
	"one route goes one way: only one of free_mobile, mail, http and command":                                                                   "une route n'a qu'une voie : une seule parmi free_mobile, mail, http et command",
	"a fallback has no messages of its own: it takes those of %s":                                                                               "une route de secours n'a pas de messages à elle : elle prend ceux de %s",
	"put the text in quotes, since it has signs that YAML reads: %q":                                                                            "mettre le texte entre guillemets, car il a des signes que YAML lit : %q",
	"a letter that is not UTF-8, as editors set to Latin-1 write it: save the file as UTF-8 (iconv -f latin1 -t utf-8)":                         "une lettre qui n'est pas de l'UTF-8, comme en écrivent les éditeurs réglés en Latin-1 : enregistrer le fichier en UTF-8 (iconv -f latin1 -t utf-8)",
	"%s is not a duration: write %s%s":                                                                                                          "%s n'est pas une durée : écrire %s%s",
}
