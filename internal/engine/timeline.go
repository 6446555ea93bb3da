package engine

import (
	"fmt"
	"math"
	"strings"
	"time"

	"ecnutd/ups"
)

// A Row is one line of a timeline, as its JSON is printed. It is made of an
// action, and nothing is ever carried out by it.
type Row struct {
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

	line string
}

// String is the row as a person reads it, without its time.
func (r Row) String() string { return r.line }

// RowOf is the row of an action, at a time since the start. ok is false for
// actions that have none.
func RowOf(a Action, at time.Duration) (r Row, ok bool) {
	r = a.row()
	r.T, r.line = seconds(at), a.String()
	return r, r.Kind != ""
}

// StatusRow is the row of a UPS that has another status now.
func StatusRow(name string, s ups.Status, at time.Duration) Row {
	return Row{T: seconds(at), Kind: "status", UPS: name, Status: s.String(), line: named(name) + "status " + s.String()}
}

// UPSCommandRow is the row of a command that the late stage gives a UPS.
func UPSCommandRow(name, command string, at time.Duration) Row {
	return Row{T: seconds(at), Kind: "upscommand", UPS: name, Run: command, line: named(name) + "UPS command: " + command}
}

// HostRow is the row of a host that went off, or comes up again.
func HostRow(what string, at time.Duration) Row {
	return Row{T: seconds(at), Kind: "host", Action: what, line: "the host is " + what}
}

// seconds are rounded to milliseconds.
func seconds(d time.Duration) float64 { return math.Round(d.Seconds()*1000) / 1000 }

func named(ups string) string {
	if ups == "" {
		return ""
	}
	return ups + " "
}

func (e Event) String() string { return fmt.Sprintf("%s%s: %s", named(e.UPS), e.Event, e.Reason) }
func (e Event) row() Row {
	return Row{Kind: "event", UPS: e.UPS, Event: string(e.Event), Text: e.Reason}
}

func (t Timer) String() string {
	s := fmt.Sprintf("%stimer %s: %s", named(t.UPS), t.Name, t.What)
	if t.After > 0 {
		s += fmt.Sprintf(", ends in %s", t.After)
	}
	return s
}
func (t Timer) row() Row {
	return Row{Kind: "timer", UPS: t.UPS, Timer: t.Name, Action: string(t.What), After: t.After.Seconds()}
}

func (m Message) String() string { return "  sms → " + m.Text }
func (m Message) row() Row       { return m.notify("sms", m.Text) }

func (l Log) String() string { return "  log → " + l.Text }
func (l Log) row() Row       { return l.notify("log", l.Text) }

func (w Wall) String() string { return "  wall → " + w.Text }
func (w Wall) row() Row       { return w.notify("wall", w.Text) }

func (p Program) String() string { return "  exec → " + p.Command() }
func (p Program) row() Row {
	r := p.notify("exec", p.Text)
	r.Run = p.Command()
	return r
}

// Command is the program as a person would type it.
func (p Program) Command() string {
	if p.Exec.Shell != "" {
		return p.Exec.Shell
	}
	return strings.Join(p.Exec.Argv, " ")
}

func (a About) notify(route, text string) Row {
	return Row{Kind: "notify", UPS: a.UPS, Event: string(a.Event), Timer: a.Timer, Route: route, Text: text}
}

func (s Shutdown) String() string { return "SHUT DOWN: " + s.Reason }
func (s Shutdown) row() Row       { return Row{Kind: "shutdown", Reason: s.Reason} }

func (c CallOff) String() string { return "called off: " + c.Reason }
func (c CallOff) row() Row       { return Row{} }

func (f WriteFlag) String() string { return "flag written: " + f.Path }
func (f WriteFlag) row() Row       { return Row{Kind: "flag", Path: f.Path} }

func (p PowerOff) String() string { return "command: " + p.Command.Text() }
func (p PowerOff) row() Row       { return Row{Kind: "poweroff", Run: p.Command.Text()} }

func (g GoesOn) String() string { return "goes on: " + g.Reason }
func (g GoesOn) row() Row       { return Row{} }

func (u UndoShutdown) String() string { return "what is scheduled is undone" }
func (u UndoShutdown) row() Row       { return Row{} }

func (f RemoveFlag) String() string { return "flag removed: " + f.Path }
func (f RemoveFlag) row() Row       { return Row{} }
