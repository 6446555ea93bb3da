package script

import (
	"net/url"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"ecnutd/internal/nut/importer/script/condition"
	"ecnutd/internal/nut/importer/script/order"
	"ecnutd/internal/nut/importer/script/shelltext"
)

// program is a command that is no part of the shell: an order, a message, a
// filter, a question to upsd, a script that is here, or something else.
func (r *runner) program(s *state, args []value, at Pos) {
	name := base(args[0].text)
	r.uses(name)
	s.status = condition.On(at)
	switch o, ok := order.Of(name, words(args[1:])); {
	case ok:
		e := Effect{Kind: ordered[o.Kind], At: at, What: o.What, After: o.After, UpTo: o.After, Vague: o.Vague}
		if e.Kind == Hidden {
			e.Behind = "a command of the system"
		}
		r.effect(s, e)
		s.status = condition.Always
	case r.send(s, args, at):
	case r.filter(s, name, args[1:], at):
	case name == "upssched":
		r.effect(s, Effect{Kind: Schedule, At: at, What: "upssched"})
		s.status = condition.Always
	case slices.Contains(harmless, name):
		s.status = condition.Always
	case slices.Contains(asking, name):
		s.write(value{unread: []string{name}})
		for _, a := range args[1:] {
			if what := order.In(a.text); what != "" {
				r.effect(s, Effect{Kind: Hidden, At: at, What: what, Behind: name})
			}
		}
	case r.follow(s, args, at):
	default:
		r.other(s, name, args[1:], at)
	}
}

// ordered are the effects of orders.
var ordered = map[order.Kind]EffectKind{order.PowerOff: PowerOff, order.Reboot: Reboot, order.CutOutput: CutOutput, order.Otherwise: Hidden}

// harmless commands have no effect that has to be carried over.
var harmless = []string{"touch", "mkdir", "stty", "tput", "clear", "chmod", "chown", "sync", "rm"}

// asking commands have none either, and nobody knows what they answer.
var asking = []string{"pidof", "pgrep", "ps", "mktemp", "getent", "id", "tty", "whoami", "ping", "who", "uptime", "ls", "stat", "find", "df", "ip", "nc", "host", "dig", "cmp", "diff"}

// other is a command of which nothing is known but its name. An order in its
// words is one that it may give, now or elsewhere.
func (r *runner) other(s *state, name string, args []value, at Pos) {
	e := Effect{Kind: Other, At: at, What: name}
	s.write(value{unread: []string{name}})
	all := joined(args).text
	if quiet[name] {
		all = ""
	}
	if what := order.In(all); what != "" {
		e.Kind, e.What, e.Behind = Hidden, what, name
	}
	if name == "ssh" || name == "rsh" {
		if what := order.In(all + "\n" + s.in.text); what != "" {
			e.Kind, e.What, e.Behind = Hidden, what, name
		}
	}
	r.effect(s, e)
	if name == "logger" || name == "wall" {
		s.status = condition.Always
	}
}

// quiet commands pass words on to people.
var quiet = map[string]bool{"logger": true, "wall": true, "mail": true, "mailx": true, "sendmail": true, "write": true, "notify-send": true, "espeak": true, "curl": true, "wget": true, "mutt": true, "msmtp": true, "xmessage": true}

// follow runs another script that is here.
func (r *runner) follow(s *state, args []value, at Pos) bool {
	if !strings.Contains(args[0].text, "/") && !strings.HasSuffix(args[0].text, ".sh") || !args[0].exact {
		return false
	}
	file, ok := r.open(args[0].text)
	if !ok || r.depth >= maxDepth {
		return false
	}
	r.depth++
	r.inner++
	kept := r.script
	r.script = file
	defer func() { r.script, r.depth, r.inner = kept, r.depth-1, r.inner-1 }()
	sub := s.clone()
	sub.funcs = map[string]*syntax.Stmt{}
	sub.args = append(sub.args[:0:0], args[1:]...)
	sub.vars = map[string]value{}
	for name := range r.call.Env {
		if v, ok := s.vars[name]; ok {
			sub.vars[name] = v
		}
	}
	if end := r.whole(sub, file.file.Stmts); end != nil {
		s.waited(end)
		s.status = end.status
		s.write(end.out)
	}
	return true
}

