package importer

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"ecnutd/config"
	"ecnutd/internal/nut/importer/report"
	"ecnutd/internal/nut/importer/script"
	"ecnutd/internal/nut/importer/script/condition"
	"ecnutd/internal/nut/importer/wording"
	"ecnutd/ups"
)

// An outcome is what a script does when it is called for one thing, in our
// terms. What has no equal here is in the notes, and in nothing else.
type outcome struct {
	text string       // the message, a template
	exec *config.Exec // the script itself, where it goes on being called
	down *downPlan    // it shuts the host down
	from string       // "upssched-cmd:17"

	log, wall bool // it told so; the event has to, now
}

// A downPlan is a shutdown that a script orders whenever it is called.
type downPlan struct {
	by, from string
	after    time.Duration
}

// circumstances are those in which a script is called.
type circumstances struct {
	name    string      // for whom: the name of a rule, or the event
	events  []ups.Event // one, or those that start the timer
	timer   bool        // when a timer ends
	bound   bool        // and only while mains is away
	system  string      // the UPS as MONITOR has it, "" for any
	program *program
	args    []string // what it is given, templates
	spent   bool     // it may not go on being called
}

// inOutage reports whether the script is called in an outage alone, or for a
// timer that began in one.
func (c circumstances) inOutage() bool {
	return len(c.events) > 0 && !slices.ContainsFunc(c.events, func(e ups.Event) bool { return !inOutage(e) })
}

// status is what is known of ups.status when the script is called.
func (c circumstances) status() map[string]bool {
	onBattery := map[string]bool{"OB": true, "OL": false}
	if c.timer {
		if c.bound && c.inOutage() {
			return onBattery
		}
		return nil
	}
	if len(c.events) == 1 {
		switch c.events[0] {
		case ups.EventOnBattery:
			return onBattery
		case ups.EventOnline:
			return map[string]bool{"OL": true, "OB": false}
		case ups.EventLowBattery:
			return map[string]bool{"LB": true}
		case ups.EventReplace:
			return map[string]bool{"RB": true}
		}
	}
	return nil
}

// Bounds for what may stand between the call of a script and what it does.
const (
	soon      = 30 * time.Second // a message as much later is sent at once
	soonDown  = 10 * time.Second // a shutdown too: final_delay comes before it anyway
	tooLate   = 365 * 24 * time.Hour
	leftOut   = "it is left out"
	noEqual   = "which has no equal here: " + leftOut
	deadOrder = "without NUT and without root it does nothing"
)

// judge brings what a script does into our terms, and notes what it cannot.
func (m *importer) judge(ran script.Outcome, c circumstances) *outcome {
	o := &outcome{from: fmt.Sprintf("%s:%d", ran.At.File, ran.At.Line)}
	for _, e := range ran.Effects {
		if e.Kind != script.Other && e.Kind != script.Schedule {
			m.given[script.Pos{File: e.At.File, Line: e.At.Line}] = true
		}
	}
	if ran.Lost {
		m.hand(c, ran.At, "what %s does for %s is too long or too intricate to be read out to its end; look for orders that shut the host down: %s", c.program.name, report.Shorten(c.name), deadOrder)
	}
	texts := m.messages(ran, c)
	o.text = strings.Join(texts, "\n")
	var others []script.Effect
	unread := false
	for _, e := range ran.Effects {
		switch e.Kind {
		case script.Message:
			unread = unread || e.If.Kind == condition.IsAlways && e.Send.Text == ""
		case script.PowerOff:
			m.powerOff(o, e, c)
		case script.Reboot:
			m.hand(c, e.At, "%s: a reboot is no poweroff: while mains is away it brings the host up again on a battery that runs empty; %s", e.What, leftOut)
		case script.CutOutput:
			m.hand(c, e.At, "%s: it does nothing without NUT; the output is cut by kill_power, when the host is down. If this is how the host was to go down, write shutdown: true into the event or the timer", e.What)
		case script.Hidden:
			m.hidden(e, c)
			others = append(others, e)
		case script.Other:
			others = append(others, e)
		}
	}
	done := o.text != "" || o.down != nil
	c.program.used = c.program.used || done
	if done || c.spent {
		others = slices.DeleteFunc(others, func(e script.Effect) bool {
			if e.What != "logger" && e.What != "wall" || e.Kind != script.Other {
				return false
			}
			o.log, o.wall = o.log || e.What == "logger", o.wall || e.What == "wall"
			m.note(e.At.File, e.At.Line, NotNeeded, "", "%s: the event or the timer tells it in a sentence, by log and wall", e.What)
			return true
		})
	}
	switch {
	case c.spent || o.text != "":
		for _, e := range others {
			if e.Kind == script.Other {
				m.hand(c, e.At, "the command %s is not translated: put it into a script of its own, and that into exec", report.Shorten(e.What))
			}
		}
	case len(others) > 0 || unread || ran.Lost:
		o.exec = m.carry(c, ran)
		if o.down == nil {
			m.note(ran.At.File, ran.At.Line, Translated, "exec", "what %s does for %s cannot be read out: the script goes on being called", c.program.name, report.Shorten(c.name))
		}
	case len(ran.Effects) == 0 && c.program == &m.cmd:
		m.note(ran.At.File, ran.At.Line, Trap, "", "the branch for %s does nothing that would be noticed", report.Shorten(c.name))
	}
	return o
}

