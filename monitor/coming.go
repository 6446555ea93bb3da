package monitor

import "time"

// Next is when Step wants to be called with Elapsed; ok is false when only an
// input can change anything.
func (s State) Next(r Rules) (at Instant, ok bool) {
	for _, c := range s.Coming(r) {
		if !ok || c.At < at {
			at, ok = c.At, true
		}
	}
	return at, ok
}

// A Coming is something that time alone will bring.
type Coming struct {
	At    Instant
	What  ComingKind
	UPS   string // "" where it is the host's
	Timer string // name, where it is a timer
}

// ComingKind says what will come.
type ComingKind string

// The kinds of what is to come.
const (
	ComingCommand     ComingKind = "command"     // flag and shutdown command
	ComingSync        ComingKind = "sync"        // secondaries are no longer waited for
	ComingSilence     ComingKind = "silence"     // the link counts as lost
	ComingCritical    ComingKind = "critical"    // a supply lost on battery is given up
	ComingPatience    ComingKind = "primary"     // the order of the primary is no longer waited for
	ComingLimit       ComingKind = "limit"       // the limit of time on battery
	ComingImminent    ComingKind = "imminent"    // ShutdownImminent counts
	ComingTimer       ComingKind = "timer"       // a timer ends
	ComingNoComm      ComingKind = "nocomm"      // NOCOMM is told again
	ComingReplace     ComingKind = "replbatt"    // REPLBATT is told again
	ComingSettled     ComingKind = "restarted"   // what was known before a restart or a gap counts again
	ComingAwaited     ComingKind = "awaited"     // a supply that was never heard has had its time
	ComingFigures     ComingKind = "figures"     // an event is told with the figures that are there
	ComingPushed      ComingKind = "pushed"      // a flag of a low battery that was pushed once counts
	ComingStanding    ComingKind = "standing"    // a condition that flickered is told
	ComingMaintenance ComingKind = "maintenance" // it ends
	ComingAgain       ComingKind = "again"       // the shutdown command is given again, or the host has survived it
)

// Coming lists what time alone will bring, in no order.
func (s State) Coming(r Rules) []Coming {
	s = s.fit(&r)
	var list []Coming
	add := func(at Instant, what ComingKind, ups string) { list = append(list, Coming{at, what, ups, ""}) }
	t := &turn{rules: &r, state: s, names: names{of: s.Supplies}}
	settling := t.settling() && s.Forced == ""
	switch {
	case s.Phase == Down:
		if due, ok := s.againDue(&r); ok {
			add(due, ComingAgain, "")
		}
	case settling:
	case s.Phase == ShuttingDown:
		add(s.PhaseDue, ComingCommand, "")
	case s.Phase == Syncing:
		add(s.PhaseDue, ComingSync, "")
	}
	if s.maintained() {
		add(s.Maintenance.Until, ComingMaintenance, "")
	}
	for i := range s.Supplies {
		u, limits := &s.Supplies[i], &r.Supplies[i].Limits
		secondary := r.Supplies[i].Secondary
		if u.Settle > 0 {
			add(u.Settle+1, ComingSettled, u.Name)
		}
		if u.Link == NeverHeard && u.AwaitedAt > 0 {
			add(u.awaitedTo(&r, secondary), ComingAwaited, u.Name)
		}
		if u.Line == LineUnknown && u.Link != NeverHeard && u.AwaitedAt > 0 && s.Turned < u.awaitedTo(&r, secondary) {
			add(u.awaitedTo(&r, secondary), ComingAwaited, u.Name)
		}
		if u.Held.Event != "" {
			add(u.Held.Due, ComingFigures, u.Name)
		}
		for _, c := range conditions {
			if c.spell == nil || u.Link != Linked || u.Settle > 0 || !u.Last.Status.Has(c.bit) || u.Told.Has(c.bit) {
				continue
			}
			add(c.spell(&u.Spells).due(&r), ComingStanding, u.Name)
		}
		if u.Link == Linked && u.Settle == 0 && u.Low.Cause == "" && u.outage() && !u.calibrating() {
			for _, due := range u.pushes(limits, s.Turned) {
				add(due, ComingPushed, u.Name)
			}
		}
		if u.Link == Linked {
			add(u.silentAt(&r)+1, ComingSilence, u.Name)
		}
		if due, ok := u.noCommDue(&r); ok && s.Phase != Down {
			add(due, ComingNoComm, u.Name)
		}
		if due, ok := u.replaceDue(&r); ok {
			add(due, ComingReplace, u.Name)
		}
		if u.Link == Linked && u.Settle == 0 && u.Low.Cause == "" && !(u.calibrating() && u.Line == OnBattery) && u.Imminent.Confirmed() && !limits.ShutdownImminent.Ignored {
			add(u.Imminent.Since.Add(limits.ShutdownImminent.Grace), ComingImminent, u.Name)
		}
		if u.Line != OnBattery || u.Settle > 0 {
			continue
		}
		if due, ok := u.limitDue(limits.OnBattery); ok && s.Phase != Down {
			add(due, ComingLimit, u.Name)
		}
		if u.LowAt > 0 && !u.Waited {
			add(u.LowAt.Add(r.HostSync), ComingPatience, u.Name)
		}
		if u.LostDue > 0 && u.Low.Cause != LowSilent && !s.maintained() {
			add(u.LostDue, ComingCritical, u.Name)
		}
	}
	for _, timer := range s.Timers {
		if !t.held(&timer) {
			list = append(list, Coming{timer.Due, ComingTimer, timer.UPS, timer.Timer})
		}
	}
	return list
}

// Left is the time until an instant, 0 when it has passed.
func Left(now, at Instant) time.Duration { return max(0, at.Sub(now)) }
