package monitor_test

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/google/go-cmp/cmp"

	. "ecnutd/monitor"
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

	line     map[string]Line         // what was heard last, or had to be assumed
	lost     map[string]bool         // by COMMBAD and COMMOK
	heardAt  map[string]Instant      // when it last said where its power comes from
	runtime  map[string]Instant      // to when the runtime last known lasts
	readAt   map[string]Instant      // when that was read
	counted  map[string]int          // readings with it
	awaited  map[string]Instant      // since when it is looked for
	goneAt   map[string]Instant      // when the link was lost; 0 while it is there
	acted    map[string]bool         // its charge has contradicted its status
	held     map[string]bool         // it has calibrated: timers may have stood still
	last     map[string]ups.Snapshot // what
	open     map[string]bool         // "ups EVENT" that has begun and not ended
	at       map[string]Instant      // when "ups EVENT" was told last
	alarm    map[string]string       // text told last
	timers   map[string]Instant      // "ups timer" to its end
	survived Instant                 // the shutdown
	restart  Instant                 // the last one, or the end of a gap
	running  bool                    // the shutdown command has not ended
	pending  bool                    // the system goes down
	ordered  map[string]bool         // a shutdown of what hangs on it, until mains is back
	forced   bool                    // an order or a rule of force was met
	slowest  time.Duration           // answer of any supply
	others   int                     // secondaries
	told     bool                    // one of them was told of the shutdown
	goesOn   bool                    // for its sake
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
		open: map[string]bool{}, at: map[string]Instant{}, alarm: map[string]string{}, timers: map[string]Instant{},
		ordered: map[string]bool{}, runtime: map[string]Instant{}, awaited: map[string]Instant{}, held: map[string]bool{}, goneAt: map[string]Instant{}, acted: map[string]bool{}, counted: map[string]int{}, readAt: map[string]Instant{},
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
		a.story = append(a.story, fmt.Sprintf("%s %T%+v%s -> %s", now, in, in, ages(in), briefs(effects)))
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
	_, again := in.(Restarted)
	if again {
		a.restart, a.running, a.pending = a.now, false, false
	}
	for _, s := range a.rules.Supplies {
		if _, there := a.awaited[s.Name]; !there || again && a.line[s.Name] == LineUnknown {
			a.awaited[s.Name] = a.now
		}
	}
	switch in := in.(type) {
	case CommandEnded:
		a.running = false
	case ShutdownPending:
		a.pending = in.Pending && a.down
	case FlagFound:
		a.down, a.under = true, true
	case Heard:
		name, s := a.rules.Supplies[in.Supply].Name, in.Snapshot.Plausible()
		a.slowest = max(a.slowest, s.Age.Slowest)
		if at := a.now.Add(-s.Age.Runtime); s.Runtime.Known {
			end := at.Add(time.Duration(s.Runtime.N) * time.Second)
			if old, known := a.runtime[name]; known && (at < a.readAt[name] || s.Age == (ups.Age{}) && s.ChargeReadings == a.counted[name]) {
				end = min(end, old) // it may not have been read again
			}
			a.runtime[name], a.readAt[name] = end, max(at, a.readAt[name])
		}
		a.counted[name] = s.ChargeReadings
		if s.Status&(ups.OnBattery|ups.Online) == 0 || s.Age.Status > max(a.rules.DeadTime, 3*s.Age.Slowest) {
			return
		}
		if dead := max(a.rules.DeadTime, 3*a.last[name].Age.Slowest); a.down && a.goneAt[name] == 0 && a.now.Sub(a.heardAt[name]) > dead && s.Age.Status > 0 {
			// Whether the link was lost is not told then, so whether this is a word
			// cannot be known from outside.
			if s.Status.Has(ups.OnBattery) {
				a.line[name] = OnBattery
			}
			a.last[name] = s
			return
		}
		if a.now.Add(-s.Age.Status) < a.heardAt[name].Add(-AgeSlack) {
			return
		}
		if a.goneAt[name] > 0 && a.now.Add(-s.Age.Status) < a.goneAt[name] || a.acted[name] && s.Readings == a.last[name].Readings {
			return // it is from before the loss
		}
		a.goneAt[name], a.acted[name] = 0, false
		a.heardAt[name], a.last[name] = max(a.heardAt[name], a.now.Add(-s.Age.Status)), s
		a.held[name] = a.held[name] || s.Status.Has(ups.Calibrating)
		a.line[name] = OnMains
		if s.Status.Has(ups.OnBattery) {
			a.line[name] = OnBattery
		}
	case LinkLost:
		a.goneAt[a.rules.Supplies[in.Supply].Name] = a.now
	case Secondaries:
		a.others = max(in.N, 0)
		a.told = a.told || a.under && a.others > 0
	case ForceShutdown:
		a.forced = true
	case ForceSupply:
		a.ordered[a.rules.Supplies[in.Supply].Name] = true
	}
}

