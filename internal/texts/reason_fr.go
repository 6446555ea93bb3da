package texts

import (
	"fmt"
	"strings"

	"ecnutd/monitor"
	"ecnutd/ups"
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
		gone += fmt.Sprintf(", %d coupures en %s", r.Losses, Span(r.For))
	}
	after := fmt.Sprintf("le serveur sera arrêté dans %s si la liaison ne revient pas", Span(r.Wait))
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
		cause = fmt.Sprintf("l'onduleur annonce son arrêt depuis %s", Span(r.Limit))
	case monitor.LowCharge:
		cause = fmt.Sprintf("charge à %d %% ou moins", r.LimitN)
	case monitor.LowRuntime:
		cause = fmt.Sprintf("autonomie de %s ou moins", seconds(r.LimitN))
	case monitor.LowSilent:
		cause = fmt.Sprintf("onduleur muet depuis %s, batterie supposée faible", Span(r.Silent))
	case monitor.LowFlickers:
		cause = "l'onduleur signale une batterie faible, par intermittence"
	case monitor.LowPushed:
		cause = "l'onduleur a signalé une fois une batterie faible et ne peut être interrogé"
	case monitor.LowChargeFloor:
		cause = fmt.Sprintf("charge au seuil de l'onduleur (%d %%) ou en dessous", r.LimitN)
	case monitor.LowRuntimeFloor:
		cause = fmt.Sprintf("autonomie de %s ou moins, tout juste le temps d'un arrêt", seconds(r.LimitN))
	}
	went := ""
	if r.Hosts != "" {
		went = " ; " + r.Hosts + " s'est arrêté et ne redémarrera pas de lui-même"
	}
	switch r.Code {
	case monitor.OnBatteryNow:
		return "sur batterie : " + numbers
	case monitor.BackOnMains:
		return fmt.Sprintf("retour du secteur après %s : %s%s", Span(r.For), numbers, lowest)
	case monitor.LinkBack:
		often := ""
		if r.Losses > 1 {
			often = fmt.Sprintf(" et %d coupures", r.Losses)
		}
		return strings.TrimSuffix(fmt.Sprintf("liaison rétablie après %s%s : %s, %s", Span(r.For), often, Status(ups.French, r.Status), knownFigures("charge %d %%", "autonomie ", r)), ", ")
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
		return fmt.Sprintf("liaison perdue sur batterie : %s ; dernières valeurs connues : %s ; %s", gone, numbers, after)
	case monitor.StillLost:
		return fmt.Sprintf("aucune réponse depuis %s ; dernier état connu : %s, %s", Span(r.Silent), orNothing(ups.French, r.Status, "aucun état"), numbers)
	case monitor.Low:
		return lowSays(r.Cause, "batterie faible, ") + cause + " : " + numbers + stays
	case monitor.NotLow:
		return "la batterie n'est plus faible : " + numbers
	case monitor.LowOnBattery:
		return fmt.Sprintf("sur batterie depuis %s et %s, %s", Span(r.For), cause, numbers)
	case monitor.SilentTooLong:
		return fmt.Sprintf("sur batterie depuis %s et aucune réponse depuis %s ; dernières valeurs connues : %s", Span(r.For), Span(r.Silent), numbers)
	case monitor.LimitReached:
		return fmt.Sprintf("sur batterie depuis %s (limite %s), %s", Span(r.For), Span(r.Limit), numbers)
	case monitor.TimerEnded:
		if r.For == 0 {
			return fmt.Sprintf("fin du délai %s (%s)", r.Text, Span(r.Limit))
		}
		return fmt.Sprintf("sur batterie depuis %s (limite %s, délai %s), %s", Span(r.For), Span(r.Limit), r.Text, numbers)
	case monitor.RuleGaveUp:
		return fmt.Sprintf("sur batterie depuis %s, et la règle de %s demande l'arrêt, %s", Span(r.For), order(ups.French, r.Text), numbers)
	case monitor.Ordered:
		return "arrêt demandé : " + order(ups.French, r.Text)
	case monitor.PrimaryOrdered:
		return "le serveur de l'onduleur ordonne l'arrêt (FSD), " + numbers
	case monitor.CalledOff:
		r.Code = r.Was
		return "le motif a disparu : " + french(r) + went
	case monitor.ChargeFalls:
		text := fmt.Sprintf("la charge est tombée de %d %% à %d %% en %s alors que l'état indique %s", r.Lowest.N, r.Charge.N, Span(r.For), orNothing(ups.French, r.Status, "rien"))
		if r.Wait > 0 || r.Stays {
			text += " ; cet état n'est pas récent, la liaison est donc tenue pour perdue sur batterie ; " + after
		}
		return text
	case monitor.SecondariesGo:
		return "le motif a disparu, mais " + orText(r.Text, "un autre hôte") + " a reçu l'ordre de s'arrêter et ne redémarrera qu'après la coupure de la sortie : l'arrêt continue"
	case monitor.FoundFlag:
		return "le fichier témoin d'arrêt est présent, un arrêt est donc en cours : " + r.Text
	case monitor.GivenAgain:
		return fmt.Sprintf("la commande d'arrêt a été lancée il y a %s et le serveur tourne encore, sur batterie : elle est relancée%s", Span(r.For), failed(ups.French, r.Text))
	case monitor.Survived:
		return fmt.Sprintf("le serveur a survécu à son arrêt : commande lancée il y a %s, plus rien n'est en attente, et le secteur est là%s%s", Span(r.For), failed(ups.French, r.Text), went)
	case monitor.MaintenanceBegan:
		until := " ; elle finit à la première coupure"
		if r.Stays {
			until = ", même pendant une coupure"
		}
		return fmt.Sprintf("maintenance pendant %s%s : pas de messages, et le silence d'un onduleur n'arrête rien%s", Span(r.Wait), bracketed(r.Text), until)
	case monitor.MaintenanceOver:
		return "la maintenance est terminée" + bracketed(r.Text) + unlinked(" ; pas de liaison avec ", r.Feeds)
	case monitor.MaintenanceStopped:
		return "fin de la maintenance demandée" + bracketed(r.Text) + unlinked(" ; pas de liaison avec ", r.Feeds)
	case monitor.MaintenanceOutage:
		return "coupure de courant : la maintenance prend fin" + bracketed(r.Text) + unlinked(" ; pas de liaison avec ", r.Feeds)
	case monitor.MaintenanceShutdown:
		return "le serveur va s'arrêter : la maintenance prend fin" + bracketed(r.Text)
	case monitor.BatteryWorn:
		return "l'onduleur demande le remplacement de sa batterie : " + numbers
	case monitor.BatteryGood:
		return "l'onduleur ne demande plus le remplacement de sa batterie"
	case monitor.ConditionBegan:
		return strings.TrimSuffix(fmt.Sprintf("%s, %s ; %s", orNothing(ups.French, r.Status, "aucun état"), numbers, Alarm(ups.French, r.Text)), " ; ")
	case monitor.ConditionEnded:
		return fmt.Sprintf("%s, %s", orNothing(ups.French, r.Status, "aucun état"), numbers)
	}
	return ""
}
