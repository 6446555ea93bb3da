package importer

import (
	"slices"
	"strings"

	"ecnutd/config"
	"ecnutd/internal/nut/importer/directives"
	"ecnutd/internal/nut/importer/report"
	"ecnutd/internal/nut/importer/script"
	"ecnutd/internal/nut/importer/wording"
	"ecnutd/ups"
)

// notifyProgram finds out what NOTIFYCMD is: upssched itself, a script that is
// here, or a program that is not known.
func (m *importer) notifyProgram() {
	p := &m.notify
	line := p.d.value
	words := strings.Fields(line)
	switch {
	case len(words) == 0:
		if slices.ContainsFunc(ups.Events, func(e ups.Event) bool { return m.flags[e].exec }) {
			m.note("upsmon.conf", 0, Trap, "", "there is no NOTIFYCMD: EXEC in NOTIFYFLAG does nothing")
		}
		return
	case base(strings.Trim(words[0], `"'`)) == "upssched":
		m.scheduled = true
		m.note(p.d.file, p.d.line, NotNeeded, "", "NOTIFYCMD %s: the rules of upssched.conf are in the events", report.Shorten(line))
		return
	case strings.ContainsAny(line, config.ShellSigns):
		p.line = line
		p.name = p.d.file
		p.parsed, _ = script.Read([]byte(strings.Repeat("\n", p.d.line-1)+line+" \"$1\"\n"), p.d.file)
		p.read = true
	default:
		p.path, p.args = words[0], words[1:]
		m.parse(p)
	}
	if p.parsed == nil {
		m.note(p.d.file, p.d.line, Translated, "exec", "NOTIFYCMD %s, of the events with EXEC", report.Shorten(line))
		m.note(p.d.file, p.d.line, Unsupported, "exec", "NOTIFYCMD %s cannot be read out (%v): it goes on being called, unread. Without NUT its upsmon -c fsd does nothing: where it has one, write shutdown: true into that event", report.Shorten(line), p.why)
	}
	if len(m.rules) > 0 && !m.callsUpssched() {
		m.note("upssched.conf", m.rules[0].d.line, Trap, "", "NOTIFYCMD is not upssched, and does not call it as far as it can be read: these rules are not translated")
		m.unscheduled = true
	}
}

// callsUpssched reports whether NOTIFYCMD hands some event on to upssched.
func (m *importer) callsUpssched() bool {
	return m.notify.parsed != nil && slices.ContainsFunc(ups.Events, func(e ups.Event) bool {
		ran, _ := m.notified(e, "")
		return slices.ContainsFunc(ran.Effects, func(f script.Effect) bool { return f.Kind == script.Schedule })
	})
}

// notified follows NOTIFYCMD for an event.
func (m *importer) notified(e ups.Event, system string) (script.Outcome, circumstances) {
	c := circumstances{name: string(e), events: []ups.Event{e}, system: system, program: &m.notify}
	text, exact := m.notifyText(e, c)
	c.args = []string{text}
	if m.notify.parsed == nil {
		return script.Outcome{}, c
	}
	var args []script.Text
	for _, a := range m.notify.args {
		args = append(args, script.Text{Text: a, Exact: true})
	}
	call := m.call(c, append(args, script.Text{Text: text, Exact: exact})...)
	call.Env["NOTIFYMSG"] = script.Text{Text: text, Exact: exact}
	return m.follow(&m.notify, call), c
}

// handsOver reports whether an event reaches upssched.
func (m *importer) handsOver(e ups.Event, system string) bool {
	if m.scheduled {
		return true
	}
	if m.notify.parsed == nil || m.unscheduled {
		return false
	}
	ran, c := m.notified(e, system)
	for _, f := range ran.Effects {
		if f.Kind != script.Schedule {
			continue
		}
		if holds(f.If) {
			return true
		}
		m.hand(c, f.At, "upssched is called for %s %s, %s: its rules for %s are left out", e, conditions(f.If), "which has no equal here", e)
	}
	return false
}

// notifyOutcome is what NOTIFYCMD does on an event besides calling upssched.
func (m *importer) notifyOutcome(e ups.Event, system string) *outcome {
	ran, c := m.notified(e, system)
	if m.notify.parsed == nil {
		return &outcome{exec: m.carry(c, ran), from: m.notify.d.from()}
	}
	c.spent = slices.ContainsFunc(ran.Effects, func(f script.Effect) bool { return f.Kind == script.Schedule })
	return m.judge(ran, c)
}

// notifyText is what upsmon gives NOTIFYCMD for an event.
func (m *importer) notifyText(e ups.Event, c circumstances) (text string, exact bool) {
	text, ok := directives.Texts[e]
	if d, own := m.texts[e]; own {
		text, ok = d.value, true
	}
	if !ok {
		return "{{ups}}: {{event}}", false
	}
	system, exact := m.systemOf(c)
	text = strings.ReplaceAll(text, "{{", "{ {")
	n := strings.Count(text, "%s")
	text = strings.Replace(text, "%s", system, 1)
	text = strings.Replace(text, "%s", "{{alarm}}", 1)
	return wording.Safe(strings.ReplaceAll(text, "%%", "%")), exact && n < 2
}
