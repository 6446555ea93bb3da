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
		return // Force on an event of the host has nothing to add: its shutdown is under way, or was called off
	}
	u := &t.state.Supplies[i]
	if re.GiveUp && u.outage() && u.Paused == 0 {
		if why.Code != TimerEnded {
			why = t.reason(i, RuleGaveUp)
			why.Text = what
		}
		why.For = u.OnBatteryFor(t.now)
		u.giveUp(why)
	}
	if re.Force && t.stands(u, event) {
		t.order("rule for " + what)
	}
}

// stands reports whether what an event told of is still so, in a way that may
// shut a host down: an outage, or one of the conditions that say that the UPS
// itself is in trouble. A loss of the link, or a low battery, on mains is none.
func (t *turn) stands(u *SupplyState, e ups.Event) bool {
	switch bit := troubles[e]; {
	case bit == 0: // what ended it may be in the very report
		return u.outage() && u.Paused == 0 && (u.Link != Linked || u.Last.Status.Has(ups.OnBattery))
	case u.Link != Linked:
		return false
	case e == ups.EventReplace:
		return u.Replace.N > 0
	default:
		return u.Last.Status.Has(bit)
	}
}

// troubles are the events that say that the UPS itself is in trouble. A shutdown
// that is forced for one has nothing to do with mains.
var troubles = map[ups.Event]ups.Status{
	ups.EventOver: ups.Overloaded, ups.EventOff: ups.Off, ups.EventAlarm: ups.Alarm, ups.EventBypass: ups.Bypassed,
	ups.EventReplace: ups.ReplaceBattery,
}

// shuts reports whether a timer is one that shuts the host down, for what has to
// do with an outage.
func (t *turn) shuts(timer *TimerState) bool {
	fire := t.rules.Timer(timer.Timer).Fire
	return fire.GiveUp || fire.Force && troubles[timer.Event] == 0
}

// rebase begins the timers of a supply that shut down with its outage, whatever
// started them on mains: they have their whole length before them.
func (t *turn) rebase(i int) {
	u := &t.state.Supplies[i]
	for j := range t.state.Timers {
		timer := &t.state.Timers[j]
		if timer.UPS != u.Name || timer.Started >= t.now || !t.shuts(timer) {
			continue
		}
		after := timer.Due.Sub(timer.Started)
		timer.Event, timer.Started, timer.Due = ups.EventOnBattery, t.now, t.now.Add(after)
		t.do(TimerSet{UPS: u.Name, Timer: timer.Timer, Action: TimerStart, After: after, Event: ups.EventOnBattery})
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
	timer := t.rules.Timer(s.Timer)
	if timer == nil || t.state.Phase == Down {
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
		if c.Else.Any() {
			t.do(TimerSet{UPS: u.Name, Timer: c.Timer, Action: TimerMissed, Event: event, Reason: why, Snapshot: u.Last, Tell: t.aloud(c.Else)})
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
		bound := t.shuts(&timer) && timer.Started >= began
		if timer.UPS == t.state.Supplies[i].Name && bound {
			t.stop(j)
		}
	}
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
		i := t.index(t.state.Timers[due].UPS)
		if u := &t.state.Supplies[i]; u.Held.Event != "" && u.complete() {
			t.flush(i) // it may be what cancels the timer
			continue
		}
		t.fire(due)
	}
}

// held reports whether a timer stands still: its supply was not heard since a
// restart, it calibrates in an outage, or the command was given.
func (t *turn) held(timer *TimerState) bool {
	i := t.index(timer.UPS)
	if i < 0 {
		return true
	}
	u := &t.state.Supplies[i]
	return u.Settle > 0 || u.Paused > 0 && t.shuts(timer) || t.state.Phase == Down
}

// fire ends timer j and does what it is for.
func (t *turn) fire(j int) {
	timer := t.state.Timers[j]
	t.state.Timers = slices.Delete(t.state.Timers, j, j+1)
	fire := t.rules.Timer(timer.Timer).Fire
	i := t.index(timer.UPS)
	u := &t.state.Supplies[i]
	why := t.reason(i, TimerEnded)
	why.Text, why.For, why.Limit = timer.Timer, u.OnBatteryFor(t.now), timer.Due.Sub(timer.Started)
	t.do(TimerSet{UPS: u.Name, Timer: timer.Timer, Action: TimerFire, Event: timer.Event, Reason: why, Snapshot: u.Last, Tell: t.aloud(fire.Tell)})
	t.react(i, fire, timer.Event, "timer "+timer.Timer, why)
}

// index is the place of a supply that there is.
func (t *turn) index(name string) int { return t.names.find(name, 0) }
