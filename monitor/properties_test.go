package monitor_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	. "ecnutd/monitor"
	"ecnutd/ups"
)

// drawn is rapid's chooser.
type drawn struct{ t *rapid.T }

func (d drawn) pick(n int) int { return rapid.IntRange(0, n-1).Draw(d.t, "pick") }

// TestInvariants: what must hold always (auditor), over random histories of
// one to three supplies under random rules, with restarts and reloads.
func TestInvariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := newAuditor(randomRules(drawn{t}))
		if err := randomHistory(drawn{t}, a, rapid.IntRange(1, 60).Draw(t, "inputs")); err != nil {
			t.Fatalf("%s\n%v", strings.Join(a.story, "\n"), err)
		}
	})
}

// FuzzStep does the same with the fuzzer's bytes for choices.
func FuzzStep(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("0123456789abcdefghijklmnopqrstuvwxyz"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c := &bytesChooser{data}
		a := newAuditor(randomRules(c))
		if err := randomHistory(c, a, min(len(data)/4, 200)); err != nil {
			t.Fatalf("%s\n%v", strings.Join(a.story, "\n"), err)
		}
	})
}

type bytesChooser struct{ rest []byte }

func (b *bytesChooser) pick(n int) int {
	if len(b.rest) == 0 {
		return 0
	}
	x := int(b.rest[0])
	b.rest = b.rest[1:]
	return x % n
}

// TestLimitsAreKept: an outage that reaches a limit with the link up leads to
// the command within the bound that the rules give, whatever else there is.
func TestLimitsAreKept(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawn{t}
		r := Defaults([]string{"a", "b", "c"}[:1+c.pick(3)]...)
		r.MinSupplies = 1 + c.pick(len(r.Supplies))
		r.FinalDelay = choose(c, 5*time.Second, 0)
		sync := time.Duration(0)
		kind := choose(c, "battery", "timer", "charge", "runtime", "below", "expired", "imminent")
		limit := time.Duration(rapid.IntRange(10, 1200).Draw(t, "limit")) * time.Second
		for i := range r.Supplies {
			limits := &r.Supplies[i].Limits
			switch kind {
			case "battery":
				limits.OnBattery = limit
			case "charge":
				limits.Charge = ups.Known(30)
			case "runtime":
				limits.Runtime = ups.Known(300)
			}
		}
		if kind == "timer" {
			r.Timers = []Timer{{Name: "t", After: limit, Fire: Reaction{GiveUp: true}}}
			on(&r, ups.EventOnBattery, Reaction{Start: []Start{{Timer: "t"}}})
		}
		a := newAuditor(r)
		a.deep = false
		every := time.Duration(rapid.IntRange(200, 5000).Draw(t, "every")) * time.Millisecond
		now, reading := Instant(time.Second), 0
		hear := func(at Instant, met bool) {
			s := ups.Snapshot{Status: ups.OnBattery, Charge: ups.Known(90), Runtime: ups.Known(2000)}
			reading++
			s.Readings, s.ChargeReadings = reading, reading
			if met {
				switch kind {
				case "charge":
					s.Charge = ups.Known(30)
				case "runtime":
					s.Runtime = ups.Known(300)
				case "below":
					s.Low = ups.BelowCapacity
				case "expired":
					s.Low = ups.TimeExpired
				case "imminent":
					s.Low = ups.ShutdownImminent
				}
			}
			for i := range r.Supplies {
				if err := a.step(at, Heard{i, s}); err != nil {
					t.Fatal(err)
				}
			}
		}
		if c.pick(2) == 0 {
			sync = r.HostSync
			if err := a.step(now, Secondaries{N: 1}); err != nil {
				t.Fatal(err)
			}
		}
		begin := now
		// A flag or a number is met from the limit on. It counts when it was
		// read twice 2 s apart: at most one interval until the first reading,
		// then 2 s, and at most one interval until the reading after them.
		bound := begin.Add(limit + sync + r.FinalDelay)
		switch kind {
		case "battery", "timer":
		case "imminent":
			bound = bound.Add(every + 30*time.Second)
		default:
			bound = bound.Add(2*every + 2*time.Second)
		}
		restarts := c.pick(3)
		for ; now <= bound.Add(time.Duration(restarts)*(r.DeadTime+2*every+2*time.Second)); now = now.Add(every) {
			if err := a.run(now); err != nil {
				t.Fatal(err)
			}
			if a.down {
				break
			}
			hear(now, now.Sub(begin) >= limit)
			if restarts > 0 && c.pick(50) == 0 {
				restarts--
				a.state, _ = reread(a.state)
				if err := a.step(now+1, Restarted{}); err != nil {
					t.Fatal(err)
				}
				bound = bound.Add(2*every + 2*time.Second) // one interval to be heard, and the row begins anew
			}
		}
		if err := a.run(bound + 1); err != nil {
			t.Fatal(err)
		}
		switch {
		case !a.down:
			t.Fatalf("%s of %s: no command by %s", kind, limit, bound)
		case a.poweroff > bound:
			t.Fatalf("%s of %s: command at %s, later than %s", kind, limit, a.poweroff, bound)
		case a.poweroff < begin.Add(limit+r.FinalDelay):
			t.Fatalf("%s of %s: command at %s, before the limit", kind, limit, a.poweroff)
		}
	})
}

