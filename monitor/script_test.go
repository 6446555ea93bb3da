package monitor_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ecnutd/internal/texts"
	. "ecnutd/monitor"
	"ecnutd/monitor/stored"
	"ecnutd/ups"
)

// A player runs scripts. A line of a script is a time and what happens; with
// several supplies the name of one may stand between (the first is meant where
// none does):
//
//	1s OL 100 585        heard: status, charge, runtime (and below, expired,
//	                     imminent for the reasons of LB; alarm=TEXT; limit=N, the
//	                     UPS's own limit on charge; testing; -, no status). Ages:
//	                     age=D of the status, charge=D, runtime=D; every=D, the
//	                     period of both; slow=D; pushed, a status that cannot be
//	                     asked; once, the reasons were pushed once
//	1s same OB 90 500    heard, but the device was not read again
//	1s flags OB 90 500   heard, and only the flags were read again
//	1s numbers OB 90 500 heard, and only the numbers were read again
//	5s gone | silent     the link is lost
//	9s fsd TEXT          a shutdown is ordered
//	9s order TEXT        a shutdown of what hangs on the supply is ordered
//	9s secondaries N     so many other hosts hang on the UPSs (their names behind)
//	9s ended [WHY]       the shutdown command has ended, or failed
//	9s pending yes | no  whether a shutdown is
//	9s flag              a flag of this boot is found
//	9s frozen            the process does not run until the next line
//	9s killed            the daemon ends: until the restart nothing happens
//	9s restart           the state is stored, read back and taken up again
//	9s rules NAME        other rules from now on
//	20s .                nothing: time passes
//
// Between the lines Step is called whenever State.Next asks for it.
type player struct {
	t       testing.TB
	rules   Rules
	others  map[string]Rules
	state   State
	base    Instant // the times of the script count from here
	dead    bool
	frozen  bool
	reading int
	show    func(Effect) string
	trace   []string
}

func (p *player) play(script string) []string {
	p.t.Helper()
	for line := range strings.Lines(script) {
		if words := strings.Fields(line); len(words) > 0 {
			p.line(words)
		}
	}
	return p.trace
}

func (p *player) step(now Instant, in Input) {
	var effects []Effect
	p.state, effects = Step(p.rules, p.state, now, in)
	for _, e := range effects {
		p.trace = append(p.trace, fmt.Sprintf("%s %s", now.Sub(p.base), p.show(e)))
	}
}

func (p *player) line(words []string) {
	p.t.Helper()
	after, err := time.ParseDuration(words[0])
	if err != nil {
		p.t.Fatal(err)
	}
	now := p.base.Add(after)
	frozen := p.frozen
	p.frozen = false
	for spins := 0; !p.dead && !frozen; spins++ {
		at, ok := p.state.Next(p.rules)
		if !ok || at >= now {
			break
		}
		if spins > 100000 {
			p.t.Fatalf("before %s: Next asks for %s again and again", now, at)
		}
		p.step(at, Elapsed{})
	}
	words = words[1:]
	supply := 0
	for i, s := range p.rules.Supplies {
		if s.Name == words[0] {
			supply, words = i, words[1:]
			break
		}
	}
	switch words[0] {
	case ".":
		p.step(now, Elapsed{})
	case "gone", "silent":
		p.step(now, LinkLost{supply, words[0] == "gone"})
	case "fsd":
		p.step(now, ForceShutdown{strings.Join(words[1:], " ")})
	case "order":
		p.step(now, ForceSupply{supply, strings.Join(words[1:], " ")})
	case "secondaries":
		n, err := strconv.Atoi(words[1])
		if err != nil {
			p.t.Fatal(err)
		}
		p.step(now, Secondaries{n, words[2:]})
	case "ended":
		p.step(now, CommandEnded{strings.Join(words[1:], " ")})
	case "pending":
		p.step(now, ShutdownPending{words[1] == "yes"})
	case "flag":
		p.step(now, FlagFound{"battery low"})
	case "maintain":
		in := Maintain{}
		if words[1] != "end" {
			d, err := time.ParseDuration(words[1])
			if err != nil {
				p.t.Fatal(err)
			}
			in = Maintain{For: d, Why: "cabling", Through: len(words) > 2 && words[2] == "through"}
		}
		p.step(now, in)
	case "frozen":
		p.frozen = true
	case "killed":
		p.dead = true
	case "restart":
		p.dead, p.state = false, keep(p.t, p.state)
		p.reading = 0 // a new process counts its readings anew
		p.step(now, Restarted{})
	case "rules":
		p.rules = p.others[words[1]]
		p.step(now, Elapsed{})
	default:
		how := words[0]
		if how == "same" || how == "flags" || how == "numbers" {
			words = words[1:]
		} else {
			how = ""
		}
		last := 0
		if supply < len(p.state.Supplies) {
			last = p.state.Supplies[supply].Last.ChargeReadings
		}
		if how != "same" {
			p.reading++
		}
		snap := snapshot(p.t, p.reading, words)
		switch how {
		case "flags":
			snap.ChargeReadings = last
		case "numbers":
			snap.Readings = p.state.Supplies[supply].Last.Readings
		}
		p.step(now, Heard{supply, snap})
	}
}

// keep is a state that was written and read back.
func keep(t testing.TB, s State) State {
	t.Helper()
	back, err := reread(s)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Timers) == 0 {
		s.Timers, back.Timers = nil, nil
	}
	if diff := cmp.Diff(s, back); diff != "" {
		t.Fatalf("the state was not stored whole (-stored +read):\n%s", diff)
	}
	return back
}

func reread(s State) (State, error) {
	var back stored.State
	text, err := json.Marshal(stored.State{State: s})
	if err == nil {
		err = json.Unmarshal(text, &back)
	}
	return back.State, err
}

