package monitor

import (
	"time"

	"ecnutd/ups"
)

const (
	// okWait is how long COMMOK waits for the first status and numbers.
	okWait = 5 * time.Second

	// steadyOnBattery is how long a link that is back on battery must stay before
	// COMMOK: it often comes and goes when the mains does.
	steadyOnBattery = 5 * time.Second

	// seriesWithin: a link that is lost again within seriesWithin of COMMOK comes and goes: it
	// must then stay for steadyInSeries. A second message of a series comes after
	// seriesAgain.
	seriesWithin   = 5 * time.Minute
	steadyInSeries = time.Minute
	seriesAgain    = 5 * time.Minute

	// figuresWait is how long ONBATT waits for figures of after the transfer.
	figuresWait = time.Second
)

// Contact is what was told of the link to a supply.
type Contact struct {
	BadAt  Instant `json:"bad_at,omitempty"`  // when COMMBAD was told; 0 when COMMOK was since, or never was a need
	SaidAt Instant `json:"said_at,omitempty"` // when COMMBAD or NOCOMM was last told
	OKAt   Instant `json:"ok_at,omitempty"`   // when COMMOK was last told
	Losses int     `json:"losses,omitempty"`  // of the link since COMMBAD
	Again  bool    `json:"again,omitempty"`   // that it comes and goes was told
	Series bool    `json:"series,omitempty"`  // it was lost soon after COMMOK
}

// Held is an event that has happened and waits to be told until its figures are
// known, or Due has come.
type Held struct {
	Event  ups.Event `json:"event,omitempty"` // "" for none
	Due    Instant   `json:"due,omitempty"`
	Steady bool      `json:"steady,omitempty"` // it waits for Due, whatever is known
}

// A loss is how a link was lost.
type loss struct {
	gone    bool // it left the bus
	silent  bool // it was not heard for too long
	answers bool // it answers, but not about where its power comes from
	falls   bool // its charge falls while it says mains, and that is not fresh
	why     Reason
}

// dead is the time after which a supply that is not heard counts as lost: no
// less than three times its slowest answer.
func (u *SupplyState) dead(r *Rules) time.Duration {
	return max(r.DeadTime, 3*u.Last.Age.Slowest)
}

// silentAt is when a linked supply that says nothing more counts as lost.
func (u *SupplyState) silentAt(r *Rules) Instant {
	return max(u.HeardAt.Add(u.dead(r)), u.Settle)
}

// remoteTime is how long a UPS of another host may take until it is first heard.
const remoteTime = 90 * time.Second

// awaitedTo is when a supply that was never heard has had its time.
func (u *SupplyState) awaitedTo(r *Rules, secondary bool) Instant {
	wait := u.dead(r)
	if secondary {
		wait = max(wait, remoteTime)
	}
	return u.AwaitedAt.Add(wait)
}

// lost takes the loss of the link. It is told at once, and on battery with what
// will follow; in a link that comes and goes only now and then.
func (t *turn) lost(i int, how loss) {
	u := &t.state.Supplies[i]
	if u.Link == Lost && !how.falls {
		u.LostFrom = t.now // what it said before that was not the end of the loss
		return
	}
	if u.Held.Event == ups.EventCommOK {
		u.Held = Held{} // it was not back for long enough
	}
	never := u.Line == LineUnknown
	u.Link, u.LostAt, u.LostFrom = Lost, t.now, t.now
	if how.silent {
		u.LostFrom = min(t.now, u.silentAt(t.rules))
	}
	if u.Line == OnBattery && (u.LostDue == 0 || u.LostDue > t.now) {
		u.LostDue, u.LostLeft = t.lostDue(i, how), 0
	}
	if t.state.Phase == Down {
		return // the host is on its way down, and what follows from a loss is no news
	}
	why := t.reason(i, LostOnMains)
	why.Gone, why.Answers = how.gone, how.answers
	c := &u.Contact
	again := c.BadAt > 0 && !how.falls
	switch {
	case how.falls:
		why = how.why
	case never:
		why.Code = NotFound
	case u.Line == OnBattery:
		why.Code = LostOnBattery
	}
	if u.Line == OnBattery {
		why.Wait = t.state.criticalAt(u, t.rules).Sub(t.now)
		why.Feeds, why.Stays = t.feeders(i)
	}
	if again {
		c.Losses++
		if c.Again || since(t.now, c.BadAt) < seriesAgain {
			return
		}
		c.Again = true
		why.Losses, why.For = c.Losses, since(t.now, c.BadAt)
	} else {
		*c = Contact{BadAt: t.now, OKAt: c.OKAt, Losses: 1, Series: c.OKAt > 0 && since(t.now, c.OKAt) < seriesWithin}
	}
	c.SaidAt = t.now
	t.event(i, ups.EventCommBad, why)
}

