package importer

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"ecnutd/config"
	"ecnutd/ups"
)

// A mapping is a block in the making.
type mapping struct{ node *yaml.Node }

func newMapping() mapping { return mapping{&yaml.Node{Kind: yaml.MappingNode}} }

// empty tells whether nothing is in it.
func (b mapping) empty() bool { return len(b.node.Content) == 0 }

// put adds a key with the place where it comes from.
func (b mapping) put(key string, value *yaml.Node, from string) {
	k := &yaml.Node{Kind: yaml.ScalarNode, Value: key}
	if from = oneLine(from); from != "" {
		if value.Kind == yaml.ScalarNode {
			value.LineComment = "# " + from
		} else {
			k.HeadComment = "# " + from
		}
	}
	b.node.Content = append(b.node.Content, k, value)
}

// oneLine keeps a comment from ending early.
func oneLine(s string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f || c == 0x85 || c == 0x2028 || c == 0x2029 || c == 0xFEFF {
			return ' '
		}
		return c
	}, s)
}

// plainNode is a value that needs no quotes: a number, a duration, a word.
func plainNode(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: s} }

// textNode is a text in quotes.
func textNode(s string) *yaml.Node {
	s = strings.Map(func(c rune) rune {
		if c < ' ' && c != '\n' && c != '\t' || c >= 0x7f && c < 0xa0 {
			return -1
		}
		return c
	}, strings.ToValidUTF8(s, ""))
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s, Style: yaml.DoubleQuotedStyle}
}

func truthNode(b bool) *yaml.Node { return plainNode(strconv.FormatBool(b)) }

// listNode is a list on one line.
func listNode(items ...*yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle, Content: items}
}

// valueNode is the value of a setting.
func valueNode(value any) *yaml.Node {
	switch v := value.(type) {
	case time.Duration:
		return plainNode(config.FormatDuration(v))
	case int:
		return plainNode(strconv.Itoa(v))
	case config.LinkLost:
		return plainNode("strict")
	case config.Command:
		if v.Shell != "" {
			b := newMapping()
			b.node.Style = yaml.FlowStyle
			b.put("shell", textNode(v.Shell), "")
			return b.node
		}
		return plainNode(strings.Join(v.Argv, " "))
	case string:
		if n := plainNode(v); simple.MatchString(v) && n.ShortTag() == "!!str" {
			return n
		}
		return textNode(v)
	}
	return textNode(fmt.Sprint(value))
}

// simple texts mean the same with and without quotes.
var simple = regexp.MustCompile(`^([a-z/][a-z0-9/._-]*|[0-9]+%)$`)

// yaml writes the file.
func (m *importer) yaml() ([]byte, error) {
	root := newMapping()
	root.put("language", plainNode(string(m.language)), "of the texts")
	root.put("ups", m.upsBlocks(), "")
	for _, key := range []string{
		"poll", "poll_on_battery", "min_supplies", "dead_time", "link_lost", "no_comm_repeat", "replace_battery_repeat",
		"host_sync", "final_delay", "shutdown_command", "power_down_flag",
	} {
		if s, ok := m.settings[key]; ok {
			root.put(key, valueNode(s.value), s.from)
		}
	}
	kill := newMapping()
	for _, key := range []string{"command", "wait_then_reboot"} {
		if s, ok := m.settings["kill_power."+key]; ok {
			kill.put(key, valueNode(s.value), s.from)
		}
	}
	if !kill.empty() {
		root.put("kill_power", kill.node, "")
	}
	if network := m.networkBlock(); !network.empty() {
		root.put("network", network.node, "")
	}
	root.put("events", m.eventBlocks(""), "")
	if len(m.timers) > 0 {
		root.put("timers", m.timerBlocks(), "")
	}
	if m.route != nil {
		root.put("messages", m.messagesBlock(), "")
	}
	var out bytes.Buffer
	out.WriteString("# Made from the configuration of NUT. Behind each value is where it comes from.\n# What is not here has its default: see config.example.yaml.\n")
	if len(m.others) > 0 {
		out.WriteString(m.otherComment() + "\n")
	}
	e := yaml.NewEncoder(&out)
	e.SetIndent(2)
	if err := e.Encode(root.node); err != nil {
		return nil, fmt.Errorf("cannot write the import: %w", err)
	}
	// An empty line before and after each block, for the eye.
	text := blockStart.ReplaceAll(out.Bytes(), []byte("\n\n$1"))
	return blockEnd.ReplaceAll(text, []byte("$1\n\n$2")), nil
}

var (
	blockStart = regexp.MustCompile(`\n([a-z_]+:\n)`)
	blockEnd   = regexp.MustCompile(`(\n [^\n]*)\n([a-z_]+: )`)
)

func (m *importer) upsBlocks() *yaml.Node {
	all := newMapping()
	for _, u := range m.ups {
		b := newMapping()
		for _, key := range []string{"remote", "password", "password_file", "description", "power", "on_delay", "off_delay"} {
			if s, ok := u.settings[key]; ok {
				value := valueNode(s.value)
				if text, ok := s.value.(string); ok && key == "password" {
					value = textNode(text)
				}
				b.put(key, value, s.from)
			}
		}
		for _, group := range []struct {
			name string
			keys []string
		}{{"match", []string{"vendor", "product", "phys", "model"}}, {"low_battery", []string{"charge", "runtime", "shutdown_imminent"}}} {
			g := newMapping()
			for _, key := range group.keys {
				if s, ok := u.settings[group.name+"."+key]; ok {
					g.put(key, valueNode(s.value), s.from)
				}
			}
			if !g.empty() {
				b.put(group.name, g.node, "")
			}
		}
		if events := m.eventBlocks(u.name); len(events.Content) > 0 {
			b.put("events", events, "")
		}
		from := ""
		if u.line > 0 {
			from = fmt.Sprintf("%s:%d", u.file, u.line)
		}
		all.put(clean(u.name), b.node, from)
	}
	return all.node
}