// hand notes what wants a hand, and that not all of the program is translated.
func (m *importer) hand(c circumstances, at script.Pos, format string, args ...any) {
	c.program.hand = true
	m.note(at.File, at.Line, Unsupported, "", format, args...)
}

func (m *importer) hidden(e script.Effect, c circumstances) {
	switch {
	case e.Behind == "ssh" || e.Behind == "rsh":
		m.hand(c, e.At, "%s, given to another host by %s: it is no order for this host. Where the script goes on being called, that is as ecnutd, who has not the keys of root", e.What, e.Behind)
	case e.What == "a command":
		m.hand(c, e.At, "a command that stands in %s: what it does is not known here; if it shuts this host down, write shutdown: true into the event or the timer, for %s", e.Behind, deadOrder)
	default:
		m.hand(c, e.At, "%s stands behind %s: it is not translated, and %s; if it shuts this host down, write shutdown: true into the event or the timer", e.What, report.Shorten(e.Behind), deadOrder)
	}
}

// messages are the texts that are sent whenever the script is called so.
func (m *importer) messages(ran script.Outcome, c circumstances) []string {
	var all []string
	sends := slices.DeleteFunc(slices.Clone(ran.Effects), func(e script.Effect) bool { return e.Kind != script.Message })
	fixed := func(e script.Effect) bool {
		return holds(e.If) && e.Send.Varies.Line == 0 && !e.Vague && e.UpTo <= soon
	}
	for _, e := range sends {
		s := clipped(e)
		if !slices.ContainsFunc(m.sends, func(t sent) bool { return t.at == e.At && t.User == s.User }) {
			m.sends = append(m.sends, sent{s, e.At})
		}
		if !fixed(e) {
			continue
		}
		m.textNotes(e, c)
		if text := wording.Safe(s.Text); text != "" && !slices.Contains(all, text) {
			all = append(all, text)
		}
		for _, d := range ran.Effects {
			if d.Kind == script.PowerOff && d.At.File == e.At.File && d.At.Line < e.At.Line && d.UpTo == 0 && d.If.Kind == condition.IsAlways {
				m.note(d.At.File, d.At.Line, Trap, "", "%s comes before the message (line %d): the shutdown has begun when it is sent, and may be faster; ecnutd sends the message first", d.What, e.At.Line)
				break
			}
		}
	}
	for _, e := range sends {
		text := wording.Safe(strings.TrimSpace(e.Send.Text))
		switch {
		case fixed(e) || slices.Contains(all, text) && text != "":
		case e.Send.Varies.Line > 0:
			m.hand(c, e.Via, "the message for %s has another text depending on the condition of %s:%d, %s; write one that holds in both cases into message", report.Shorten(c.name), e.Send.Varies.File, e.Send.Varies.Line, noEqual)
		case !holds(e.If) && m.whenLow(e, text, c):
		case !holds(e.If):
			m.hand(c, e.Via, "the message %q for %s hangs %s, %s; a message of an event or a timer is always sent", report.Shorten(text), report.Shorten(c.name), conditions(e.If), noEqual)
		default:
			m.hand(c, e.Via, "the message %q for %s comes after a wait%s: it is left out; give it a timer of its own", report.Shorten(text), report.Shorten(c.name), wait(e))
		}
	}
	return all
}

// conditions says in words on which conditions something hangs.
func conditions(c script.Cond) string {
	var lines []string
	for _, at := range c.Lines() {
		lines = append(lines, fmt.Sprintf("%s:%d", at.File, at.Line))
	}
	switch len(lines) {
	case 0:
		return "on a condition"
	case 1:
		return "on the condition of " + lines[0]
	}
	return "on the conditions of " + strings.Join(lines[:min(len(lines), 4)], ", ")
}

func wait(e script.Effect) string {
	if e.Vague {
		return " of a time that is not known here"
	}
	return " of " + config.FormatDuration(e.UpTo)
}

// holds reports whether a condition is met whenever the UPS answers.
func holds(c script.Cond) bool {
	alternatives, ok := c.Alternatives()
	return ok && slices.ContainsFunc(alternatives, func(all []script.Cond) bool {
		return !slices.ContainsFunc(all, func(one script.Cond) bool { return !answers(one) })
	})
}

// answers reports whether a condition is no more than that the UPS answers.
func answers(c script.Cond) bool {
	return c.Kind == condition.Not && c.Of[0].Kind == condition.Missing
}

