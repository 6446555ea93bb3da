package main

import (
	"fmt"
	"log/slog"
	"strings"
	"time"

	"ecnutd/internal/texts"
	"ecnutd/monitor"
	"ecnutd/ups"
)

// A deed is one thing that follows from a decision, in words: what a timeline
// prints and what the daemon carries out. Its JSON is the timeline format.
type deed struct {
	T      float64 `json:"t"` // seconds since the start
	Kind   string  `json:"kind"`
	UPS    string  `json:"ups,omitempty"`
	Status string  `json:"status,omitempty"`
	Event  string  `json:"event,omitempty"`
	Timer  string  `json:"timer,omitempty"`
	Action string  `json:"action,omitempty"`
	After  float64 `json:"after,omitempty"` // seconds that a timer runs
	Route  string  `json:"route,omitempty"`
	Text   string  `json:"text,omitempty"`
	Reason string  `json:"reason,omitempty"`
	Path   string  `json:"path,omitempty"`
	Run    string  `json:"command,omitempty"`

	exec    *monitor.Exec // of the route exec, its templates filled in
	urgent  bool          // of the route sms
	because string        // of a flag: the reason of the shutdown, which stands in it
}

// The kinds of deeds.
const (
	kindStatus     = "status"
	kindEvent      = "event"
	kindTimer      = "timer"
	kindNotify     = "notify"
	kindShutdown   = "shutdown"
	kindFlag       = "flag"
	kindPowerOff   = "poweroff"
	kindUPSCommand = "upscommand"
)

// The routes of notify.
const (
	routeLog  = "log"
	routeSMS  = "sms"
	routeWall = "wall"
	routeExec = "exec"
)

// A teller puts effects into words.
type teller struct {
	language     ups.Language
	host         string
	flag         string // path of the power down flag, "" for none
	command      string // that shuts down, as a person would type it
	descriptions map[string]string
}

// deeds are what follows from effects, in their order. vars are the variables
// of a UPS by name; at is the time of day.
func (t *teller) deeds(effects []monitor.Effect, vars func(name string) ups.Variables, at time.Time) []deed {
	var list []deed
	for _, effect := range effects {
		switch e := effect.(type) {
		case monitor.Event:
			d := texts.Data{UPS: e.UPS, Event: e.Name, Reason: e.Reason, Snapshot: e.Snapshot}
			list = append(list, deed{Kind: kindEvent, UPS: e.UPS, Event: string(e.Name), Text: e.Reason.In(t.language)})
			list = append(list, t.tell(e.Tell, d, vars, at)...)
		case monitor.TimerSet:
			if e.Action != monitor.TimerMissed {
				list = append(list, deed{Kind: kindTimer, UPS: e.UPS, Timer: e.Timer, Action: string(e.Action), After: e.After.Seconds()})
			}
			d := texts.Data{UPS: e.UPS, Event: e.Event, Timer: e.Timer, Reason: e.Reason, Snapshot: e.Snapshot}
			list = append(list, t.tell(e.Tell, d, vars, at)...)
		case monitor.Shutdown:
			list = append(list, deed{Kind: kindShutdown, Reason: e.Reason.In(t.language)})
		case monitor.WriteFlag:
			if t.flag != "" {
				list = append(list, deed{Kind: kindFlag, Path: t.flag, because: e.Reason.In(t.language)})
			}
		case monitor.PowerOff:
			list = append(list, deed{Kind: kindPowerOff, Run: t.command})
		}
	}
	return list
}

// tell spells out whom to tell. The message goes first: it needs the network,
// which may be going.
func (t *teller) tell(tell monitor.Tell, d texts.Data, vars func(string) ups.Variables, at time.Time) []deed {
	if !tell.Log && !tell.Wall && tell.Message == "" && len(tell.Execs) == 0 {
		return nil
	}
	d.Language, d.Host, d.At, d.Description = t.language, t.host, at, t.descriptions[d.UPS]
	if d.UPS != "" {
		d.Variables = vars(d.UPS)
	}
	text := texts.Expand(tell.Message, d)
	if text == "" {
		text = t.plain(d)
	}
	about := deed{Kind: kindNotify, UPS: d.UPS, Event: string(d.Event), Timer: d.Timer}
	var list []deed
	if tell.Message != "" {
		m := about
		m.Route, m.Text, m.urgent = routeSMS, text, urgent(d.Event)
		list = append(list, m)
	}
	if tell.Log {
		l := about
		l.Route, l.Text = routeLog, logLine(d)
		list = append(list, l)
	}
	if tell.Wall {
		w := about
		w.Route, w.Text = routeWall, text
		list = append(list, w)
	}
	for _, exec := range tell.Execs {
		x := about
		filled := monitor.Exec{Shell: exec.Shell, Timeout: exec.Timeout}
		for _, arg := range exec.Argv {
			filled.Argv = append(filled.Argv, texts.Expand(arg, d))
		}
		x.Route, x.exec, x.Text = routeExec, &filled, text
		x.Run = exec.Shell
		if exec.Shell == "" {
			x.Run = strings.Join(filled.Argv, " ")
		}
		list = append(list, x)
	}
	return list
}

// plain is the text for routes without a message of their own.
func (t *teller) plain(d texts.Data) string {
	if d.Timer != "" {
		return d.Reason.In(d.Language)
	}
	return texts.Expand(texts.Default(t.language, d.Event), d)
}

// logLine is the sentence of an event for the journal.
func logLine(d texts.Data) string {
	who := d.UPS
	if who != "" {
		who += ": "
	}
	if d.Timer != "" {
		return who + d.Reason.In(d.Language)
	}
	return fmt.Sprintf("%s%s: %s", who, d.Event, d.Reason.In(d.Language))
}

// urgent tells which messages a rate limit must not hold back: those of a
// shutdown. The first message after a quiet time is never held back, and one
// ONBATT more of mains that flap is best told with the others.
func urgent(e ups.Event) bool {
	switch e {
	case ups.EventLowBattery, ups.EventShutdown, ups.EventNotShutdown, ups.EventFSD:
		return true
	}
	return false
}

// String is the deed on a line, for a person.
func (d deed) String() string {
	who := ""
	if d.UPS != "" {
		who = d.UPS + " "
	}
	switch d.Kind {
	case kindStatus:
		return fmt.Sprintf("%sstatus %s", who, d.Status)
	case kindEvent:
		return fmt.Sprintf("%s%s: %s", who, d.Event, d.Text)
	case kindTimer:
		s := fmt.Sprintf("%stimer %s: %s", who, d.Timer, d.Action)
		if d.After > 0 {
			s += fmt.Sprintf(", ends in %s", time.Duration(d.After*float64(time.Second)))
		}
		return s
	case kindNotify:
		text := d.Text
		if d.Route == routeExec {
			text = d.Run
		}
		return fmt.Sprintf("  %s → %s", d.Route, text)
	case kindShutdown:
		return "SHUT DOWN: " + d.Reason
	case kindFlag:
		return "flag written: " + d.Path
	case kindPowerOff:
		return "command: " + d.Run
	case kindUPSCommand:
		return fmt.Sprintf("%sUPS command: %s", who, d.Run)
	}
	return d.Kind
}

// level is how loud a deed is in the journal.
func (d deed) level() slog.Level {
	switch ups.Event(d.Event) {
	case ups.EventOnBattery, ups.EventLowBattery, ups.EventCommBad, ups.EventNoComm, ups.EventReplace, ups.EventOver, ups.EventAlarm, ups.EventOff, ups.EventShutdown, ups.EventFSD:
		return slog.LevelWarn
	}
	return slog.LevelInfo
}
