package importer

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ecnutd/config"
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
			m.cmdScript = d
		case "PIPEFN", "LOCKFN":
			m.note(file, l.N, NotNeeded, "", "%s: timers run in the daemon, and outlast a restart of it", word)
		case "DEBUG_MIN":
			m.note(file, l.N, NotNeeded, "", "%s: the journal has what is needed", word)
		case "AT":
			m.at(d, args)
		default:
			m.unknown(file, l.N, l.Words[0])
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
			m.note(d.file, d.line, Trap, "", "AT %s: EXECUTE takes one word, %q; the rest is dropped", event, shorten(r.args[0]))
		}
	case "CANCEL-TIMER", "CANCEL-TIMER-MATCHED":
	case "START-TIMER", "START-TIMER-SHARED":
		if len(r.args) < 2 {
			m.note(d.file, d.line, Unsupported, "", "AT %s: %s without a time; upssched refuses it", event, r.verb)
			return
		}
	default:
		m.note(d.file, d.line, Unsupported, "", "AT %s: upssched knows no %s", event, shorten(r.verb))
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
	scheduled := slices.ContainsFunc(firstWord(m.notifyCmd.value), func(w string) bool { return base(w) == "upssched" })
	m.notifyCommand(scheduled)
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
		m.reactions[target{"", e}] = m.plan(e, f, scheduled, "")
		for _, w := range m.monitored {
			if slices.ContainsFunc(m.rules, func(r rule) bool { return r.event == e && r.ups == w.system }) && !e.Host() {
				m.reactions[target{w.ups, e}] = m.plan(e, f, scheduled, w.system)
			}
		}
		if !f.exec {
			m.neverRun(e)
		}
		m.notifyText(e, f, scheduled)
	}
	m.foreignRules()
	m.commOK()
	m.note("upsmon.conf", 0, NotNeeded, "", "no NOTIFYFLAG names %s: they stay at the defaults of ecnutd, some with a message; config.example.yaml lists them", strings.Join(left, " "))
}

// firstWord is the program of a command line, or none.
func firstWord(line string) []string {
	words := strings.Fields(strings.NewReplacer(`"`, "", "'", "").Replace(line))
	return words[:min(1, len(words))]
}

// notifyCommand notes what becomes of NOTIFYCMD.
func (m *importer) notifyCommand(scheduled bool) {
	d := m.notifyCmd
	switch {
	case scheduled:
		m.note(d.file, d.line, NotNeeded, "", "NOTIFYCMD %s: the rules of upssched.conf are in the events", shorten(d.value))
	case d.value != "":
		m.note(d.file, d.line, Translated, "exec", "NOTIFYCMD %s, of the events with EXEC", shorten(d.value))
		if len(m.rules) > 0 {
			m.note("upssched.conf", m.rules[0].d.line, Trap, "", "NOTIFYCMD is not upssched: these rules never ran, and are not translated")
		}
	case slices.ContainsFunc(ups.Events, func(e ups.Event) bool { return m.flags[e].exec }):
		m.note("upsmon.conf", 0, Trap, "", "there is no NOTIFYCMD: EXEC in NOTIFYFLAG does nothing")
	}
}

// neverRun notes rules for an event that upsmon does not hand to upssched.
func (m *importer) neverRun(e ups.Event) {
	for _, r := range m.rules {
		if r.event == e {
			m.note(r.d.file, r.d.line, Trap, "", "AT %s: upsmon.conf has no NOTIFYFLAG %s with EXEC, so that this rule never ran; it is not translated", e, e)
		}
	}
}

// foreignRules notes rules for a UPS that no MONITOR line has.
func (m *importer) foreignRules() {
	for _, r := range m.rules {
		if r.ups != "*" && !slices.ContainsFunc(m.monitored, func(w monitored) bool { return w.system == r.ups }) {
			m.note(r.d.file, r.d.line, Trap, "", "AT %s %s: no MONITOR line has this name, letter by letter, so that this rule never ran; it is not translated", r.event, shorten(r.ups))
		}
	}
}

// plan is the reaction to an event: for all UPSs, or for the one that MONITOR
// calls system.
func (m *importer) plan(e ups.Event, f flag, scheduled bool, system string) *plan {
	p := &plan{log: f.log, wall: f.wall}
	if f.d.line > 0 {
		p.from = append(p.from, f.d.from())
	} else {
		p.from = append(p.from, "upsmon's default")
	}
	switch {
	case !f.exec:
	case scheduled:
		any := false
		for _, r := range m.rules {
			if r.event == e && (r.ups == "*" || r.ups == system) {
				any = true
				p.from = append(p.from, r.d.from())
				m.apply(p, r)
			}
		}
		if !any && system == "" && !slices.ContainsFunc(m.rules, func(r rule) bool { return r.event == e }) {
			m.note(f.d.file, f.d.line, Trap, "", "NOTIFYFLAG %s has EXEC, and upssched.conf has no AT %s: nothing is done", e, e)
		}
	case m.notifyCmd.value != "":
		p.execs = append(p.execs, m.notifyExec(e))
	}
	return p
}

