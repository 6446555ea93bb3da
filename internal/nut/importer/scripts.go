package importer

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"ecnutd/internal/nut/importer/nutfile"
	"ecnutd/internal/nut/importer/report"
	"ecnutd/internal/nut/importer/script"
	"ecnutd/internal/nut/importer/script/order"
	"ecnutd/internal/nut/importer/wording"
	"ecnutd/ups"
)

// A program is one that NUT calls: CMDSCRIPT or NOTIFYCMD.
type program struct {
	d        directive
	path     string
	args     []string // before the one that NUT gives
	line     string   // the whole of it, where it needs a shell
	name     string   // as positions call it
	parsed   *script.Script
	read     bool // it was looked for
	why      error
	calls    []string // for what it goes on being called, for the report
	commands []string // that it runs then
	needs    []string // what it takes from its caller, or from NUT
	used     bool     // something of it is in the YAML in another form
	hand     bool     // something of it is not
}

// readFile reads a file that NUT's files name: the copy in the folder that is
// imported, or the file itself.
func (m *importer) readFile(path string) ([]byte, error) {
	data, err := m.read(filepath.Join(m.dir, base(path)), script.MaxScript)
	if errors.Is(err, fs.ErrNotExist) && filepath.IsAbs(path) {
		data, err = m.read(path, script.MaxScript)
	}
	if err != nil {
		return nil, err
	}
	if bytes.IndexByte(data, 0) >= 0 {
		return data, nil // a program, and no text
	}
	text, changed := nutfile.Decode(data)
	if changed {
		m.lettersOf(base(path))
	}
	return text, nil
}

// parse reads a program once. Where it cannot be read out, the orders in it are
// named at least.
func (m *importer) parse(p *program) {
	if p.read || p.path == "" {
		return
	}
	p.read = true
	p.name = base(p.path)
	data, err := m.readFile(p.path)
	if err == nil {
		p.parsed, err = script.Read(data, p.name)
	}
	if p.why = err; p.parsed != nil || data == nil {
		return
	}
	for _, o := range order.Scan(data) {
		m.note(p.name, o.Line, Unsupported, "", "%s: %s, so that whether and when this is given is not known here. Without NUT and without root it does nothing: if it shuts this host down, write shutdown: true into the event or the timer", o.What, p.why)
	}
}

// cmdProgram notes what becomes of CMDSCRIPT.
func (m *importer) cmdProgram() {
	p := &m.cmd
	if p.d.value == "" {
		if len(m.rules) > 0 {
			m.note("upssched.conf", 0, Trap, "", "there is no CMDSCRIPT: upssched refuses all rules, and nothing is done on any event")
		}
		return
	}
	p.path = p.d.value
	m.parse(p)
	if p.parsed == nil {
		m.note(p.d.file, p.d.line, Unsupported, "exec", "CMDSCRIPT %s cannot be read out (%v): it goes on being called with the names of upssched.conf. Without NUT its upsmon -c fsd does nothing: where it has one, write shutdown: true into that event or timer", report.Shorten(p.path), p.why)
	}
}

// accountFor notes at the end what became of a program that is not called any more.
func (m *importer) accountFor(p *program, directive string) {
	switch {
	case p.d.value == "" || p.parsed == nil || len(p.calls) > 0:
	case p.hand:
		m.note(p.d.file, p.d.line, Translated, "", "%s %s: not called any more; what of it could be read out is in the events and timers, and the rest is named with its lines", directive, report.Shorten(p.d.value))
	case p.used:
		m.note(p.d.file, p.d.line, NotNeeded, "", "%s %s: its texts and orders are in the events and timers", directive, report.Shorten(p.d.value))
	default:
		m.note(p.d.file, p.d.line, NotNeeded, "", "%s %s: nothing that it does has to be carried over", directive, report.Shorten(p.d.value))
	}
}

// programs notes at the end what became of the programs.
func (m *importer) programs() {
	m.accountFor(&m.cmd, "CMDSCRIPT")
	m.accountFor(&m.notify, "NOTIFYCMD")
	m.carried(&m.cmd, "CMDSCRIPT")
	m.carried(&m.notify, "NOTIFYCMD")
	m.unreached(&m.cmd)
	m.unreached(&m.notify)
}

