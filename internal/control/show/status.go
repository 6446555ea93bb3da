// Package show puts the answers of the control socket into words for a person.
package show

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"ecnutd/internal/control"
	"ecnutd/internal/host/shutdown"
	"ecnutd/internal/terminal"
	"ecnutd/internal/texts"
	"ecnutd/internal/texts/catalogue"
	"ecnutd/monitor"
	"ecnutd/monitor/forecast"
	"ecnutd/ups"
)

// Indent is where the second column begins.
const Indent = 13

// A screen is where a status is shown, to whom and when.
type screen struct {
	w        io.Writer
	palette  terminal.Palette
	now      time.Time
	language ups.Language
}

// Status shows how things are to a person, at an instant. Times are those of its
// time zone.
func Status(w io.Writer, s control.Status, p terminal.Palette, now time.Time, l ups.Language) {
	c := &screen{w, p, now, l}
	c.ahead(s)
	for i, u := range s.UPS {
		if i > 0 {
			fmt.Fprintln(w)
		}
		c.supply(u)
	}
	c.messages(s)
	c.rows("secondary", c.secondaries(s.Clients))
	switch n := len(s.Clients); n {
	case 0:
	case 1:
		c.row("network", c.say("1 connected"))
	default:
		c.row("network", c.say("%d connected", n))
	}
	if s.LastCut != nil {
		c.row("last cut", c.cut(s.LastCut))
	}
	for _, f := range s.Faults {
		c.row("fault", p.Bad(c.translated(f)))
	}
	if m := s.Maintenance; m != nil {
		text := c.say("until %s: no messages, and silence shuts nothing down", c.at(m.Until))
		if m.Why != "" {
			text += " (" + m.Why + ")"
		}
		c.row("maintenance", p.Warn(text))
	}
	if s.DryRun {
		c.row("dry run", p.Warn(c.say("this daemon shuts nothing down")))
	}
}

// ahead says what will become of the host, before anything else where something
// will.
func (c *screen) ahead(s control.Status) {
	p := c.palette
	if s.Phase != monitor.Watching.String() {
		text := c.translated(s.Phase)
		if why := c.why(s.Why, s.Reason); why != "" {
			text = c.say("%s: %s", text, why)
		}
		c.row("shutdown", p.Bad(text))
	}
	next := c.next(s)
	c.rows("next", next)
	if len(next) > 0 || s.Phase != monitor.Watching.String() {
		fmt.Fprintln(c.w)
	}
}

func (c *screen) say(format string, args ...any) string {
	return catalogue.Say(c.language, format, args...)
}

func (c *screen) translated(text string) string { return catalogue.Translate(c.language, text) }

// row writes a row; name "" goes on with the row before.
func (c *screen) row(name, text string) {
	if name != "" {
		name = c.say(name)
	}
	fmt.Fprintf(c.w, "  %-10s %s\n", name, text)
}

// rows writes rows that have one name.
func (c *screen) rows(name string, list []string) {
	for i, text := range list {
		if i > 0 {
			name = ""
		}
		c.row(name, text)
	}
}

// why is a reason in the person's language, or as a daemon that sends none as data
// has told it.
func (c *screen) why(r *monitor.Reason, told string) string {
	if r == nil {
		return told
	}
	return texts.Reason(c.language, *r)
}

// next are the sentences of what follows, the first one about the host.
func (c *screen) next(s control.Status) []string {
	var list []string
	clock := texts.Clock{Now: c.now, Unset: s.Unset}
	var first forecast.Prospect
	for i, one := range s.Coming {
		one.In = one.At.Sub(c.now).Round(time.Second)
		if i == 0 {
			first = one.Prospect
		} else if first.Brings(one.Prospect) {
			continue
		}
		if len(s.UPS) == 1 {
			one.UPS = ""
		}
		text := texts.Next(c.language, one.Prospect, clock)
		if i == 0 && (one.Kind == forecast.Shutdown || one.Kind == forecast.Empty) {
			text = c.palette.Bad(text)
		}
		list = append(list, text)
	}
	return list
}

// messages say whether anybody is told, and what was sent last.
func (c *screen) messages(s control.Status) {
	list := []string{c.last(s)}
	switch n := len(s.Waiting); n {
	case 0:
	case 1:
		list = append(list, c.palette.Warn(c.say("1 waits to be delivered (`ecnutd sms queue` shows it)")))
	default:
		list = append(list, c.palette.Warn(c.say("%d wait to be delivered (`ecnutd sms queue` lists them)", n)))
	}
	for _, r := range s.Routes {
		if r.LastError != "" {
			list = append(list, c.palette.Warn(c.translated(r.LastError))) // begins with its name
		}
	}
	for _, e := range s.Refused {
		list = append(list, c.palette.Bad(c.say("%s, %s: “%s”: %s", e.Route, c.say(e.Verdict), e.Text, c.translated(e.LastError))))
	}
	if list[0] == "" {
		list = list[1:]
	}
	c.rows("messages", list)
}

