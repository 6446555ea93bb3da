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
	"ecnutd/monitor"
	"ecnutd/monitor/forecast"
	"ecnutd/ups"
)

// Indent is where the second column begins.
const Indent = 13

// Status shows how things are to a person, at an instant.
func Status(w io.Writer, s control.Status, p terminal.Palette, now time.Time) {
	for i, u := range s.UPS {
		if i > 0 {
			fmt.Fprintln(w)
		}
		supply(w, u, p, now)
	}
	row := func(name, text string) { fmt.Fprintf(w, "  %-10s %s\n", name, text) }
	if s.Phase != monitor.Watching.String() {
		row("shutdown", p.Bad(strings.TrimSuffix(s.Phase+": "+s.Reason, ": ")))
	}
	for i, text := range next(s, p, now) {
		name := ""
		if i == 0 {
			name = "next"
		}
		row(name, text)
	}
	switch {
	case len(s.Waiting) > 0:
		row("messages", p.Warn(fmt.Sprintf("%d wait to be delivered (`ecnutd sms queue` lists them)", len(s.Waiting))))
	case len(s.Routes) > 0:
		row("messages", "all delivered")
	}
	for _, r := range s.Routes {
		if r.LastError != "" {
			row("", p.Warn(r.LastError)) // begins with its name
		}
	}
	for _, e := range s.Refused {
		row("", p.Bad(fmt.Sprintf("%s %s: %q: %s", e.Route, e.Verdict, e.Text, e.LastError)))
	}
	for i, c := range secondaries(s.Clients) {
		name := ""
		if i == 0 {
			name = "secondary"
		}
		row(name, c)
	}
	if n := len(s.Clients); n > 0 {
		row("network", fmt.Sprintf("%d connected", n))
	}
	if s.LastCut != nil {
		row("last cut", cut(s.LastCut, p))
	}
	for _, f := range s.Faults {
		row("fault", p.Bad(f))
	}
	if s.DryRun {
		row("dry run", p.Warn("this daemon shuts nothing down"))
	}
}

// next are the sentences of what follows, the first one about the host.
func next(s control.Status, p terminal.Palette, now time.Time) []string {
	var list []string
	clock := texts.Clock{Now: now.Local(), Unset: s.Unset}
	var first forecast.Prospect
	for i, c := range s.Coming {
		c.In = c.At.Sub(now).Round(time.Second)
		if i == 0 {
			first = c.Prospect
		} else if first.Brings(c.Prospect) {
			continue
		}
		text := texts.Next(ups.English, c.Prospect, clock)
		if i == 0 && (c.Kind == forecast.Shutdown || c.Kind == forecast.Empty) {
			text = p.Bad(text)
		}
		list = append(list, text)
	}
	return list
}

func supply(w io.Writer, u control.Supply, p terminal.Palette, now time.Time) {
	row := func(name, text string) { fmt.Fprintf(w, "  %-10s %s\n", name, text) }
	title := u.Name
	if also := cmp.Or(u.Description, u.Model); also != "" {
		title += "  " + also
	}
	fmt.Fprintln(w, p.Bold(title))
	state := u.Status
	switch {
	case u.Link == "lost":
		state = p.Bad("link lost") + ago(u.Since, now)
		if u.Status != "" {
			state += ", last known " + u.Status
		}
	case u.Link != "up":
		state = p.Warn(u.Link)
	case u.Line == "battery":
		state = p.Bad("on battery") + ago(u.Since, now) + "  (" + u.Status + ")"
	case u.Line == "mains":
		state = p.Good("on mains") + "  (" + u.Status + ")"
	}
	row("state", state)
	if u.Charge != nil {
		row("charge", p.Bar(*u.Charge))
	} else {
		row("charge", "unknown")
	}
	if u.Runtime != nil {
		row("runtime", ups.Duration(*u.Runtime))
	} else {
		row("runtime", "unknown")
	}
	if u.Load != nil {
		row("load", fmt.Sprintf("%d %%", *u.Load))
	}
	if u.Low != "" {
		row("low", p.Bad(u.Low))
	}
	if u.Alarm != "" {
		row("alarm", p.Bad(u.Alarm))
	}
	if u.SelfTest != "" {
		row("self-test", u.SelfTest)
	}
	if u.Login != "" {
		row("login", p.Bad(u.Login))
	}
	if u.Error != "" {
		row("error", p.Bad(u.Error))
	}
}

func ago(since, now time.Time) string {
	if since.IsZero() {
		return ""
	}
	return fmt.Sprintf(" since %s (%s)", since.Local().Format("15:04:05"), now.Sub(since).Round(time.Second))
}

// secondaries names the hosts that a shutdown waits for.
func secondaries(clients []control.NUTClient) []string {
	var list []string
	for _, c := range clients {
		if c.UPS != "" {
			what := "hangs on"
			if c.Primary {
				what = "is a primary of"
			}
			list = append(list, fmt.Sprintf("%s@%s %s %s; a shutdown waits for it", c.User, c.Address, what, c.UPS))
		}
	}
	return list
}

// cut is the record of a cut in colours: what went wrong stands out.
func cut(r *shutdown.Record, p terminal.Palette) string {
	if r.Pending || r.Armed() {
		return r.String()
	}
	return p.Bad(r.String())
}
