package texts

import (
	"fmt"
	"strings"
	"time"

	"ecnutd/monitor"
)

// french is the sentence of a reason.
func french(r monitor.Reason) string {
	gone := "il ne répond pas"
	switch {
	case r.Gone:
		gone = "il a quitté le bus USB"
	case r.Answers:
		gone = "il répond, mais pas sur son état"
	}
	if r.Losses > 1 && r.Code != monitor.LinkBack {
		gone += fmt.Sprintf(", %d coupures en %s", r.Losses, short(r.For))
	}
	after := fmt.Sprintf("le serveur sera arrêté dans %s si la liaison ne revient pas", short(r.Wait))
	stays := ""
	switch {
	case r.Stays && r.Feeds != "":
		after, stays = r.Feeds+" alimente le serveur, qui reste allumé", " ; "+r.Feeds+" alimente le serveur, qui reste allumé"
	case r.Stays:
		after = "rien ne sera arrêté, ce serveur ne fait que surveiller"
	}
	numbers := figures("charge %d %%, ", "charge inconnue, ", "autonomie ", "autonomie inconnue", r)
	lowest := ""
	if r.Lowest.Known && (!r.Charge.Known || r.Lowest.N < r.Charge.N) {
		lowest = fmt.Sprintf(", charge minimale %d %%", r.Lowest.N)
	}
	cause := ""
	switch r.Cause {
	case monitor.LowSaid:
		cause = "l'onduleur signale une batterie faible"
	case monitor.LowTime:
		cause = "l'onduleur signale la fin du temps prévu"
	case monitor.LowImminent:
		cause = fmt.Sprintf("l'onduleur annonce son arrêt depuis %s", short(r.Limit))
	case monitor.LowCharge:
		cause = fmt.Sprintf("charge à %d %% ou moins", r.LimitN)
	case monitor.LowRuntime:
		cause = fmt.Sprintf("autonomie de %s ou moins", compact(time.Duration(r.LimitN)*time.Second))
	case monitor.LowSilent:
		cause = fmt.Sprintf("sans nouvelles depuis %s, supposée faible", short(r.Silent))
	case monitor.LowFlickers:
		cause = "l'onduleur signale sans cesse, par à-coups, une batterie faible"
	case monitor.LowPushed:
		cause = "l'onduleur a signalé une fois une batterie faible et ne peut être interrogé"
	case monitor.LowChargeFloor:
		cause = fmt.Sprintf("charge au seuil de l'onduleur (%d %%) ou dessous", r.LimitN)
	case monitor.LowRuntimeFloor:
		cause = fmt.Sprintf("autonomie de %s ou moins, à peine le temps d'un arrêt", compact(time.Duration(r.LimitN)*time.Second))
	}
	went := ""
	if r.Hosts != "" {
		went = " ; " + r.Hosts + " s'est arrêté et ne redémarrera pas de lui-même"
	}
	switch r.Code {
	case monitor.OnBatteryNow:
		return "sur batterie : " + numbers
	case monitor.BackOnMains:
		return fmt.Sprintf("de nouveau sur secteur après %s : %s%s", short(r.For), numbers, lowest)
	case monitor.LinkBack:
		often := ""
		if r.Losses > 1 {
			often = fmt.Sprintf(" et %d coupures", r.Losses)
		}
		return strings.TrimSuffix(fmt.Sprintf("liaison rétablie après %s%s : %s, %s", short(r.For), often, r.Status, knownFigures("charge %d %%", "autonomie ", r)), ", ")
	case monitor.LoginRefused:
		return "le serveur de l'onduleur refuse l'authentification de celui-ci : il ne l'attendrait pas avant de couper le courant"
	case monitor.LoginTaken:
		return "le serveur de l'onduleur accepte l'authentification et attendra celui-ci en cas d'arrêt"
	case monitor.NotFound:
		if r.Answers {
			return "l'onduleur répond, mais ne dit pas d'où vient son courant : ce serveur n'est pas protégé"
		}
		return "onduleur introuvable : " + gone
	case monitor.LostOnMains:
		return fmt.Sprintf("liaison perdue sur secteur : %s ; rien ne sera arrêté pour cela", gone)
	case monitor.LostOnBattery:
		return fmt.Sprintf("liaison perdue sur batterie : %s ; derniers relevés : %s ; %s", gone, numbers, after)
	case monitor.StillLost:
		return fmt.Sprintf("sans nouvelles depuis %s, derniers relevés : %s, %s", short(r.Silent), orNothing(r.Status, "aucun état"), numbers)
	case monitor.Low:
		return cause + " : " + numbers + stays
	case monitor.NotLow:
		return "la batterie n'est plus faible : " + numbers
	case monitor.LowOnBattery:
		return fmt.Sprintf("sur batterie depuis %s et %s, %s", short(r.For), cause, numbers)
	case monitor.SilentTooLong:
		return fmt.Sprintf("sur batterie depuis %s et sans nouvelles depuis %s, derniers relevés : %s", short(r.For), short(r.Silent), numbers)
	case monitor.LimitReached:
		return fmt.Sprintf("sur batterie depuis %s (limite %s), %s", short(r.For), compact(r.Limit), numbers)
	case monitor.TimerEnded:
		if r.For == 0 {
			return fmt.Sprintf("fin du délai %s de %s", r.Text, compact(r.Limit))
		}
		return fmt.Sprintf("sur batterie depuis %s (limite %s, délai %s), %s", short(r.For), compact(r.Limit), r.Text, numbers)
	case monitor.RuleGaveUp:
		return fmt.Sprintf("sur batterie depuis %s, et la règle pour %s demande l'arrêt, %s", short(r.For), r.Text, numbers)
	case monitor.Ordered:
		return "arrêt demandé : " + r.Text
	case monitor.PrimaryOrdered:
		return "l'hôte qui a l'onduleur ordonne l'arrêt (FSD), " + numbers
	case monitor.CalledOff:
		r.Code = r.Was
		return "la raison a disparu : " + french(r) + went
	case monitor.ChargeFalls:
		text := fmt.Sprintf("la charge est tombée de %d %% à %d %% en %s alors que l'état indique %s", r.Lowest.N, r.Charge.N, short(r.For), orNothing(r.Status, "rien"))
		if r.Wait > 0 || r.Stays {
			text += " ; l'état n'est pas récent, donc cela vaut une liaison perdue sur batterie ; " + after
		}
		return text
	case monitor.SecondariesGo:
		return "la raison a disparu, mais " + orText(r.Text, "un autre hôte") + " a reçu l'ordre de s'arrêter et ne redémarrera qu'après la coupure de la sortie : l'arrêt continue"
	case monitor.FoundFlag:
		return "le drapeau d'arrêt est présent, donc un arrêt est en cours : " + r.Text
	case monitor.GivenAgain:
		return fmt.Sprintf("la commande d'arrêt a été lancée il y a %s et le serveur tourne encore, sur batterie : elle est relancée%s", short(r.For), failed(r.Text))
	case monitor.Survived:
		return fmt.Sprintf("le serveur a survécu à son arrêt : commande lancée il y a %s, plus rien n'est en attente, et le secteur est là%s%s", short(r.For), failed(r.Text), went)
	case monitor.BatteryWorn:
		return "l'onduleur demande le remplacement de sa batterie : " + numbers
	case monitor.BatteryGood:
		return "l'onduleur ne demande plus le remplacement de sa batterie"
	case monitor.ConditionBegan:
		return strings.TrimSuffix(fmt.Sprintf("%s, %s ; %s", orNothing(r.Status, "aucun état"), numbers, r.Text), " ; ")
	case monitor.ConditionEnded:
		return fmt.Sprintf("%s, %s", orNothing(r.Status, "aucun état"), numbers)
	}
	return ""
}
