// Package order knows the commands that end with a host, or the output of a UPS,
// off.
package order

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// An Order is such a command.
type Order struct {
	Kind  Kind
	What  string        // as it can be shown: no user, no password
	After time.Duration // how long the command itself waits
	Vague bool          // or until a time that is not known
}

// Kind is what an order does.
type Kind uint8

// The kinds.
const (
	PowerOff  Kind = iota // the host goes off
	Reboot                // it starts anew
	CutOutput             // the UPS cuts its output
	Otherwise             // it ends in another way, or sleeps
)

// A Word is an argument of a command; one that is not Exact may be another in
// truth.
type Word struct {
	Text  string
	Exact bool
}

// Of reports whether a command is an order.
func Of(name string, args []Word) (Order, bool) {
	has := func(words ...string) bool {
		return slices.ContainsFunc(args, func(v Word) bool { return slices.Contains(words, v.Text) })
	}
	ends := func(suffixes ...string) string {
		for _, a := range args {
			for _, suffix := range suffixes {
				if strings.HasSuffix(a.Text, suffix) {
					return a.Text
				}
			}
		}
		return ""
	}
	switch name {
	case "upsmon":
		if has("fsd", "-cfsd") {
			return Order{Kind: PowerOff, What: "upsmon -c fsd"}, true
		}
	case "shutdown":
		return shutdownOrder(args)
	case "poweroff", "halt":
		if has("--reboot") {
			return Order{Kind: Reboot, What: name + " --reboot"}, true
		}
		return Order{Kind: PowerOff, What: name}, !has("-w", "--wtmp-only", "--help", "--version")
	case "reboot":
		if has("-p", "--poweroff", "--halt") {
			return Order{Kind: PowerOff, What: name}, true
		}
		return Order{Kind: Reboot, What: name}, true
	case "init", "telinit":
		switch {
		case has("0"):
			return Order{Kind: PowerOff, What: name + " 0"}, true
		case has("6"):
			return Order{Kind: Reboot, What: name + " 6"}, true
		}
	case "systemctl", "loginctl":
		return systemOrder(name, args)
	case "dbus-send", "busctl", "gdbus", "qdbus":
		for _, a := range args {
			switch word := a.Text[strings.LastIndexByte(a.Text, '.')+1:]; word {
			case "PowerOff", "Halt", "PowerOffWithFlags", "HaltWithFlags":
				return Order{Kind: PowerOff, What: name + " … " + word}, true
			case "Reboot", "RebootWithFlags":
				return Order{Kind: Reboot, What: name + " … " + word}, true
			case "poweroff.target", "halt.target":
				return Order{Kind: PowerOff, What: name + " … " + word}, true
			}
		}
		if at := ends("poweroff.target", "halt.target"); at != "" {
			return Order{Kind: PowerOff, What: name + " … poweroff.target"}, true
		}
	case "upsdrvctl":
		if has("shutdown") {
			return Order{Kind: CutOutput, What: "upsdrvctl shutdown"}, true
		}
	case "upscmd":
		for _, a := range args {
			if cutting().MatchString(a.Text) {
				return Order{Kind: CutOutput, What: "upscmd … " + a.Text}, true
			}
		}
	case "tee":
		if at := ends("/sysrq-trigger"); at != "" {
			return Order{Kind: Otherwise, What: "writing to " + at}, true
		}
	}
	return Order{}, false
}

