package monitor

import (
	"time"

	"ecnutd/ups"
)

// order takes an order to shut down. The first one stays, and no return of
// mains ends it.
func (t *turn) order(text string) {
	if t.state.Forced == "" {
		t.state.Forced = text
	}
}

// orderSupply takes an order to shut down what hangs on one supply.
func (t *turn) orderSupply(i int, text string) {
	u := &t.state.Supplies[i]
	if u.Ordered != "" {
		return
	}
	u.Ordered = text
	if t.state.Phase == Watching && !u.Told.Has(ups.ForcedShutdown) {
		u.Told |= ups.ForcedShutdown
		why := t.reason(i, Ordered)
		why.Text = text
		t.event(i, ups.EventFSD, why)
	}
}

// orders tells that the host which manages a supply orders the shutdown. As
// with upsmon, the end of the order is not told.
func (t *turn) orders(i int) {
	u := &t.state.Supplies[i]
	if !u.Last.Status.Has(ups.ForcedShutdown) && u.Ordered == "" {
		u.Told &^= ups.ForcedShutdown
		return
	}
	if !u.Told.Has(ups.ForcedShutdown) && t.state.Phase == Watching {
		t.event(i, ups.EventFSD, t.reason(i, PrimaryOrdered))
	}
	u.Told |= ups.ForcedShutdown
}

// wait notes since when a supply of another host is low and on battery, and
// when its host has been waited for long enough.
func (t *turn) wait(i int) {
	u := &t.state.Supplies[i]
	switch {
	case !t.rules.Supplies[i].Secondary || u.Line != OnBattery || u.Low.Cause == "" || u.Last.Status.Has(ups.Calibrating):
		u.LowAt, u.Waited = 0, false
	case u.LowAt == 0:
		u.LowAt = t.now
	}
	u.Waited = u.LowAt > 0 && t.now >= u.LowAt.Add(t.rules.HostSync)
}

// critical is why a supply can no longer be relied on; no code while it can.
func (t *turn) critical(i int) Reason {
	u := &t.state.Supplies[i]
	// Silence that began on mains is never a reason, and after a restart
	// nothing is before the supply was heard, or had its time to be.
	why := t.reason(i, "")
	switch {
	case u.Ordered != "":
		why.Code, why.Text = Ordered, u.Ordered
		return why
	case u.Settle > 0:
		return Reason{}
	// Once said, it stands until the other host takes it back: that its
	// server is gone a moment later is how it goes down.
	case u.Last.Status.Has(ups.ForcedShutdown):
		why.Code = PrimaryOrdered
		return why
	case u.Line != OnBattery:
		return Reason{}
	}
	why.For = u.OnBatteryFor(t.now)
	silent := u.Link == Lost && t.now >= u.LostDue
	switch {
	// While the UPS calibrates it discharges on purpose.
	case u.Last.Status.Has(ups.Calibrating) && !silent:
		return Reason{}
	case u.GivenUp.Code != "":
		return u.GivenUp
	case silent:
		why.Code, why.Silent = SilentTooLong, t.now.Sub(u.HeardAt)
	// What was low when the link was lost is not healthier now.
	case u.Low.Cause != "" && (u.Waited || !t.rules.Supplies[i].Secondary):
		why.Code, why.Cause, why.Limit, why.LimitN = LowOnBattery, u.Low.Cause, u.Low.Limit, u.Low.LimitN
	default:
		return Reason{}
	}
	return why
}

// cause is why the host has to go down; no code while it has not.
func (t *turn) cause() Reason {
	if t.state.Forced != "" {
		return Reason{Code: Ordered, Text: t.state.Forced}
	}
	power, first := 0, Reason{}
	for i := range t.state.Supplies {
		u := &t.state.Supplies[i]
		why := t.critical(i)
		switch {
		case why.Code != "" && first.Code == "":
			first = why
		case why.Code != "":
		case u.Link == Lost && !t.rules.LostCounts:
		default:
			power += t.rules.Supplies[i].Power
		}
	}
	if power >= t.rules.MinSupplies {
		return Reason{}
	}
	return first
}

// settling tells whether a supply that fed the decision has not been heard
// since a restart. A shutdown under way then neither goes on nor ends.
func (t *turn) settling() bool {
	for i := range t.state.Supplies {
		if u := &t.state.Supplies[i]; u.Settle > 0 && u.Line == OnBattery {
			return true
		}
	}
	return false
}

// decide begins, calls off or completes a shutdown.
func (t *turn) decide() {
	why := t.cause()
	switch {
	case t.state.Phase == Watching && why.Code != "":
		t.begin(why)
	case t.state.Phase != Watching && why.Code == "" && !t.settling():
		t.callOff()
	}
	if t.state.Phase == Watching || t.state.Forced == "" && t.settling() {
		return
	}
	if t.state.Phase == Syncing && (t.state.Secondaries == 0 || t.now >= t.state.PhaseDue) {
		t.announce()
	}
	if t.state.Phase == ShuttingDown && t.now >= t.state.PhaseDue {
		t.state.Phase, t.state.PhaseDue = Down, 0
		t.command()
	}
}

