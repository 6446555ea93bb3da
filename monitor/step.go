package monitor

import (
	"time"

	"ecnutd/ups"
)

// Step is the whole policy: what follows from an input at an instant. It
// changes nothing that it was given; the same arguments always give the same
// answer. Instants must not run backwards from one Step to the next.
func Step(r Rules, s State, now Instant, in Input) (State, []Effect) {
	t := &turn{rules: &r, state: s.fit(&r), now: now}
	if t.state.Phase == Down {
		if _, again := in.(Restarted); again {
			t.command() // the process ended between the decision and the deed
		}
		return t.state, t.effects // no way back
	}
	switch in := in.(type) {
	case Heard:
		t.heard(in.Supply, in.Snapshot)
	case LinkLost:
		t.lost(in.Supply, in.Gone)
	case ForceShutdown:
		t.order(in.Reason)
	case ForceSupply:
		t.orderSupply(in.Supply, in.Reason)
	case Secondaries:
		t.state.Secondaries = max(in.N, 0)
	case Restarted:
		t.restarted()
	case Login:
		t.login(in)
	case Elapsed:
	}
	t.expire()
	t.decide()
	return t.state, t.effects
}

// A turn is one Step in progress.
type turn struct {
	rules   *Rules
	state   State
	now     Instant
	firing  bool // timers are ending
	effects []Effect
}

func (t *turn) do(e Effect) { t.effects = append(t.effects, e) }

// event tells an event of supply i, -1 for the host, and does what the rules
// say that is to be done on it.
func (t *turn) event(i int, name ups.Event, why Reason) {
	re := t.rules.reaction(i, name)
	e := Event{Name: name, Reason: why, Tell: re.Tell}
	if i >= 0 {
		e.UPS, e.Snapshot = t.state.Supplies[i].Name, t.state.Supplies[i].Last
	}
	t.do(e)
	t.react(i, re, name, string(name), why)
}

// reason begins a reason with the figures of supply i.
func (t *turn) reason(i int, code Code) Reason {
	last := t.state.Supplies[i].Last
	return Reason{Code: code, Charge: last.Charge, Runtime: last.Runtime}
}

// heard takes a report of a supply.
func (t *turn) heard(i int, s ups.Snapshot) {
	u := &t.state.Supplies[i]
	relinked := u.Link != Linked || u.Settle > 0 // the counts of readings start again
	flags := relinked || s.Readings != u.Last.Readings
	charge := relinked || s.ChargeReadings != u.Last.ChargeReadings
	was := *u
	u.Link, u.HeardAt, u.Last, u.LostDue, u.Settle = Linked, t.now, s, 0, 0
	if was.Link == Lost {
		why := t.reason(i, LinkBack)
		why.For, why.Status = t.now.Sub(was.LostAt), s.Status
		t.event(i, ups.EventCommOK, why)
	}
	if relinked {
		u.forgetUnconfirmed()
	}
	t.conditionsEnded(i)
	t.line(i)
	t.count(u, &t.rules.Supplies[i].Limits, flags, charge)
	if u.Line == OnBattery && s.Charge.Known && (!u.Lowest.Known || s.Charge.N < u.Lowest.N) {
		u.Lowest = s.Charge
	}
	t.low(i)
	t.replace(i)
	t.conditionsBegan(i)
	t.orders(i)
}

