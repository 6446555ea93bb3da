package eaton

import (
	"strings"
	"time"
)

const pathReboot = "UPS.PowerSummary.DelayBeforeReboot"

// cutsOutput tells whether a path is a timer at whose end the whole output
// goes off.
func cutsOutput(path string) bool { return path == pathShutdown || path == pathReboot }

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

func meaningOf(path string) meaning { return meanings[path[strings.LastIndexByte(path, '.')+1:]] }

// testStates are the numbers of the Test usage that say that a test runs or is
// about to: in progress, scheduled (PDC 1.1 §4.1.5; 7 is Eaton's).
func testRuns(shows int64) bool { return shows == 5 || shows == 7 }

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

// witnesses are the flags that show whether a timer that has run out did what
// it is for.
var witnesses = map[string]struct {
	path string
	when sense
}{
	pathShutdown: {pathStatus + "Good", clear},
	pathStartup:  {pathStatus + "Good", set},
	"UPS.OutletSystem.Outlet.[2].DelayBeforeShutdown": {"UPS.OutletSystem.Outlet.[2].PresentStatus.SwitchOn/Off", clear},
	"UPS.OutletSystem.Outlet.[2].DelayBeforeStartup":  {"UPS.OutletSystem.Outlet.[2].PresentStatus.SwitchOn/Off", set},
	"UPS.OutletSystem.Outlet.[3].DelayBeforeShutdown": {"UPS.OutletSystem.Outlet.[3].PresentStatus.SwitchOn/Off", clear},
	"UPS.OutletSystem.Outlet.[3].DelayBeforeStartup":  {"UPS.OutletSystem.Outlet.[3].PresentStatus.SwitchOn/Off", set},
	"UPS.OutletSystem.Outlet.[4].DelayBeforeShutdown": {"UPS.OutletSystem.Outlet.[4].PresentStatus.SwitchOn/Off", clear},
	"UPS.OutletSystem.Outlet.[4].DelayBeforeStartup":  {"UPS.OutletSystem.Outlet.[4].PresentStatus.SwitchOn/Off", set},
}
