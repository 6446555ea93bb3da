package script

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"mvdan.cc/sh/v3/syntax"
)

// An order is a command that ends with a host, or the output of a UPS, off.
type order struct {
	kind  EffectKind
	what  string        // as it can be shown: no user, no password
	after time.Duration // how long the command itself waits
	vague bool
}

// orderOf reports whether a command is an order.
func orderOf(name string, args []value) (order, bool) {
	has := func(words ...string) bool {
		return slices.ContainsFunc(args, func(v value) bool { return slices.Contains(words, v.text) })
	}
	ends := func(suffixes ...string) string {
		for _, a := range args {
			for _, suffix := range suffixes {
				if strings.HasSuffix(a.text, suffix) {
					return a.text
				}
			}
		}
		return ""
	}
	switch name {
	case "upsmon":
		if has("fsd", "-cfsd") {
			return order{kind: PowerOff, what: "upsmon -c fsd"}, true
		}
	case "shutdown":
		return shutdownOrder(args)
	case "poweroff", "halt":
		if has("--reboot") {
			return order{kind: Reboot, what: name + " --reboot"}, true
		}
		return order{kind: PowerOff, what: name}, !has("-w", "--wtmp-only", "--help", "--version")
	case "reboot":
		if has("-p", "--poweroff", "--halt") {
			return order{kind: PowerOff, what: name}, true
		}
		return order{kind: Reboot, what: name}, true
	case "init", "telinit":
		switch {
		case has("0"):
			return order{kind: PowerOff, what: name + " 0"}, true
		case has("6"):
			return order{kind: Reboot, what: name + " 6"}, true
		}
	case "systemctl", "loginctl":
		return systemOrder(name, args)
	case "dbus-send", "busctl", "gdbus", "qdbus":
		for _, a := range args {
			switch word := a.text[strings.LastIndexByte(a.text, '.')+1:]; word {
			case "PowerOff", "Halt", "PowerOffWithFlags", "HaltWithFlags":
				return order{kind: PowerOff, what: name + " … " + word}, true
			case "Reboot", "RebootWithFlags":
				return order{kind: Reboot, what: name + " … " + word}, true
			case "poweroff.target", "halt.target":
				return order{kind: PowerOff, what: name + " … " + word}, true
			}
		}
		if at := ends("poweroff.target", "halt.target"); at != "" {
			return order{kind: PowerOff, what: name + " … poweroff.target"}, true
		}
	case "upsdrvctl":
		if has("shutdown") {
			return order{kind: CutOutput, what: "upsdrvctl shutdown"}, true
		}
	case "upscmd":
		for _, a := range args {
			if cutting.MatchString(a.text) {
				return order{kind: CutOutput, what: "upscmd … " + a.text}, true
			}
		}
	case "tee":
		if at := ends("/sysrq-trigger"); at != "" {
			return order{kind: Hidden, what: "writing to " + at}, true
		}
	}
	return order{}, false
}

// cutting are the instant commands of NUT that take the power of the load.
var cutting = regexp.MustCompile(`^(shutdown\.(return|stayoff|reboot|default)(\.graceful)?|load\.off(\.delay)?|outlet(\.\d+)?\.(load\.off|shutdown\.return).*)$`)

func systemOrder(name string, args []value) (order, bool) {
	var words []string
	for _, a := range args {
		if !strings.HasPrefix(a.text, "-") {
			words = append(words, a.text)
		}
	}
	if len(words) == 0 {
		return order{}, false
	}
	verb := words[0]
	for _, unit := range words[1:] {
		switch unit {
		case "poweroff", "poweroff.target", "halt", "halt.target", "shutdown.target", "runlevel0.target":
			if verb == "start" || verb == "isolate" {
				return order{kind: PowerOff, what: name + " " + verb + " " + unit}, true
			}
		case "reboot.target", "runlevel6.target", "kexec.target", "ctrl-alt-del.target":
			if verb == "start" || verb == "isolate" {
				return order{kind: Reboot, what: name + " " + verb + " " + unit}, true
			}
		}
	}
	switch verb {
	case "poweroff", "halt":
		return order{kind: PowerOff, what: name + " " + verb}, true
	case "reboot", "kexec", "soft-reboot":
		return order{kind: Reboot, what: name + " " + verb}, true
	case "suspend", "hibernate", "hybrid-sleep", "suspend-then-hibernate":
		return order{kind: Hidden, what: name + " " + verb}, true
	}
	return order{}, false
}