var variableName = shelltext.Compiled(`\b(?:battery|ups|input|output|device|outlet|ambient|driver|server)(?:\.[a-z0-9]+)+\b`)

// filter is a command that writes something of use: it asks upsd, tells the
// host or the time, or changes what it reads.
func (r *runner) filter(s *state, name string, args []value, at Pos) bool {
	argument := func(fits func(string) bool) string {
		for _, a := range args {
			if fits(a.text) {
				return a.text
			}
		}
		return ""
	}
	switch name {
	case "hostname", "hostnamectl", "uname":
		s.write(value{text: "{{host}}"})
	case "date":
		format := argument(func(t string) bool { return strings.HasPrefix(t, "+") })
		if format != "" && !strings.ContainsAny(format, "dDFxcYyj") {
			s.write(value{text: "{{time}}"})
		} else {
			s.write(value{text: "{{date}} {{time}}"})
		}
	case "upsc":
		if name := argument(func(t string) bool { return variableName().FindString(t) == t && t != "" }); name != "" {
			s.write(value{text: "{{" + name + "}}", ask: answer{name, 1}})
		} else {
			s.write(value{ask: answer{everything, 1}})
		}
		s.status = condition.Negate(condition.Of(Cond{Kind: condition.Missing, At: at}))
		return true
	case "cat":
		file := argument(func(t string) bool { return strings.HasPrefix(t, "/") })
		if file != "" {
			s.write(value{file: file})
		} else {
			s.write(s.in)
		}
	case "dirname", "basename", "readlink", "realpath":
		s.write(pathPart(name, args))
	case "grep", "egrep", "fgrep", "zgrep":
		s.status = r.grep(args, s.in, at)
		if argument(func(t string) bool { return t == "-q" || t == "--quiet" || strings.HasPrefix(t, "-q") }) == "" {
			s.write(r.filtered(name, args, s.in))
		}
		return true
	case "head", "tail", "cut", "awk", "gawk", "mawk", "sed", "tr", "sort", "uniq", "tee", "jq", "xxd", "od", "hexdump", "iconv", "base64", "perl", "python", "python3", "php", "node", "urlencode", "bc", "expr", "rev", "wc", "column", "fold", "recode":
		s.write(encoded(name, args, r.filtered(name, args, s.in)))
		if name == "expr" || name == "perl" || name == "python" || name == "python3" || name == "awk" || name == "php" || name == "node" {
			for _, a := range args {
				if what := order.In(a.text); what != "" {
					r.effect(s, Effect{Kind: Hidden, At: at, What: what, Behind: name})
				}
			}
			s.status = condition.On(at)
			return true
		}
	default:
		return false
	}
	s.status = condition.Always
	return true
}

// encoders write a text in the form that an address takes.
var encoders = shelltext.Compiled(`^(xxd|od|hexdump|urlencode)\b|^(jq|perl|python3?|php|node)\b.*(@uri|quote|[eE]scape|urlencode|encodeURI)`)

// encoded is what a program has made of a text for an address. What sed and awk
// make of it is not known: it is taken for the text itself.
func encoded(name string, args []value, v value) value {
	switch {
	case encoders().MatchString(name + " " + joined(args).text):
		v.text, v.encoded = shelltext.Cut(shelltext.Outside(v.text, url.PathEscape)), true
	case name == "sed" || name == "awk":
		v.encoded = true
	}
	return v
}

