package texts

import (
	"strings"
	"time"

	"ecnutd/monitor"
	"ecnutd/monitor/forecast"
	"ecnutd/ups"
)

// A Clock is the time of day as a text may tell it.
type Clock struct {
	Now   time.Time
	Unset bool // the kernel says that it is not synchronised: no time of it is told
}

// atOnce is the span below which what is reckoned is told without a time.
const atOnce = 15 * time.Second

// when are the ways to say when something will be: at a time of the clock and in a
// span, or in a span alone.
type when struct{ at, about, in, inAbout, now string }

var whens = map[ups.Language]when{
	ups.English: {"at %time (in %span)", "at about %time (in %span)", "in %span", "in about %span", "now"},
	ups.French:  {"à %time (dans %span)", "vers %time (dans %span)", "dans %span", "dans environ %span", "immédiat"},
}

// say says when a prospect will be.
func (c Clock) say(l ups.Language, p forecast.Prospect) string {
	w, span, form := whens[ups.English], p.In, ""
	if l == ups.French {
		w = whens[l]
	}
	span = span.Round(time.Second)
	switch {
	case p.In <= 0 || p.About && p.In < atOnce:
		return w.now
	case p.About && c.Unset:
		form, span = w.inAbout, about(p.In)
	case p.About:
		form, span = w.about, about(p.In)
	case c.Unset:
		form = w.in
	default:
		form = w.at
	}
	return strings.NewReplacer("%time", c.Now.Add(span).Format("15:04"), "%span", Span(span)).Replace(form)
}

// Next is the sentence of one thing that is going to be, without a full stop.
func Next(l ups.Language, p forecast.Prospect, c Clock) string {
	form := nexts[p.Kind]
	if p.Kind == forecast.Shutdown && p.Why != nil && p.Why.Code == monitor.SilentTooLong {
		form = phrase{"shutdown %when, %why", "arrêt %when, %why"}
	}
	return strings.NewReplacer(
		"%when", c.say(l, p),
		"%why", because(l, p),
		"%stays", staysUp(l, p),
		"%does", does(l, p),
		"%timer", p.Timer,
		"%of", of(l, p.UPS),
	).Replace(form.in(l))
}

// NextOf is what {{next}} stands for: the first of what is going to be, or that
// nothing is.
func NextOf(l ups.Language, list []forecast.Prospect, c Clock) string {
	if len(list) == 0 {
		return noneNext.in(l)
	}
	return Next(l, list[0], c)
}

// of names the UPS behind a word; "" where there is one alone.
func of(l ups.Language, name string) string {
	if name == "" {
		return ""
	}
	if l == ups.French && strings.ContainsAny(name[:1], "aeiouyAEIOUY") {
		return " d'" + name
	}
	return phrase{" of ", " de "}.in(l) + name
}

// nexts are the sentences by kind.
var nexts = map[forecast.Kind]phrase{
	forecast.Shutdown:  {"shutdown %when: %why", "arrêt %when : %why"},
	forecast.Low:       {"battery%of low %when; %stays", "batterie%of faible %when ; %stays"},
	forecast.Empty:     {"battery%of empty %when, and nothing shuts this host down before", "batterie%of vide %when, et rien n'arrête le serveur avant"},
	forecast.Untimed:   {"shutdown when the battery is low; at what time is not known (the UPS tells no runtime)", "arrêt quand la batterie sera faible ; heure inconnue (l'onduleur n'indique pas d'autonomie)"},
	forecast.Nothing:   {"nothing shuts this host down, it only watches", "aucun arrêt, ce serveur ne fait que surveiller"},
	forecast.Command:   {"shutdown command %when", "commande d'arrêt %when"},
	forecast.Sync:      {"other hosts are waited for; shutdown %when at the latest", "attente des autres hôtes ; arrêt %when au plus tard"},
	forecast.Timer:     {"%when: timer %timer%of ends; it %does", "%when : le délai %timer%of expire ; il %does"},
	forecast.Limit:     {"%when: limit of time on battery%of", "%when : limite de durée sur batterie%of"},
	forecast.LinkDue:   {"%when: the UPS%of counts as lost, unless the link returns", "%when : l'onduleur%of est considéré comme perdu si la liaison ne revient pas"},
	forecast.Primary:   {"%when: the order of the host with the UPS%of is no longer waited for", "%when : l'ordre de l'hôte qui a l'onduleur%of n'est plus attendu"},
	forecast.Imminent:  {"%when: battery%of low, since the UPS says that it is about to shut down", "%when : batterie%of faible, car l'onduleur annonce son arrêt"},
	forecast.StillLost: {"%when: the lost link%of is told again", "%when : rappel de la liaison perdue%of"},
	forecast.Again:     {"%when: the shutdown is looked at again, since this host is still up", "%when : l'arrêt est réexaminé, car ce serveur tourne encore"},
}

