package monitor

import (
	"slices"
	"time"

	"ecnutd/ups"
)

// react does what a reaction asks for beyond telling. what names the rule in a
// sentence: the event, or the timer that ended.
func (t *turn) react(i int, re Reaction, event ups.Event, what string, why Reason) {
	for _, c := range re.Cancel {
		t.cancel(i, c, event, why)
	}
	for _, s := range re.Start {
		t.start(i, s, event)
	}
	if i < 0 {
		if re.Force {
			t.order("rule for " + what)
		}
		return
	}
	u := &t.state.Supplies[i]
	if re.GiveUp && u.Line == OnBattery {
		if why.Code != TimerEnded {
			why = t.reason(i, RuleGaveUp)
			why.Text = what
		}
		why.For = u.OnBatteryFor(t.now)
		u.giveUp(why)
	}
	if re.Force && (u.Link == Linked || u.Line == OnBattery) {
		t.order("rule for " + what)
	}
}

// owners are the supplies that an event is about: its own, or for an event of
// the host all.
func (t *turn) owners(i int) []int {
	if i >= 0 {
		return []int{i}
	}
	all := make([]int, len(t.state.Supplies))
	for i := range all {
		all[i] = i
	}
	return all
}

// start starts a timer. One that runs keeps its end, unless told otherwise.
func (t *turn) start(i int, s Start, event ups.Event) {
	timer := t.rules.timer(s.Timer)
	if timer == nil {
		return
	}
	after := s.After
	if after <= 0 {
		after = timer.After
	}
	if t.firing {
		after = max(after, time.Second) // timers that start one another must not spin
	}
	for _, i := range t.owners(i) {
		name := t.state.Supplies[i].Name
		if j := t.running(name, s.Timer); j >= 0 {
			if !s.Restart {
				continue
			}
			t.state.Timers = slices.Delete(t.state.Timers, j, j+1)
		}
		t.state.Timers = append(t.state.Timers, TimerState{s.Timer, name, event, t.now, t.now.Add(after)})
		t.do(TimerSet{UPS: name, Timer: s.Timer, Action: TimerStart, After: after, Event: event})
	}
}

// cancel ends a timer, or says what is to be said when there is none.
func (t *turn) cancel(i int, c Cancel, event ups.Event, why Reason) {
	for _, i := range t.owners(i) {
		u := &t.state.Supplies[i]
		j := t.running(u.Name, c.Timer)
		if j >= 0 {
			t.stop(j)
			continue
		}
		if c.Else.any() {
			t.do(TimerSet{UPS: u.Name, Timer: c.Timer, Action: TimerMissed, Event: event, Reason: why, Snapshot: u.Last, Tell: c.Else})
		}
	}
}

// stop ends running timer j.
func (t *turn) stop(j int) {
	timer := t.state.Timers[j]
	t.state.Timers = slices.Delete(t.state.Timers, j, j+1)
	t.do(TimerSet{UPS: timer.UPS, Timer: timer.Timer, Action: TimerCancel, Event: timer.Event})
}

// running finds a timer of a supply that runs; -1 for none.
func (t *turn) running(ups, name string) int {
	return slices.IndexFunc(t.state.Timers, func(ts TimerState) bool { return ts.UPS == ups && ts.Timer == name })
}

// endOutage ends the shutdown timers of a supply that belong to the outage that
// began at an instant, whether or not a rule cancels them.
func (t *turn) endOutage(i int, began Instant) {
	for j := len(t.state.Timers) - 1; j >= 0; j-- {
		timer := t.state.Timers[j]
		fire := t.rules.timer(timer.Timer).Fire
		bound := fire.GiveUp || fire.Force && ofOutage(timer.Event) && timer.Started >= began
		if timer.UPS == t.state.Supplies[i].Name && bound {
			t.stop(j)
		}
	}
}

// ofOutage tells whether an event that comes during an outage is about it. A
// forced shutdown because of an alarm, for one, has nothing to do with mains.
func ofOutage(e ups.Event) bool {
	switch e {
	case ups.EventOnBattery, ups.EventLowBattery, ups.EventCommBad, ups.EventNoComm:
		return true
	}
	return false
}

// fireTimers ends the timers that are due, the earliest first. A timer of a
// supply that was not heard since a restart waits until it is.
func (t *turn) fireTimers() {
	t.firing = true
	defer func() { t.firing = false }()
	for {
		due := -1
		for j, timer := range t.state.Timers {
			if timer.Due <= t.now && !t.held(&timer) && (due < 0 || timer.Due < t.state.Timers[due].Due) {
				due = j
			}
		}
		if due < 0 {
			return
		}
		t.fire(due)
	}
}

func (t *turn) held(timer *TimerState) bool {
	u := t.state.supply(timer.UPS)
	return u == nil || u.Settle > 0
}

// fire ends timer j and does what it is for.
func (t *turn) fire(j int) {
	timer := t.state.Timers[j]
	t.state.Timers = slices.Delete(t.state.Timers, j, j+1)
	fire := t.rules.timer(timer.Timer).Fire
	i := slices.IndexFunc(t.state.Supplies, func(u SupplyState) bool { return u.Name == timer.UPS })
	u := &t.state.Supplies[i]
	why := t.reason(i, TimerEnded)
	why.Text, why.For, why.Limit = timer.Timer, u.OnBatteryFor(t.now), timer.Due.Sub(timer.Started)
	t.do(TimerSet{UPS: u.Name, Timer: timer.Timer, Action: TimerFire, Event: timer.Event, Reason: why, Snapshot: u.Last, Tell: fire.Tell})
	t.react(i, fire, timer.Event, "timer "+timer.Timer, why)
}

// any tells whether there is anybody to tell.
func (t Tell) any() bool { return t.Log || t.Wall || t.Message != "" || len(t.Execs) > 0 }
