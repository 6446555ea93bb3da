package monitor

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/google/go-cmp/cmp"

	"ecnutd/ups"
)

// An auditor stands beside a monitor and checks each answer against what must
// hold always. It knows the inputs that it handed in and the effects that came
// out, keeps its own notes of both, and takes nothing from the state but the
// instant of Next.
type auditor struct {
	rules Rules
	state State
	now   Instant
	deep  bool // compare copies and repeat each Step, too, and keep the story
	story []string

	line     map[string]Line         // what was heard last
	lost     map[string]bool         // by COMMBAD and COMMOK
	heardAt  map[string]Instant      // when something was heard last
	last     map[string]ups.Snapshot // what
	open     map[string]bool         // "ups EVENT" that has begun and not ended
	at       map[string]Instant      // when "ups EVENT" was told last
	alarm    map[string]string       // text told last
	running  map[string]Instant      // "ups timer" to its end
	restart  Instant                 // the last one
	ordered  map[string]bool         // a shutdown of what hangs on it, until mains is back
	forced   bool                    // an order or a rule of force was met
	under    bool                    // a shutdown is under way
	said     Instant                 // when SHUTDOWN was told; 0 when not or taken back
	finalTo  Instant                 // before then no command
	down     bool
	poweroff Instant
}

func newAuditor(r Rules) *auditor {
	return &auditor{
		rules: r, deep: true,
		line: map[string]Line{}, lost: map[string]bool{}, heardAt: map[string]Instant{}, last: map[string]ups.Snapshot{},
		open: map[string]bool{}, at: map[string]Instant{}, alarm: map[string]string{}, running: map[string]Instant{},
		ordered: map[string]bool{},
	}
}

// opposite is what has to come between two events of the same name.
var opposite = map[ups.Event]ups.Event{
	ups.EventOnBattery: ups.EventOnline, ups.EventLowBattery: ups.EventNotLowBattery, ups.EventCommBad: ups.EventCommOK,
	ups.EventShutdown: ups.EventNotShutdown, ups.EventReplace: ups.EventNotReplace, ups.EventCal: ups.EventNotCal,
	ups.EventOff: ups.EventNotOff, ups.EventBypass: ups.EventNotBypass, ups.EventOver: ups.EventNotOver,
	ups.EventTrim: ups.EventNotTrim, ups.EventBoost: ups.EventNotBoost, ups.EventAlarm: ups.EventNotAlarm,
}

// began finds the event that an event ends; "" for one that ends nothing.
func began(end ups.Event) ups.Event {
	for begin, e := range opposite {
		if e == end {
			return begin
		}
	}
	return ""
}

// run calls Step whenever Next asks for it, up to but without an instant.
func (a *auditor) run(until Instant) error {
	for {
		at, ok := a.state.Next(a.rules)
		if !ok || at >= until {
			return nil
		}
		if err := a.step(max(at, a.now), Elapsed{}); err != nil {
			return err
		}
	}
}

// step hands in one input and checks what comes of it.
func (a *auditor) step(now Instant, in Input) error {
	a.now = now
	a.note(in)
	var was State
	var before Rules
	if a.deep {
		was, before = copyState(a.state), copyRules(a.rules)
	}
	next, effects := Step(a.rules, a.state, now, in)
	if a.deep {
		switch again, same := Step(a.rules, a.state, now, in); {
		case !reflect.DeepEqual(was, a.state):
			return fmt.Errorf("%s: Step changed the state it was given:\n%s", now, cmp.Diff(was, a.state))
		case !reflect.DeepEqual(before, a.rules):
			return fmt.Errorf("%s: Step changed the rules", now)
		case !reflect.DeepEqual(next, again) || !reflect.DeepEqual(effects, same):
			return fmt.Errorf("%s: Step answers differently to the same question", now)
		}
	}
	a.state = next
	if a.deep {
		a.story = append(a.story, fmt.Sprintf("%s %T%+v -> %s", now, in, in, briefs(effects)))
	}
	for k, e := range effects {
		if err := a.effect(e, effects[:k]); err != nil {
			return fmt.Errorf("%s: %T: %s: %w\nof %s", now, in, brief(e), err, briefs(effects))
		}
	}
	return a.idle()
}

// idle checks that Next does not stay where it is: an effect may bring a timer
// without a delay that is due at once, but never one that is due for ever.
func (a *auditor) idle() error {
	for range 4 {
		at, ok := a.state.Next(a.rules)
		if !ok || at > a.now {
			return nil
		}
		next, effects := Step(a.rules, a.state, a.now, Elapsed{})
		a.state = next
		for k, e := range effects {
			if err := a.effect(e, effects[:k]); err != nil {
				return fmt.Errorf("%s: again: %s: %w\nof %s", a.now, brief(e), err, briefs(effects))
			}
		}
	}
	at, _ := a.state.Next(a.rules)
	return fmt.Errorf("%s: Next stays at %s", a.now, at)
}

