package importer

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ecnutd/config"
	"ecnutd/internal/nut/importer/report"
	"ecnutd/internal/nut/importer/wording"
	"ecnutd/ups"
)

// A rule is an AT line of upssched.conf.
type rule struct {
	d     directive
	event ups.Event
	ups   string // as in MONITOR, or *
	verb  string
	args  []string
}

// A plan is the reaction to an event, as it is to be written.
type plan struct {
	from      []string
	system    string // of the UPS that it is for, as in MONITOR; "" for all
	log, wall bool
	normal    bool     // the default text
	texts     []string // or these
	execs     []config.Exec
	starts    []config.Start
	cancels   []cancelPlan
	shutdown  bool
	fsd       bool
}

func (m *importer) upsschedConf() {
	const file = "upssched.conf"
	for _, l := range m.lines[file] {
		word, args := strings.ToUpper(l.Words[0]), l.Words[1:]
		d := directive{file: file, line: l.N}
		switch word {
		case "CMDSCRIPT":
			if len(args) > 0 {
				d.value = args[0]
			}
			m.cmd.d = d
		case "PIPEFN", "LOCKFN":
			m.note(file, l.N, NotNeeded, "", "%s: timers run in the daemon, and outlast a restart of it", word)
		case "DEBUG_MIN":
			m.note(file, l.N, NotNeeded, "", "%s: the journal has what is needed", word)
		case "AT":
			m.at(d, args)
		default:
			m.log.Unknown(file, l.N, l.Words[0])
		}
	}
}

// at takes AT EVENT UPS VERB ARGUMENT….
func (m *importer) at(d directive, args []string) {
	if len(args) < 4 {
		m.note(d.file, d.line, Unsupported, "", "AT: too short; upssched refuses it")
		return
	}
	event, ok := m.event(d, "AT", args[0])
	if !ok {
		return
	}
	r := rule{d, event, args[1], strings.ToUpper(args[2]), args[3:]}
	switch r.verb {
	case "EXECUTE":
		if len(r.args) > 1 {
			m.note(d.file, d.line, Trap, "", "AT %s: EXECUTE takes one word, %q; the rest is dropped", event, report.Shorten(r.args[0]))
		}
	case "CANCEL-TIMER", "CANCEL-TIMER-MATCHED":
	case "START-TIMER", "START-TIMER-SHARED":
		if len(r.args) < 2 {
			m.note(d.file, d.line, Unsupported, "", "AT %s: %s without a time; upssched refuses it", event, r.verb)
			return
		}
	default:
		m.note(d.file, d.line, Unsupported, "", "AT %s: upssched knows no %s", event, report.Shorten(r.verb))
		return
	}
	m.rules = append(m.rules, r)
}

// classic are the events of the NUT that most guides were written for. Later
// ones nobody could route.
var classic = []ups.Event{
	ups.EventOnline, ups.EventOnBattery, ups.EventLowBattery, ups.EventFSD, ups.EventCommOK, ups.EventCommBad,
	ups.EventNoComm, ups.EventShutdown, ups.EventReplace,
}

// events makes the reaction to each event.
func (m *importer) events() {
	m.notifyProgram()
	var left []string
	for _, e := range ups.Events {
		f, given := m.flags[e]
		if !given && !slices.Contains(classic, e) {
			left = append(left, string(e))
			m.neverRun(e)
			continue
		}
		if !given {
			f = usual
		}
		m.reactions[target{"", e}] = m.plan(e, f, "")
		for _, w := range m.monitored {
			if m.differs(e, f, w.system) && !e.Host() {
				m.reactions[target{w.ups, e}] = m.plan(e, f, w.system)
			}
		}
		if !f.exec {
			m.neverRun(e)
		}
		m.noteText(e, f)
	}
	m.foreignRules()
	m.commOK()
	m.note("upsmon.conf", 0, NotNeeded, "", "no NOTIFYFLAG names %s: they stay at the defaults of ecnutd, some with a message; config.example.yaml lists them", strings.Join(left, " "))
}

// differs reports whether one of several UPSs has a reaction of its own to an
// event: rules that name it, or a script that looks at its name.
func (m *importer) differs(e ups.Event, f flag, system string) bool {
	if slices.ContainsFunc(m.rules, func(r rule) bool { return r.event == e && r.ups == system }) {
		return true
	}
	if !f.exec || len(m.monitored) < 2 || m.notify.parsed == nil {
		return false
	}
	ran, _ := m.notified(e, system)
	return slices.Contains(ran.Uses, "UPSNAME")
}

// neverRun notes rules for an event that upsmon does not hand to upssched.
func (m *importer) neverRun(e ups.Event) {
	for _, r := range m.rules {
		if r.event == e && !m.unscheduled {
			m.note(r.d.file, r.d.line, Trap, "", "AT %s: upsmon.conf has no NOTIFYFLAG %s with EXEC, so that this rule never ran; it is not translated", e, e)
		}
	}
}

