package importer

import (
	"slices"

	"ecnutd/internal/nut/importer/report"
	"ecnutd/internal/nut/importer/script"
	"ecnutd/internal/nut/importer/script/condition"
	"ecnutd/ups"
)

// A lowText is a message that a script sends in an outage if the battery is low:
// it becomes one of LOWBATT, which is that condition as an event.
type lowText struct {
	system string // the UPS as MONITOR has it, "" for all
	text   string // a template
	from   string
}

// whenLow takes a message that hangs on nothing but LB. It reports whether it did.
func (m *importer) whenLow(e script.Effect, text string, c circumstances) bool {
	if text == "" || !c.inOutage() || !onlyLow(e.If) {
		return false
	}
	m.textNotes(e, c)
	c.program.used = true
	m.lowTexts = append(m.lowTexts, lowText{c.system, text, (directive{file: e.Via.File, line: e.Via.Line}).from()})
	m.note(e.Via.File, e.Via.Line, Translated, "events.LOWBATT.message", "the message %q for %s hangs %s, on the battery being low: it is sent when that is so, whether then or later", report.Shorten(text), report.Shorten(c.name), conditions(e.If))
	return true
}

// onlyLow reports whether a condition is, in an outage, that the battery is low.
func onlyLow(c script.Cond) bool {
	alternatives, ok := c.Alternatives()
	return ok && len(alternatives) > 0 && !slices.ContainsFunc(alternatives, func(all []script.Cond) bool {
		low := slices.ContainsFunc(all, func(one script.Cond) bool { return one.Kind == condition.Has && one.Token == "LB" })
		return !low || slices.ContainsFunc(all, func(one script.Cond) bool {
			return !answers(one) && !mainsAway(one) && !(one.Kind == condition.Has && one.Token == "LB")
		})
	})
}

// mainsAway reports whether a condition is no more than that mains is away.
func mainsAway(c script.Cond) bool {
	return c.Kind == condition.Has && c.Token == "OB" ||
		c.Kind == condition.Not && c.Of[0].Kind == condition.Has && c.Of[0].Token == "OL"
}

// applyLowTexts adds these messages to what LOWBATT says.
func (m *importer) applyLowTexts() {
	for _, l := range m.lowTexts {
		for _, at := range m.targets() {
			if at.event != ups.EventLowBattery || l.system != "" && at.ups != m.nameOf(l.system) {
				continue
			}
			if p := m.reactions[at]; !slices.Contains(p.texts, l.text) {
				p.texts = append(p.texts, l.text)
				p.from = append(p.from, l.from)
			}
		}
	}
}

// ownLow gives a UPS a reaction of its own to LOWBATT, where a message is for it
// alone.
func (m *importer) ownLow() {
	for _, l := range m.lowTexts {
		at, all := target{m.nameOf(l.system), ups.EventLowBattery}, target{"", ups.EventLowBattery}
		if l.system == "" || m.reactions[at] != nil || m.reactions[all] == nil {
			continue
		}
		own := *m.reactions[all]
		own.system, own.texts, own.from = l.system, slices.Clone(own.texts), slices.Clone(own.from)
		m.reactions[at] = &own
	}
}

// nameOf is the UPS that MONITOR calls system, "" for none.
func (m *importer) nameOf(system string) string {
	for _, w := range m.monitored {
		if w.system == system {
			return w.ups
		}
	}
	return ""
}