// note writes down what the monitor is told.
func (a *auditor) note(in Input) {
	if _, again := in.(Restarted); again {
		a.restart = a.now
	}
	if a.down {
		return
	}
	switch in := in.(type) {
	case Heard:
		name := a.rules.Supplies[in.Supply].Name
		a.heardAt[name], a.last[name] = a.now, in.Snapshot
		switch {
		case in.Snapshot.Status.Has(ups.OnBattery):
			a.line[name] = OnBattery
		case in.Snapshot.Status.Has(ups.Online):
			a.line[name] = OnMains
		}
	case ForceShutdown:
		a.forced = true
	case ForceSupply:
		a.ordered[a.rules.Supplies[in.Supply].Name] = true
	}
}

func (a *auditor) effect(e Effect, sofar []Effect) error {
	if a.down {
		_, flag := e.(WriteFlag)
		_, off := e.(PowerOff)
		if !flag && !off || a.restart != a.now {
			return fmt.Errorf("after the command")
		}
		return nil
	}
	switch e := e.(type) {
	case Event:
		return a.event(e)
	case TimerSet:
		return a.timer(e)
	case Shutdown:
		if a.under {
			return fmt.Errorf("decided twice")
		}
		a.under = true
		return a.allowed()
	case CallOff:
		if !a.under {
			return fmt.Errorf("nothing to call off")
		}
		a.under = false
	case WriteFlag:
		return a.allowed()
	case PowerOff:
		a.down, a.poweroff = true, a.now
		if len(sofar) == 0 {
			return fmt.Errorf("no flag before it")
		}
		if _, ok := sofar[len(sofar)-1].(WriteFlag); !ok {
			return fmt.Errorf("no flag right before it")
		}
		if a.said == 0 || a.now < a.finalTo {
			return fmt.Errorf("SHUTDOWN at %s, final delay to %s", a.said, a.finalTo)
		}
		return a.allowed()
	}
	return nil
}

// allowed checks that a shutdown has a reason that the inputs can give.
func (a *auditor) allowed() error {
	if a.forced {
		return nil
	}
	power, battery := 0, false
	for _, s := range a.rules.Supplies {
		if a.line[s.Name] == OnBattery || a.given(s.Name) {
			battery = true
		} else if a.rules.LostCounts || !a.lost[s.Name] {
			power += s.Power
		}
	}
	if !battery {
		return fmt.Errorf("no supply is on battery")
	}
	if power >= a.rules.MinSupplies {
		return fmt.Errorf("a power value of %d is not on battery, %d suffices", power, a.rules.MinSupplies)
	}
	return nil
}

// given tells whether somebody ordered a shutdown of what hangs on a supply.
func (a *auditor) given(name string) bool {
	return a.ordered[name] || a.last[name].Status.Has(ups.ForcedShutdown)
}

func (a *auditor) event(e Event) error {
	re := a.rules.On[e.Name]
	i := slices.IndexFunc(a.rules.Supplies, func(s Supply) bool { return s.Name == e.UPS })
	if e.Name.Host() != (i < 0) {
		return fmt.Errorf("event of %q", e.UPS)
	}
	if i >= 0 {
		re = a.rules.Supplies[i].On[e.Name]
	}
	a.forced = a.forced || re.Force
	key := func(name ups.Event) string { return e.UPS + " " + string(name) }
	last, told := a.at[key(e.Name)]
	a.at[key(e.Name)] = a.now
	switch e.Name {
	case ups.EventFSD:
		if !a.under && !a.given(e.UPS) {
			return fmt.Errorf("without a shutdown, and without an order")
		}
		return nil
	case ups.EventOnline:
		if !a.under {
			a.ordered[e.UPS] = false
		}
	case ups.EventNoComm:
		switch repeat := a.rules.NoCommRepeat; {
		case !a.lost[e.UPS]:
			return fmt.Errorf("the link is not lost")
		case repeat <= 0:
			return fmt.Errorf("it was not wanted")
		case a.now.Sub(a.heardAt[e.UPS]) < repeat:
			return fmt.Errorf("heard %s ago", a.now.Sub(a.heardAt[e.UPS]))
		case told && last > a.at[key(ups.EventCommBad)] && a.now.Sub(last) < repeat:
			return fmt.Errorf("told %s ago", a.now.Sub(last))
		}
		return nil
	case ups.EventReplace:
		if a.open[key(e.Name)] && (a.rules.ReplaceBatteryRepeat <= 0 || a.now.Sub(last) < a.rules.ReplaceBatteryRepeat) {
			return fmt.Errorf("told %s ago", a.now.Sub(last))
		}
		a.open[key(e.Name)] = true
		return nil
	case ups.EventAlarm:
		if text := a.last[e.UPS].Alarm; a.open[key(e.Name)] && text == a.alarm[e.UPS] {
			return fmt.Errorf("told twice")
		}
		a.open[key(e.Name)], a.alarm[e.UPS] = true, a.last[e.UPS].Alarm
		return nil
	case ups.EventShutdown:
		if !a.under {
			return fmt.Errorf("without a decision")
		}
		a.said, a.finalTo = a.now, a.now.Add(a.rules.FinalDelay)
	case ups.EventNotShutdown:
		if a.under {
			return fmt.Errorf("not called off")
		}
		a.said = 0
	case ups.EventCommBad:
		a.lost[e.UPS] = true
	case ups.EventCommOK:
		a.lost[e.UPS] = false
	}
	if end, ok := opposite[e.Name]; ok {
		if a.open[key(e.Name)] {
			return fmt.Errorf("twice without %s", end)
		}
		a.open[key(e.Name)] = true
		return nil
	}
	begin := began(e.Name)
	if !a.open[key(begin)] {
		return fmt.Errorf("without %s", begin)
	}
	a.open[key(begin)] = false
	return nil
}