// lostDue is when a supply that was lost on battery becomes critical: by the
// policy, but not later than the user's other limits. After a restart it has
// its time to be found again, whatever was due meanwhile.
func (t *turn) lostDue(i int, how loss) Instant {
	u := &t.state.Supplies[i]
	from := u.HeardAt
	if how.answers || how.falls {
		from = t.now // it is there: what it does not say is told first
	}
	wait := u.dead(t.rules)
	if t.rules.LinkLost == Estimate {
		if left, ok := u.runtimeLeft(from); ok {
			wait = max(wait, left/3-t.rules.ShutdownTime)
		}
	}
	if u.LostLeft > 0 {
		wait = u.LostLeft // the time that it was lost adds up
	}
	due := from.Add(wait)
	if limit := t.rules.Supplies[i].Limits.OnBattery; limit > 0 && u.outage() && u.Paused == 0 {
		due = min(due, u.OutageAt.Add(limit))
	}
	for _, timer := range t.state.Timers {
		// A timer that would give the supply up is a limit of the user's too.
		if timer.UPS == u.Name && u.Paused == 0 && t.rules.Timer(timer.Timer).Fire.GiveUp {
			due = min(due, timer.Due)
		}
	}
	return max(due, t.now, u.Settle)
}

// runtimeLeft is what is left at an instant of the runtime last known.
func (u *SupplyState) runtimeLeft(at Instant) (left time.Duration, ok bool) {
	n := &u.Numbers
	if !n.Runtime.Known {
		return 0, false
	}
	left = time.Duration(n.Runtime.N) * time.Second
	if u.Line == OnBattery {
		left -= since(at, max(n.RuntimeAt, u.OutageAt))
	}
	return max(0, left), true
}

// complete reports whether the supply has said, since its link was lost last,
// all that takes a deadline back: where its power comes from, and its charge or
// its runtime, where it has them.
func (u *SupplyState) complete() bool {
	n := &u.Numbers
	return n.ChargeAt == 0 && n.RuntimeAt == 0 || n.ChargeAt >= u.LostAt || n.RuntimeAt >= u.LostAt
}

// takeBack does with the deadline of a lost supply what its word allows.
func (t *turn) takeBack(i int) {
	u := &t.state.Supplies[i]
	switch {
	case u.Line != OnBattery, u.complete():
		u.LostDue, u.LostLeft, u.Moves = 0, 0, 0
	case u.LostDue > t.now:
		u.LostDue, u.LostLeft = 0, u.LostDue.Sub(t.now)
	}
}

// linkBack holds COMMOK until it can say something, and on battery, or where the
// link comes and goes, until the link has stayed. known reports whether the supply
// was ever heard before.
func (t *turn) linkBack(i int, known bool) {
	u := &t.state.Supplies[i]
	if u.Contact.BadAt == 0 {
		return
	}
	u.Held = Held{Event: ups.EventCommOK, Due: t.now.Add(okWait)}
	switch {
	case u.Contact.Series:
		u.Held.Due, u.Held.Steady = t.now.Add(steadyInSeries), true
	case u.Last.Status.Has(ups.OnBattery):
		u.Held.Due, u.Held.Steady = t.now.Add(steadyOnBattery), true
	case known && u.Numbers.ChargeAt == 0 && u.Numbers.RuntimeAt == 0:
		u.Held.Due = t.now // it has none to wait for
	}
}

