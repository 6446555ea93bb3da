package engine

import (
	"fmt"
	"strings"
	"sync"

	"ecnutd/config"
	"ecnutd/internal/placeholder"
	"ecnutd/internal/texts"
	"ecnutd/monitor"
	"ecnutd/monitor/forecast"
	"ecnutd/ups"
)

// words put effects into words.
type words struct {
	language     ups.Language
	host         string
	flag         string // path of the power down flag; "" for none
	command      config.Command
	routes       bool // there is a way for messages to leave
	descriptions map[string]string
	rules        monitor.Rules // by which what follows is foreseen
}

// actions are what follows from effects, in their order. state is the one
// after them.
func (w *words) actions(effects []monitor.Effect, state *monitor.State, now monitor.Instant, seen Seen) []Action {
	var list []Action
	// What follows is looked for once, and only where a text tells it.
	next := sync.OnceValue(func() string {
		return texts.NextOf(w.language, forecast.Of(w.rules, *state, now), texts.Clock{Now: seen.At, Unset: seen.Set != nil && !seen.Set()})
	})
	for _, effect := range effects {
		switch e := effect.(type) {
		case monitor.Event:
			about := About{UPS: e.UPS, Event: e.Name}
			list = append(list, Event{about, texts.Reason(w.language, e.Reason)})
			list = w.tell(list, e.Tell, about, e.Reason, e.Snapshot, seen, next)
		case monitor.TimerSet:
			if e.Action != monitor.TimerMissed {
				list = append(list, Timer{UPS: e.UPS, Name: e.Timer, What: e.Action, After: e.After})
			}
			list = w.tell(list, e.Tell, About{UPS: e.UPS, Event: e.Event, Timer: e.Timer}, e.Reason, e.Snapshot, seen, next)
		case monitor.Shutdown:
			list = append(list, Shutdown{texts.Reason(w.language, e.Reason)})
		case monitor.CallOff:
			list = append(list, CallOff{texts.Reason(w.language, e.Reason)})
		case monitor.WriteFlag:
			if w.flag != "" {
				list = append(list, WriteFlag{w.flag, texts.Reason(w.language, e.Reason)})
			}
		case monitor.PowerOff:
			list = append(list, PowerOff{w.command, texts.Reason(w.language, state.Reason)})
		case monitor.MaintenanceTold:
			text := texts.Reason(w.language, e.Reason)
			if w.routes {
				list = append(list, Message{Text: w.host + ": " + text})
			}
			list = append(list, Log{Text: text})
		case monitor.GoesOn:
			list = append(list, GoesOn{texts.Reason(w.language, e.Reason)})
		case monitor.UndoShutdown:
			list = append(list, UndoShutdown{})
		case monitor.RemoveFlag:
			if w.flag != "" {
				list = append(list, RemoveFlag{w.flag})
			}
		}
	}
	return list
}

// tell adds whom to tell what. The message goes first: it needs the network,
// which may be going.
func (w *words) tell(list []Action, tell monitor.Tell, about About, why monitor.Reason, snap ups.Snapshot, seen Seen, next func() string) []Action {
	if !tell.Log && !tell.Wall && tell.Message == "" && len(tell.Execs) == 0 {
		return list
	}
	d := texts.Data{
		UPS: about.UPS, Event: about.Event, Timer: about.Timer, Reason: why, Snapshot: snap,
		Language: w.language, Host: w.host, At: seen.At, Description: w.descriptions[about.UPS], Next: next,
	}
	if about.UPS != "" {
		d.Variables = seen.Variables(about.UPS)
	}
	text := texts.Expand(tell.Message, d)
	if text == "" {
		text = w.plain(d)
	}
	if tell.Message != "" && w.routes {
		list = append(list, Message{about, text, urgent(about.Event)})
	}
	if tell.Log {
		list = append(list, Log{about, logLine(d)})
	}
	if tell.Wall {
		list = append(list, Wall{about, w.wall(text, tell.Message, d)})
	}
	for _, exec := range tell.Execs {
		filled := monitor.Exec{Shell: exec.Shell, Timeout: exec.Timeout}
		for _, arg := range exec.Argv {
			filled.Argv = append(filled.Argv, texts.Expand(arg, d))
		}
		list = append(list, Program{about, filled, text})
	}
	return list
}

// plain is the text for routes without a message of their own.
func (w *words) plain(d texts.Data) string {
	if d.Timer != "" {
		return texts.Reason(d.Language, d.Reason)
	}
	return texts.Expand(texts.Default(w.language, d.Event), d)
}

// wall is a text for whoever sits at the host, with what follows where the message
// of its own does not say it.
func (w *words) wall(text, message string, d texts.Data) string {
	if d.Event != ups.EventOnBattery && d.Event != ups.EventCommBad || d.Timer != "" || message == "" || placeholder.Uses(message, "next") {
		return text
	}
	if text = strings.TrimSpace(text); !strings.HasSuffix(text, ".") && !strings.HasSuffix(text, "!") {
		text += "."
	}
	return text + " " + texts.Expand(texts.Foretell(w.language), d)
}

// logLine is the sentence of an event for the journal.
func logLine(d texts.Data) string {
	who := d.UPS
	if who != "" {
		who += ": "
	}
	if d.Timer != "" {
		return who + texts.Reason(d.Language, d.Reason)
	}
	return fmt.Sprintf("%s%s: %s", who, d.Event, texts.Reason(d.Language, d.Reason))
}

// urgent reports whether a rate limit must not hold a message back: those of a
// shutdown. The first message after a quiet time is never held back, and one
// ONBATT more of mains that flap is best told with the others.
func urgent(e ups.Event) bool {
	switch e {
	case ups.EventLowBattery, ups.EventShutdown, ups.EventNotShutdown, ups.EventFSD:
		return true
	}
	return false
}
