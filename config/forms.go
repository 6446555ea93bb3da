package config

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"

	"ecnutd/config/strict"
	"ecnutd/ups"
)

// This file has the values that may be written in several forms.

// read takes event blocks. Each begins as it is by default or, for one UPS, as
// the general block has it, so that only what differs has to be written.
func (e *Events) read(r *reader, at strict.Place) {
	own := r.config.owns(e)
	if *e == nil {
		*e = Events{}
	}
	r.Pairs(at, func(name string, value strict.Place) {
		event := ups.Event(name)
		switch {
		case !slices.Contains(ups.Events, event):
			r.Fail(value, "unknown event%s", strict.Suggest(name, eventNames()))
			return
		case !own && event.Host():
			r.Fail(value, "%s is an event of the host and not of one UPS: write it under events, at the left", name)
			return
		}
		reaction := r.config.Events[event]
		if r.Plain(value) {
			r.Block(value, reflect.ValueOf(&reaction).Elem())
		}
		(*e)[event] = reaction
	})
}

// owns tells whether these are the general events.
func (c *Config) owns(e *Events) bool { return e == &c.Events }

func eventNames() []string {
	var out []string
	for _, e := range ups.Events {
		out = append(out, string(e))
	}
	return out
}

// read takes true, false, a text, or a text for each language.
func (m *Message) read(r *reader, at strict.Place) {
	*m = Message{}
	switch {
	case at.Node.Kind == yaml.ScalarNode && at.Node.Tag == "!!bool":
		r.Truth(at, &m.On)
	case at.Node.Kind == yaml.MappingNode:
		m.On, m.Texts = true, map[ups.Language]string{}
		r.Pairs(at, func(name string, value strict.Place) {
			if !slices.Contains(ups.Languages, ups.Language(name)) {
				r.Fail(value, "unknown language%s", strict.Suggest(name, []string{"en", "fr"}))
				return
			}
			if r.Plain(value) {
				m.Texts[ups.Language(name)] = r.template(value)
			}
		})
		if _, ok := m.Texts[r.config.Language]; !ok {
			r.Fail(at, "there is no text in %s, the language of this file", r.config.Language)
		}
	case at.Node.Kind == yaml.ScalarNode && !strict.Missing(at.Node):
		m.On, m.Text = true, r.template(at)
	default:
		r.Fail(at, "%s does not belong here: write true, false, a text or {fr: …, en: …}", strict.What(at.Node))
	}
}

// template reads a text that is one.
func (r *reader) template(at strict.Place) string {
	var s string
	before := len(r.Errs)
	r.Text(at, &s, strict.Key{})
	if len(r.Errs) == before && strings.TrimSpace(s) == "" {
		r.Fail(at, "the text is empty: write false to send none, true for the default text")
	}
	r.placeholders(at, s)
	return s
}

// read takes a program, a list of arguments, a block, or a list of blocks.
func (e *Execs) read(r *reader, at strict.Place) {
	*e = nil
	switch n := at.Node; {
	case n.Kind == yaml.SequenceNode && len(n.Content) > 0 && n.Content[0].Kind == yaml.MappingNode:
		for i := range n.Content {
			*e = append(*e, r.exec(at.Item(i)))
		}
	case n.Kind == yaml.ScalarNode && n.Tag == "!!bool" && n.Value == "false":
		// false is none: it takes back what the general block has.
	default:
		*e = Execs{r.exec(at)}
	}
}

func (r *reader) exec(at strict.Place) Exec {
	x := NewExec()
	if !r.Plain(at) {
		return x
	}
	switch at.Node.Kind {
	case yaml.ScalarNode:
		var program string
		r.Text(at, &program, strict.Key{})
		if strings.ContainsAny(program, " \t\n") {
			r.Fail(at, "%s is no path of a program: with arguments write a list, [/path/program, argument]", strict.What(at.Node))
		}
		x.Command, x.WithText = []string{program}, true
	case yaml.SequenceNode:
		r.Value(at, reflect.ValueOf(&x.Command).Elem(), strict.Key{})
	default:
		r.Block(at, reflect.ValueOf(&x).Elem())
	}
	for i, arg := range x.Command {
		if i > 0 || !x.WithText {
			r.placeholders(at, arg)
		}
	}
	switch {
	case x.Shell == "" && (len(x.Command) == 0 || x.Command[0] == ""):
		r.Fail(at, "no program: write its path, a list of arguments, or {shell: …}")
	case x.Shell != "" && len(x.Command) > 0:
		r.Fail(at, "both command and shell are given: one of the two")
	case strings.Contains(x.Shell, "{{"):
		r.Fail(at, "a shell line takes no {{placeholder}}, for the shell would run what it holds: use $NOTIFYTYPE, $UPSNAME and $NOTIFYMSG in double quotes")
	case x.Timeout <= 0:
		r.Fail(at, "timeout must be above 0s")
	}
	return x
}

