package monitor_test

import (
	"flag"
	"fmt"
	"strings"
	"testing"
	"time"

	. "ecnutd/monitor"
	"ecnutd/ups"
)

var extraDepth = flag.Int("deeper", 0, "how much longer the histories of TestExhaustive are")

// A letter is what can happen at one place of a history.
type letter struct {
	name   string
	supply int
	after  time.Duration
	status ups.Status
	low    ups.LowReason
	what   rune // h: heard, g: gone, w: time passes, n: time passes to Next, r: restart; e: the command ends, p, q: a shutdown is pending, or not
}

func (l letter) String() string { return l.name }

// facts are what a history says of one supply, kept apart from the monitor.
type facts struct {
	line     Line
	lost     bool
	reading  int
	heard    Instant // when last; 0 never
	moves    int     // restarts at which it was overdue, since it was heard
	lows     int     // readings with a low battery in a row, ending with the last
	pair     bool    // there ever were two of them
	silent   bool    // it ever was silent on battery for the dead time
	onBatt   bool    // ONBATT was told and not ended
	lowTold  bool
	lostTold bool
}

// A node is a place in the tree of all histories.
type node struct {
	state   State
	now     Instant
	supply  [2]facts
	path    [16]letter
	depth   int
	restart Instant // the last one; 0 none
	born    Instant // the first step
	said    Instant // when SHUTDOWN was told and not taken back
	under   bool
	down    bool
	running bool // the command
	pending bool // a shutdown
}

type explorer struct {
	t       *testing.T
	rules   Rules
	letters []letter
	depth   int
	count   int
	downs   int
}

func (x *explorer) fail(n *node, format string, args ...any) {
	var names []string
	for _, l := range n.path[:n.depth] {
		names = append(names, l.name)
	}
	x.t.Fatalf("%s: at %s: %s", strings.Join(names, ", "), n.now, fmt.Sprintf(format, args...))
}

// explore goes on from a node with every letter.
func (x *explorer) explore(n *node) {
	if n.depth == x.depth {
		x.count++
		if n.down {
			x.downs++
		}
		return
	}
	for _, l := range x.letters {
		next := *n
		next.path[next.depth] = l
		next.depth++
		x.take(&next, l)
		x.check(&next)
		x.explore(&next)
	}
}

// take does what a letter says.
func (x *explorer) take(n *node, l letter) {
	until := n.now.Add(l.after)
	if l.what == 'n' {
		at, ok := n.state.Next(x.rules)
		if !ok {
			return
		}
		until = at + 1
	}
	for {
		at, ok := n.state.Next(x.rules)
		if !ok || at >= until {
			break
		}
		if at <= n.now {
			x.fail(n, "Next stays at %s", at)
		}
		x.step(n, at, Elapsed{})
	}
	switch u := &n.supply[l.supply]; l.what {
	case 'h':
		u.reading++
		low := ups.Status(0)
		if l.low != 0 {
			low = ups.LowBattery
			u.lows++
		} else {
			u.lows = 0
		}
		if until.Sub(u.heard) >= x.rules.DeadTime {
			u.lows = min(u.lows, 1) // readings from before a long gap do not count
		}
		u.pair = u.pair || u.lows >= 2
		u.lost, u.heard, u.moves = false, until, 0
		u.line = OnMains
		if l.status.Has(ups.OnBattery) {
			u.line = OnBattery
		}
		x.step(n, until, Heard{l.supply, ups.Snapshot{Status: l.status | low, Low: l.low, Readings: u.reading, ChargeReadings: u.reading}})
	case 'g':
		u.lost = true
		x.step(n, until, LinkLost{l.supply, true})
	case 'e':
		n.running = false
		x.step(n, until, CommandEnded{})
	case 'p', 'q':
		n.pending = l.what == 'p' && n.down
		x.step(n, until, ShutdownPending{l.what == 'p'})
	case 'r':
		for i := range n.supply {
			if f := &n.supply[i]; f.line == OnBattery && until.Sub(f.heard) > x.rules.DeadTime {
				f.moves++
			}
		}
		n.restart, n.running, n.pending = until, false, false
		x.step(n, until, Restarted{})
	case 'w', 'n':
		n.now = max(n.now, until-1)
	}
}