func snapshot(t testing.TB, readings int, words []string) ups.Snapshot {
	t.Helper()
	s := ups.Snapshot{Readings: readings, ChargeReadings: readings}
	once := false
	for _, w := range words {
		n, err := strconv.Atoi(w)
		alarm, isAlarm := strings.CutPrefix(w, "alarm=")
		name, value, _ := strings.Cut(w, "=")
		d, _ := time.ParseDuration(value)
		switch {
		case name == "age":
			s.Age.Status = d
		case name == "charge":
			s.Age.Charge = d
		case name == "runtime":
			s.Age.Runtime = d
		case name == "every":
			s.Age.ChargePeriod, s.Age.RuntimePeriod = d, d
		case name == "slow":
			s.Age.Slowest = d
		case name == "limit":
			limit, _ := strconv.Atoi(value)
			s.ChargeLow = ups.Known(limit)
		case w == "pushed":
			s.Age.PushedStatus = true
		case w == "once":
			once = true
		case w == "testing":
			s.Testing = true
		case err == nil && !s.Charge.Known:
			s.Charge = ups.Known(n)
		case err == nil:
			s.Runtime = ups.Known(n)
		case isAlarm:
			s.Status, s.Alarm = s.Status|ups.Alarm, alarm
		case w == "below":
			s.Low |= ups.BelowCapacity
		case w == "expired":
			s.Low |= ups.TimeExpired
		case w == "imminent":
			s.Low |= ups.ShutdownImminent
		case ups.ParseStatus(w) != 0 || w == "-":
			s.Status |= ups.ParseStatus(w)
		default:
			t.Fatalf("what is %q?", w)
		}
	}
	if s.Low != 0 {
		s.Status |= ups.LowBattery
	}
	if once {
		s.Age.PushedLow = s.Low
	}
	return s
}

// show is an effect with its sentence.
func show(e Effect) string {
	switch e := e.(type) {
	case Event:
		return fmt.Sprintf("%s %s: %s", e.Name, e.UPS, texts.Reason(ups.English, e.Reason))
	case TimerSet:
		return strings.TrimSuffix(fmt.Sprintf("timer %s %s %s", e.Timer, e.Action, e.After), " 0s")
	case Shutdown:
		return "shutdown: " + texts.Reason(ups.English, e.Reason)
	case CallOff:
		return "called off: " + texts.Reason(ups.English, e.Reason)
	case WriteFlag:
		return "flag"
	case PowerOff:
		return "poweroff"
	case GoesOn:
		return "goes on: " + texts.Reason(ups.English, e.Reason)
	}
	return fmt.Sprintf("%T", e)
}

// brief is an effect without its sentence, with the code of its reason where
// a decision has one, and with what is told ("!text").
func brief(e Effect) string {
	said := func(t Tell) string {
		if t.Message == "" {
			return ""
		}
		return " !" + t.Message
	}
	words := ""
	switch e := e.(type) {
	case Event:
		words = string(e.Name) + " " + e.UPS + said(e.Tell)
	case TimerSet:
		words = fmt.Sprintf("timer %s %s %s", e.UPS, e.Timer, e.Action)
		if e.Action == TimerStart {
			words += " " + e.After.String()
		}
		words += said(e.Tell)
	case Shutdown:
		words = fmt.Sprintf("shutdown (%s %s)", e.Reason.Code, e.Reason.Cause)
	case CallOff:
		words = "called off"
	case WriteFlag:
		words = "flag"
	case PowerOff:
		words = "poweroff"
	case GoesOn:
		words = "goes on"
	case UndoShutdown:
		words = "undo"
	case RemoveFlag:
		words = "remove flag"
	case MaintenanceTold:
		words = string(e.Reason.Code)
	}
	return strings.ReplaceAll(strings.TrimSpace(words), " )", ")")
}

// play runs a script with one supply and returns the trace with its sentences.
func play(t *testing.T, r Rules, script string) []string {
	t.Helper()
	p := player{t: t, rules: r, base: booted, show: show}
	return p.play(script)
}

// booted keeps instants above 0, as they are on a host that has booted.
const booted = Instant(time.Hour)

// A trace is a scenario and what has to come of it, in brief.
type trace struct {
	name   string
	rules  Rules
	others map[string]Rules
	script string
	want   string
}

func runTraces(t *testing.T, traces []trace) {
	t.Helper()
	for _, tc := range traces {
		t.Run(tc.name, func(t *testing.T) {
			t.Helper()
			p := player{t: t, rules: tc.rules, others: tc.others, base: booted, show: brief}
			if diff := cmp.Diff(lines(tc.want), p.play(tc.script)); diff != "" {
				t.Errorf("trace (-want +got):\n%s", diff)
			}
		})
	}
}

func lines(text string) []string {
	var list []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			list = append(list, line)
		}
	}
	return list
}

// rules are defaults for these supplies, changed. NOCOMM is off, and nothing
// is lost by silence alone for an hour, so that a script needs no line that
// only keeps a link alive; with one exception of its own it says so.
func rules(change func(*Rules), names ...string) Rules {
	r := Defaults(names...)
	r.NoCommRepeat, r.DeadTime, r.LinkLost = 0, time.Hour, Strict
	if change != nil {
		change(&r)
	}
	return r
}

// on adds a reaction to an event of every supply: the wildcard of upssched.
func on(r *Rules, e ups.Event, re Reaction) {
	if e.Host() {
		r.On[e] = re
		return
	}
	for i := range r.Supplies {
		r.Supplies[i].On[e] = re
	}
}

func say(text string) Tell { return Tell{Message: text} }