// textNotes notes what is missing in a text.
func (m *importer) textNotes(e script.Effect, c circumstances) {
	for _, name := range e.Send.Unset {
		m.note(e.Via.File, e.Via.Line, Trap, "", "the text for %s has $%s, which has no value: it is left out, as the shell does", report.Shorten(c.name), report.Shorten(name))
	}
	for _, command := range e.Send.Unread {
		m.hand(c, e.Via, "the text for %s has the answer of %q, which is not known: it is left out; {{placeholders}} may do", report.Shorten(c.name), report.Shorten(command))
	}
	if e.Send.Given != "" {
		m.hand(c, e.Via, "the text for %s has a variable that %s sets, which is not here: it is left out", report.Shorten(c.name), report.Shorten(e.Send.Given))
	}
}

// powerOff takes an order that shuts the host down: as it is, as a limit, or
// not at all.
func (m *importer) powerOff(o *outcome, e script.Effect, c circumstances) {
	if e.Vague || e.After > tooLate {
		m.hand(c, e.At, "%s for %s comes after a wait of a time that is not known here, or at an hour of the clock: %s; write shutdown: true into the event or a timer", e.What, report.Shorten(c.name), leftOut)
		return
	}
	alternatives, ok := e.If.Alternatives()
	if !ok {
		alternatives = [][]script.Cond{{e.If}}
	}
	left := false
	for _, all := range alternatives {
		left = !m.alternative(o, e, c, all) || left
	}
	if left {
		m.hand(c, e.At, "%s for %s hangs %s, %s, and %s. The host goes down when the battery is low; if it is to go down sooner, write shutdown: true into the event or the timer, or a limit into low_battery", e.What, report.Shorten(c.name), conditions(e.If), noEqual, deadOrder)
	}
}

// alternative takes an order under conditions that must all be met. It reports
// whether there is an equal.
func (m *importer) alternative(o *outcome, e script.Effect, c circumstances, all []script.Cond) bool {
	var limits []script.Cond
	low := false
	for _, one := range all {
		switch {
		case answers(one):
		case mainsAway(one) && c.inOutage():
		case one.Kind == condition.Has && one.Token == "LB":
			low = true
		case one.Kind == condition.Below:
			limits = append(limits, one)
		default:
			return false
		}
	}
	switch {
	case low && c.inOutage():
		m.note(e.At.File, e.At.Line, NotNeeded, "", "%s for %s at a low battery: on battery the host goes down then anyway", e.What, report.Shorten(c.name))
	case low || len(limits) > 1:
		return false
	case len(limits) == 1:
		return m.limit(e, c, limits[0])
	case o.down == nil || e.After < o.down.after:
		o.down = &downPlan{by: e.What, from: fmt.Sprintf("%s:%d", e.At.File, e.At.Line), after: e.After}
		if e.After <= soonDown {
			o.down.after = 0
		}
	}
	return true
}

// A limitPlan is a limit of low_battery that a script has of its own.
type limitPlan struct {
	ups      string // "" for all
	variable string
	below    int
	from     string
}

// limit makes a limit of a condition on charge or runtime.
func (m *importer) limit(e script.Effect, c circumstances, one script.Cond) bool {
	if !c.inOutage() || one.Limit < 1 || one.Variable == "battery.charge" && one.Limit > 100 || e.After > soonDown {
		return false
	}
	l := limitPlan{variable: one.Variable, below: one.Limit, from: fmt.Sprintf("%s:%d", one.At.File, one.At.Line)}
	for _, w := range m.monitored {
		if w.system == c.system {
			l.ups = w.ups
		}
	}
	key, value := "low_battery.charge", fmt.Sprintf("%d%%", one.Limit-1)
	if one.Variable == "battery.runtime" {
		key, value = "low_battery.runtime", config.FormatDuration(time.Duration(one.Limit-1)*time.Second)
	}
	if one.Limit == 1 {
		return false
	}
	m.limits = append(m.limits, l)
	m.note(e.At.File, e.At.Line, Translated, key+": "+value, "%s for %s where %s is below %d (%s): as a limit, which is looked at all through the outage and not only at that time", e.What, report.Shorten(c.name), one.Variable, one.Limit, l.from)
	return true
}

// applyLimits writes the limits of scripts to their UPSs. Where there is one
// already, the one that is met first stays.
func (m *importer) applyLimits() {
	for _, l := range m.limits {
		for i := range m.ups {
			u := &m.ups[i]
			if l.ups != "" && l.ups != u.name {
				continue
			}
			if l.variable == "battery.charge" {
				have := 0
				if s, ok := u.settings["low_battery.charge"]; ok {
					fmt.Sscanf(fmt.Sprint(s.value), "%d%%", &have)
				}
				if l.below-1 > have {
					u.settings["low_battery.charge"] = setting{fmt.Sprintf("%d%%", l.below-1), l.from}
				}
				continue
			}
			have, _ := u.settings["low_battery.runtime"].value.(time.Duration)
			if d := time.Duration(l.below-1) * time.Second; d > have {
				u.settings["low_battery.runtime"] = setting{d, l.from}
			}
		}
	}
}