// staysUp says what the host goes on running on.
func staysUp(l ups.Language, p forecast.Prospect) string {
	if p.Why == nil || p.Why.Feeds == "" {
		return onlyWatches.in(l)
	}
	return strings.ReplaceAll(stays.in(l), "%feeds", p.Why.Feeds)
}

var (
	noneNext    = phrase{"no shutdown in sight", "aucun arrêt prévu"}
	onlyWatches = phrase{"nothing is shut down, this host only watches", "rien ne sera arrêté, ce serveur ne fait que surveiller"}
	stays       = phrase{"%feeds feeds this host, which stays up", "%feeds alimente le serveur, qui reste allumé"}
	logged      = phrase{"is logged", "est noté au journal"}
	and         = phrase{" and ", " et "}
)

// does lists what a timer does.
func does(l ups.Language, p forecast.Prospect) string {
	var list []string
	for _, a := range p.Does {
		list = append(list, strings.ReplaceAll(actions[a].in(l), "%program", p.Runs))
	}
	if len(list) == 0 {
		return logged.in(l)
	}
	last := len(list) - 1
	if last == 0 {
		return list[0]
	}
	return strings.Join(list[:last], ", ") + and.in(l) + list[last]
}

// actions are what timers do.
var actions = map[forecast.Action]phrase{
	forecast.ShutsDown: {"shuts this host down", "arrête ce serveur"},
	forecast.GivesUp:   {"gives the UPS up, which shuts nothing down", "abandonne l'onduleur, ce qui n'arrête rien"},
	forecast.Sends:     {"sends a message", "envoie un message"},
	forecast.Runs:      {"runs %program", "lance %program"},
	forecast.Starts:    {"starts a timer", "lance un autre délai"},
}

// because is why the host will go down.
func because(l ups.Language, p forecast.Prospect) string {
	if p.Why == nil {
		return ""
	}
	text := ""
	r := *p.Why
	if t, ok := becauses[r.Cause]; ok && r.Code == monitor.LowOnBattery {
		text = t.in(l)
		if p.In < atOnce {
			text = strings.NewReplacer("will be", "is", "sera", "est").Replace(text)
		}
	} else if t, ok := becauses[r.Code]; ok {
		text = t.in(l)
	} else {
		return Reason(l, r)
	}
	charge := ""
	switch {
	case r.LimitN > 0:
		charge = " (" + ups.Known(r.LimitN).String() + " %)"
	case r.Charge.Known:
		charge = " (" + r.Charge.String() + " %)"
	}
	return strings.NewReplacer(
		"%of", of(l, p.UPS),
		"%charge", charge,
		"%percent", ups.Known(r.LimitN).String()+" %",
		"%span", Span(time.Duration(r.LimitN)*time.Second),
		"%limit", Span(r.Limit),
		"%text", r.Text,
	).Replace(text)
}

// becauses are the reasons of a shutdown that is to come: by the cause of a low
// battery, else by the code.
var becauses = map[monitor.Code]phrase{
	monitor.LowSaid:         {"the battery%of will be low%charge", "la batterie%of sera faible%charge"},
	monitor.LowFlickers:     {"the battery%of will be low%charge", "la batterie%of sera faible%charge"},
	monitor.LowPushed:       {"the battery%of will be low%charge", "la batterie%of sera faible%charge"},
	monitor.LowChargeFloor:  {"the battery%of will be low (%percent)", "la batterie%of sera faible (%percent)"},
	monitor.LowCharge:       {"the charge%of will be at its limit of %percent", "la charge%of sera à sa limite de %percent"},
	monitor.LowRuntime:      {"the runtime%of will be at its limit of %span", "l'autonomie%of sera à sa limite de %span"},
	monitor.LowRuntimeFloor: {"the runtime%of will be no more than a shutdown takes (%span)", "l'autonomie%of sera à peine celle d'un arrêt (%span)"},
	monitor.LowImminent:     {"the UPS says that it is about to shut down", "l'onduleur annonce son propre arrêt"},
	monitor.LowTime:         {"the UPS says that the time limit is reached", "l'onduleur signale la fin du temps prévu"},
	monitor.LowSilent:       {"the link%of has not returned", "la liaison%of n'est pas revenue"},
	monitor.LimitReached:    {"the limit of %limit on battery", "limite de %limit sur batterie"},
	monitor.TimerEnded:      {"timer %text ends (%limit)", "fin du délai %text (%limit)"},
	monitor.SilentTooLong:   {"unless the link%of returns", "sauf si la liaison%of revient"},
	monitor.RuleGaveUp:      {"the rule for %text", "règle pour %text"},
	monitor.Ordered:         {"ordered (%text)", "demandé (%text)"},
	monitor.PrimaryOrdered:  {"the host that has the UPS orders it", "l'hôte qui a l'onduleur l'ordonne"},
}
