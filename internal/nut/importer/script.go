package importer

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"ecnutd/internal/nut/importer/script"
	"ecnutd/internal/placeholder"
	"ecnutd/ups"
)

// An outcome is what the script does with one name, in our terms.
type outcome struct {
	text string   // the message, a template
	exec []string // the script itself, where its effect cannot be read out
	down bool     // it shuts the host down
	by   string   // the command that does
	from string   // "upssched-cmd:17"
}

// script reads CMDSCRIPT: the copy in the folder that is imported, or the file
// that upssched.conf names.
func (m *importer) script() {
	if m.cmdScript.value == "" {
		if len(m.rules) > 0 {
			m.note("upssched.conf", 0, Trap, "", "there is no CMDSCRIPT: upssched refuses all rules, and nothing is done on any event")
		}
		return
	}
	d := m.cmdScript
	m.scriptName = base(d.value)
	data, err := m.read(filepath.Join(m.dir, m.scriptName), script.MaxScript)
	if errors.Is(err, fs.ErrNotExist) && filepath.IsAbs(d.value) {
		data, err = m.read(d.value, script.MaxScript)
	}
	if err == nil {
		m.parsed, err = script.ReadScript(data)
	}
	if err != nil {
		m.note(d.file, d.line, Unsupported, "exec", "CMDSCRIPT %s cannot be read out (%v): it goes on being called with the names of upssched.conf. Without NUT its upsmon -c fsd does nothing: where it has one, write shutdown: true into that event or timer", shorten(d.value), err)
		return
	}
	m.note(d.file, d.line, NotNeeded, "", "CMDSCRIPT %s: its texts and orders are in the events and timers", shorten(d.value))
}

// outcome is what the script does with a name that a rule has.
func (m *importer) outcome(name string, d directive) *outcome {
	if o, ok := m.outcomes[name]; ok {
		return o
	}
	o := &outcome{}
	m.outcomes[name] = o
	if m.cmdScript.value == "" {
		return o
	}
	if m.parsed == nil {
		o.exec = []string{m.cmdScript.value, name}
		o.from = m.cmdScript.from()
		return o
	}
	ran, ok := m.parsed.Run(name)
	if !ok || ran.Default {
		ran, ok = m.stray(name, d, ran, ok)
	}
	if !ok {
		return o
	}
	o.from = fmt.Sprintf("%s:%d", m.scriptName, ran.Line)
	o.down, o.by = ran.Down > 0, ran.DownBy
	m.message(o, ran)
	switch {
	case o.text != "":
		for _, other := range ran.Others {
			m.note(m.scriptName, other.Line, Unsupported, "", "the command %s is not translated: put it into a script of its own, and that into exec", shorten(other.Name))
		}
	case len(ran.Others) > 0 || len(ran.Sends) > 0:
		o.exec = []string{m.cmdScript.value, name}
		m.note(m.scriptName, ran.Line, Unsupported, "exec", "what the branch for %s does cannot be read out: the script goes on being called", shorten(name))
	case !o.down:
		m.note(m.scriptName, ran.Line, Trap, "", "the branch for %s does nothing that would be noticed", shorten(name))
	}
	return o
}

// stray takes a name that the script has no branch for. A branch whose name is
// nearly the same is the one that was meant.
func (m *importer) stray(name string, d directive, ran script.Outcome, ok bool) (script.Outcome, bool) {
	instead := "does nothing"
	if ok {
		instead = "takes the branch for all other names"
		if len(ran.Sends) > 0 {
			instead += fmt.Sprintf(" (line %d), which says %q", ran.Line, strings.TrimSpace(ran.Sends[0].Text))
		}
	}
	for _, near := range ups.Nearest(name, m.parsed.Names()) {
		if alike(name, near) {
			meant, _ := m.parsed.Run(near)
			m.note(d.file, d.line, Trap, "", "%s has no branch for %q, only for %q (line %d): NUT %s; the import takes the branch %q", m.scriptName, name, near, meant.Line, instead, near)
			return meant, true
		}
	}
	m.note(d.file, d.line, Trap, "", "%s has no branch for %q: NUT %s", m.scriptName, name, instead)
	return ran, ok
}

// alike tells whether two names differ in one place, by up to two letters.
func alike(a, b string) bool {
	for a != "" && b != "" && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for a != "" && b != "" && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return len(a) <= 2 && len(b) <= 2
}