// notifyExec is NOTIFYCMD with the text of the event as its one argument.
func (m *importer) notifyExec(e ups.Event) config.Exec {
	x, line := config.NewExec(), m.notifyCmd.value
	text, own := m.texts[e]
	switch words := strings.Fields(line); {
	case strings.ContainsAny(line, config.ShellSigns):
		x.Shell = strings.ReplaceAll(line, "{{", "{ {") + ` "$NOTIFYMSG"`
	case own:
		x.Command = append(literalArgs(words), template(text.value))
	case len(words) == 1:
		x.Command, x.WithText = words, true
	default:
		x.Shell = line + ` "$NOTIFYMSG"`
	}
	return x
}

// notifyText notes what becomes of NOTIFYMSG.
func (m *importer) notifyText(e ups.Event, f flag, scheduled bool) {
	d, ok := m.texts[e]
	switch {
	case !ok:
	case f.exec && !scheduled && m.notifyCmd.value != "":
		m.note(d.file, d.line, Translated, "events."+string(e)+".exec", "NOTIFYMSG %s", e)
	default:
		m.note(d.file, d.line, Unsupported, "", "NOTIFYMSG %s: log and wall tell the event in a sentence with its reason; a text of your own goes into events.%s.message: %q", e, e, shorten(template(d.value)))
	}
}

// apply adds one rule to a reaction.
func (m *importer) apply(p *plan, r rule) {
	key := "events." + string(r.event)
	text := fmt.Sprintf("AT %s %s %s %s", r.event, shorten(r.ups), r.verb, shorten(strings.Join(r.args, " ")))
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
	key := "events." + string(r.event)
	o := m.outcome(r.args[0], r.d)
	if o.from != "" {
		p.from = append(p.from, o.from)
	}
	if o.text != "" {
		p.texts = append(p.texts, o.text)
		m.note(r.d.file, r.d.line, Translated, key+".message", "%s", text)
	}
	if o.exec != nil {
		x := config.NewExec()
		x.Command = literalArgs(o.exec)
		p.execs = append(p.execs, x)
		m.note(r.d.file, r.d.line, Translated, key+".exec", "%s", text)
	}
	if !o.down {
		return
	}
	switch {
	case r.event.Host():
		m.note(r.d.file, r.d.line, NotNeeded, "", "%s: the shutdown has begun already", text)
	case onLink(r.event):
		m.note(r.d.file, r.d.line, Unsupported, "", "%s: %s for a lost link is not translated: on mains nothing is lost but the link, and on battery link_lost says what follows", text, o.by)
	case inOutage(r.event):
		p.shutdown = true
		m.note(r.d.file, r.d.line, Translated, key+".shutdown", "%s: %s", text, o.by)
	default:
		p.fsd = true
		m.note(r.d.file, r.d.line, Translated, key+".fsd", "%s: %s", text, o.by)
	}
}

// literalArgs are arguments in which nothing is a placeholder.
func literalArgs(args []string) []string {
	var out []string
	for _, a := range args {
		out = append(out, strings.ReplaceAll(printable(a), "{{", "{ {"))
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

// french finds words and letters of French.
func (m *importer) french() bool {
	n := 0
	count := func(text string) {
		for _, word := range []string{"onduleur", "secteur", "batteries sont", "arrêt", "serveur", " est ", " les ", " sur ", "é", "è", "à", "ê"} {
			n += strings.Count(strings.ToLower(text), word)
		}
	}
	for _, o := range m.outcomes {
		count(o.text)
	}
	for _, d := range m.texts {
		count(d.value)
	}
	return n >= 3
}

// general makes what no directive says.
func (m *importer) general() {
	m.settings["link_lost"] = setting{config.Strict, "as upsmon does"}
	m.note("upsmon.conf", 0, Translated, "link_lost: strict", "a link lost on battery counts as an empty battery after DEADTIME, as for upsmon; link_lost: estimate would wait for a third of the runtime last known, because USB often drops just when the mains does")
	m.supplies()
	m.language = ups.English
	if m.french() {
		m.language = ups.French
	}
	m.note(m.scriptName, 0, Translated, "language: "+string(m.language), "the language of the texts")
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
	if want > sum {
		m.settings["min_supplies"] = setting{sum, from + ", and more there is not"}
		m.note("upsmon.conf", 0, Trap, "min_supplies: "+strconv.Itoa(sum), "MINSUPPLIES is %d, and the power values of the UPSs of this host are %d in all: upsmon refuses to start with this; the import writes %d, look whether it is what you want", want, sum, sum)
	}
}
