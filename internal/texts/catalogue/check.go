package catalogue

// check are the texts of `ecnutd check`, beside those of the configuration.
var check = map[string]string{
	"error:":         "erreur :",
	"finding:":       "à voir :",
	"ok:":            "bon :",
	"sent:":          "envoyé :",
	"%s is in order": "%s est en ordre",
	"%s is in order, also for the %s as it is now": "%s est en ordre, aussi pour %s dans son état actuel",
	" and the ":                        " et ",
	"the route %s took a test message": "la route %s a pris un message d'essai",
	"%s: %d errors, %d findings":       "%s : %d erreurs, %d points à voir",
	"there is no route, so nobody is told of an outage but on this host": "il n'y a pas de route : personne n'est prévenu d'une coupure, sauf sur ce serveur",
	"%s is never found: %s": "%s ne sera jamais trouvé : %s",
	"%s is an address of the internet, and without network.certificate passwords go there in clear":   "%s est une adresse d'Internet ; sans network.certificate, les mots de passe y passent en clair",
	"this host is not protected by it: %s":                                                            "ce serveur n'est pas protégé par lui : %s",
	"%s is not compared with a UPS: %s":                                                               "%s n'est comparé à aucun onduleur : %s",
	"%s would be written without reading first%s":                                                     "%s serait écrit sans lecture préalable%s",
	"%s counts for nothing at the shutdown, and /usr/sbin/poweroff is run: %v":                        "%s ne compte pas lors de l'arrêt, et /usr/sbin/poweroff est lancé : %v",
	"a secret goes to %s in clear, and everybody on the way can read it: https:// instead of http://": "un secret part en clair vers %s, et tous peuvent le lire en chemin : https:// au lieu de http://",
}
