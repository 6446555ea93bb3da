package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"ecnutd/hid/power"
	"ecnutd/internal/discovery"
	"ecnutd/internal/host"
)

// An order is one thing that a UPS is told to do: an instant command, or a
// setting. Its JSON is what the daemon is sent.
type order struct {
	UPS   string `json:"ups,omitempty"` // "" where there is one
	Name  string `json:"name"`          // of the command or the variable
	Value string `json:"value,omitempty"`

	// YesCut says that whoever asks wants the load cut although the host is in
	// use. Without it a command that can cut power is for a host that is
	// shutting down.
	YesCut bool `json:"yes_cut_the_load,omitempty"`
}

// orderTime bounds how long an order may take once it was begun. A healthy
// UPS needs a second; Linux waits 5 s for each request to a sick one.
const orderTime = 30 * time.Second

// cuts tells whether a command can take power away from the load. One that
// is not in the table cannot be given at all.
func cuts(name string) bool {
	for _, c := range discovery.Commands() {
		if c.Name == name {
			return c.Cuts
		}
	}
	return false
}

// An orderKind is how an order is carried out.
type orderKind func(ctx context.Context, c *power.Commander, o order) power.Result

// giveCommand carries out an instant command. Whether the load may be cut was
// decided before.
func giveCommand(ctx context.Context, c *power.Commander, o order) power.Result {
	return c.Command(ctx, o.Name, o.Value, power.Permit{CutTheLoad: true})
}

// setVariable changes a setting.
func setVariable(ctx context.Context, c *power.Commander, o order) power.Result {
	return c.Set(ctx, o.Name, o.Value)
}

// An ordered is what came of an order; its JSON is what --json prints.
type ordered struct {
	UPS     string         `json:"ups,omitempty"`
	Name    string         `json:"name"`
	Outcome string         `json:"outcome"` // a word: done, not-sent, …
	Done    bool           `json:"done"`
	Cut     string         `json:"cut"` // none, possible or armed
	Text    string         `json:"text"`
	Writes  []orderedWrite `json:"writes,omitempty"`
}

// An orderedWrite is one write of an order.
type orderedWrite struct {
	Path    string `json:"path"`
	Value   int64  `json:"value"`
	Report  string `json:"report,omitempty"` // what went over the wire, hex
	Outcome string `json:"outcome"`
	Shows   *int64 `json:"shows,omitempty"` // what the UPS showed afterwards
	Undo    bool   `json:"undo,omitempty"`
}

var outcomeWords = map[power.Outcome]string{
	power.NotSent: "not-sent", power.NotThere: "not-there", power.Refused: "refused", power.Different: "different",
	power.Unconfirmed: "unconfirmed", power.Incomplete: "incomplete", power.Done: "done",
}

var cutWords = map[power.Cut]string{power.CutNone: "none", power.CutPossible: "possible", power.CutArmed: "armed"}

// report puts a result into the form that travels.
func (o order) report(r power.Result) ordered {
	out := ordered{
		UPS: o.UPS, Name: r.Name, Outcome: outcomeWords[r.Outcome], Done: r.Outcome == power.Done,
		Cut: cutWords[r.Cut], Text: host.OneLine(r.String()),
	}
	for _, w := range r.Writes {
		one := orderedWrite{Path: w.Path, Value: w.Value, Report: hex.EncodeToString(w.Report), Outcome: outcomeWords[w.Outcome], Undo: w.Undo}
		if w.Known {
			one.Shows = &w.Shows
		}
		out.Writes = append(out.Writes, one)
	}
	return out
}

// notSent is an order that did not reach the UPS.
func (o order) notSent(format string, args ...any) ordered {
	return o.report(power.Result{Name: o.Name, Err: fmt.Errorf(format, args...)})
}

// A commandInfo is an instant command of a UPS, as `commands --json` prints it.
type commandInfo struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Cuts        bool   `json:"cuts_the_load,omitempty"`
}

// commandsOf are the commands that a UPS has, in the order of their names.
func commandsOf(d *power.Decoder) []commandInfo {
	list := []commandInfo{}
	for _, c := range d.Commands() {
		list = append(list, commandInfo{c.Name, c.Description, c.Cuts})
	}
	return list
}