// line follows the power source. The first report on mains is no event, the
// first one on battery is; a report that says neither changes nothing.
func (t *turn) line(i int) {
	u := &t.state.Supplies[i]
	limit := t.rules.Supplies[i].Limits.OnBattery
	switch {
	case u.Last.Status.Has(ups.OnBattery) && u.Line != OnBattery:
		u.Line, u.OutageAt, u.LimitTold, u.Lowest = OnBattery, t.now, false, u.Last.Charge
		t.event(i, ups.EventOnBattery, t.reason(i, OnBatteryNow))
		if limit > 0 {
			t.do(TimerSet{UPS: u.Name, Timer: OnBatteryTimer, Action: TimerStart, After: limit, Event: ups.EventOnBattery})
		}
	case u.Last.Status.Has(ups.Online) && !u.Last.Status.Has(ups.OnBattery) && u.Line != OnMains:
		was := *u
		u.Line, u.OutageAt, u.LimitTold, u.Lowest, u.GivenUp = OnMains, 0, false, ups.Number{}, Reason{}
		if was.Line != OnBattery {
			return
		}
		if limit > 0 && !was.LimitTold {
			t.do(TimerSet{UPS: u.Name, Timer: OnBatteryTimer, Action: TimerCancel, Event: ups.EventOnBattery})
		}
		if t.state.Phase == Watching {
			u.Ordered = "" // it was about that outage
		}
		why := t.reason(i, BackOnMains)
		why.For, why.Lowest = t.now.Sub(was.OutageAt), was.Lowest
		t.event(i, ups.EventOnline, why)
		t.endOutage(i, was.OutageAt)
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
	u.Link, u.LostAt, u.SaidAt = Lost, t.now, t.now
	why := t.reason(i, LostOnMains)
	why.Gone = gone
	switch {
	case never:
		why.Code = NotFound
	case u.Line == OnBattery:
		u.LostDue = t.lostDue(i)
		why.Code, why.Wait = LostOnBattery, u.LostDue.Sub(t.now)
	}
	t.event(i, ups.EventCommBad, why)
}

// lostDue is when a supply that was lost on battery becomes critical: by the
// policy, but not later than the user's other limits. After a restart it has
// DeadTime to be found again, whatever was due meanwhile.
func (t *turn) lostDue(i int) Instant {
	u := &t.state.Supplies[i]
	wait := t.rules.DeadTime
	if t.rules.LinkLost == Estimate && u.Last.Runtime.Known {
		left := time.Duration(u.Last.Runtime.N) * time.Second
		wait = max(wait, left/3-t.rules.ShutdownTime)
	}
	due := u.HeardAt.Add(wait)
	if limit := t.rules.Supplies[i].Limits.OnBattery; limit > 0 {
		due = min(due, u.OutageAt.Add(limit))
	}
	for _, timer := range t.state.Timers {
		// A timer that would give the supply up is a limit of the user's too.
		if timer.UPS == u.Name && t.rules.timer(timer.Timer).Fire.GiveUp {
			due = min(due, timer.Due)
		}
	}
	return max(due, t.now, u.Settle)
}

// restarted gives every supply DeadTime to be heard afresh. Until then what
// was stored decides nothing: mains may have come back meanwhile, and that the
// device cannot be opened at the first try says nothing about it.
func (t *turn) restarted() {
	for i := range t.state.Supplies {
		u := &t.state.Supplies[i]
		if u.Link == NeverHeard {
			continue
		}
		u.Settle = t.now.Add(t.rules.DeadTime)
		if u.LostDue > 0 {
			u.LostDue = max(u.LostDue, u.Settle)
		}
	}
}

// expire does what time alone brings.
func (t *turn) expire() {
	for i := range t.state.Supplies {
		u := &t.state.Supplies[i]
		if u.Link == Linked && t.now > u.silentAt(t.rules) {
			t.lost(i, false)
		}
		if u.Settle > 0 && t.now > u.Settle {
			u.Settle = 0
		}
		t.noComm(i)
		t.low(i)
		t.replaceAgain(i)
		t.wait(i)
		t.limit(i)
		t.promote(i)
	}
	t.fireTimers()
}

// noComm repeats that a supply cannot be heard.
func (t *turn) noComm(i int) {
	u := &t.state.Supplies[i]
	if due, ok := u.noCommDue(t.rules); !ok || t.now < due {
		return
	}
	u.SaidAt = t.now
	why := t.reason(i, StillLost)
	why.Silent, why.Status = t.now.Sub(u.silentSince()), u.Last.Status
	t.event(i, ups.EventNoComm, why)
}

// noCommDue is when NOCOMM is to be told next: NoCommRepeat after the last
// word of the UPS, and then after each time that it was told.
func (u *SupplyState) noCommDue(r *Rules) (due Instant, ok bool) {
	if u.Link != Lost || r.NoCommRepeat <= 0 {
		return 0, false
	}
	if due := u.silentSince().Add(r.NoCommRepeat); u.SaidAt == u.LostAt && due > u.LostAt {
		return due, true
	}
	return u.SaidAt.Add(r.NoCommRepeat), true // COMMBAD came later than that: it has said so
}

// silentSince is the last word of a lost supply, or when it was looked for in
// vain.
func (u *SupplyState) silentSince() Instant {
	if u.HeardAt == 0 {
		return u.LostAt
	}
	return u.HeardAt
}

// limit tells that the time on battery has reached its limit.
func (t *turn) limit(i int) {
	u := &t.state.Supplies[i]
	limit := t.rules.Supplies[i].Limits.OnBattery
	if limit <= 0 || u.Line != OnBattery || u.LimitTold || u.Settle > 0 || t.now.Sub(u.OutageAt) < limit {
		return
	}
	u.LimitTold = true
	why := t.reason(i, LimitReached)
	why.For, why.Limit = u.OnBatteryFor(t.now), limit
	u.giveUp(why)
	t.do(TimerSet{UPS: u.Name, Timer: OnBatteryTimer, Action: TimerFire, Event: ups.EventOnBattery, Reason: why, Snapshot: u.Last})
}

// promote takes a supply that was lost on battery for low when its deadline
// has come.
func (t *turn) promote(i int) {
	u := &t.state.Supplies[i]
	if u.LostDue == 0 || t.now < u.LostDue || u.Settle > 0 || u.Low.Cause == LowSilent {
		return
	}
	if u.GivenUp.Code != "" {
		u.LostDue = 0 // there is nothing more to say, nor to take back later
		return
	}
	told := u.Low.Cause != ""
	u.Low = t.reason(i, Low)
	u.Low.Cause, u.Low.Silent = LowSilent, t.now.Sub(u.HeardAt)
	if !told {
		t.event(i, ups.EventLowBattery, u.Low)
	}
}

// forgetUnconfirmed begins to count readings anew: one from before a gap and
// one from after it are not two in a row. What was confirmed stays until a
// reading says otherwise.
func (u *SupplyState) forgetUnconfirmed() {
	for _, row := range []*Row{&u.Below, &u.Expired, &u.Imminent, &u.Charge, &u.Runtime, &u.Replace} {
		if !row.Confirmed() {
			*row = Row{}
		}
	}
}

// giveUp takes the supply for lost until mains returns. The first reason
// stays.
func (u *SupplyState) giveUp(why Reason) {
	if u.GivenUp.Code == "" {
		u.GivenUp = why
	}
}
