package monitor

import (
	"fmt"
	"strings"
	"time"

	"ecnutd/ups"
)

// A Reason is why something was decided or told, with the numbers that it was
// decided on. It is data, so that it can be stored and compared, and becomes a
// sentence where somebody reads it (Reason.In).
type Reason struct {
	Code  Code `json:"code"`
	Cause Code `json:"cause,omitempty"` // why the battery counts as low, where Code is Low or LowOnBattery
	Was   Code `json:"was,omitempty"`   // what was called off, where Code is CalledOff

	For    time.Duration `json:"for,omitempty"`    // how long: on battery, without a link, until the condition ended
	Silent time.Duration `json:"silent,omitempty"` // since the UPS was last heard
	Limit  time.Duration `json:"limit,omitempty"`  // that was reached
	Wait   time.Duration `json:"wait,omitempty"`   // until what the sentence announces

	LimitN  int        `json:"limit_n,omitempty"` // percent or seconds that Cause names
	Gone    bool       `json:"gone,omitempty"`
	Text    string     `json:"text,omitempty"` // an order's reason, a timer's name, an alarm
	Status  ups.Status `json:"status,omitzero"`
	Charge  ups.Number `json:"charge,omitzero"`
	Runtime ups.Number `json:"runtime,omitzero"`
	Lowest  ups.Number `json:"lowest,omitzero"` // lowest charge of the outage
}

// Code says which reason it is. It is a word, since it is stored.
type Code string

// The codes. Those of a low battery stand in Cause.
const (
	OnBatteryNow   Code = "on battery"
	BackOnMains    Code = "on mains"
	LinkBack       Code = "link back"
	LoginRefused   Code = "login refused"
	LoginTaken     Code = "login taken"
	NotFound       Code = "not found"
	LostOnMains    Code = "lost on mains"
	LostOnBattery  Code = "lost on battery"
	StillLost      Code = "still lost"
	Low            Code = "low"
	NotLow         Code = "not low"
	LowOnBattery   Code = "low on battery"
	SilentTooLong  Code = "silent too long"
	LimitReached   Code = "limit reached"
	TimerEnded     Code = "timer ended"
	RuleGaveUp     Code = "rule"
	Ordered        Code = "ordered"
	PrimaryOrdered Code = "primary ordered"
	CalledOff      Code = "called off"
	BatteryWorn    Code = "battery worn"
	BatteryGood    Code = "battery good"
	ConditionBegan Code = "began"
	ConditionEnded Code = "ended"

	LowSaid     Code = "said low"
	LowTime     Code = "time limit"
	LowImminent Code = "shutdown imminent"
	LowCharge   Code = "charge"
	LowRuntime  Code = "runtime"
	LowSilent   Code = "silent"
)

// String is the sentence in English.
func (r Reason) String() string { return r.In(ups.English) }

// In is the sentence in a language, without a full stop; "" for no reason.
func (r Reason) In(l ups.Language) string {
	if l == ups.French {
		return r.french()
	}
	return r.english()
}

