package world

import (
	"fmt"
	"strings"
	"time"

	"ecnutd/internal/world/plan"
)

// A script is a world as simulate reads it: what its UPSs showed, and what happened
// to their links and to the host, so that an administrator can play it. What
// simulate has no word for (a disk, a gateway, a report) is a comment.
type script struct {
	lines []string
	at    time.Duration // up to which time has passed in it
	shown map[string]string
}

// add writes a line at an instant of the world.
func (s *script) add(at time.Duration, line string) {
	if pause := (at - s.at).Round(time.Millisecond); pause > 0 {
		s.lines = append(s.lines, fmt.Sprintf("TIMER %g", pause.Seconds()))
		s.at += pause
	}
	s.lines = append(s.lines, line)
}

// set writes what a UPS shows, where that has changed.
func (s *script) set(at time.Duration, ups, variable, value string) {
	if s.shown == nil {
		s.shown = make(map[string]string)
	}
	key := ups + "/" + variable
	if s.shown[key] == value {
		return
	}
	s.shown[key] = value
	s.add(at, key+": "+value)
}

// show writes what the UPSs show at this instant.
func (w *world) show() {
	for _, u := range w.units {
		charge, runtime, low := u.Shows()
		status := "OL CHRG"
		if w.outages > 0 {
			status = "OB DISCHRG"
		}
		if low {
			status += " LB"
		}
		if !u.Output() {
			status += " OFF"
		}
		w.script.set(w.at(), u.plan.Name, "ups.status", status)
		w.script.set(w.at(), u.plan.Name, "battery.charge", fmt.Sprint(charge))
		w.script.set(w.at(), u.plan.Name, "battery.runtime", fmt.Sprint(runtime))
	}
}

// happens writes an incident, and its end.
func (w *world) happens(i plan.Incident) {
	both := func(begin, end string) {
		name := w.units[i.Unit].plan.Name + "/"
		w.script.add(w.at(), name+begin)
		w.ends(i.For, func() { w.script.add(w.at(), name+end) })
	}
	switch i.What {
	case plan.MainsFails:
	case plan.Unplugged:
		both("@unplug", "@plug")
	case plan.Silent:
		both("@silence", "@answer")
	case plan.Restarted, plan.Upgraded:
		w.script.add(w.at(), "@restart")
	case plan.Forced:
		w.script.add(w.at(), "@fsd world")
	default:
		w.script.add(w.at(), "# "+i.String())
	}
}

// text is the script with a heading.
func (s *script) text(seed uint64) string {
	return fmt.Sprintf("# the world of seed %d\n%s\n", seed, strings.Join(s.lines, "\n"))
}