// foreignRules notes rules for a UPS that no MONITOR line has.
func (m *importer) foreignRules() {
	for _, r := range m.rules {
		if r.ups != "*" && !slices.ContainsFunc(m.monitored, func(w monitored) bool { return w.system == r.ups }) {
			m.note(r.d.file, r.d.line, Trap, "", "AT %s %s: no MONITOR line has this name, letter by letter, so that this rule never ran; it is not translated", r.event, report.Shorten(r.ups))
		}
	}
}

// plan is the reaction to an event: for all UPSs, or for the one that MONITOR
// calls system.
func (m *importer) plan(e ups.Event, f flag, system string) *plan {
	p := &plan{log: f.log, wall: f.wall, system: system}
	if f.d.line > 0 {
		p.from = append(p.from, f.d.from())
	} else {
		p.from = append(p.from, "upsmon's default")
	}
	if !f.exec || m.notify.d.value == "" {
		return p
	}
	if !m.scheduled {
		o := m.notifyOutcome(e, system)
		m.react(p, o, e, "NOTIFYCMD for "+string(e), m.notify.d)
	}
	if !m.handsOver(e, system) {
		return p
	}
	ruled := false
	for _, r := range m.rules {
		if r.event == e && (r.ups == "*" || r.ups == system) && !m.foreign(r) {
			ruled = true
			p.from = append(p.from, r.d.from())
			m.apply(p, r)
		}
	}
	if !ruled && system == "" && m.scheduled && !slices.ContainsFunc(m.rules, func(r rule) bool { return r.event == e }) {
		m.note(f.d.file, f.d.line, Trap, "", "NOTIFYFLAG %s has EXEC, and upssched.conf has no AT %s: nothing is done", e, e)
	}
	return p
}

// noteText notes what becomes of NOTIFYMSG.
func (m *importer) noteText(e ups.Event, f flag) {
	d, ok := m.texts[e]
	p := m.reactions[target{"", e}]
	switch {
	case !ok:
	case f.exec && !m.scheduled && len(p.execs) > 0:
		m.note(d.file, d.line, Translated, "events."+string(e)+".exec", "NOTIFYMSG %s", e)
	default:
		m.note(d.file, d.line, Unsupported, "", "NOTIFYMSG %s: log and wall tell the event in a sentence with its reason; a text of your own goes into events.%s.message: %q", e, e, report.Shorten(wording.Template(d.value)))
	}
}

// apply adds one rule to a reaction.
func (m *importer) apply(p *plan, r rule) {
	key := "events." + string(r.event)
	text := fmt.Sprintf("AT %s %s %s %s", r.event, report.Shorten(r.ups), r.verb, report.Shorten(strings.Join(r.args, " ")))
	if r.event.Host() && r.verb != "EXECUTE" {
		m.note(r.d.file, r.d.line, Unsupported, "", "%s: the host is going down, no timer comes to its end", text)
		return
	}
	switch r.verb {
	case "EXECUTE":
		m.execute(p, r, text)
	case "START-TIMER", "START-TIMER-SHARED":
		m.start(p, r, key, text)
	default:
		m.cancel(p, r, key, text)
	}
}

func (m *importer) execute(p *plan, r rule, text string) {
	o := m.outcome(r.args[0], r.d, circumstances{events: []ups.Event{r.event}, system: p.system})
	m.react(p, o, r.event, text, r.d)
}

// react adds what a script does on an event to the reaction.
func (m *importer) react(p *plan, o *outcome, event ups.Event, text string, d directive) {
	key := "events." + string(event)
	p.log, p.wall = p.log || o.log, p.wall || o.wall
	if o.from != "" && (o.text != "" || o.exec != nil || o.down != nil) {
		p.from = append(p.from, o.from)
	}
	if o.text != "" {
		p.texts = append(p.texts, o.text)
		m.note(d.file, d.line, Translated, key+".message", "%s", text)
	}
	if o.exec != nil {
		p.execs = append(p.execs, *o.exec)
		m.note(d.file, d.line, Translated, key+".exec", "%s, as the user ecnutd and for %s at most", text, config.FormatDuration(o.exec.Timeout))
	}
	switch {
	case o.down == nil:
		return
	case event.Host():
		m.note(d.file, d.line, NotNeeded, "", "%s: the shutdown has begun already", text)
	case onLink(event):
		m.note(d.file, d.line, Unsupported, "", "%s: %s for a lost link is not translated: on mains nothing is lost but the link, and on battery link_lost says what follows", text, o.down.by)
	case o.down.after > 0:
		m.waiting(p, o.down, event, text, d)
	case inOutage(event):
		p.shutdown = true
		m.note(d.file, d.line, Translated, key+".shutdown", "%s: %s", text, o.down.by)
	default:
		p.fsd = true
		m.note(d.file, d.line, Translated, key+".fsd", "%s: %s", text, o.down.by)
	}
}