var clockTime = regexp.MustCompile(`^\d{1,2}:\d{2}$`)

// shutdownOrder is shutdown(8): without a time it waits for a minute.
func shutdownOrder(args []value) (order, bool) {
	o := order{kind: PowerOff, what: "shutdown", after: time.Minute}
	timed := false
	for _, a := range args {
		text := a.text
		switch {
		case text == "-c" || text == "-k" || text == "--show" || text == "--help":
			return order{}, false
		case text == "--reboot":
			o.kind = Reboot
			o.what += " " + text
		case strings.HasPrefix(text, "--"):
			o.what += " " + text
		case strings.HasPrefix(text, "-"):
			if strings.Contains(text, "c") || strings.Contains(text, "k") {
				return order{}, false
			}
			if strings.Contains(text, "r") {
				o.kind = Reboot
			}
			o.what += " " + text
		case timed:
			// the message to users
		case text == "now":
			o.what, o.after, timed = o.what+" now", 0, true
		case clockTime.MatchString(text):
			o.what, o.after, o.vague, timed = o.what+" "+text, 0, true, true
		default:
			n, err := strconv.Atoi(strings.TrimPrefix(text, "+"))
			switch {
			case err == nil && n >= 0 && n < 1e6 && a.exact:
				o.what, o.after = o.what+" "+text, time.Duration(n)*time.Minute
			case text == "" && a.exact:
				continue
			default:
				o.after, o.vague = 0, true
			}
			timed = true
		}
	}
	return o, true
}

// mention finds an order in a text that is not followed.
var mention = regexp.MustCompile(`(?:\bupsmon\b[^\n;|&]*-c\s*fsd|\b(?:poweroff|halt|reboot)\b(?:\.target)?|\bshutdown\s+(?:-[a-zA-Z]|--|now|\+)[^\n;|&'"]{0,20}|\bsystemctl\s+(?:poweroff|halt|reboot)|\b(?:tel)?init\s+[06]\b|\bupsdrvctl\s+shutdown|\bupscmd\b[^\n;|&]*\b(?:shutdown\.\w+|load\.off)\b|\bPowerOff\b|sysrq-trigger)`)

// mentions is the order that stands in a text, shortened so that no password is
// in it; "" for none.
func mentions(text string) string {
	found := mention.FindString(text)
	switch {
	case found == "":
		return ""
	case strings.HasPrefix(found, "upsmon"):
		return "upsmon -c fsd"
	case strings.HasPrefix(found, "upscmd"):
		return "upscmd"
	}
	return strings.TrimSpace(found)
}

// An Order is an order that stands in a file.
type Order struct {
	At   Pos
	What string
}

// Scan finds orders in the lines of any file, in whatever language; comments
// that begin with # are left out.
func Scan(data []byte, name string) []Order {
	var list []Order
	for i, line := range strings.Split(string(data[:min(len(data), MaxScript)]), "\n") {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "#") || len(line) > 4*maxText {
			continue
		}
		if what := mentions(line); what != "" && len(list) < mostNamed {
			list = append(list, Order{Pos{name, i + 1}, what})
		}
	}
	return list
}

// Orders are all orders that stand in a script as such, whether or not they are
// ever given.
func (f *Script) Orders() []Order {
	var list []Order
	syntax.Walk(f.file, func(n syntax.Node) bool {
		c, ok := n.(*syntax.CallExpr)
		if !ok || len(list) >= mostNamed {
			return true
		}
		var args []value
		for _, w := range c.Args {
			text := w.Lit()
			if len(w.Parts) == 1 {
				switch p := w.Parts[0].(type) {
				case *syntax.SglQuoted:
					text = p.Value
				case *syntax.DblQuoted:
					if len(p.Parts) == 1 {
						if lit, ok := p.Parts[0].(*syntax.Lit); ok {
							text = lit.Value
						}
					}
				}
			}
			args = append(args, literal(text))
		}
		for i := range args {
			if o, ok := orderOf(base(args[i].text), args[i+1:]); ok && (i == 0 || wraps(args[:i])) {
				list = append(list, Order{Pos{f.name, int(c.Pos().Line())}, o.what})
				break
			}
		}
		return true
	})
	return list
}

// wraps reports whether words are those of commands that call others.
func wraps(args []value) bool {
	_, ok := wrappings[base(args[0].text)]
	return ok
}