func (a *auditor) timer(e TimerSet) error {
	key := e.UPS + " " + e.Timer
	due, runs := a.running[key]
	switch e.Action {
	case TimerStart:
		if runs {
			// A restart says so by a start; a second start keeps the first.
			if e.Timer == OnBatteryTimer {
				return fmt.Errorf("it runs")
			}
		}
		a.running[key] = a.now.Add(e.After)
		return nil
	case TimerMissed:
		if runs {
			return fmt.Errorf("it runs")
		}
		return nil
	}
	if !runs {
		return fmt.Errorf("it does not run")
	}
	delete(a.running, key)
	if e.Action != TimerFire {
		return nil
	}
	for _, timer := range a.rules.Timers {
		a.forced = a.forced || timer.Name == e.Timer && timer.Fire.Force
	}
	if a.now < due {
		return fmt.Errorf("%s too early", due-a.now)
	}
	if late := a.now.Sub(due); late > 0 && (a.restart == 0 || a.now > a.restart.Add(a.rules.DeadTime)+1) {
		return fmt.Errorf("%s too late", late)
	}
	return nil
}

func briefs(effects []Effect) []string {
	var list []string
	for _, e := range effects {
		list = append(list, brief(e))
	}
	return list
}

func copyState(s State) State {
	s.Supplies, s.Timers = slices.Clone(s.Supplies), slices.Clone(s.Timers)
	return s
}

func copyRules(r Rules) Rules {
	reactions := func(m map[ups.Event]Reaction) map[ups.Event]Reaction {
		out := map[ups.Event]Reaction{}
		for e, re := range m {
			out[e] = copyReaction(re)
		}
		return out
	}
	r.Supplies, r.Timers, r.On = slices.Clone(r.Supplies), slices.Clone(r.Timers), reactions(r.On)
	for i := range r.Supplies {
		r.Supplies[i].On = reactions(r.Supplies[i].On)
	}
	for i := range r.Timers {
		r.Timers[i].Fire = copyReaction(r.Timers[i].Fire)
	}
	return r
}

func copyReaction(re Reaction) Reaction {
	re.Start, re.Cancel = slices.Clone(re.Start), slices.Clone(re.Cancel)
	re.Tell.Execs = slices.Clone(re.Tell.Execs)
	return re
}

// A chooser gives numbers from 0 to n-1: rapid's, or the bytes of the fuzzer.
type chooser interface{ pick(n int) int }

// choose takes one of a list.
func choose[T any](c chooser, list ...T) T { return list[c.pick(len(list))] }