func (x *explorer) step(n *node, now Instant, in Input) {
	n.now = now
	if n.born == 0 {
		n.born = now
	}
	for i := range x.rules.Supplies {
		if u := &n.supply[i]; u.line == OnBattery && now.Sub(u.heard) >= x.rules.DeadTime {
			u.silent = true
		}
	}
	var effects []Effect
	n.state, effects = Step(x.rules, n.state, now, in)
	for k, e := range effects {
		switch e := e.(type) {
		case Event:
			x.event(n, e)
		case Shutdown, CallOff:
			_, begin := e.(Shutdown)
			if n.under == begin {
				x.fail(n, "%s", brief(e))
			}
			n.under = begin
			if x.unsettled(n) {
				x.fail(n, "%s on what was known before the restart", brief(e))
			}
		case UndoShutdown:
			if !n.down || n.running || n.pending || !x.mains(n) {
				x.fail(n, "undone")
			}
			n.down, n.under = false, false
		case RemoveFlag:
			if n.down || k == 0 {
				x.fail(n, "the flag is removed")
			}
		case PowerOff:
			if n.running || n.pending {
				x.fail(n, "a second command beside the first")
			}
			n.running = true
			if n.down {
				if x.mains(n) {
					x.fail(n, "given again on mains")
				}
				continue
			}
			if n.said == 0 || now.Sub(n.said) < x.rules.FinalDelay || k == 0 || n.down || x.unsettled(n) {
				x.fail(n, "poweroff; SHUTDOWN at %s", n.said)
			}
			if _, ok := effects[k-1].(WriteFlag); !ok {
				x.fail(n, "no flag before the command")
			}
			n.down = true
		}
	}
}

// unsettled tells whether all that is known is from before a restart, and the
// dead time has not passed since.
func (x *explorer) unsettled(n *node) bool {
	if n.restart == 0 || n.now > n.restart.Add(x.rules.DeadTime) {
		return false
	}
	for i := range x.rules.Supplies {
		if f := &n.supply[i]; f.heard > n.restart || f.moves > MovesInOutage {
			return false
		}
	}
	return true
}

func (x *explorer) event(n *node, e Event) {
	i := 0
	if len(x.rules.Supplies) > 1 && e.UPS == x.rules.Supplies[1].Name {
		i = 1
	}
	u := &n.supply[i]
	toggle := func(flag *bool, to bool) {
		if *flag == to {
			x.fail(n, "%s out of order", e.Name)
		}
		*flag = to
	}
	switch e.Name {
	case ups.EventOnBattery:
		toggle(&u.onBatt, true)
	case ups.EventOnline:
		toggle(&u.onBatt, false)
	case ups.EventLowBattery:
		toggle(&u.lowTold, true)
	case ups.EventNotLowBattery:
		toggle(&u.lowTold, false)
	case ups.EventCommBad:
		toggle(&u.lostTold, true)
	case ups.EventCommOK:
		toggle(&u.lostTold, false)
	case ups.EventShutdown:
		if e.Reason.Code == GivenAgain {
			if !n.down {
				x.fail(n, "given again")
			}
			return
		}
		if n.said > 0 || !n.under {
			x.fail(n, "SHUTDOWN")
		}
		n.said = n.now
	case ups.EventNotShutdown:
		if n.said == 0 || n.under {
			x.fail(n, "NOTSHUTDOWN")
		}
		n.said = 0
	}
}

// check compares where the monitor is with where the history says it is.
func (x *explorer) check(n *node) {
	if n.down {
		if n.state.Phase != Down {
			x.fail(n, "phase %s after the command", n.state.Phase)
		}
		return
	}
	all := func(what func(u *facts) bool) bool {
		for i := range x.rules.Supplies {
			if !what(&n.supply[i]) {
				return false
			}
		}
		return true
	}
	battery := all(func(u *facts) bool { return u.line == OnBattery })
	settled := n.restart == 0 || all(func(u *facts) bool { return u.heard > n.restart })
	last := &n.path[n.depth-1]
	switch phase := n.state.Phase; {
	case !x.gone(n) && settled && phase != Watching:
		x.fail(n, "%s although a supply is on mains", phase)
	case !all(func(u *facts) bool { return u.pair || u.silent || u.line == LineUnknown }) && phase != Watching:
		x.fail(n, "%s although a supply was neither low twice nor silent", phase)
	case battery && settled && all(func(u *facts) bool { return u.lows >= 2 && !u.lost && n.now.Sub(u.heard) < x.rules.DeadTime }) && phase < ShuttingDown:
		x.fail(n, "%s although every supply is low on battery", phase)
	case battery && last.what == 'w' && all(func(u *facts) bool { return n.now.Sub(u.heard) >= x.rules.DeadTime+3*time.Second }) &&
		n.now.Sub(n.restart) > x.rules.DeadTime && phase < ShuttingDown:
		x.fail(n, "%s although every supply was silent on battery", phase)
	}
	if at, ok := n.state.Next(x.rules); ok && at <= n.now {
		x.fail(n, "Next stays at %s", at)
	}
}

