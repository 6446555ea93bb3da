package power

import (
	"ecnutd/hid/power/family"
	"strings"
	"time"
)

// cutsOutput reports whether a path is a timer at whose end the whole output
// goes off.
func cutsOutput(path string) bool { return path == family.PathShutdown || path == family.PathReboot }

// A verdict is what a read-back says of a write.
type verdict uint8

const (
	wrong   verdict = iota // the field shows something else
	right                  // the field shows it
	witness                // the field cannot tell: see whether it happened
)

// A meaning is what a field is, seen from whoever reads back what he wrote.
type meaning uint8

const (
	setting meaning = iota // keeps the number
	timer                  // counts it down, and stands still below 0
	test                   // takes an order, and shows a state
	ticking                // counts it up
)

// meanings go by the last usage of a path.
var meanings = map[string]meaning{
	"DelayBeforeShutdown": timer,
	"DelayBeforeStartup":  timer,
	"DelayBeforeReboot":   timer,
	"Test":                test,
	"Time":                ticking,
}

func meaningOf(path string) meaning { return meanings[last(path)] }

// testStates are the numbers of the Test usage that say that a test runs or is
// about to: in progress, scheduled (PDC 1.1 §4.1.5; 7 is Eaton's).
func testRuns(shows int64) bool { return shows == testInProgress || shows == 7 }

// testInProgress is what the Test usage shows while a self-test runs.
const testInProgress = 5

// testError is what the Test usage shows of a self-test that ended with an error
// (Power Device Class 4.2.5).
const testError = 3

// testStop is what is written to the Test usage to end a test.
const testStop = 3

// judge compares what a field shows with what was written to it some time ago.
//
// A timer that was set to 20 shows 20 at first and one less every second;
// begun seconds count, in either direction. 0 and less means that it stands
// still or has run out, and is right only for a timer that has had the time
// to: then the output itself is the witness. Below 0 all numbers mean the
// same: this family idles at -1, older units at -10.
func judge(path string, wrote, shows int64, ago time.Duration) verdict {
	is := func(ok bool) verdict {
		if ok {
			return right
		}
		return wrong
	}
	begun := int64((ago + time.Second - 1) / time.Second)
	switch meaningOf(path) {
	case timer:
		switch {
		case wrote < 0:
			return is(shows < 0)
		case shows > 0 || shows == wrote:
			return is(shows <= wrote && shows >= wrote-begun)
		case wrote <= begun:
			return witness
		}
		return wrong
	case test:
		return is(testRuns(shows) == (wrote != testStop))
	case ticking:
		return is(shows >= wrote && shows <= wrote+begun)
	}
	return is(shows == wrote)
}

// last is the last usage of a path.
func last(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }
