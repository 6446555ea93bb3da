// Package readback judges what a field shows after it was written to, with regard to
// what the field is.
package readback

import (
	"strings"
	"time"

	"ecnutd/hid/power/family"
)

// CutsOutput reports whether a path is a timer at whose end the whole output
// goes off.
func CutsOutput(path string) bool { return path == family.PathShutdown || path == family.PathReboot }

// A Verdict is what a read-back says of a write.
type Verdict uint8

// The verdicts.
const (
	Wrong   Verdict = iota // the field shows something else
	Right                  // the field shows it
	Witness                // the field cannot tell: see whether it happened
)

// A Meaning is what a field is, seen from whoever reads back what he wrote.
type Meaning uint8

// The meanings.
const (
	Setting Meaning = iota // keeps the number
	Timer                  // counts it down, and stands still below 0
	Test                   // takes an order, and shows a state
	Ticking                // counts it up
)

// meanings go by the last usage of a path.
var meanings = map[string]Meaning{
	"DelayBeforeShutdown": Timer,
	"DelayBeforeStartup":  Timer,
	"DelayBeforeReboot":   Timer,
	"Test":                Test,
	"Time":                Ticking,
}

// MeaningOf is what the field at a path is.
func MeaningOf(path string) Meaning { return meanings[last(path)] }

// TestRuns reports whether a number of the Test usage says that a test runs or is
// about to: in progress, scheduled (PDC 1.1 §4.1.5; 7 is Eaton's).
func TestRuns(shows int64) bool { return shows == TestInProgress || shows == 7 }

// TestInProgress is what the Test usage shows while a self-test runs.
const TestInProgress = 5

// TestError is what the Test usage shows of a self-test that ended with an error
// (Power Device Class 4.2.5).
const TestError = 3

// TestStop is what is written to the Test usage to end a test.
const TestStop = 3

// Judge compares what a field shows with what was written to it some time ago.
//
// A timer that was set to 20 shows 20 at first and one less every second;
// begun seconds count, in either direction. 0 and less means that it stands
// still or has run out, and is right only for a timer that has had the time
// to: then the output itself is the witness. Below 0 all numbers mean the
// same: this family idles at -1, older units at -10.
func Judge(path string, wrote, shows int64, ago time.Duration) Verdict {
	is := func(ok bool) Verdict {
		if ok {
			return Right
		}
		return Wrong
	}
	begun := int64((ago + time.Second - 1) / time.Second)
	switch MeaningOf(path) {
	case Timer:
		switch {
		case wrote < 0:
			return is(shows < 0)
		case shows > 0 || shows == wrote:
			return is(shows <= wrote && shows >= wrote-begun)
		case wrote <= begun:
			return Witness
		}
		return Wrong
	case Test:
		return is(TestRuns(shows) == (wrote != TestStop))
	case Ticking:
		return is(shows >= wrote && shows <= wrote+begun)
	}
	return is(shows == wrote)
}

// last is the last usage of a path.
func last(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }
