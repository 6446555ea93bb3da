package monitor

import (
	"slices"
	"strings"
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
	case !t.rules.Supplies[i].Secondary || !u.outage() || u.Low.Cause == "" || u.calibrating():
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
	// A deadline that has passed is taken back by a complete word alone.
	silent := t.now >= u.LostDue && (u.Link == Lost || u.LostDue > 0) && (!t.state.maintained() || u.Low.Cause == LowSilent)
	switch {
	// While the UPS calibrates it discharges on purpose.
	case u.calibrating() && !silent:
		return Reason{}
	case u.GivenUp.Code != "":
		return u.GivenUp
	case silent:
		why.Code, why.Silent = SilentTooLong, since(t.now, u.silentSince())
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
		why := t.critical(i)
		switch {
		case why.Code != "" && first.Code == "":
			first = why
		case why.Code == "" && t.feeds(i):
			power += t.rules.Supplies[i].Power
		}
	}
	if power >= t.rules.MinSupplies {
		return Reason{}
	}
	return first
}

// feeds reports whether a supply that is not critical counts as feeding the
// host. One that has had its time and never said where its power comes from does
// not.
func (t *turn) feeds(i int) bool {
	u := &t.state.Supplies[i]
	switch {
	case u.Line == LineUnknown:
		return t.now < u.awaitedTo(t.rules, t.rules.Supplies[i].Secondary)
	case u.Link == Lost:
		return t.rules.LostCounts
	}
	return true
}

// feeders names the supplies that go on to feed the host when supply i does not
// any more; stays reports whether they suffice.
func (t *turn) feeders(i int) (names string, stays bool) {
	power := 0
	for j := range t.state.Supplies {
		if j == i || !t.feeds(j) || t.critical(j).Code != "" {
			continue
		}
		power += t.rules.Supplies[j].Power
		if names != "" {
			names += ", "
		}
		names += t.state.Supplies[j].Name
	}
	if power < t.rules.MinSupplies || t.state.Forced != "" {
		return "", false
	}
	return names, true
}

// secondaries takes how many other hosts hang on the UPSs. Those that are there
// while a shutdown is under way are told of it.
func (t *turn) secondaries(in Secondaries) {
	s := &t.state
	s.Secondaries = max(in.N, 0)
	names := append([]string(nil), in.Hosts...)
	if s.Phase == Watching {
		s.Others = OtherHosts{Names: names}
		return
	}
	went := slices.Clone(s.Others.Went)
	for _, name := range s.Others.Names {
		if !slices.Contains(in.Hosts, name) && !slices.Contains(went, name) {
			went = append(went, name)
		}
	}
	s.Others = OtherHosts{Names: names, Told: s.Others.Told || s.Secondaries > 0, Went: went}
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
	if t.state.Phase == Down {
		t.after()
		return
	}
	why := t.cause()
	switch {
	case t.state.Phase == Watching && why.Code != "":
		t.begin(why)
	case t.state.Phase != Watching && why.Code == "" && !t.settling():
		t.reasonGone()
	}
	if t.state.Phase == Watching || t.state.Forced == "" && t.settling() {
		return
	}
	if t.state.Phase == Syncing && (t.state.Secondaries == 0 || t.now >= t.state.PhaseDue) {
		t.announce()
	}
	if t.state.Phase == ShuttingDown && t.now >= t.state.PhaseDue {
		t.command()
	}
}

// reasonGone ends a shutdown whose reason is gone, unless a secondary has been
// told of it: what went down there starts again only when the output was cut.
func (t *turn) reasonGone() {
	if !t.state.Others.Told || t.rules.SecondariesTold == CancelAnyway {
		t.callOff()
		return
	}
	if t.state.Reason.Code == SecondariesGo {
		return
	}
	why := t.state.Reason
	why.Was, why.Code, why.Text = why.Code, SecondariesGo, t.hosts()
	t.state.Reason = why
	t.do(GoesOn{why})
}

// hosts names the secondaries that were told of the shutdown.
func (t *turn) hosts() string {
	return strings.Join(slices.Concat(t.state.Others.Went, t.state.Others.Names), ", ")
}

// went names the secondaries that have gone since they were told.
func (t *turn) went() string { return strings.Join(t.state.Others.Went, ", ") }

// begin decides to shut down and tells the secondaries, through FSD.
func (t *turn) begin(why Reason) {
	t.state.Phase, t.state.Reason, t.state.PhaseDue = Syncing, why, t.now.Add(t.rules.HostSync)
	t.state.Others.Told, t.state.Others.Went = t.state.Secondaries > 0, nil
	t.flushAll()
	t.endMaintenance(MaintenanceShutdown) // this is told
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
	t.state.Phase, t.state.PhaseDue = ShuttingDown, t.now.Add(t.finalDelay())
	t.event(-1, ups.EventShutdown, t.state.Reason)
}

// finalDelay is FinalDelay, or less where the runtime leaves less beside the time
// that the host takes to go down. What was decided with one reading on battery
// has the time for another.
func (t *turn) finalDelay() time.Duration {
	delay := t.rules.FinalDelay
	for i := range t.state.Supplies {
		u := &t.state.Supplies[i]
		if !u.outage() || u.stale(t.now, u.Numbers.RuntimeAt, u.Last.Age.RuntimePeriod) || t.critical(i).Code == "" {
			continue
		}
		left, ok := u.runtimeLeft(t.now)
		if !ok {
			continue
		}
		least := time.Duration(0)
		if !u.Battery.Confirmed() {
			least = confirmAfter
		}
		delay = min(delay, max(left-t.rules.ShutdownTime, least))
	}
	return delay
}

// callOff ends a shutdown whose reason is gone.
func (t *turn) callOff() {
	t.flushAll()
	announced := t.state.Phase == ShuttingDown
	why := t.state.Reason
	why.Was, why.Code, why.Hosts = why.Code, CalledOff, t.went()
	if why.Was == SecondariesGo {
		why.Was = t.state.Reason.Was
	}
	t.state.Phase, t.state.Reason, t.state.PhaseDue, t.state.Others.Told, t.state.Others.Went = Watching, Reason{}, 0, false, nil
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
	t.state.Phase, t.state.PhaseDue = Down, 0
	t.state.After = AfterState{GivenAt: t.now, QuietAt: t.now, Running: true}
	t.do(WriteFlag{t.state.Reason})
	t.do(PowerOff{})
}