// begin decides to shut down and tells the secondaries, through FSD.
func (t *turn) begin(why Reason) {
	t.state.Phase, t.state.Reason, t.state.PhaseDue = Syncing, why, t.now.Add(t.rules.HostSync)
	t.do(Shutdown{why})
	// A supply that low battery brought down stays given up while it is on
	// battery and the shutdown is under way: a flag that flickers must not stop
	// and start it. One
	// that was merely not heard is believed again when it is.
	for i := range t.state.Supplies {
		u := &t.state.Supplies[i]
		if c := t.critical(i); c.Code != "" && c.Code != SilentTooLong && c.Code != Ordered && c.Code != PrimaryOrdered {
			u.giveUp(c)
		}
	}
	for i := range t.state.Supplies {
		if !t.state.Supplies[i].Told.Has(ups.ForcedShutdown) {
			t.event(i, ups.EventFSD, why)
		}
	}
}

// announce tells that the host goes down. What is to be said goes out first;
// flag and command follow FinalDelay later.
func (t *turn) announce() {
	t.state.Phase, t.state.PhaseDue = ShuttingDown, t.now.Add(t.rules.FinalDelay)
	t.event(-1, ups.EventShutdown, t.state.Reason)
}

// callOff ends a shutdown whose reason is gone.
func (t *turn) callOff() {
	announced := t.state.Phase == ShuttingDown
	why := t.state.Reason
	why.Was, why.Code = why.Code, CalledOff
	t.state.Phase, t.state.Reason, t.state.PhaseDue = Watching, Reason{}, 0
	for i := range t.state.Supplies {
		t.state.Supplies[i].recover() // no shutdown is left that a flicker could stop
	}
	t.do(CallOff{why})
	if announced {
		t.event(-1, ups.EventNotShutdown, why)
	}
}

// command is the end: the flag first, so that it stands when the command runs.
func (t *turn) command() {
	t.do(WriteFlag{t.state.Reason})
	t.do(PowerOff{})
}

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
	ComingCommand  ComingKind = "command"   // flag and shutdown command
	ComingSync     ComingKind = "sync"      // secondaries are no longer waited for
	ComingSilence  ComingKind = "silence"   // the link counts as lost
	ComingCritical ComingKind = "critical"  // a supply lost on battery is given up
	ComingPatience ComingKind = "primary"   // the order of the primary is no longer waited for
	ComingLimit    ComingKind = "limit"     // the limit of time on battery
	ComingImminent ComingKind = "imminent"  // ShutdownImminent counts
	ComingTimer    ComingKind = "timer"     // a timer ends
	ComingNoComm   ComingKind = "nocomm"    // NOCOMM is told again
	ComingReplace  ComingKind = "replbatt"  // REPLBATT is told again
	ComingSettled  ComingKind = "restarted" // what was known before a restart counts again
)

// Coming lists what time alone will bring, in no order.
func (s State) Coming(r Rules) []Coming {
	if s.Phase == Down {
		return nil
	}
	s = s.fit(&r)
	var list []Coming
	add := func(at Instant, what ComingKind, ups string) { list = append(list, Coming{at, what, ups, ""}) }
	settling := (&turn{rules: &r, state: s}).settling() && s.Forced == ""
	switch {
	case settling:
	case s.Phase == ShuttingDown:
		add(s.PhaseDue, ComingCommand, "")
	case s.Phase == Syncing:
		add(s.PhaseDue, ComingSync, "")
	}
	for i := range s.Supplies {
		u, limits := &s.Supplies[i], &r.Supplies[i].Limits
		if u.Settle > 0 {
			add(u.Settle+1, ComingSettled, u.Name)
		}
		if u.Link == Linked {
			add(u.silentAt(&r)+1, ComingSilence, u.Name)
		}
		if due, ok := u.noCommDue(&r); ok {
			add(due, ComingNoComm, u.Name)
		}
		if due, ok := u.replaceDue(&r); ok {
			add(due, ComingReplace, u.Name)
		}
		if u.Link == Linked && u.Settle == 0 && u.Low.Cause == "" && u.Imminent.Confirmed() && !limits.ShutdownImminent.Ignored {
			add(u.Imminent.Since.Add(limits.ShutdownImminent.Grace), ComingImminent, u.Name)
		}
		if u.Line != OnBattery || u.Settle > 0 {
			continue
		}
		if limits.OnBattery > 0 && !u.LimitTold {
			add(u.OutageAt.Add(limits.OnBattery), ComingLimit, u.Name)
		}
		if u.LowAt > 0 && !u.Waited {
			add(u.LowAt.Add(r.HostSync), ComingPatience, u.Name)
		}
		if u.LostDue > 0 && u.Low.Cause != LowSilent {
			add(u.LostDue, ComingCritical, u.Name)
		}
	}
	for _, timer := range s.Timers {
		if u := s.supply(timer.UPS); u.Settle == 0 {
			list = append(list, Coming{timer.Due, ComingTimer, timer.UPS, timer.Timer})
		}
	}
	return list
}

// Left is the time until an instant, 0 when it has passed.
func Left(now, at Instant) time.Duration { return max(0, at.Sub(now)) }
