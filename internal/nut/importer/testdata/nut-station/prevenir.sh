#!/bin/bash
# prevenir.sh NAME: called by upssched
if [ $# = 0 ]
then
    echo "usage: $0 NAME"
    exit 0
fi
case $1 in

	"coupure")
		titre="Maison - courant coupé"
		texte="L'étagère tourne sur sa batterie."
	;;

	"patience")
		titre="Maison - trop long"
		texte="Vingt minutes sans courant, on éteint !"

		# the host goes down
		/sbin/upsmon -c fsd
	;;

	"courant")
		titre="Maison - courant revenu"
		texte="L'étagère est de nouveau sur secteur."
	;;

	"piles-faible")
		titre="Maison - piles à plat"
		texte="La batterie est vide, on éteint tout de suite."
	;;

	"fin")
		titre="Maison - extinction"
		texte="Le serveur s'éteint."
	;;

	"cable")
		titre="Maison - câble"
		texte="L'onduleur ne répond plus."
	;;

	"usure")
		titre="Maison - piles usées"
		texte="Il faut changer la batterie."
	;;

	*)
		titre="Maison - mystère"
		texte="Nom inconnu : $quoi"
	;;
esac

# the account
COMPTE="87654321"
CLE="tigre-de-papier"

reponse=$(curl -i --insecure "https://smsapi.free-mobile.fr/sendmsg?user=$COMPTE&pass=$CLE&msg=$titre%20$texte" 2>&1)
code=$(echo "$reponse" | awk '/HTTP/ {print $2}')
case $code in
	200) echo "sent";;
	403)
		echo "not allowed";;
esac
exit 0