// read takes the name of a timer, a block, or a list of both.
func (s *Starts) read(r *reader, at strict.Place) {
	*s = nil
	r.oneOrMany(at, func(at strict.Place) {
		var one Start
		r.nameOrBlock(at, &one.Timer, &one)
		*s = append(*s, one)
	})
}

// read takes the name of a timer, a block, or a list of both.
func (c *Cancels) read(r *reader, at strict.Place) {
	*c = nil
	r.oneOrMany(at, func(at strict.Place) {
		var one Cancel
		if at.Node.Kind == yaml.MappingNode {
			for i := 0; i+1 < len(at.Node.Content); i += 2 {
				if at.Node.Content[i].Value == "else" {
					one.Else.Log = true // as in every other block
				}
			}
		}
		r.nameOrBlock(at, &one.Timer, &one)
		*c = append(*c, one)
	})
}

func (r *reader) oneOrMany(at strict.Place, f func(strict.Place)) {
	if at.Node.Kind != yaml.SequenceNode {
		f(at)
		return
	}
	for i := range at.Node.Content {
		if one := at.Item(i); r.Plain(one) {
			f(one)
		}
	}
}

// nameOrBlock reads a word, or a block that has it in its key timer.
func (r *reader) nameOrBlock(at strict.Place, name *string, block any) {
	if at.Node.Kind == yaml.MappingNode {
		before := len(r.Errs)
		r.Block(at, reflect.ValueOf(block).Elem())
		if *name == "" && len(r.Errs) == before {
			r.Fail(at, "the name of the timer is missing: {timer: NAME}")
		}
		return
	}
	r.Text(at, name, strict.Key{})
	if *name == "" && at.Node.Kind == yaml.ScalarNode && !strict.Missing(at.Node) {
		r.Fail(at, "the name of the timer is empty")
	}
}

// read takes a command line without need of a shell, a list, or {shell: …}.
func (c *Command) read(r *reader, at strict.Place) {
	*c = Command{}
	switch at.Node.Kind {
	case yaml.SequenceNode:
		r.Value(at, reflect.ValueOf(&c.Argv).Elem(), strict.Key{})
	case yaml.MappingNode:
		var asked struct {
			Shell string `key:"shell"`
		}
		r.Block(at, reflect.ValueOf(&asked).Elem())
		c.Shell = asked.Shell
	default:
		var line string
		r.Text(at, &line, strict.Key{})
		if i := strings.IndexAny(line, ShellSigns); i >= 0 {
			r.Fail(at, "%q is for a shell, and none is used: write a list, [/path/program, argument], or {shell: …}", line[i:i+1])
			return
		}
		c.Argv = strings.Fields(line)
	}
	switch {
	case c.Shell == "" && (len(c.Argv) == 0 || c.Argv[0] == ""):
		r.Fail(at, "no command: the host could not be shut down")
	case c.Shell == "" && !strings.HasPrefix(c.Argv[0], "/"):
		r.Fail(at, "%q is not an absolute path: begin it with /", strict.Shorten(c.Argv[0]))
	}
}

// ShellSigns mean something to a shell and nothing to a program.
const ShellSigns = "\"'`$\\;&|<>*?~(){}[]!#\n"

// begin sets the defaults of a UPS.
func (u *UPS) begin(r *reader, name string, at strict.Place) {
	*u = newUPS(name)
	r.name(at, name)
}

// begin sets the defaults of a timer.
func (t *Timer) begin(r *reader, name string, at strict.Place) {
	*t = newTimer(name)
	r.name(at, name)
	if name == OnBatteryTimer {
		r.Fail(at, "the name is taken by the limit low_battery.on_battery: choose another")
	}
}

// begin sets the defaults of a route.
func (o *Route) begin(r *reader, name string, at strict.Place) {
	*o = newRoute(name)
	r.name(at, name)
}

// name checks a name that others have to type, and that stands in protocols,
// logs and file names.
func (r *reader) name(at strict.Place, name string) {
	if !goodName().MatchString(name) {
		r.Fail(at, nameRule)
	}
}

var goodName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-zA-Z0-9._-]{1,60}$`) })

const nameRule = "a name has 1 to 60 letters (a to z), digits, dots, hyphens and underscores"

// read takes a block, or none, which leaves the grace as it is: numbers jump at
// the transfer for limits of one's own too.
func (f *Floors) read(r *reader, at strict.Place) {
	if at.Node.Kind == yaml.ScalarNode && at.Node.Value == "none" {
		f.Charge, f.Runtime = FloorNone, FloorNone
		return
	}
	r.Block(at, reflect.ValueOf(f).Elem())
}