// pathPart is what dirname, basename, readlink and realpath write.
func pathPart(name string, args []value) value {
	for _, a := range args {
		if strings.HasPrefix(a.text, "-") {
			continue
		}
		v := a
		v.arg = false
		switch i := strings.LastIndexByte(a.text, '/'); {
		case name == "basename":
			v.text = base(a.text)
		case name == "dirname" && i > 0:
			v.text = a.text[:i]
		case name == "dirname":
			v.text = "."
		}
		return v
	}
	return value{}
}

// filtered is what is left of a text that goes through a filter. What the UPS
// says stays what it says; what a program makes of other texts is taken for the
// same in another form.
func (r *runner) filtered(name string, args []value, in value) value {
	words := joined(args).text
	v := in
	v.exact, v.arg = false, false
	if in.ask.name == everything {
		if asked := variableName().FindString(strings.ReplaceAll(words, `\.`, ".")); asked != "" {
			return value{text: "{{" + asked + "}}", ask: answer{asked, 1}}
		}
		return v
	}
	if in.exact && in.text != "" && len(in.unset) == 0 {
		switch change := simpleTr(name, args); {
		case change != nil:
			v = in
			v.text = change(in.text)
			return v
		case name == "head" || name == "tail" || name == "cat" || name == "tee":
			return in
		}
	}
	if in.text == "" && in.file == "" {
		// The text stands among the arguments: all of it that came from variables.
		for _, a := range args {
			w := a
			if !a.ref {
				w = concat(a.refs...)
			}
			if w.text != "" && (a.ref || len(a.refs) > 0) {
				w.exact = false
				return w
			}
		}
		v.unread = []string{name}
	}
	return v
}

// simpleTr is a tr that changes case or deletes, nil for any other.
func simpleTr(name string, args []value) func(string) string {
	if name != "tr" || len(args) != 2 {
		return nil
	}
	a, b := strings.Trim(args[0].text, "[]"), strings.Trim(args[1].text, "[]")
	switch {
	case a == ":upper:" && b == ":lower:" || a == "A-Z" && b == "a-z":
		return strings.ToLower
	case a == ":lower:" && b == ":upper:" || a == "a-z" && b == "A-Z":
		return strings.ToUpper
	case a == "-d" && len(b) <= 4 && !strings.ContainsAny(b, `\-:`):
		return func(text string) string {
			return strings.Map(func(c rune) rune {
				if strings.ContainsRune(b, c) {
					return -1
				}
				return c
			}, text)
		}
	}
	return nil
}

// printed is what echo and printf write.
func (r *runner) printed(name string, args []value) value {
	if name == "printf" {
		if len(args) > 2 && args[0].text == "-v" {
			return literal("")
		}
		if len(args) == 0 {
			return literal("")
		}
		return formatted(args[0], args[1:])
	}
	for len(args) > 0 && (args[0].text == "-n" || args[0].text == "-e" || args[0].text == "-ne" || args[0].text == "-en") {
		escapes := strings.Contains(args[0].text, "e")
		args = args[1:]
		if escapes {
			var list []value
			for _, a := range args {
				a.text = shelltext.ANSI(a.text)
				list = append(list, a)
			}
			args = list
		}
	}
	if len(args) == 1 {
		return args[0]
	}
	return joined(args)
}

var verb = shelltext.Compiled(`%[-0-9.]*[sdibqc]|%%`)

// formatted fills the format of printf, once.
func formatted(format value, args []value) value {
	var all []value
	text, at, next := shelltext.ANSI(format.text), 0, 0
	for _, m := range verb().FindAllStringIndex(text, mostNamed) {
		all = append(all, literal(text[at:m[0]]))
		switch {
		case text[m[0]:m[1]] == "%%":
			all = append(all, literal("%"))
		case next < len(args):
			all = append(all, args[next])
			next++
		}
		at = m[1]
	}
	all = append(all, literal(text[at:]))
	v := concat(all...)
	v.exact = v.exact && format.exact
	return v
}