// unreached notes the orders of a script that it never gives when it is called
// as upssched.conf and upsmon.conf have it.
func (m *importer) unreached(p *program) {
	if p.parsed == nil {
		return
	}
	for _, o := range p.parsed.Orders() {
		if !m.given[o.At] {
			m.note(o.At.File, o.At.Line, NotNeeded, "", "%s: never given in the ways in which the script is called", o.What)
		}
	}
}

// outcome is what CMDSCRIPT does with a name that a rule has.
func (m *importer) outcome(name string, d directive, c circumstances) *outcome {
	if m.cmd.d.value == "" {
		return &outcome{}
	}
	c.name, c.program, c.args = name, &m.cmd, literalArgs([]string{name})
	if m.cmd.parsed == nil {
		return &outcome{exec: m.carry(c, script.Outcome{}), from: m.cmd.d.from()}
	}
	run := func(name string) script.Outcome {
		return m.follow(&m.cmd, m.call(c, script.Text{Text: name, Exact: true}))
	}
	ran := run(name)
	if len(ran.Names) > 0 && !ran.Matched && (ran.Default || len(ran.Effects) == 0) {
		ran = m.stray(name, d, ran, run)
		if !ran.Matched && !ran.Default && len(ran.Effects) == 0 {
			return &outcome{}
		}
	}
	return m.judge(ran, c)
}

// call is how a script is called for an event.
func (m *importer) call(c circumstances, args ...script.Text) script.Call {
	event := script.Text{Text: "{{event}}"}
	if len(c.events) == 1 {
		event = script.Text{Text: string(c.events[0]), Exact: true}
	}
	system, exact := m.systemOf(c)
	return script.Call{
		Args: args, Status: c.status(), Open: m.readFile,
		Env: map[string]script.Text{"NOTIFYTYPE": event, "UPSNAME": {Text: system, Exact: exact}, "NOTIFYMSG": {Text: "{{event}}"}},
	}
}

// systemOf is what upsmon calls a UPS to the programs that it runs. It is exact
// where only one can be meant.
func (m *importer) systemOf(c circumstances) (text string, exact bool) {
	if len(c.events) == 1 && c.events[0].Host() {
		return "", true
	}
	if c.system != "" {
		return c.system, true
	}
	var systems []string
	for _, w := range m.monitored {
		if !slices.Contains(systems, w.system) {
			systems = append(systems, w.system)
		}
	}
	if len(systems) == 1 {
		return systems[0], true
	}
	host := ""
	for i, system := range systems {
		name, at, _ := strings.Cut(system, "@")
		if i > 0 && at != host || wording.Clean(name) != name {
			return "{{ups}}", false
		}
		host = at
	}
	if host == "" {
		return "{{ups}}", false
	}
	return "{{ups}}@" + host, false
}

// stray takes a name that the script has no branch for. A branch whose name is
// nearly the same is the one that was meant.
func (m *importer) stray(name string, d directive, ran script.Outcome, run func(string) script.Outcome) script.Outcome {
	instead := "does nothing"
	if ran.Default {
		instead = "takes the branch for all other names"
		for _, e := range ran.Effects {
			if e.Kind == script.Message {
				instead += fmt.Sprintf(" (line %d), which says %q", ran.At.Line, report.Shorten(strings.TrimSpace(e.Send.Text)))
				break
			}
		}
	}
	for _, near := range ups.Nearest(name, ran.Names) {
		if wording.Alike(name, near) {
			meant := run(near)
			m.note(d.file, d.line, Trap, "", "%s has no branch for %q, only for %q (line %d): NUT %s; the import takes the branch %q", m.cmd.name, name, near, meant.At.Line, instead, near)
			return meant
		}
	}
	if !ran.Default || len(ran.Effects) > 0 && slices.ContainsFunc(ran.Effects, func(e script.Effect) bool { return e.Kind == script.Message }) {
		m.note(d.file, d.line, Trap, "", "%s has no branch for %q: NUT %s", m.cmd.name, name, instead)
	}
	return ran
}