func (a *auditor) effect(e Effect, sofar []Effect) error {
	switch e := e.(type) {
	case Event:
		return a.event(e)
	case UndoShutdown:
		if !a.down || a.running || a.pending {
			return fmt.Errorf("there is nothing to undo, or it is under way")
		}
		a.down, a.under, a.forced, a.survived = false, false, false, a.now
		clear(a.ordered)
		if a.said == 0 {
			a.said = a.now // the flag said it
		}
		return nil
	case RemoveFlag:
		if a.down || len(sofar) == 0 {
			return fmt.Errorf("a shutdown is under way")
		}
		return nil
	case GoesOn:
		if !a.under || a.down || !a.told {
			return fmt.Errorf("nobody was told")
		}
		a.goesOn = true
		return nil
	case TimerSet:
		return a.timer(e)
	case Shutdown:
		if a.under {
			return fmt.Errorf("decided twice")
		}
		if a.down {
			return fmt.Errorf("after the command")
		}
		a.under, a.told = true, a.others > 0
		return a.allowed()
	case CallOff:
		if !a.under {
			return fmt.Errorf("nothing to call off")
		}
		if a.down || a.told && a.rules.SecondariesTold == GoOn {
			return fmt.Errorf("it goes on")
		}
		a.under, a.goesOn = false, false
	case WriteFlag:
		return a.allowed()
	case PowerOff:
		if a.running || a.pending {
			return fmt.Errorf("a second command beside the first")
		}
		again := a.down
		a.down, a.poweroff, a.running = true, a.now, true
		if len(sofar) == 0 {
			return fmt.Errorf("no flag before it")
		}
		if _, ok := sofar[len(sofar)-1].(WriteFlag); !ok {
			return fmt.Errorf("no flag right before it")
		}
		if !again && (a.said == 0 || a.now < a.finalTo) {
			return fmt.Errorf("SHUTDOWN at %s, final delay to %s", a.said, a.finalTo)
		}
		return a.allowed()
	}
	return nil
}