// flush tells the event that a supply holds.
func (t *turn) flush(i int) {
	u := &t.state.Supplies[i]
	held := u.Held
	u.Held = Held{}
	switch held.Event {
	case ups.EventCommOK:
		why := t.reason(i, LinkBack)
		why.For, why.Status, why.Losses = since(t.now, u.Contact.BadAt), u.Last.Status, u.Contact.Losses
		u.Contact = Contact{OKAt: t.now}
		t.event(i, held.Event, why)
	case ups.EventOnBattery:
		t.tell(i, held.Event, t.reason(i, OnBatteryNow))
	}
}

// release tells the event that a supply holds when it has what it waits for.
func (t *turn) release(i int) {
	u := &t.state.Supplies[i]
	ready := false
	switch u.Held.Event {
	case "":
		return
	case ups.EventCommOK:
		ready = !u.Held.Steady && u.figures(u.LostAt)
	case ups.EventOnBattery:
		ready = u.figures(u.OutageAt)
	}
	if ready || t.now >= u.Held.Due {
		t.flush(i)
	}
}

// figures reports whether the charge and the runtime, where the supply has them,
// were read after an instant.
func (u *SupplyState) figures(after Instant) bool {
	n := &u.Numbers
	return n.ChargeAt > 0 && n.ChargeAt >= after && (n.RuntimeAt == 0 || n.RuntimeAt >= after)
}

// silence ends the link of a supply that has not said for too long where its
// power comes from, or never has.
func (t *turn) silence(i int) {
	u := &t.state.Supplies[i]
	answers := u.SpokeAt > u.HeardAt && since(t.now, u.SpokeAt) < u.dead(t.rules)
	switch {
	case u.Link == Linked && t.now > u.silentAt(t.rules),
		u.Link == NeverHeard && t.now >= u.awaitedTo(t.rules, t.rules.Supplies[i].Secondary):
		t.lost(i, loss{silent: true, answers: answers})
	}
}

// noComm repeats that a supply cannot be heard.
func (t *turn) noComm(i int) {
	u := &t.state.Supplies[i]
	if due, ok := u.noCommDue(t.rules); !ok || t.now < due || t.state.Phase == Down {
		return
	}
	u.Contact.SaidAt = t.now
	why := t.reason(i, StillLost)
	why.Silent, why.Status = since(t.now, u.silentSince()), u.Last.Status
	t.event(i, ups.EventNoComm, why)
}

// noCommDue is when NOCOMM is to be told next: NoCommRepeat after the last
// word of the UPS, and then after each time that it was told.
func (u *SupplyState) noCommDue(r *Rules) (due Instant, ok bool) {
	if u.Link != Lost || u.Contact.BadAt == 0 || r.NoCommRepeat <= 0 {
		return 0, false
	}
	c := &u.Contact
	if due := u.silentSince().Add(r.NoCommRepeat); c.SaidAt <= u.LostAt && due > u.LostAt {
		if c.SaidAt > c.BadAt {
			due = max(due, c.SaidAt.Add(r.NoCommRepeat)) // it was told before the link was back for a moment
		}
		return due, true
	}
	return c.SaidAt.Add(r.NoCommRepeat), true // COMMBAD came later than that: it has said so
}

// silentSince is the last word of a lost supply, or when it was looked for in
// vain.
func (u *SupplyState) silentSince() Instant {
	if u.HeardAt == 0 {
		return u.LostAt
	}
	return u.HeardAt
}

// promote takes a supply that was lost on battery for low when its deadline
// has come.
func (t *turn) promote(i int) {
	u := &t.state.Supplies[i]
	if u.LostDue == 0 || t.now < u.LostDue || u.Settle > 0 || u.Low.Cause == LowSilent || t.state.maintained() {
		return
	}
	if u.GivenUp.Code != "" {
		u.LostDue = 0 // there is nothing more to say, nor to take back later
		return
	}
	told := u.Low.Cause != ""
	u.Low = t.reason(i, Low)
	u.Low.Cause, u.Low.Silent = LowSilent, since(t.now, u.silentSince())
	u.Low.Feeds, u.Low.Stays = t.feeders(i)
	if !told {
		t.event(i, ups.EventLowBattery, u.Low)
	}
}
