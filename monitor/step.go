package monitor

import (
	"fmt"
	"time"

	"ecnutd/ups"
)

// Step is the whole policy: what follows from an input at an instant. It
// changes nothing that it was given; the same arguments always give the same
// answer. Instants must not run backwards from one Step to the next.
func Step(r Rules, s State, now Instant, in Input) (State, []Effect) {
	t := &turn{rules: r, state: s.clone(len(r.Supplies)), now: now}
	if t.state.Phase == Down {
		return t.state, nil // no way back
	}
	switch in := in.(type) {
	case Heard:
		t.heard(in.Supply, in.Snapshot)
	case LinkLost:
		t.lost(in.Supply, in.Gone)
	case ForceShutdown:
		if t.state.Forced == "" {
			t.state.Forced = in.Reason
		}
	case Elapsed:
	}
	t.expire()
	t.decide()
	return t.state, t.effects
}

// A turn is one Step in progress.
type turn struct {
	rules   Rules
	state   State
	now     Instant
	effects []Effect
}

func (t *turn) do(e Effect) { t.effects = append(t.effects, e) }

// notify tells an event of a supply.
func (t *turn) notify(i int, e ups.Event, reason string) {
	t.do(Notify{t.rules.Supplies[i].Name, e, reason})
}

// heard takes a report of a supply.
func (t *turn) heard(i int, s ups.Snapshot) {
	u := &t.state.Supplies[i]
	relinked := u.Link != Linked // the counts of readings start again
	flags := relinked || s.Readings != u.Last.Readings
	charge := relinked || s.ChargeReadings != u.Last.ChargeReadings
	if u.Link == Lost {
		t.notify(i, ups.EventCommOK, fmt.Sprintf("the link is back after %s: %s", short(t.now-u.LostAt), s))
	}
	u.Link, u.HeardAt, u.Last, u.LostDue = Linked, t.now, s, 0
	t.line(i)
	t.count(u, flags, charge)
	t.low(i)
}

// line follows the power source. The first report on mains is no event, the
// first one on battery is; a report that says neither changes nothing.
func (t *turn) line(i int) {
	u := &t.state.Supplies[i]
	switch {
	case u.Last.Status.Has(ups.OnBattery) && u.Line != OnBattery:
		u.Line, u.OutageAt, u.LimitTold = OnBattery, t.now, false
		t.notify(i, ups.EventOnBattery, "on battery: "+numbers(u.Last))
		if t.rules.OnBatteryLimit > 0 {
			t.do(Timer{t.rules.Supplies[i].Name, OnBatteryTimer, TimerStart, t.rules.OnBatteryLimit})
		}
	case u.Last.Status.Has(ups.Online) && u.Line != OnMains:
		was := *u
		u.Line, u.OutageAt, u.LimitTold = OnMains, 0, false
		if was.Line == OnBattery {
			if t.rules.OnBatteryLimit > 0 && !was.LimitTold {
				t.do(Timer{UPS: t.rules.Supplies[i].Name, Name: OnBatteryTimer, Action: TimerCancel})
			}
			t.notify(i, ups.EventOnline, fmt.Sprintf("on mains again after %s: %s", short(t.now-was.OutageAt), numbers(u.Last)))
		}
	}
}

// lost takes the loss of the link. It is told at once, and on battery with
// what will follow.
func (t *turn) lost(i int, gone bool) {
	u := &t.state.Supplies[i]
	if u.Link == Lost {
		return
	}
	never := u.Link == NeverHeard
	u.Link, u.LostAt = Lost, t.now
	what := "it does not answer"
	if gone {
		what = "it left the USB bus"
	}
	switch {
	case never:
		t.notify(i, ups.EventCommBad, "the UPS was not found: "+what)
	case u.Line != OnBattery:
		t.notify(i, ups.EventCommBad, fmt.Sprintf("link lost on mains: %s; nothing will be shut down for this", what))
	default:
		u.LostDue = t.lostDue(u)
		t.notify(i, ups.EventCommBad, fmt.Sprintf("link lost on battery: %s; last known %s; the host is shut down in %s unless the link returns",
			what, numbers(u.Last), short(u.LostDue-t.now)))
	}
}