func (r Reason) english() string {
	gone := "it does not answer"
	if r.Gone {
		gone = "it left the USB bus"
	}
	numbers := figures("charge %d %%, ", "charge unknown, ", "runtime ", "runtime unknown", r)
	lowest := ""
	if r.Lowest.Known && (!r.Charge.Known || r.Lowest.N < r.Charge.N) {
		lowest = fmt.Sprintf(", lowest charge %d %%", r.Lowest.N)
	}
	cause := ""
	switch r.Cause {
	case LowSaid:
		cause = "the UPS says that the battery is low"
	case LowTime:
		cause = "the UPS says that the time limit is reached"
	case LowImminent:
		cause = fmt.Sprintf("the UPS has said for %s that it is about to shut down", short(r.Limit))
	case LowCharge:
		cause = fmt.Sprintf("charge at or below %d %%", r.LimitN)
	case LowRuntime:
		cause = "runtime at or below " + compact(time.Duration(r.LimitN)*time.Second)
	case LowSilent:
		cause = fmt.Sprintf("not heard for %s, taken for low", short(r.Silent))
	}
	switch r.Code {
	case OnBatteryNow:
		return "on battery: " + numbers
	case BackOnMains:
		return fmt.Sprintf("on mains again after %s: %s%s", short(r.For), numbers, lowest)
	case LinkBack:
		return fmt.Sprintf("the link is back after %s: %s, %s", short(r.For), r.Status, numbers)
	case LoginRefused:
		return "the host with the UPS refuses the login of this one: it would not wait for it in a shutdown, and cut its power"
	case LoginTaken:
		return "the host with the UPS has taken the login, and waits for this one in a shutdown"
	case NotFound:
		return "the UPS was not found: " + gone
	case LostOnMains:
		return fmt.Sprintf("link lost on mains: %s; nothing will be shut down for this", gone)
	case LostOnBattery:
		return fmt.Sprintf("link lost on battery: %s; last known %s; the host is shut down in %s unless the link returns", gone, numbers, short(r.Wait))
	case StillLost:
		return fmt.Sprintf("not heard for %s, last known %s, %s", short(r.Silent), orNothing(r.Status, "no status"), numbers)
	case Low:
		return cause + ": " + numbers
	case NotLow:
		return "the battery is no longer low: " + numbers
	case LowOnBattery:
		return fmt.Sprintf("on battery for %s and %s, %s", short(r.For), cause, numbers)
	case SilentTooLong:
		return fmt.Sprintf("on battery for %s and not heard for %s, last known %s", short(r.For), short(r.Silent), numbers)
	case LimitReached:
		return fmt.Sprintf("on battery for %s (limit %s), %s", short(r.For), compact(r.Limit), numbers)
	case TimerEnded:
		if r.For == 0 {
			return fmt.Sprintf("timer %s ended after %s", r.Text, compact(r.Limit))
		}
		return fmt.Sprintf("on battery for %s (limit %s, timer %s), %s", short(r.For), compact(r.Limit), r.Text, numbers)
	case RuleGaveUp:
		return fmt.Sprintf("on battery for %s, and the rule for %s says to shut down, %s", short(r.For), r.Text, numbers)
	case Ordered:
		return "shutdown ordered: " + r.Text
	case PrimaryOrdered:
		return "the host that has the UPS orders the shutdown (FSD), " + numbers
	case CalledOff:
		r.Code = r.Was
		return "the reason is gone: " + r.english()
	case BatteryWorn:
		return "the UPS says that its battery has to be replaced: " + numbers
	case BatteryGood:
		return "the UPS no longer says that its battery has to be replaced"
	case ConditionBegan:
		return strings.TrimSuffix(fmt.Sprintf("%s, %s; %s", orNothing(r.Status, "no status"), numbers, r.Text), "; ")
	case ConditionEnded:
		return fmt.Sprintf("%s, %s", orNothing(r.Status, "no status"), numbers)
	}
	return ""
}

