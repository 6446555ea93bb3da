package manual

import (
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// files are the places that belong to the program.
var files = [][2]string{
	{"/etc/ecnutd/config.yaml", "the configuration, ecnutd.yaml(5)"},
	{"/etc/ecnutd/credentials/", "secrets that root alone can read; each file is a credential of its name"},
	{"/run/ecnutd/control.sock", "the socket of the daemon; group ecnutd-status may look, root may act"},
	{"/run/ecnutd/killpower", "the flag that has the UPS cut its output at the end of the shutdown"},
	{"/run/ecnutd-shutdown/order", "the socket where the order to shut this host down is given"},
	{"/run/ecnutd/shutdown", "that order as a file, for ecnutd-shutdown.path"},
	{"/run/ecnutd/shutdown.undo", "the order to take a shutdown back that is scheduled"},
	{"/run/ecnutd-shutdown/status.json", "how far the shutdown is, as root's helper sees it"},
	{"/dev/shm/ecnutd-killpower", "the flag, where /run takes nothing"},
	{"/run/ecnutd/flag", "where the power down flag stands"},
	{"/var/lib/ecnutd/state.db", "running timers, the outage, waiting messages"},
	{"/var/lib/ecnutd/killpower.json", "what came of the last cut of the output"},
	{"/usr/share/doc/ecnutd/docs/", "configuration.md, messages.md, migrating-from-nut.md and other documents"},
	{"/usr/lib/systemd/system-shutdown/ecnutd", "the hook of the late stage of a shutdown"},
}

// Commands is the page of a program and all its commands, in section 8.
func Commands(root *cobra.Command, date time.Time) []byte {
	var p page
	p.head(root.Name(), 8, date, strings.ToLower(root.Short[:1])+root.Short[1:])
	p.macro("Sh", "SYNOPSIS")
	p.macro("Nm")
	p.WriteString(".Op Fl \\-config Ar FILE\n.Op Fl \\-ups Ar NAME\n.Ar command\n.Op Ar argument ...\n")
	p.macro("Sh", "DESCRIPTION")
	about, status, _ := strings.Cut(root.Long, "\n\nExit status: ")
	p.prose(about, true)
	p.prose("These options go with every command:", false)
	p.flags(root.PersistentFlags())
	p.macro("Sh", "COMMANDS")
	for _, group := range root.Groups() {
		p.macro("Ss", strings.TrimSuffix(group.Title, ":"))
		p.WriteString(".Bl -tag -width Ds\n")
		for _, c := range root.Commands() {
			if c.GroupID == group.ID && c.IsAvailableCommand() {
				p.command(c)
			}
		}
		p.WriteString(".El\n")
	}
	p.macro("Sh", "ENVIRONMENT")
	p.WriteString(".Bl -tag -width NO_COLOR\n.It Ev NO_COLOR\nIf it is set, nothing is coloured, not even on a terminal.\n.El\n")
	p.macro("Sh", "FILES")
	p.WriteString(".Bl -tag -width Ds\n")
	for _, f := range files {
		p.WriteString(".It Pa " + argument(f[0]) + "\n")
		p.line(f[1])
	}
	p.WriteString(".El\n")
	p.macro("Sh", "EXIT STATUS")
	p.prose(status, true)
	p.macro("Sh", "EXAMPLES")
	p.literal(unindented(root.Example))
	p.macro("Sh", "SEE ALSO")
	p.WriteString(".Xr journalctl 1 ,\n.Xr systemctl 1 ,\n.Xr ecnutd.yaml 5 ,\n.Xr udev 7\n")
	return []byte(p.String())
}

// command writes an item, and those of the commands below.
func (p *page) command(c *cobra.Command) {
	line := strings.TrimPrefix(c.CommandPath(), c.Root().Name()+" ")
	if _, args, ok := strings.Cut(c.Use, " "); ok {
		line += " " + args
	}
	p.WriteString(".It Ic " + argument(line) + "\n")
	text := c.Long
	if text == "" {
		text = c.Short
		if !strings.HasSuffix(text, ".") && !strings.HasSuffix(text, "?") {
			text += "."
		}
	}
	p.prose(text, true)
	p.flags(c.LocalFlags())
	if c.Example != "" {
		p.prose("For example:", false)
		p.literal(unindented(c.Example))
	}
	for _, below := range c.Commands() {
		if below.IsAvailableCommand() {
			p.command(below)
		}
	}
}

// flags writes a list of options.
func (p *page) flags(set *pflag.FlagSet) {
	open := false
	set.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		if !open {
			p.WriteString(".Bl -tag -width Ds\n")
			open = true
		}
		arg, usage := pflag.UnquoteUsage(f)
		p.WriteString(".It ")
		if f.Shorthand != "" {
			p.WriteString("Fl " + escape(f.Shorthand) + " , ")
		}
		p.WriteString("Fl " + escape("-"+f.Name))
		if arg != "" {
			if f.NoOptDefVal != "" {
				p.WriteString(" Ns Op = Ns Ar " + argument(arg))
			} else {
				p.WriteString(" Ar " + argument(arg))
			}
		}
		p.WriteString("\n")
		if usage != "" {
			usage = strings.ToUpper(usage[:1]) + usage[1:]
		}
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "0" && f.DefValue != "0s" && f.DefValue != "[]" {
			usage += " (default " + f.DefValue + ")"
		}
		p.prose(usage+".", true)
	})
	if open {
		p.WriteString(".El\n")
	}
}

func unindented(text string) (lines []string) {
	for line := range strings.SplitSeq(strings.Trim(text, "\n"), "\n") {
		lines = append(lines, strings.TrimPrefix(line, "  "))
	}
	return lines
}
