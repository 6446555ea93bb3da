package config

import (
	"reflect"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"ecnutd/ups"
)

// This file has the values that may be written in several forms.

// read takes event blocks. Each begins as it is by default or, for one UPS, as
// the general block has it, so that only what differs has to be written.
func (e *Events) read(r *reader, at place) {
	own := r.config.owns(e)
	if *e == nil {
		*e = Events{}
	}
	r.pairs(at, func(name string, value place) {
		event := ups.Event(name)
		switch {
		case !slices.Contains(ups.Events, event):
			r.fail(value, "unknown event%s", suggest(name, eventNames()))
			return
		case !own && event.Host():
			r.fail(value, "%s is an event of the host and not of one UPS: write it under events, at the left", name)
			return
		}
		reaction := r.config.Events[event]
		if r.plain(value) {
			r.block(value, reflect.ValueOf(&reaction).Elem())
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
func (m *Message) read(r *reader, at place) {
	*m = Message{}
	switch {
	case at.node.Kind == yaml.ScalarNode && at.node.Tag == "!!bool":
		r.truth(at, &m.On)
	case at.node.Kind == yaml.MappingNode:
		m.On, m.Texts = true, map[ups.Language]string{}
		r.pairs(at, func(name string, value place) {
			if !slices.Contains(ups.Languages, ups.Language(name)) {
				r.fail(value, "unknown language%s", suggest(name, []string{"en", "fr"}))
				return
			}
			if r.plain(value) {
				m.Texts[ups.Language(name)] = r.template(value)
			}
		})
		if _, ok := m.Texts[r.config.Language]; !ok {
			r.fail(at, "there is no text in %s, the language of this file", r.config.Language)
		}
	case at.node.Kind == yaml.ScalarNode && !missing(at.node):
		m.On, m.Text = true, r.template(at)
	default:
		r.fail(at, "%s does not belong here: write true, false, a text or {fr: …, en: …}", what(at.node))
	}
}

// template reads a text that is one.
func (r *reader) template(at place) string {
	var s string
	before := len(r.errs)
	r.text(at, &s, key{})
	if len(r.errs) == before && strings.TrimSpace(s) == "" {
		r.fail(at, "the text is empty: write false to send none, true for the default text")
	}
	r.placeholders(at, s)
	return s
}

// read takes a program, a list of arguments, a block, or a list of blocks.
func (e *Execs) read(r *reader, at place) {
	*e = nil
	switch n := at.node; {
	case n.Kind == yaml.SequenceNode && len(n.Content) > 0 && n.Content[0].Kind == yaml.MappingNode:
		for i := range n.Content {
			*e = append(*e, r.exec(at.item(i)))
		}
	case n.Kind == yaml.ScalarNode && n.Tag == "!!bool" && n.Value == "false":
		// false is none: it takes back what the general block has.
	default:
		*e = Execs{r.exec(at)}
	}
}

func (r *reader) exec(at place) Exec {
	x := NewExec()
	if !r.plain(at) {
		return x
	}
	switch at.node.Kind {
	case yaml.ScalarNode:
		var program string
		r.text(at, &program, key{})
		if strings.ContainsAny(program, " \t\n") {
			r.fail(at, "%s is no path of a program: with arguments write a list, [/path/program, argument]", what(at.node))
		}
		x.Command, x.WithText = []string{program}, true
	case yaml.SequenceNode:
		r.value(at, reflect.ValueOf(&x.Command).Elem(), key{})
	default:
		r.block(at, reflect.ValueOf(&x).Elem())
	}
	for i, arg := range x.Command {
		if i > 0 || !x.WithText {
			r.placeholders(at, arg)
		}
	}
	switch {
	case x.Shell == "" && (len(x.Command) == 0 || x.Command[0] == ""):
		r.fail(at, "no program: write its path, a list of arguments, or {shell: …}")
	case x.Shell != "" && len(x.Command) > 0:
		r.fail(at, "both command and shell are given: one of the two")
	case strings.Contains(x.Shell, "{{"):
		r.fail(at, "a shell line takes no {{placeholder}}, for the shell would run what it holds: use $NOTIFYTYPE, $UPSNAME and $NOTIFYMSG in double quotes")
	case x.Timeout <= 0:
		r.fail(at, "timeout must be above 0s")
	}
	return x
}

// read takes the name of a timer, a block, or a list of both.
func (s *Starts) read(r *reader, at place) {
	*s = nil
	r.oneOrMany(at, func(at place) {
		var one Start
		r.nameOrBlock(at, &one.Timer, &one)
		*s = append(*s, one)
	})
}

// read takes the name of a timer, a block, or a list of both.
func (c *Cancels) read(r *reader, at place) {
	*c = nil
	r.oneOrMany(at, func(at place) {
		var one Cancel
		if at.node.Kind == yaml.MappingNode {
			for i := 0; i+1 < len(at.node.Content); i += 2 {
				if at.node.Content[i].Value == "else" {
					one.Else.Log = true // as in every other block
				}
			}
		}
		r.nameOrBlock(at, &one.Timer, &one)
		*c = append(*c, one)
	})
}

func (r *reader) oneOrMany(at place, f func(place)) {
	if at.node.Kind != yaml.SequenceNode {
		f(at)
		return
	}
	for i := range at.node.Content {
		if one := at.item(i); r.plain(one) {
			f(one)
		}
	}
}

// nameOrBlock reads a word, or a block that has it in its key timer.
func (r *reader) nameOrBlock(at place, name *string, block any) {
	if at.node.Kind == yaml.MappingNode {
		before := len(r.errs)
		r.block(at, reflect.ValueOf(block).Elem())
		if *name == "" && len(r.errs) == before {
			r.fail(at, "the name of the timer is missing: {timer: NAME}")
		}
		return
	}
	r.text(at, name, key{})
	if *name == "" && at.node.Kind == yaml.ScalarNode && !missing(at.node) {
		r.fail(at, "the name of the timer is empty")
	}
}

// read takes a command line without need of a shell, a list, or {shell: …}.
func (c *Command) read(r *reader, at place) {
	*c = Command{}
	switch at.node.Kind {
	case yaml.SequenceNode:
		r.value(at, reflect.ValueOf(&c.Argv).Elem(), key{})
	case yaml.MappingNode:
		var asked struct {
			Shell string `key:"shell"`
		}
		r.block(at, reflect.ValueOf(&asked).Elem())
		c.Shell = asked.Shell
	default:
		var line string
		r.text(at, &line, key{})
		if i := strings.IndexAny(line, ShellSigns); i >= 0 {
			r.fail(at, "%q is for a shell, and none is used: write a list, [/path/program, argument], or {shell: …}", line[i:i+1])
			return
		}
		c.Argv = strings.Fields(line)
	}
	switch {
	case c.Shell == "" && (len(c.Argv) == 0 || c.Argv[0] == ""):
		r.fail(at, "no command: the host could not be shut down")
	case c.Shell == "" && !strings.HasPrefix(c.Argv[0], "/"):
		r.fail(at, "%q is not an absolute path: begin it with /", shorten(c.Argv[0]))
	}
}

// ShellSigns mean something to a shell and nothing to a program.
const ShellSigns = "\"'`$\\;&|<>*?~(){}[]!#\n"

// begin sets the defaults of a UPS.
func (u *UPS) begin(r *reader, name string, at place) {
	*u = newUPS(name)
	r.name(at, name)
}

// begin sets the defaults of a timer.
func (t *Timer) begin(r *reader, name string, at place) {
	*t = newTimer(name)
	r.name(at, name)
	if name == OnBatteryTimer {
		r.fail(at, "the name is taken by the limit low_battery.on_battery: choose another")
	}
}

// begin sets the defaults of a route.
func (o *Route) begin(r *reader, name string, at place) {
	*o = newRoute(name)
	r.name(at, name)
}

// name checks a name that others have to type, and that stands in protocols,
// logs and file names.
func (r *reader) name(at place, name string) {
	if !goodName.MatchString(name) {
		r.fail(at, nameRule)
	}
}

var goodName = regexp.MustCompile(`^[a-zA-Z0-9._-]{1,60}$`)

const nameRule = "a name has 1 to 60 letters (a to z), digits, dots, hyphens and underscores"

// read takes a block, or none, which leaves the grace as it is: numbers jump at
// the transfer for limits of one's own too.
func (f *Floors) read(r *reader, at place) {
	if at.node.Kind == yaml.ScalarNode && at.node.Value == "none" {
		f.Charge, f.Runtime = FloorNone, FloorNone
		return
	}
	r.block(at, reflect.ValueOf(f).Elem())
}