// lostDue is when a supply that was lost on battery becomes critical.
func (t *turn) lostDue(u *SupplyState) Instant {
	wait := t.rules.DeadTime
	if t.rules.LinkLost == Estimate && u.Last.Runtime.Known {
		left := time.Duration(u.Last.Runtime.N) * time.Second
		wait = max(wait, left/3-t.rules.ShutdownTime)
	}
	due := max(u.HeardAt+wait, t.now)
	if limit := t.rules.OnBatteryLimit; limit > 0 {
		due = min(due, max(u.OutageAt+limit, t.now))
	}
	return max(due, 1) // 0 means none
}

// expire does what time alone brings.
func (t *turn) expire() {
	for i := range t.state.Supplies {
		u := &t.state.Supplies[i]
		if u.Link == Linked && t.now-u.HeardAt > t.rules.DeadTime {
			t.lost(i, false)
		}
		t.low(i)
		if limit := t.rules.OnBatteryLimit; limit > 0 && u.Line == OnBattery && !u.LimitTold && t.now-u.OutageAt >= limit {
			u.LimitTold = true
			t.do(Timer{UPS: t.rules.Supplies[i].Name, Name: OnBatteryTimer, Action: TimerFire})
		}
	}
}

// critical is why a supply can no longer be relied on, "" while it can.
func (t *turn) critical(u *SupplyState) string {
	if u.Line != OnBattery {
		return "" // silence that began on mains is never a reason
	}
	since := fmt.Sprintf("on battery for %s", short(u.OnBatteryFor(t.now)))
	switch {
	case u.LimitTold:
		return fmt.Sprintf("%s (limit %s), %s", since, short(t.rules.OnBatteryLimit), numbers(u.Last))
	case u.Link == Lost && u.LostDue > 0 && t.now >= u.LostDue:
		return fmt.Sprintf("%s and not heard for %s, last known %s", since, short(t.now-u.HeardAt), numbers(u.Last))
	case u.Low != "" && !u.Last.Status.Has(ups.Calibrating):
		return fmt.Sprintf("%s and %s, %s", since, u.Low, numbers(u.Last))
	}
	return ""
}

// decide begins, cancels or completes a shutdown.
func (t *turn) decide() {
	reason := t.reason()
	switch {
	case t.state.Phase == Watching && reason != "":
		t.state.Phase, t.state.Reason, t.state.CommandDue = ShuttingDown, reason, t.now+t.rules.FinalDelay
		t.do(Shutdown{reason})
		t.do(Notify{Event: ups.EventShutdown, Reason: reason})
	case t.state.Phase == ShuttingDown && reason == "":
		t.do(Cancel{"the reason is gone: " + t.state.Reason})
		t.state.Phase, t.state.Reason, t.state.CommandDue = Watching, "", 0
	}
	if t.state.Phase == ShuttingDown && t.now >= t.state.CommandDue {
		t.state.Phase = Down
		t.do(WriteFlag{})
		t.do(PowerOff{})
	}
}

// reason is why the host has to go down, "" while it has not.
func (t *turn) reason() string {
	if t.state.Forced != "" {
		return "shutdown ordered: " + t.state.Forced
	}
	power, first := 0, ""
	for i := range t.state.Supplies {
		why := t.critical(&t.state.Supplies[i])
		switch {
		case why == "":
			power += t.rules.Supplies[i].Power
		case first == "":
			first = why
		}
	}
	if first == "" || power >= t.rules.MinSupplies {
		return ""
	}
	return first
}

// numbers are the figures that every sentence carries.
func numbers(s ups.Snapshot) string {
	charge, runtime := "charge unknown", "runtime unknown"
	if s.Charge.Known {
		charge = fmt.Sprintf("charge %d %%", s.Charge.N)
	}
	if s.Runtime.Known {
		runtime = "runtime " + ups.Duration(s.Runtime.N)
	}
	return charge + ", " + runtime
}

// short prints a time without fractions of a second.
func short(d time.Duration) string { return d.Truncate(time.Second).String() }