// message takes the texts that a branch sends.
func (m *importer) message(o *outcome, ran script.Outcome) {
	var all []string
	for _, s := range ran.Sends {
		s.User, s.Password, s.SecretOf = printable(s.User), printable(s.Password), printable(s.SecretOf)
		if !slices.ContainsFunc(m.sends, func(t script.Send) bool { return t.Line == s.Line && t.User == s.User }) {
			m.sends = append(m.sends, s)
		}
		for _, name := range s.Unset {
			m.note(m.scriptName, ran.Line, Trap, "", "the text has $%s, which has no value: it is left out, as the shell does", shorten(name))
		}
		for _, command := range s.Unread {
			m.note(m.scriptName, ran.Line, Unsupported, "", "the text has the answer of %q, which is not known: it is left out; {{placeholders}} may do", shorten(command))
		}
		if text := safe(s.Text); text != "" && !slices.Contains(all, text) {
			all = append(all, text)
		}
		if ran.Down > 0 && ran.Down < s.Line {
			m.note(m.scriptName, ran.Down, Trap, "", "%s comes before the message (line %d): the shutdown has begun when it is sent, and may be faster; ecnutd sends the message first", ran.DownBy, s.Line)
		}
	}
	o.text = strings.Join(all, "\n")
}

// printable takes control characters out of a text, and blanks off its ends.
func printable(text string) string {
	return strings.TrimSpace(strings.Map(func(c rune) rune {
		if unicode.IsControl(c) && c != '\n' && c != '\t' {
			return -1
		}
		return c
	}, strings.ToValidUTF8(text, "")))
}

// safe makes a template of a text: braces that are no placeholder are parted.
func safe(text string) string {
	text = printable(text)
	for placeholder.Check(text) != nil && strings.Contains(text, "{{") {
		text = strings.Replace(text, "{{", "{ {", strings.Count(text, "{{"))
	}
	return text
}

// A routePlan is the Free Mobile account of the script.
type routePlan struct {
	send script.Send
	from string
}

// secretFile is where the password is to be put.
const secretFile = "/etc/ecnutd/free.secret"

// account takes the account out of the requests, and tells what is wrong with
// them.
func (m *importer) account() {
	for _, s := range m.sends {
		if s.Insecure {
			m.note(m.scriptName, s.Line, Trap, "", "the certificate of the gateway is not checked (--insecure, -k): whoever answers gets the password; ecnutd checks it")
		}
		if s.Unencoded {
			m.note(m.scriptName, s.Line, Trap, "", "the text is put into the URL without encoding: curl refuses an address with blanks in it (exit 3 with curl 7.88), and nothing is sent; ecnutd encodes it")
		}
		if s.User == "" {
			m.note(m.scriptName, s.Line, Unsupported, "messages.routes", "the customer number (user=) cannot be read out: write the route by hand")
			continue
		}
		if m.route != nil {
			if m.route.send.User != s.User {
				m.note(m.scriptName, s.Line, Unsupported, "messages.routes", "a second account: write a second route by hand")
			}
			continue
		}
		m.route = &routePlan{s, fmt.Sprintf("%s:%d", m.scriptName, s.Line)}
		m.note(m.scriptName, s.Line, Translated, "messages.routes.free.free_mobile", "the request to Free Mobile")
		m.password(s)
	}
}

func (m *importer) password(s script.Send) {
	const key = "messages.routes.free.free_mobile.password"
	where := "in the request"
	if s.SecretIn != "" {
		where = "of the variable " + s.SecretIn
	}
	switch {
	case s.SecretOf != "":
		m.note(m.scriptName, s.Line, Translated, key+"_file: "+s.SecretOf, "the password is in a file already")
	case s.Password == "":
		m.note(m.scriptName, s.Line, Unsupported, key+"_file: "+secretFile, "the password (pass=) cannot be read out: put it on the first line of %s", secretFile)
	case m.options.InlineSecrets:
		m.note(m.scriptName, s.SecretAt, Trap, key, "the password %s stands in a script, and in the list of processes whenever it is used; it is in the YAML now, as asked: let nobody else read that file", where)
	default:
		m.note(m.scriptName, s.SecretAt, Trap, key+"_file: "+secretFile, "the password %s stands in a script, and in the list of processes whenever it is used. Make the file for it: install -m 640 -g ecnutd /dev/null %s, and copy the password from this line into its first line, with an editor", where, secretFile)
	}
}