// mains reports whether a supply was last heard on mains, and its link is there.
func (x *explorer) mains(n *node) bool {
	for i := range x.rules.Supplies {
		if u := &n.supply[i]; u.line == OnMains && !u.lost && n.now.Sub(u.heard) <= x.rules.DeadTime {
			return true
		}
	}
	return false
}

// gone reports whether no supply is left that feeds the host: all are on battery,
// or have had their time and were never heard.
func (x *explorer) gone(n *node) bool {
	for i := range x.rules.Supplies {
		u := &n.supply[i]
		if u.line == OnMains || u.line == LineUnknown && n.now < max(n.born, n.restart).Add(x.rules.DeadTime) {
			return false
		}
	}
	return true
}

// TestExhaustive goes through all histories of a length over a small alphabet:
// on mains, on battery, low, lost, silent, restarted, and time passing to the
// instant that Next names. The readings are 2 s apart, so that any two low ones
// in a row count; the dead time is 15 s and a silence lasts 20 s.
func TestExhaustive(t *testing.T) {
	heard := func(name string, i int, s ups.Status, low ups.LowReason) letter {
		return letter{name, i, 2 * time.Second, s, low, 'h'}
	}
	wait := letter{name: "20 s", after: 20 * time.Second, what: 'w'}
	next := letter{name: "next", what: 'n'}
	restart := letter{name: "restart", after: time.Second, what: 'r'}
	gone := func(name string, i int) letter { return letter{name: name, supply: i, after: time.Second, what: 'g'} }
	single := func(change func(*Rules)) Rules {
		return rules(func(r *Rules) {
			r.DeadTime = 15 * time.Second
			if change != nil {
				change(r)
			}
		}, "a")
	}
	for _, tc := range []struct {
		name    string
		rules   Rules
		depth   int
		letters []letter
		begin   []letter // of every history, beyond the depth
	}{
		{"one supply", single(nil), 6, []letter{
			heard("OL", 0, ups.Online, 0), heard("OB", 0, ups.OnBattery, 0), heard("OB LB", 0, ups.OnBattery, ups.BelowCapacity),
			heard("OL LB", 0, ups.Online, ups.BelowCapacity), gone("gone", 0), wait, next, restart,
		}, nil},
		{"one supply, NOCOMM and REPLBATT repeated", single(func(r *Rules) { r.NoCommRepeat, r.ReplaceBatteryRepeat = 4*time.Second, 3*time.Second }), 6, []letter{
			heard("OL RB", 0, ups.Online|ups.ReplaceBattery, 0), heard("OB", 0, ups.OnBattery, 0), heard("OB LB", 0, ups.OnBattery, ups.BelowCapacity),
			gone("gone", 0), wait, next, restart,
		}, nil},
		{"after the command", single(nil), 5, []letter{
			heard("OL", 0, ups.Online, 0), heard("OB", 0, ups.OnBattery, 0), gone("gone", 0), next, restart,
			{name: "ended", what: 'e', after: time.Second}, {name: "pending", what: 'p', after: time.Second}, {name: "nothing pending", what: 'q', after: time.Second},
			{name: "4 m", after: 4 * time.Minute, what: 'w'},
		}, []letter{heard("OB LB", 0, ups.OnBattery, ups.BelowCapacity), heard("OB LB", 0, ups.OnBattery, ups.BelowCapacity), {name: "6 s", after: 6 * time.Second, what: 'w'}}},
		{"two supplies, one needed", rules(func(r *Rules) { r.DeadTime = 15 * time.Second }, "a", "b"), 5, []letter{
			heard("a OL", 0, ups.Online, 0), heard("a OB", 0, ups.OnBattery, 0), heard("a LB", 0, ups.OnBattery, ups.BelowCapacity), gone("a gone", 0),
			heard("b OL", 1, ups.Online, 0), heard("b OB", 1, ups.OnBattery, 0), heard("b LB", 1, ups.OnBattery, ups.BelowCapacity), gone("b gone", 1),
			wait, restart,
		}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			x := explorer{t: t, rules: tc.rules, letters: tc.letters, depth: len(tc.begin) + tc.depth + *extraDepth}
			begin := node{now: Instant(time.Second)}
			for _, l := range tc.begin {
				begin.path[begin.depth] = l
				begin.depth++
				x.take(&begin, l)
			}
			x.explore(&begin)
			want := 1
			for range x.depth - len(tc.begin) {
				want *= len(x.letters)
			}
			if x.count != want {
				t.Errorf("%d histories, not %d", x.count, want)
			}
			if x.downs == 0 {
				t.Error("no history came to the command")
			}
			t.Logf("%d histories of %d letters out of %d; %d came to the command", x.count, x.depth, len(x.letters), x.downs)
		})
	}
}