// cutting are the instant commands of NUT that take the power of the load.
var cutting = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(shutdown\.(return|stayoff|reboot|default)(\.graceful)?|load\.off(\.delay)?|outlet(\.\d+)?\.(load\.off|shutdown\.return).*)$`)
})

func systemOrder(name string, args []Word) (Order, bool) {
	var words []string
	for _, a := range args {
		if !strings.HasPrefix(a.Text, "-") {
			words = append(words, a.Text)
		}
	}
	if len(words) == 0 {
		return Order{}, false
	}
	verb := words[0]
	for _, unit := range words[1:] {
		switch unit {
		case "poweroff", "poweroff.target", "halt", "halt.target", "shutdown.target", "runlevel0.target":
			if verb == "start" || verb == "isolate" {
				return Order{Kind: PowerOff, What: name + " " + verb + " " + unit}, true
			}
		case "reboot.target", "runlevel6.target", "kexec.target", "ctrl-alt-del.target":
			if verb == "start" || verb == "isolate" {
				return Order{Kind: Reboot, What: name + " " + verb + " " + unit}, true
			}
		}
	}
	switch verb {
	case "poweroff", "halt":
		return Order{Kind: PowerOff, What: name + " " + verb}, true
	case "reboot", "kexec", "soft-reboot":
		return Order{Kind: Reboot, What: name + " " + verb}, true
	case "suspend", "hibernate", "hybrid-sleep", "suspend-then-hibernate":
		return Order{Kind: Otherwise, What: name + " " + verb}, true
	}
	return Order{}, false
}

var clockTime = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\d{1,2}:\d{2}$`) })

// shutdownOrder is shutdown(8): without a time it waits for a minute.
func shutdownOrder(args []Word) (Order, bool) {
	o := Order{Kind: PowerOff, What: "shutdown", After: time.Minute}
	timed := false
	for _, a := range args {
		text := a.Text
		switch {
		case text == "-c" || text == "-k" || text == "--show" || text == "--help":
			return Order{}, false
		case text == "--reboot":
			o.Kind = Reboot
			o.What += " " + text
		case strings.HasPrefix(text, "--"):
			o.What += " " + text
		case strings.HasPrefix(text, "-"):
			if strings.Contains(text, "c") || strings.Contains(text, "k") {
				return Order{}, false
			}
			if strings.Contains(text, "r") {
				o.Kind = Reboot
			}
			o.What += " " + text
		case timed:
			// the message to users
		case text == "now":
			o.What, o.After, timed = o.What+" now", 0, true
		case clockTime().MatchString(text):
			o.What, o.After, o.Vague, timed = o.What+" "+text, 0, true, true
		default:
			n, err := strconv.Atoi(strings.TrimPrefix(text, "+"))
			switch {
			case err == nil && n >= 0 && n < 1e6 && a.Exact:
				o.What, o.After = o.What+" "+text, time.Duration(n)*time.Minute
			case text == "" && a.Exact:
				continue
			default:
				o.After, o.Vague = 0, true
			}
			timed = true
		}
	}
	return o, true
}

// mention finds an order in a text that is not followed.
var mention = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?:\bupsmon\b[^\n;|&]*-c\s*fsd|\b(?:poweroff|halt|reboot)\b(?:\.target)?|\bshutdown\s+(?:-[a-zA-Z]|--|now|\+)[^\n;|&'"]{0,20}|\bsystemctl\s+(?:poweroff|halt|reboot)|\b(?:tel)?init\s+[06]\b|\bupsdrvctl\s+shutdown|\bupscmd\b[^\n;|&]*\b(?:shutdown\.\w+|load\.off)\b|\bPowerOff\b|sysrq-trigger)`)
})

// In is the order that stands in a text, shortened so that no password is
// in it; "" for none.
func In(text string) string {
	found := mention().FindString(text)
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

// A Found is an order in a line of a text, from 1.
type Found struct {
	Line int
	What string
}

// Bounds of a text that is looked through.
const (
	mostText  = 64 << 10
	mostLine  = 16 << 10
	mostFound = 20
)

// Scan finds orders in the lines of any text, in whatever language; comments
// that begin with # are left out.
func Scan(data []byte) []Found {
	var list []Found
	for i, line := range strings.Split(string(data[:min(len(data), mostText)]), "\n") {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "#") || len(line) > mostLine {
			continue
		}
		if what := In(line); what != "" && len(list) < mostFound {
			list = append(list, Found{i + 1, what})
		}
	}
	return list
}
