package importer

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"ecnutd/config"
	"ecnutd/internal/nut/importer/document"
	"ecnutd/internal/nut/importer/wording"
	"ecnutd/ups"
)

// yaml writes the file.
func (m *importer) yaml() ([]byte, error) {
	root := document.New()
	root.Put("language", document.Plain(string(m.language)), "of the texts")
	root.Put("ups", m.upsBlocks(), "")
	for _, key := range []string{
		"poll", "poll_on_battery", "min_supplies", "dead_time", "link_lost", "no_comm_repeat", "replace_battery_repeat",
		"host_sync", "final_delay", "shutdown_command", "power_down_flag",
	} {
		if s, ok := m.settings[key]; ok {
			root.Put(key, document.Value(s.value), s.from)
		}
	}
	kill := document.New()
	for _, key := range []string{"command", "wait_then_reboot"} {
		if s, ok := m.settings["kill_power."+key]; ok {
			kill.Put(key, document.Value(s.value), s.from)
		}
	}
	if !kill.Empty() {
		root.Put("kill_power", kill.Node, "")
	}
	if !m.network.Empty() {
		root.Put("network", m.network.Node, "")
	}
	root.Put("events", m.eventBlocks(""), "")
	if len(m.timers) > 0 {
		root.Put("timers", m.timerBlocks(), "")
	}
	if m.route != nil {
		root.Put("messages", m.messagesBlock(), "")
	}
	header := "# Made from the configuration of NUT. Behind each value is where it comes from.\n# What is not here has its default: see config.example.yaml.\n"
	if len(m.others) > 0 {
		header += m.otherComment() + "\n"
	}
	return root.Encode(header)
}

func (m *importer) upsBlocks() *yaml.Node {
	all := document.New()
	for _, u := range m.ups {
		b := document.New()
		for _, key := range []string{"remote", "password", "password_file", "tls", "description", "power", "generic", "on_delay", "off_delay"} {
			if s, ok := u.settings[key]; ok {
				value := document.Value(s.value)
				if text, ok := s.value.(string); ok && key == "password" {
					value = document.Text(text)
				}
				b.Put(key, value, s.from)
			}
		}
		for _, group := range []struct {
			name string
			keys []string
		}{{"match", []string{"vendor", "product", "phys", "model"}}, {"low_battery", []string{"charge", "runtime", "shutdown_imminent"}}} {
			g := document.New()
			for _, key := range group.keys {
				if s, ok := u.settings[group.name+"."+key]; ok {
					g.Put(key, document.Value(s.value), s.from)
				}
			}
			if group.name == "low_battery" {
				putFloors(g, u.settings)
			}
			if !g.Empty() {
				b.Put(group.name, g.Node, "")
			}
		}
		if events := m.eventBlocks(u.name); len(events.Content) > 0 {
			b.Put("events", events, "")
		}
		from := ""
		if u.line > 0 {
			from = fmt.Sprintf("%s:%d", u.file, u.line)
		}
		all.Put(wording.Clean(u.name), b.Node, from)
	}
	return all.Node
}

// putFloors leaves out the floors whose kind NUT's files override.
func putFloors(b document.Block, settings map[string]setting) {
	floors := document.New()
	for _, kind := range []string{"charge", "runtime"} {
		if s, ok := settings["low_battery.floors."+kind]; ok {
			floors.Put(kind, document.Value(s.value), s.from)
		}
	}
	if !floors.Empty() {
		b.Put("floors", floors.Node, "")
	}
}

// eventBlocks are the events of one UPS, or of all ("").
func (m *importer) eventBlocks(name string) *yaml.Node {
	all := document.New()
	for _, e := range ups.Events {
		p := m.reactions[target{name, e}]
		if p == nil {
			continue
		}
		b := document.New()
		b.Put("log", document.Truth(p.log), "")
		b.Put("wall", document.Truth(p.wall), "")
		switch {
		case len(p.texts) > 0:
			b.Put("message", document.Text(strings.Join(p.texts, "\n")), "")
		default:
			b.Put("message", document.Truth(p.normal), "")
		}
		putExecs(b, p.execs)
		if len(p.starts) > 0 {
			b.Put("start", document.Starts(p.starts), "")
		}
		if len(p.cancels) > 0 {
			b.Put("cancel", cancelsNode(p.cancels), "")
		}
		if p.shutdown {
			b.Put("shutdown", document.Truth(true), "")
		}
		if p.fsd {
			b.Put("fsd", document.Truth(true), "")
		}
		all.Put(string(e), b.Node, strings.Join(slices.Compact(p.from), ", "))
	}
	return all.Node
}

func putExecs(b document.Block, execs []config.Exec) {
	var items []*yaml.Node
	for _, x := range execs {
		one := document.New()
		one.Node.Style = yaml.FlowStyle
		if x.Shell != "" {
			one.Put("shell", document.Text(x.Shell), "")
		} else {
			one.Put("command", document.Args(x.Command), "")
		}
		one.Put("timeout", document.Plain(config.FormatDuration(x.Timeout)), "")
		items = append(items, one.Node)
	}
	if len(items) > 0 {
		b.Put("exec", document.OneOrList(items), "")
	}
}

func cancelsNode(cancels []cancelPlan) *yaml.Node {
	var items []*yaml.Node
	for _, c := range cancels {
		if c.other == nil {
			items = append(items, document.Name(c.timer))
			continue
		}
		tell := document.New()
		if c.other.text != "" {
			tell.Put("message", document.Text(c.other.text), "")
		}
		if c.other.exec != nil {
			putExecs(tell, []config.Exec{*c.other.exec})
		}
		b := document.New()
		b.Node.Style = yaml.FlowStyle
		b.Put("timer", document.Name(c.timer), "")
		b.Put("else", tell.Node, "")
		tell.Node.Style = yaml.FlowStyle
		items = append(items, b.Node)
	}
	return document.OneOrList(items)
}

func (m *importer) timerBlocks() *yaml.Node {
	all := document.New()
	for _, t := range m.timers {
		b := document.New()
		b.Put("after", document.Plain(config.FormatDuration(t.after)), t.d.from())
		if t.out.text != "" {
			b.Put("message", document.Text(t.out.text), "")
		}
		if t.out.exec != nil {
			putExecs(b, []config.Exec{*t.out.exec})
		}
		if t.shutdown {
			b.Put("shutdown", document.Truth(true), "")
		}
		if t.fsd {
			b.Put("fsd", document.Truth(true), "")
		}
		all.Put(t.name, b.Node, t.out.from)
	}
	return all.Node
}

func (m *importer) messagesBlock() *yaml.Node {
	s := m.route.send
	free := document.New()
	free.Put("user", document.Text(s.User), m.route.from)
	switch {
	case s.SecretOf != "":
		free.Put("password_file", document.Text(s.SecretOf), "")
	case m.options.InlineSecrets && s.Password != "":
		free.Put("password", document.Text(s.Password), fmt.Sprintf("%s:%d", s.SecretAt.File, s.SecretAt.Line))
	default:
		free.Put("password_file", document.Plain(secretFile), fmt.Sprintf("to be made: its first line is the password of %s:%d", s.SecretAt.File, s.SecretAt.Line))
	}
	route, routes, messages := document.New(), document.New(), document.New()
	route.Put("free_mobile", free.Node, "")
	routes.Put("free", route.Node, "")
	messages.Put("routes", routes.Node, "")
	return messages.Node
}