// waiting makes a timer of a shutdown that a script orders after a wait.
func (m *importer) waiting(p *plan, down *downPlan, event ups.Event, text string, d directive) {
	t := m.newTimer("wait of "+down.from, "shutdown-after-"+config.FormatDuration(down.after), d, down.after)
	t.out = &outcome{down: &downPlan{by: down.by, from: down.from}, from: down.from}
	if !slices.Contains(t.events, event) {
		t.events = append(t.events, event)
	}
	p.starts = append(p.starts, config.Start{Timer: t.name})
	m.note(d.file, d.line, Translated, "events."+string(event)+".start", "%s: %s, as a timer in place of the wait in the script; it is bound to the outage", text, down.by)
}

// literalArgs are arguments in which nothing is a placeholder.
func literalArgs(args []string) []string {
	var out []string
	for _, a := range args {
		out = append(out, strings.ReplaceAll(wording.Printable(a), "{{", "{ {"))
	}
	return out
}

// commOK has the return of the link told where its loss is.
func (m *importer) commOK() {
	bad, ok := m.reactions[target{"", ups.EventCommBad}], m.reactions[target{"", ups.EventCommOK}]
	if bad == nil || ok == nil || len(bad.texts) == 0 || len(ok.texts) > 0 || len(ok.execs) > 0 {
		return
	}
	ok.normal, ok.log = true, true
	line := m.flags[ups.EventCommOK].d.line
	what := "told in the log alone"
	if m.flags[ups.EventCommOK].ignore {
		what = "told to nobody (IGNORE)"
	}
	m.note("upsmon.conf", line, Trap, "events.COMMOK.message: true", "the loss of the link is told by message, and its return is %s: nobody would know that all is well again; the import tells it too, message: false takes it back", what)
}

// general makes what no directive says.
func (m *importer) general() {
	m.settings["link_lost"] = setting{config.Strict, "as upsmon does"}
	m.note("upsmon.conf", 0, Translated, "link_lost: strict", "a link lost on battery counts as an empty battery after DEADTIME, as for upsmon; link_lost: estimate would wait for a third of the runtime last known, because USB often drops just when the mains does")
	m.applyLimits()
	m.supplies()
	m.speak()
}

// supplies brings MINSUPPLIES and the power values together: upsmon does not
// start where they do not fit.
func (m *importer) supplies() {
	sum := 0
	for _, u := range m.ups {
		power := 1
		if s, ok := u.settings["power"]; ok {
			power = s.value.(int)
		}
		sum += power
	}
	want, from := config.Minimal("").MinSupplies, "upsmon's default"
	if s, ok := m.settings["min_supplies"]; ok {
		want, from = s.value.(int), s.from
	}
	if other, names := m.otherPower(); want > sum && want <= sum+other {
		m.settings["min_supplies"] = setting{sum, from + ", without those that are left out"}
		m.note("upsmon.conf", 0, Unsupported, "min_supplies: "+strconv.Itoa(sum), "MINSUPPLIES is %d, and counted %s, which ecnutd cannot watch; the import writes %d: the host goes down when the UPSs that are left do not feed it, whatever the others do", want, strings.Join(names, ", "), sum)
	} else if want > sum {
		m.settings["min_supplies"] = setting{sum, from + ", and more there is not"}
		m.note("upsmon.conf", 0, Trap, "min_supplies: "+strconv.Itoa(sum), "MINSUPPLIES is %d, and the power values of the UPSs of this host are %d in all: upsmon refuses to start with this; the import writes %d, look whether it is what you want", want, sum, sum)
	}
}

// speak finds the language of the texts that are carried over. Where there are
// none, or they are in another language, what ecnutd says itself is in English.
func (m *importer) speak() {
	var all []string
	for _, p := range m.reactions {
		all = append(all, p.texts...)
	}
	for _, t := range m.timers {
		all = append(all, t.out.text)
	}
	for _, d := range m.texts {
		all = append(all, d.value)
	}
	l, none, ok := wording.Language(all)
	m.language = l
	switch {
	case none:
		return
	case !ok:
		m.note("upsmon.conf", 0, Unsupported, "language: en", "the texts of NUT are in neither French nor English as far as can be told: they stay as they are, and what ecnutd says itself is in English")
		return
	}
	file := "upsmon.conf"
	if m.cmd.used && m.cmd.name != "" {
		file = m.cmd.name
	}
	m.note(file, 0, Translated, "language: "+string(m.language), "the language of the texts")
}