// randomRules are rules that a careless administrator might write: timers
// that start one another, limits of all kinds, delays of nothing.
func randomRules(c chooser) Rules {
	names := []string{"a", "b", "c"}[:1+c.pick(3)]
	r := Defaults(names...)
	sum := 0
	for i := range r.Supplies {
		s := &r.Supplies[i]
		s.Power = 1 + c.pick(2)
		s.Secondary = c.pick(3) == 0
		sum += s.Power
		s.Limits.OnBattery = choose(c, 0, 0, 3*time.Second, time.Minute, 20*time.Minute)
		s.Limits.Charge = choose(c, ups.Number{}, ups.Known(0), ups.Known(30), ups.Known(100))
		s.Limits.Runtime = choose(c, ups.Number{}, ups.Known(0), ups.Known(120))
		s.Limits.ShutdownImminent = choose(c, Trust{Grace: 30 * time.Second}, Trust{}, Trust{Ignored: true})
	}
	r.MinSupplies = c.pick(sum + 1)
	r.DeadTime = choose(c, 15*time.Second, 6*time.Second, time.Minute)
	r.HostSync = choose(c, 15*time.Second, 0, 3*time.Second)
	r.FinalDelay = choose(c, 5*time.Second, 0, 2*time.Second)
	r.NoCommRepeat = choose(c, 0, 4*time.Second, 20*time.Second, 5*time.Minute)
	r.ReplaceBatteryRepeat = choose(c, 0, 7*time.Second, 5*time.Minute)
	r.LinkLost = choose(c, Estimate, Strict)
	r.ShutdownTime = choose(c, time.Minute, 0)
	r.LostCounts = c.pick(3) > 0
	timers := []string{"x", "y", "z"}[:c.pick(4)]
	for _, name := range timers {
		r.Timers = append(r.Timers, Timer{
			Name:  name,
			After: choose(c, 0, time.Second, 5*time.Second, time.Minute, 10*time.Minute),
			Fire:  randomReaction(c, timers),
		})
	}
	for range c.pick(6) {
		e := ups.Events[c.pick(len(ups.Events))]
		on(&r, e, randomReaction(c, timers))
	}
	return r
}

func randomReaction(c chooser, timers []string) Reaction {
	re := Reaction{Tell: choose(c, Tell{}, say("x")), GiveUp: c.pick(4) == 0, Force: c.pick(8) == 0}
	if len(timers) == 0 {
		return re
	}
	for range c.pick(3) {
		re.Start = append(re.Start, Start{Timer: choose(c, timers...), After: choose(c, 0, 0, 2*time.Second), Restart: c.pick(2) == 0})
	}
	for range c.pick(2) {
		re.Cancel = append(re.Cancel, Cancel{Timer: choose(c, timers...), Else: choose(c, Tell{}, say("else"))})
	}
	return re
}

// randomSnapshot is what a supply might say, in its mind or out of it.
func randomSnapshot(c chooser, last ups.Snapshot) ups.Snapshot {
	s := last
	if c.pick(4) > 0 {
		s.Readings++
	}
	if c.pick(4) > 0 {
		s.ChargeReadings++
	}
	s.Status = choose(c, ups.Online, ups.OnBattery, ups.OnBattery, ups.Online|ups.OnBattery, 0)
	for range c.pick(3) {
		s.Status |= choose(c, ups.ReplaceBattery, ups.Calibrating, ups.Off, ups.Bypassed, ups.Overloaded, ups.Trimming, ups.Boosting, ups.Alarm)
	}
	if c.pick(12) == 0 {
		s.Status |= ups.ForcedShutdown
	}
	s.Alarm = ""
	if s.Status.Has(ups.Alarm) {
		s.Alarm = choose(c, "hot", "fan", "")
	}
	s.Low = choose(c, 0, 0, ups.BelowCapacity, ups.ShutdownImminent, ups.TimeExpired, ups.BelowCapacity|ups.ShutdownImminent)
	if s.Low != 0 {
		s.Status |= ups.LowBattery
	}
	s.Charge = choose(c, ups.Number{}, ups.Known(0), ups.Known(25), ups.Known(31), ups.Known(100))
	s.Runtime = choose(c, ups.Number{}, ups.Known(0), ups.Known(120), ups.Known(900), ups.Known(90000))
	return s
}

// randomHistory hands an auditor n inputs.
func randomHistory(c chooser, a *auditor, n int) error {
	now := Instant(0)
	for range n {
		now = now.Add(choose(c, time.Millisecond, 500*time.Millisecond, 2*time.Second, 2*time.Second, 5*time.Second, 14*time.Second, 40*time.Second, 5*time.Minute))
		if err := a.run(now); err != nil {
			return err
		}
		i := c.pick(len(a.rules.Supplies))
		var in Input
		switch c.pick(16) {
		case 0:
			in = LinkLost{i, c.pick(2) == 0}
		case 1:
			in = Elapsed{}
		case 2:
			in = Secondaries{c.pick(3) - 1}
		case 3:
			// The daemon is dead for a while, and finds the state as stored.
			now = now.Add(choose(c, 0, time.Second, 20*time.Second, 10*time.Minute))
			state, err := reread(a.state)
			if err != nil {
				return err
			}
			a.state, in = state, Restarted{}
		case 4:
			if c.pick(8) > 0 {
				continue
			}
			in = choose[Input](c, ForceShutdown{"test"}, ForceSupply{i, "test"})
		case 5:
			if c.pick(4) == 0 {
				a.rules = copyRules(a.rules)
				slices.Reverse(a.rules.Supplies)
			}
			in = Elapsed{}
		default:
			in = Heard{i, randomSnapshot(c, a.last[a.rules.Supplies[i].Name])}
		}
		if err := a.step(now, in); err != nil {
			return err
		}
	}
	return a.run(now.Add(3 * time.Minute))
}