func (r Reason) french() string {
	gone := "il ne répond pas"
	if r.Gone {
		gone = "il a quitté le bus USB"
	}
	numbers := figures("charge %d %%, ", "charge inconnue, ", "autonomie ", "autonomie inconnue", r)
	lowest := ""
	if r.Lowest.Known && (!r.Charge.Known || r.Lowest.N < r.Charge.N) {
		lowest = fmt.Sprintf(", charge minimale %d %%", r.Lowest.N)
	}
	cause := ""
	switch r.Cause {
	case LowSaid:
		cause = "l'onduleur signale une batterie faible"
	case LowTime:
		cause = "l'onduleur signale la fin du temps prévu"
	case LowImminent:
		cause = fmt.Sprintf("l'onduleur annonce son arrêt depuis %s", short(r.Limit))
	case LowCharge:
		cause = fmt.Sprintf("charge à %d %% ou moins", r.LimitN)
	case LowRuntime:
		cause = fmt.Sprintf("autonomie de %s ou moins", compact(time.Duration(r.LimitN)*time.Second))
	case LowSilent:
		cause = fmt.Sprintf("sans nouvelles depuis %s, supposée faible", short(r.Silent))
	}
	switch r.Code {
	case OnBatteryNow:
		return "sur batterie : " + numbers
	case BackOnMains:
		return fmt.Sprintf("de nouveau sur secteur après %s : %s%s", short(r.For), numbers, lowest)
	case LinkBack:
		return fmt.Sprintf("liaison rétablie après %s : %s, %s", short(r.For), r.Status, numbers)
	case LoginRefused:
		return "le serveur de l'onduleur refuse l'authentification de celui-ci : il ne l'attendrait pas avant de couper le courant"
	case LoginTaken:
		return "le serveur de l'onduleur accepte l'authentification et attendra celui-ci en cas d'arrêt"
	case NotFound:
		return "onduleur introuvable : " + gone
	case LostOnMains:
		return fmt.Sprintf("liaison perdue sur secteur : %s ; rien ne sera arrêté pour cela", gone)
	case LostOnBattery:
		return fmt.Sprintf("liaison perdue sur batterie : %s ; derniers relevés : %s ; le serveur sera arrêté dans %s si la liaison ne revient pas", gone, numbers, short(r.Wait))
	case StillLost:
		return fmt.Sprintf("sans nouvelles depuis %s, derniers relevés : %s, %s", short(r.Silent), orNothing(r.Status, "aucun état"), numbers)
	case Low:
		return cause + " : " + numbers
	case NotLow:
		return "la batterie n'est plus faible : " + numbers
	case LowOnBattery:
		return fmt.Sprintf("sur batterie depuis %s et %s, %s", short(r.For), cause, numbers)
	case SilentTooLong:
		return fmt.Sprintf("sur batterie depuis %s et sans nouvelles depuis %s, derniers relevés : %s", short(r.For), short(r.Silent), numbers)
	case LimitReached:
		return fmt.Sprintf("sur batterie depuis %s (limite %s), %s", short(r.For), compact(r.Limit), numbers)
	case TimerEnded:
		if r.For == 0 {
			return fmt.Sprintf("fin du délai %s de %s", r.Text, compact(r.Limit))
		}
		return fmt.Sprintf("sur batterie depuis %s (limite %s, délai %s), %s", short(r.For), compact(r.Limit), r.Text, numbers)
	case RuleGaveUp:
		return fmt.Sprintf("sur batterie depuis %s, et la règle pour %s demande l'arrêt, %s", short(r.For), r.Text, numbers)
	case Ordered:
		return "arrêt demandé : " + r.Text
	case PrimaryOrdered:
		return "l'hôte qui a l'onduleur ordonne l'arrêt (FSD), " + numbers
	case CalledOff:
		r.Code = r.Was
		return "la raison a disparu : " + r.french()
	case BatteryWorn:
		return "l'onduleur demande le remplacement de sa batterie : " + numbers
	case BatteryGood:
		return "l'onduleur ne demande plus le remplacement de sa batterie"
	case ConditionBegan:
		return strings.TrimSuffix(fmt.Sprintf("%s, %s ; %s", orNothing(r.Status, "aucun état"), numbers, r.Text), " ; ")
	case ConditionEnded:
		return fmt.Sprintf("%s, %s", orNothing(r.Status, "aucun état"), numbers)
	}
	return ""
}

// figures are the charge and the runtime that every sentence carries.
func figures(charge, noCharge, runtime, noRuntime string, r Reason) string {
	var s string
	if r.Charge.Known {
		s = fmt.Sprintf(charge, r.Charge.N)
	} else {
		s = noCharge
	}
	if r.Runtime.Known {
		return s + runtime + ups.Duration(r.Runtime.N)
	}
	return s + noRuntime
}

func orNothing(s ups.Status, nothing string) string {
	if s == 0 {
		return nothing
	}
	return s.String()
}

// short prints a time that passed, without fractions of a second: "20m0s".
func short(d time.Duration) string { return d.Truncate(time.Second).String() }

// compact prints a limit as an administrator writes it: "20m".
func compact(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