// eventBlocks are the events of one UPS, or of all ("").
func (m *importer) eventBlocks(name string) *yaml.Node {
	all := newMapping()
	for _, e := range ups.Events {
		p := m.reactions[target{name, e}]
		if p == nil {
			continue
		}
		b := newMapping()
		b.put("log", truthNode(p.log), "")
		b.put("wall", truthNode(p.wall), "")
		switch {
		case len(p.texts) > 0:
			b.put("message", textNode(strings.Join(p.texts, "\n")), "")
		default:
			b.put("message", truthNode(p.normal), "")
		}
		putExecs(b, p.execs)
		if len(p.starts) > 0 {
			b.put("start", startsNode(p.starts), "")
		}
		if len(p.cancels) > 0 {
			b.put("cancel", cancelsNode(p.cancels), "")
		}
		if p.shutdown {
			b.put("shutdown", truthNode(true), "")
		}
		if p.fsd {
			b.put("fsd", truthNode(true), "")
		}
		all.put(string(e), b.node, strings.Join(slices.Compact(p.from), ", "))
	}
	return all.node
}

func putExecs(b mapping, execs []config.Exec) {
	var items []*yaml.Node
	for _, x := range execs {
		one := newMapping()
		one.node.Style = yaml.FlowStyle
		if x.Shell != "" {
			one.put("shell", textNode(x.Shell), "")
		} else {
			one.put("command", argsNode(x.Command), "")
		}
		one.put("timeout", plainNode(config.FormatDuration(x.Timeout)), "")
		items = append(items, one.node)
	}
	if len(items) > 0 {
		b.put("exec", oneOrList(items), "")
	}
}

func argsNode(args []string) *yaml.Node {
	var items []*yaml.Node
	for _, a := range args {
		items = append(items, valueNode(a))
	}
	return listNode(items...)
}

// startsNode names the timers; one that needs no more is a word.
func startsNode(starts []config.Start) *yaml.Node {
	var items []*yaml.Node
	for _, s := range starts {
		if s.After == 0 {
			items = append(items, nameNode(s.Timer))
			continue
		}
		b := newMapping()
		b.node.Style = yaml.FlowStyle
		b.put("timer", nameNode(s.Timer), "")
		b.put("after", plainNode(config.FormatDuration(s.After)), "")
		items = append(items, b.node)
	}
	return oneOrList(items)
}

func nameNode(name string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: name}
}

func cancelsNode(cancels []cancelPlan) *yaml.Node {
	var items []*yaml.Node
	for _, c := range cancels {
		if c.other == nil {
			items = append(items, nameNode(c.timer))
			continue
		}
		tell := newMapping()
		if c.other.text != "" {
			tell.put("message", textNode(c.other.text), "")
		}
		if c.other.exec != nil {
			putExecs(tell, []config.Exec{*c.other.exec})
		}
		b := newMapping()
		b.node.Style = yaml.FlowStyle
		b.put("timer", nameNode(c.timer), "")
		b.put("else", tell.node, "")
		tell.node.Style = yaml.FlowStyle
		items = append(items, b.node)
	}
	return oneOrList(items)
}

func oneOrList(items []*yaml.Node) *yaml.Node {
	if len(items) == 1 {
		return items[0]
	}
	return listNode(items...)
}

func (m *importer) timerBlocks() *yaml.Node {
	all := newMapping()
	for _, t := range m.timers {
		b := newMapping()
		b.put("after", plainNode(config.FormatDuration(t.after)), t.d.from())
		if t.out.text != "" {
			b.put("message", textNode(t.out.text), "")
		}
		if t.out.exec != nil {
			putExecs(b, []config.Exec{*t.out.exec})
		}
		if t.shutdown {
			b.put("shutdown", truthNode(true), "")
		}
		if t.fsd {
			b.put("fsd", truthNode(true), "")
		}
		all.put(t.name, b.node, t.out.from)
	}
	return all.node
}

func (m *importer) messagesBlock() *yaml.Node {
	s := m.route.send
	free := newMapping()
	free.put("user", textNode(s.User), m.route.from)
	switch {
	case s.SecretOf != "":
		free.put("password_file", textNode(s.SecretOf), "")
	case m.options.InlineSecrets && s.Password != "":
		free.put("password", textNode(s.Password), fmt.Sprintf("%s:%d", s.SecretAt.File, s.SecretAt.Line))
	default:
		free.put("password_file", plainNode(secretFile), fmt.Sprintf("to be made: its first line is the password of %s:%d", s.SecretAt.File, s.SecretAt.Line))
	}
	route, routes, messages := newMapping(), newMapping(), newMapping()
	route.put("free_mobile", free.node, "")
	routes.put("free", route.node, "")
	messages.put("routes", routes.node, "")
	return messages.node
}