// last says what was delivered last, and where to; "" where no daemon says.
func (c *screen) last(s control.Status) string {
	if s.Since.IsZero() {
		return ""
	}
	var last control.Route
	configured := false
	for _, r := range s.Routes {
		configured = configured || !r.Removed
		if r.Delivered.After(last.Delivered) {
			last = r
		}
	}
	switch {
	case !last.Delivered.IsZero():
		return c.say("last %s to %s", c.at(last.Delivered), last.Name)
	case !configured:
		return c.palette.Warn(c.say("no route: nobody is told"))
	default:
		return c.say("none yet, since the start at %s", c.at(s.Since))
	}
}

// at is a time of the day, with the date where it is another one.
func (c *screen) at(t time.Time) string {
	t = t.In(c.now.Location())
	if t.YearDay() == c.now.YearDay() && t.Year() == c.now.Year() {
		return t.Format("15:04")
	}
	return t.Format("2006-01-02 15:04")
}

func (c *screen) supply(u control.Supply) {
	p := c.palette
	title := u.Name
	if also := cmp.Or(u.Description, u.Model); also != "" {
		title += "  " + also
	}
	fmt.Fprintln(c.w, p.Bold(title))
	c.row("state", c.state(u))
	if u.Charge != nil {
		c.row("charge", p.Bar(*u.Charge))
	} else {
		c.row("charge", c.say("unknown"))
	}
	if u.Runtime != nil {
		c.row("runtime", texts.Span(time.Duration(*u.Runtime)*time.Second))
	} else {
		c.row("runtime", c.say("unknown"))
	}
	if u.Load != nil {
		c.row("load", fmt.Sprintf("%d %%", *u.Load))
	}
	if low := c.why(u.LowWhy, u.Low); low != "" {
		c.row("low", p.Bad(low))
	}
	if u.Alarm != "" {
		c.row("alarm", p.Bad(texts.Alarm(c.language, u.Alarm)))
	}
	if u.SelfTest != "" {
		c.row("self-test", c.translated(u.SelfTest))
	}
	switch {
	case u.Uncut == nil:
	case u.Uncut.Reboots:
		c.row("output", p.Warn(c.say("the output is not cut; this host comes back by waiting for mains and starting again (wait_then_reboot)")))
	default:
		c.row("output", p.Warn(c.say("the output is not cut; this host stays off until somebody starts it")))
	}
	if u.Login != "" {
		c.row("login", p.Bad(c.translated(u.Login)))
	}
	if u.Error != "" {
		c.row("error", p.Bad(c.translated(u.Error)))
	}
}

// state is where the power comes from, since when, and what else is so.
func (c *screen) state(u control.Supply) string {
	p, status := c.palette, ups.ParseStatus(u.Status)
	rest := ""
	if words := texts.Status(c.language, status&^(ups.Online|ups.OnBattery|ups.LowBattery|ups.Alarm)); words != "" {
		rest = ", " + words
	}
	switch {
	case u.Link == control.LinkLost:
		text := p.Bad(c.say("link lost")) + c.ago(u.Since)
		if status != 0 {
			text += ", " + c.say("last known: %s", texts.Status(c.language, status))
		}
		return text
	case u.Link != control.LinkUp:
		return p.Warn(c.say(u.Link))
	case u.Line == "battery":
		return p.Bad(c.say("on battery")) + c.ago(u.Since) + rest
	case u.Line == "mains":
		return p.Good(c.say("on mains")) + rest
	}
	return strings.TrimPrefix(rest, ", ")
}

// ago says since when something is so.
func (c *screen) ago(since time.Time) string {
	if since.IsZero() {
		return ""
	}
	return " " + c.say("since %s (%s)", since.In(c.now.Location()).Format("15:04:05"), texts.Span(c.now.Sub(since).Round(time.Second)))
}

// secondaries names the hosts that a shutdown waits for.
func (c *screen) secondaries(clients []control.NUTClient) []string {
	var list []string
	for _, one := range clients {
		switch {
		case one.UPS == "":
		case one.Primary:
			list = append(list, c.say("%s@%s is a primary of %s; a shutdown waits for it", one.User, one.Address, one.UPS))
		default:
			list = append(list, c.say("%s@%s hangs on %s; a shutdown waits for it", one.User, one.Address, one.UPS))
		}
	}
	return list
}

// cut is the record of a cut in colours: what went wrong stands out.
func (c *screen) cut(r *shutdown.Record) string {
	text := c.translated(r.String())
	if r.Pending || r.Armed() {
		return text
	}
	return c.palette.Bad(text)
}
