package script

import (
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// An Outcome is what a script does for one name, as far as it can be read out.
type Outcome struct {
	Line    int  // of the branch
	Default bool // it is the branch for all other names, *)
	Sends   []Send
	Down    int    // line of the command that shuts the host down, 0 for none
	DownBy  string // that command, "upsmon -c fsd"
	Others  []Other
}

// A Send is one message to Free Mobile.
type Send struct {
	Line      int
	Text      string   // variables filled in; what differs from time to time as {{placeholder}}
	Unset     []string // variables in it that have no value
	Unread    []string // commands in it whose answer is not known
	User      string
	Password  string // never to be shown
	SecretIn  string // the variable that holds the password, "" where it stands in the request
	SecretAt  int    // the line where it does
	SecretOf  string // the file that the script takes it from
	Insecure  bool   // the certificate is not checked
	Unencoded bool   // the text is put into the URL as it is
}

// Other is a command that does something else.
type Other struct {
	Line int
	Name string
}

// Run follows the script for a name, both ways of every if. It is not ok where
// no branch takes the name.
func (s *Script) Run(name string) (Outcome, bool) {
	b := s.find(name)
	if b == nil {
		return Outcome{}, false
	}
	r := &runner{script: s, vars: map[string]value{
		"1": {text: name}, "*": {text: name}, "@": {text: name},
		"NOTIFYTYPE": {text: "{{event}}"}, "UPSNAME": {text: "{{ups}}"}, "HOSTNAME": {text: "{{host}}"},
	}}
	r.out.Line = b.line
	r.out.Default = slices.Contains(b.patterns, "*")
	r.all(s.before)
	r.all(b.commands)
	if n := len(b.commands); n == 0 || len(b.commands[n-1].words) == 0 || b.commands[n-1].words[0].plain() != "exit" {
		r.all(s.after)
	}
	return r.out, true
}

// A value is what a variable holds.
type value struct {
	text   string
	line   int
	unset  []string
	unread []string
	file   string // the text is the content of this file
}

// Bounds for scripts that are made to be expensive.
const (
	maxText  = 4 << 10
	maxSteps = 20000
	maxCalls = 8
)

type runner struct {
	script *Script
	vars   map[string]value
	out    Outcome
	steps  int
	calls  int
}

func (r *runner) all(commands []command) {
	for _, c := range commands {
		if r.steps++; r.steps > maxSteps {
			return
		}
		r.one(c)
	}
}

func (r *runner) one(c command) {
	for _, a := range c.assigns {
		r.inside(a.value, a.line)
		v := r.eval(a.value)
		v.line = a.line
		r.vars[a.name] = v
	}
	for _, w := range c.words {
		r.inside(w, c.line)
	}
	args := make([]value, len(c.words))
	for i, w := range c.words {
		args[i] = r.eval(w)
	}
	for len(args) > 1 && slices.Contains([]string{"sudo", "exec", "nohup", "command"}, path.Base(args[0].text)) {
		args = args[1:]
	}
	if len(args) == 0 || declares(c.words[0]) {
		return
	}
	name := path.Base(args[0].text)
	if body, ok := r.script.functions[args[0].text]; ok && r.calls < maxCalls {
		r.call(body, args)
		return
	}
	switch {
	case r.send(c, args):
	case downs(name, args[1:]):
		if r.out.Down == 0 {
			r.out.Down, r.out.DownBy = c.line, join(name, args[1:])
		}
	case slices.Contains(harmless, name) || name == "." || name == "":
	default:
		if o := (Other{c.line, name}); !slices.Contains(r.out.Others, o) {
			r.out.Others = append(r.out.Others, o)
		}
	}
}

// harmless commands have no effect that has to be carried over.
var harmless = []string{
	"echo", "printf", "awk", "sed", "grep", "cat", "cut", "tr", "head", "tail", "wc", "sort", "tee", "date", "hostname", "uname",
	"exit", "return", "break", "continue", "shift", "set", "unset", "read", "test", "[", "[[", ":", "true", "false",
	"sleep", "local", "export", "readonly", "declare", "typeset", "umask", "trap", "upsc", "jq", "esac", "fi", "done", "touch", "mkdir",
}

// call runs a function with its arguments.
func (r *runner) call(body []command, args []value) {
	r.calls++
	kept := map[string]value{}
	for i := range 10 {
		key := strconv.Itoa(i)
		kept[key] = r.vars[key]
		delete(r.vars, key)
		if i < len(args) {
			r.vars[key] = args[i]
		}
	}
	r.all(body)
	for key, v := range kept {
		r.vars[key] = v
	}
	r.calls--
}

// inside follows the commands in the substitutions of a word.
func (r *runner) inside(w word, line int) {
	for _, p := range w.parts {
		if p.kind == substitution && r.calls < maxCalls && r.steps < maxSteps {
			r.calls++
			q := &parser{tokens: tokens(p.text, line), arguments: map[string]bool{}, functions: map[string][]command{}}
			var commands []command
			q.commands(&commands, nil, "")
			r.all(commands)
			r.calls--
		}
	}
}

func join(name string, args []value) string {
	for _, a := range args {
		name += " " + a.text
	}
	return cut(name)
}

func cut(s string) string {
	if len(s) > maxText {
		s = strings.ToValidUTF8(s[:maxText], "")
	}
	return s
}

// downs tells whether a command ends in a shutdown.
func downs(name string, args []value) bool {
	has := func(word string) bool {
		return slices.ContainsFunc(args, func(v value) bool { return v.text == word })
	}
	switch name {
	case "upsmon":
		return has("fsd")
	case "shutdown":
		return !has("-c") && !has("-k")
	case "poweroff", "halt":
		return true
	case "init", "telinit":
		return has("0")
	case "systemctl":
		return has("poweroff") || has("halt")
	}
	return false
}

// eval is the text of a word.
func (r *runner) eval(w word) value {
	var v value
	var b strings.Builder
	for _, p := range w.parts {
		if b.Len() > maxText {
			break
		}
		switch p.kind {
		case literal:
			b.WriteString(strings.ReplaceAll(p.text, "{{", "{ {"))
		case variable:
			x, ok := r.vars[p.text]
			if !ok {
				v.unset = append(v.unset, p.text)
			}
			v.add(x, &b)
		case substitution:
			v.add(r.substitute(p.text), &b)
		}
	}
	v.text = cut(b.String())
	return v
}

func (v *value) add(x value, b *strings.Builder) {
	b.WriteString(x.text)
	if len(v.unset)+len(v.unread) < 20 {
		v.unset = append(v.unset, x.unset...)
		v.unread = append(v.unread, x.unread...)
	}
	if x.file != "" {
		v.file = x.file
	}
}

// substitute is what a command in $(…) stands for: a placeholder, a file, or
// the variables in it, which it encodes as a rule.
func (r *runner) substitute(text string) value {
	var words []word
	for _, t := range tokens(text, 1) {
		if t.operator == "<" && len(words) == 0 {
			words = append(words, word{parts: []part{{literal, "cat"}}})
			continue
		}
		if t.operator != "" {
			break
		}
		words = append(words, t.word)
	}
	if len(words) == 0 {
		return value{}
	}
	argument := func(fits func(string) bool) string {
		for _, w := range words[1:] {
			if fits(w.text()) {
				return w.text()
			}
		}
		return ""
	}
	switch path.Base(words[0].plain()) {
	case "hostname", "uname":
		return value{text: "{{host}}"}
	case "date":
		format := argument(func(s string) bool { return strings.HasPrefix(s, "+") })
		if format != "" && !strings.ContainsAny(format, "dDFxcYyj") {
			return value{text: "{{time}}"}
		}
		return value{text: "{{date}} {{time}}"}
	case "upsc":
		if name := argument(variableName.MatchString); name != "" {
			return value{text: "{{" + name + "}}"}
		}
	case "cat":
		if file := argument(func(s string) bool { return strings.HasPrefix(s, "/") }); file != "" {
			return value{file: file}
		}
	}
	var v value
	var b strings.Builder
	found := false
	for _, m := range reference.FindAllStringSubmatch(text, 20) {
		if x, ok := r.vars[m[1]]; ok {
			found = true
			v.add(x, &b)
		}
	}
	if v.text = cut(b.String()); !found {
		v.unread = append(v.unread, path.Base(words[0].text()))
	}
	return v
}

var (
	variableName = regexp.MustCompile(`^[a-z0-9]+(\.[a-z0-9]+)+$`)
	reference    = regexp.MustCompile(`\$\{?([A-Za-z_][A-Za-z0-9_]*|[1-9@*])`)
)

// freeMobile is the host that takes the messages.
const freeMobile = "smsapi.free-mobile.fr/"

// field finds the fields of the request.
var field = regexp.MustCompile(`(^|[?&])(user|pass|msg)=`)

// send reads a request to Free Mobile, whatever program makes it.
func (r *runner) send(c command, args []value) bool {
	if !slices.ContainsFunc(args, func(v value) bool { return strings.Contains(v.text, freeMobile) }) {
		return false
	}
	s := Send{Line: c.line, SecretAt: c.line}
	for i, a := range args {
		option := ""
		if i > 0 {
			option = args[i-1].text
		}
		switch {
		case a.text == "--insecure" || a.text == "--no-check-certificate" || shortInsecure.MatchString(a.text):
			s.Insecure = true
		case i == 0 || strings.HasPrefix(a.text, "-") && !strings.Contains(a.text, "="):
		default:
			r.fields(&s, a, option == "--data-urlencode" || option == "-G")
		}
	}
	r.out.Sends = append(r.out.Sends, s)
	return true
}

var shortInsecure = regexp.MustCompile(`^-[A-Za-z]*k[A-Za-z]*$`)

// fields reads user, pass and msg from one argument.
func (r *runner) fields(s *Send, a value, encodes bool) {
	if i := strings.Index(a.text, "--data-urlencode="); i == 0 {
		a.text, encodes = a.text[len("--data-urlencode="):], true
	}
	at := field.FindAllStringSubmatchIndex(a.text, 20)
	for i, m := range at {
		end := len(a.text)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		raw := a.text[m[1]:end]
		switch a.text[m[4]:m[5]] {
		case "user":
			s.User = decode(raw)
		case "pass":
			r.password(s, decode(raw), a.file)
		case "msg":
			s.Unset, s.Unread = a.unset, a.unread
			if encodes {
				s.Text = raw
				continue
			}
			s.Unencoded = strings.ContainsFunc(raw, func(c rune) bool { return c <= ' ' || c >= 0x7f || c == '"' })
			s.Text = decode(raw)
		}
	}
}

// password notes the password and where the script has it.
func (r *runner) password(s *Send, text, file string) {
	s.Password = text
	if text == "" {
		s.SecretOf = file
		return
	}
	for name, v := range r.vars {
		if v.text == text && v.line > 0 && (s.SecretIn == "" || name < s.SecretIn) {
			s.SecretIn, s.SecretAt = name, v.line
		}
	}
}

// decode undoes percent signs as far as there are any; what is none stays.
func decode(s string) string {
	if !strings.Contains(s, " ") {
		s = strings.ReplaceAll(s, "+", " ")
	}
	s = percent.ReplaceAllStringFunc(s, func(run string) string {
		t, err := url.PathUnescape(run)
		if err != nil {
			return run
		}
		return t
	})
	return strings.ToValidUTF8(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s), "")
}

var percent = regexp.MustCompile(`(%[0-9A-Fa-f]{2})+`)
