package power

import (
	"ecnutd/hid/power/family"
	"ecnutd/hid/power/readback"
	"fmt"
	"strings"
)

// An Outcome is how a command or a setting ended. Done is the only good one.
type Outcome uint8

// The outcomes.
const (
	// NotSent: nothing was written, for the reason in Err: a bad argument, no
	// permit, a device in a fault state, or one that could not be read.
	NotSent Outcome = iota
	// NotThere: the device has no such command or setting; nothing was
	// written.
	NotThere
	// Refused: the device did not take the last write.
	Refused
	// Different: it was written, and the device shows something else.
	Different
	// Unconfirmed: it was written, and the device could not be read back.
	// Whether it holds is not known.
	Unconfirmed
	// Incomplete: some steps were written, and a later one was not sent.
	Incomplete
	// Done: everything was written and read back as it should be.
	Done
)

var outcomeTexts = [...]string{
	NotSent: "not sent", NotThere: "not there", Refused: "refused by the UPS", Different: "written, but the UPS shows otherwise",
	Unconfirmed: "written, but could not be read back", Incomplete: "stopped between its steps", Done: "done and read back",
}

// String is the outcome in words, "done and read back".
func (o Outcome) String() string {
	if int(o) >= len(outcomeTexts) {
		return fmt.Sprintf("Outcome(%d)", uint8(o))
	}
	return outcomeTexts[o]
}

// A Cut says whether the output is going to be cut.
type Cut uint8

// The states of a cut.
const (
	CutNone     Cut = iota // none was ordered, or the timer was seen standing still
	CutPossible            // the timer may be running: nobody can tell, or it was not this command that started it
	CutArmed               // ordered, taken and read back; or the output is off already
)

// String is the state in words.
func (c Cut) String() string {
	switch c {
	case CutNone:
		return "no cut of the output is pending"
	case CutPossible:
		return "the output may be cut: treat it as about to go"
	case CutArmed:
		return "the cut of the output is armed"
	}
	return fmt.Sprintf("Cut(%d)", uint8(c))
}

// A Write is one report that was written, or was to be.
type Write struct {
	Path    string  // the field it is about
	Value   int64   // the number for it
	Report  []byte  // what went to the device, id in front; nil: it was not sent
	Outcome Outcome // NotSent, Refused, Different, Unconfirmed or Done
	Before  int64   // what the field was before, where Report is there
	Shows   int64   // what it was seen to be last, where Known
	Known   bool
	Blind   bool // it was written without having been read: Before is not known
	Undo    bool // it takes back what an earlier write did
	Err     error
}

// String names the write and its end.
func (w Write) String() string {
	what := fmt.Sprintf("%s = %d", w.Path, w.Value)
	if w.Undo {
		what = "taken back: " + what
	}
	if w.Blind {
		what += " without reading it first"
	}
	switch {
	case w.Report == nil:
		what += " not sent"
	case w.Outcome == Done:
		what += fmt.Sprintf(" (reads %d)", w.Shows)
	case w.Known:
		what += fmt.Sprintf(" %s (%d)", w.Outcome, w.Shows)
	default:
		what += " " + w.Outcome.String()
	}
	if w.Err != nil {
		what += ": " + w.Err.Error()
	}
	return what
}

// A Result is what came of a command or a setting, told honestly: Outcome in a
// word, Writes step by step, Cut for what stands on the device.
type Result struct {
	Name    string // of the command or variable
	Outcome Outcome
	Writes  []Write  // in the order in which they went, undone ones behind
	Cut     Cut      // of the output as a whole; outlets by themselves do not count
	Near    []string // NotThere: names that are like this one
	Err     error    // why it is not Done; nil where it is

	// MayStayOff says that the output is, or may be, going to be cut and that
	// nothing was seen to bring it back when mains is there.
	MayStayOff bool
}

// String is one sentence for people and logs.
func (r Result) String() string {
	text := r.Name + ": " + r.Outcome.String()
	if r.Err != nil {
		text += ": " + r.Err.Error()
	}
	var writes []string
	for _, w := range r.Writes {
		writes = append(writes, w.String())
	}
	if len(writes) > 0 {
		text += "; " + strings.Join(writes, "; ")
	}
	if r.Cut != CutNone || r.touchedCut() {
		text += "; " + r.Cut.String()
	}
	if r.MayStayOff {
		text += "; no start delay stands on the UPS, so the output may stay off when mains is back"
	}
	return text
}

// restored reports whether the command ordered the output to come back, and that
// was seen. A reboot timer brings it back by itself.
func (r Result) restored() bool {
	back := false
	for _, w := range r.Writes {
		switch {
		case w.Path == family.PathReboot:
			back = true
		case w.Path == family.PathStartup && w.Value >= 0 && !w.Undo:
			back = w.Outcome == Done
		}
	}
	return back
}

// touchedCut reports whether the timer that cuts the output was written.
func (r Result) touchedCut() bool {
	for _, w := range r.Writes {
		if readback.CutsOutput(w.Path) {
			return true
		}
	}
	return false
}