// TestRestartDelaysOnly: the same history with and without a restart. With it
// the command never comes sooner, and not later than by the dead time and the
// readings that are counted anew.
//
// The histories have no orders and no rules of force (those stay whatever
// follows), and a flag that rose stays until mains returns (one that flickers
// may be missed by counting anew, and is to be). After the command of the run
// without a restart everything stays as it is: what changes meanwhile could
// rightly change the other run's mind.
func TestRestartDelaysOnly(t *testing.T) {
	type given struct {
		at Instant
		in Input
	}
	compared := 0
	rapid.Check(t, func(t *rapid.T) {
		c := drawn{t}
		r := Defaults([]string{"a", "b"}[:1+c.pick(2)]...)
		r.MinSupplies = 1 + c.pick(len(r.Supplies))
		r.LinkLost = choose(c, Estimate, Strict)
		r.Timers = []Timer{{Name: "t", After: choose(c, 10*time.Second, 45*time.Second, 10*time.Minute), Fire: Reaction{GiveUp: true}}}
		on(&r, ups.EventOnBattery, Reaction{Start: []Start{{Timer: "t"}}})
		for i := range r.Supplies {
			r.Supplies[i].Limits.OnBattery = choose(c, 0, 20*time.Second, 2*time.Minute)
			r.Supplies[i].Limits.Charge = choose(c, ups.Number{}, ups.Known(40))
		}
		// The world: each supply is read every two seconds while its link is up.
		const every = 2 * time.Second
		var history []given
		current := make([]ups.Snapshot, len(r.Supplies))
		up := make([]bool, len(r.Supplies))
		for i := range current {
			up[i], current[i] = true, ups.Snapshot{Status: ups.Online, Charge: ups.Known(100), Runtime: ups.Known(600)}
		}
		now := Instant(time.Second)
		tick := func() {
			for i := range current {
				if up[i] {
					current[i].Readings++
					current[i].ChargeReadings++
					history = append(history, given{now, Heard{i, current[i]}})
				}
			}
			now = now.Add(every)
		}
		for range rapid.IntRange(1, 25).Draw(t, "changes") {
			for range choose(c, 1, 2, 5, 12) {
				tick()
			}
			i := c.pick(len(current))
			switch s := &current[i]; c.pick(6) {
			case 0:
				s.Status, s.Low, s.Charge, s.Runtime = ups.Online, 0, ups.Known(100), ups.Known(600)
			case 1, 2:
				s.Status |= ups.OnBattery
				s.Status &^= ups.Online
			case 3:
				if s.Status.Has(ups.OnBattery) {
					s.Low |= choose(c, ups.BelowCapacity, ups.ShutdownImminent)
				}
			case 4:
				if s.Status.Has(ups.OnBattery) {
					s.Charge = ups.Known(40)
				}
			case 5:
				if up[i] {
					history = append(history, given{now, LinkLost{i, true}})
				}
				up[i] = !up[i]
			}
		}
		end := now
		restart := Instant(time.Duration(rapid.IntRange(1000, int(time.Duration(end)/time.Millisecond)).Draw(t, "restart"))*time.Millisecond) + 1

		play := func(restarts bool, history []given, until Instant) *auditor {
			a := newAuditor(r)
			a.deep = false
			again := func() {
				a.state, _ = reread(a.state)
				if err := a.step(restart, Restarted{}); err != nil {
					t.Fatal(err)
				}
				restarts = false
			}
			for _, h := range history {
				if a.down {
					break
				}
				if restarts && h.at > restart {
					if err := a.run(restart); err != nil {
						t.Fatal(err)
					}
					if !a.down {
						again()
					}
				}
				if err := a.run(h.at); err != nil {
					t.Fatal(err)
				}
				if err := a.step(h.at, h.in); err != nil {
					t.Fatal(err)
				}
			}
			if err := a.run(until); err != nil {
				t.Fatal(err)
			}
			return a
		}
		plain := play(false, history, end)
		if plain.down && restart < plain.poweroff {
			// Freeze the world at the command.
			off := plain.poweroff
			kept := history[:0:0]
			last := map[int]given{}
			for _, h := range history {
				if h.at > off {
					break
				}
				kept = append(kept, h)
				switch in := h.in.(type) {
				case Heard:
					last[in.Supply] = h
				case LinkLost:
					delete(last, in.Supply)
				}
			}
			// Dead time until a silent one counts; row of two readings; grace.
			bound := off.Add(r.DeadTime + 2*every + 2*time.Second)
			for at := off.Add(every); at <= bound.Add(every); at = at.Add(every) {
				for i := range r.Supplies {
					if h, ok := last[i]; ok {
						in := h.in.(Heard)
						in.Snapshot.Readings += int(at/Instant(every)) + 1000
						in.Snapshot.ChargeReadings = in.Snapshot.Readings
						kept = append(kept, given{at, in})
					}
				}
			}
			delayed := play(true, kept, bound+1)
			compared++
			if !delayed.down {
				t.Fatalf("command at %s; with a restart at %s none by %s", off, restart, bound)
			}
			if delayed.poweroff < off {
				t.Fatalf("command at %s; with a restart at %s as soon as %s", off, restart, delayed.poweroff)
			}
		}
		if other := play(true, history, end); other.down && (!plain.down || other.poweroff < plain.poweroff) {
			t.Fatalf("command at %s with a restart at %s; without one: %v at %s", other.poweroff, restart, plain.down, plain.poweroff)
		}
	})
	if compared == 0 {
		t.Error("no history came to a command after the restart: nothing was compared")
	}
	t.Logf("%d histories came to a command after the restart", compared)
}
