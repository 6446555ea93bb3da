// Package trial plays three outages through the rules of a configuration, so that
// who has imported them sees what they do before he trusts them.
package trial

import (
	"fmt"
	"io"
	"strings"
	"time"

	"ecnutd/config"
	"ecnutd/internal/engine"
	"ecnutd/internal/scenario"
)

// A Story is what happens in one outage.
type Story struct {
	Title   string
	Moments []Moment // none: nothing but lines in the log
}

// A Moment is what happens at one time.
type Moment struct {
	At   float64 // seconds since mains failed, or the cable was pulled
	Text string  // "" stands for moments that are left out
}

// Assumed is the runtime where nobody has said how long the battery lasts.
const Assumed = 15 * time.Minute

// mostMoments is how many a story has.
const mostMoments = 5

// lead is how long mains is there before it fails.
const lead = 30

// Run plays the outages with a battery that lasts for runtime.
func Run(c *config.Config, runtime time.Duration) ([]Story, error) {
	seconds := max(int(runtime/time.Second), 60)
	short := min(120, seconds/4)
	var stories []Story
	for _, one := range []struct{ title, text string }{
		{fmt.Sprintf("mains fails for good, the battery lasts %s", config.FormatDuration(time.Duration(seconds)*time.Second)), plain(seconds)},
		{fmt.Sprintf("mains fails for %s", config.FormatDuration(time.Duration(short)*time.Second)), brief(seconds, short)},
		{"the cable of the UPS is pulled for 10m, mains stays", lost(seconds)},
	} {
		var known []string
		for _, u := range c.UPS {
			known = append(known, u.Name)
		}
		s, err := scenario.Read(strings.NewReader(one.text), "trial", "", known)
		if err != nil {
			return nil, err
		}
		stories = append(stories, Story{one.title, moments(scenario.Play(c, s))})
	}
	return stories, nil
}

// battery is what the UPS says of it with a part of its runtime left, in
// hundredths.
func battery(seconds, part int) string {
	return fmt.Sprintf("battery.charge: %d\nbattery.runtime: %d\n", part, seconds*part/100)
}

// plain is an outage to the end of the battery, which the UPS calls low at a
// charge of 20 %.
func plain(seconds int) string {
	var b strings.Builder
	b.WriteString("ups.status: OL\n" + battery(seconds, 100) + fmt.Sprintf("TIMER %d\nups.status: OB\n", lead))
	for part := 95; part >= 5; part -= 5 {
		fmt.Fprintf(&b, "TIMER %d\n%s", max(seconds/20, 1), battery(seconds, part))
		if part == 20 {
			b.WriteString("ups.status: OB LB\n")
		}
	}
	return b.String() + fmt.Sprintf("TIMER %d\n", max(seconds/20, 1))
}

func brief(seconds, short int) string {
	left := 100 - 100*short/seconds
	return "ups.status: OL\n" + battery(seconds, 100) + fmt.Sprintf("TIMER %d\nups.status: OB\nTIMER %d\n%sups.status: OL\nTIMER 600\n", lead, short, battery(seconds, left))
}

func lost(seconds int) string {
	return "ups.status: OL\n" + battery(seconds, 100) + fmt.Sprintf("TIMER %d\n@unplug\nTIMER 600\n@plug\nTIMER 60\n", lead)
}

// moments are the rows that somebody would notice, those of one time together.
func moments(rows []engine.Row) []Moment {
	var list []Moment
	for _, r := range rows {
		text := noticed(r)
		if text == "" {
			continue
		}
		if at := r.T - lead; len(list) > 0 && list[len(list)-1].At == at {
			list[len(list)-1].Text += "; " + text
		} else {
			list = append(list, Moment{at, text})
		}
	}
	if len(list) <= mostMoments {
		return list
	}
	// How it begins and how it ends: the end is the shutdown, where there is one.
	short := append(list[:2:2], Moment{})
	return append(short, list[len(list)-2:]...)
}

// noticed is a row in short, "" where nobody would notice it.
func noticed(r engine.Row) string {
	switch {
	case r.Kind == "event":
		return r.Event
	case r.Kind == "notify" && r.Route == "sms":
		return fmt.Sprintf("message %q", short(r.Text))
	case r.Kind == "notify" && r.Route == "exec":
		return "runs " + short(r.Run)
	case r.Kind == "shutdown":
		return "the host is shut down: " + r.Reason
	case r.Kind == "poweroff":
		return "command: " + r.Run
	case r.Kind == "upscommand":
		return "the UPS cuts its output (" + r.Run + ")"
	}
	return ""
}

func short(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > 60 {
		return string(runes[:59]) + "…"
	}
	return text
}

// Report prints what the rules of a file do, five lines an outage. Where it is
// not known how long the battery lasts (0) it says what is assumed.
func Report(w io.Writer, yaml []byte, runtime time.Duration) error {
	c, _, err := config.Parse(yaml, "the import")
	if err != nil {
		return err
	}
	assumed := ""
	if runtime <= 0 {
		runtime, assumed = Assumed, " (assumed: --runtime says it)"
	}
	stories, err := Run(c, runtime)
	if err != nil {
		return err
	}
	fmt.Fprintln(w, "what these rules do:")
	for i, s := range stories {
		if i > 0 {
			assumed = ""
		}
		fmt.Fprintf(w, "  %s%s\n", s.Title, assumed)
		if len(s.Moments) == 0 {
			fmt.Fprintln(w, "             nothing but lines in the log")
		}
		for _, m := range s.Moments {
			if m.Text == "" {
				fmt.Fprintln(w, "             …")
				continue
			}
			fmt.Fprintf(w, "    %s  %s\n", scenario.Stamp(m.At), m.Text)
		}
	}
	return nil
}