// allowed checks that a shutdown has a reason that the inputs can give.
func (a *auditor) allowed() error {
	if a.forced || a.goesOn {
		return nil
	}
	power, battery := 0, false
	for _, s := range a.rules.Supplies {
		if a.line[s.Name] == OnBattery || a.given(s.Name) {
			battery = true
		} else if a.feeds(s) {
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

// feeds reports whether a supply that is not on battery counts.
func (a *auditor) feeds(s Supply) bool {
	if a.line[s.Name] == LineUnknown {
		wait := a.rules.DeadTime
		if s.Secondary {
			wait = max(wait, 90*time.Second)
		}
		return a.now < a.awaited[s.Name].Add(wait)
	}
	return a.rules.LostCounts || !a.lost[s.Name] && a.goneAt[s.Name] == 0 && a.now.Sub(a.heardAt[s.Name]) <= a.rules.DeadTime
}

// finalDelay is the least delay that the runtimes last known allow.
func (a *auditor) finalDelay() time.Duration {
	delay := a.rules.FinalDelay
	for _, s := range a.rules.Supplies {
		if end, ok := a.runtime[s.Name]; ok && a.line[s.Name] == OnBattery {
			delay = min(delay, max(0, end.Sub(a.now)-a.rules.ShutdownTime))
		}
	}
	return delay
}

// given tells whether somebody ordered a shutdown of what hangs on a supply.
func (a *auditor) given(name string) bool {
	return a.ordered[name] || a.last[name].Status.Has(ups.ForcedShutdown)
}

// stands reports whether a rule of force may act on an event: in an outage, or
// while the trouble of the UPS that it tells of stands.
func (a *auditor) stands(name string, e ups.Event) bool {
	switch s := a.last[name].Status; e {
	case ups.EventOver:
		return s.Has(ups.Overloaded)
	case ups.EventOff:
		return s.Has(ups.Off)
	case ups.EventAlarm:
		return s.Has(ups.Alarm)
	case ups.EventBypass:
		return s.Has(ups.Bypassed)
	case ups.EventReplace:
		return true
	}
	return a.line[name] == OnBattery
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
	if e.Reason.Code == ChargeFalls && e.Name == ups.EventCommBad {
		a.line[e.UPS] = OnBattery
	}
	a.forced = a.forced || re.Force && a.stands(e.UPS, e.Name)
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
		if e.Reason.Code == ChargeFalls {
			return nil
		}
		if text := a.last[e.UPS].Alarm; a.open[key(e.Name)] && text == a.alarm[e.UPS] {
			return fmt.Errorf("told twice")
		}
		a.open[key(e.Name)], a.alarm[e.UPS] = true, a.last[e.UPS].Alarm
		return nil
	case ups.EventShutdown:
		if !a.under {
			return fmt.Errorf("without a decision")
		}
		if e.Reason.Code == GivenAgain {
			if !a.down || a.running || a.pending {
				return fmt.Errorf("it is under way")
			}
			a.said = a.now
			a.open[key(e.Name)] = true
			return nil
		}
		a.said, a.finalTo = a.now, a.now.Add(a.finalDelay())
	case ups.EventNotShutdown:
		if a.under {
			return fmt.Errorf("not called off")
		}
		a.said = 0
		if e.Reason.Code == Survived {
			a.open[key(ups.EventShutdown)] = false
			return nil
		}
	case ups.EventCommBad:
		a.lost[e.UPS] = true
		if a.goneAt[e.UPS] == 0 { // by silence, since when it was
			a.goneAt[e.UPS] = min(a.now, a.heardAt[e.UPS].Add(max(a.rules.DeadTime, 3*a.last[e.UPS].Age.Slowest)))
		}
		if e.Reason.Code == ChargeFalls {
			a.line[e.UPS], a.goneAt[e.UPS], a.acted[e.UPS] = OnBattery, a.now, true
		}
		if e.Reason.Code == ChargeFalls || e.Reason.Losses > 1 {
			a.open[key(e.Name)] = true
			return nil
		}
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
	due, runs := a.timers[key]
	switch e.Action {
	case TimerStart:
		if runs {
			// A restart says so by a start; a second start keeps the first.
			if e.Timer == OnBatteryTimer {
				return fmt.Errorf("it runs")
			}
		}
		a.timers[key] = a.now.Add(e.After)
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
	delete(a.timers, key)
	if e.Action != TimerFire {
		return nil
	}
	for _, timer := range a.rules.Timers {
		a.forced = a.forced || timer.Name == e.Timer && timer.Fire.Force && a.stands(e.UPS, e.Event)
	}
	if a.now < due {
		return fmt.Errorf("%s too early", due-a.now)
	}
	if late := a.now.Sub(due); late > 0 && !a.held[e.UPS] && due > a.survived && (a.restart == 0 || a.now > a.restart.Add(max(a.rules.DeadTime, 3*a.slowest))+1) {
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
	s.Age = ups.Age{}
	if c.pick(3) == 0 {
		s.Age = ups.Age{
			Status: choose(c, 0, time.Second, 10*time.Second, time.Minute), Charge: choose(c, 0, 3*time.Second, time.Minute), Runtime: choose(c, 0, 3*time.Second, time.Minute),
			ChargePeriod: choose(c, 0, 5*time.Second), RuntimePeriod: choose(c, 0, 5*time.Second), Slowest: choose(c, 0, 7*time.Second),
			PushedStatus: c.pick(4) == 0, PushedLow: choose(c, 0, s.Low),
		}
	}
	s.ChargeLow, s.Testing = choose(c, ups.Number{}, ups.Known(30), ups.Known(100)), c.pick(8) == 0
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
		switch c.pick(20) {
		case 0:
			in = LinkLost{i, c.pick(2) == 0}
		case 1:
			in = Elapsed{}
		case 2:
			in = Secondaries{N: c.pick(3) - 1}
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
		case 6:
			in = CommandEnded{choose(c, "", "exit status 1")}
		case 7:
			in = ShutdownPending{c.pick(3) == 0}
		case 8:
			// The process does not run for a while.
			now = now.Add(choose(c, 2*time.Second, 30*time.Second, 10*time.Minute))
			a.restart, in = now, Elapsed{}
		case 9:
			in = Elapsed{}
			if c.pick(8) == 0 {
				in = FlagFound{"x"}
			}
		default:
			in = Heard{i, randomSnapshot(c, a.last[a.rules.Supplies[i].Name])}
		}
		if err := a.step(now, in); err != nil {
			return err
		}
	}
	return a.run(now.Add(3 * time.Minute))
}

// ages are those of a report, where it has any.
func ages(in Input) string {
	if h, ok := in.(Heard); ok && h.Snapshot.Age != (ups.Age{}) {
		return fmt.Sprintf(" %+v", h.Snapshot.Age)
	}
	return ""
}
