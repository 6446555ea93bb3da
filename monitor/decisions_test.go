package monitor_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	. "ecnutd/monitor"
	"ecnutd/ups"
)

// real are rules as they are used: the defaults, without NOCOMM.
func real(change func(*Rules), names ...string) Rules {
	r := Defaults(names...)
	r.NoCommRepeat = 0
	if change != nil {
		change(&r)
	}
	return r
}

// every is a line of a script again and again: from, to and step in seconds.
func every(from, to, step float64, line string) string {
	var b strings.Builder
	for at := from; at < to; at += step {
		fmt.Fprintf(&b, "%.3fs %s\n", at, line)
	}
	return b.String()
}

// brings reports when a script brings an effect whose brief words begin so; the
// first time, from the beginning of the script.
func brings(t *testing.T, r Rules, script, words string) (at time.Duration, n int) {
	t.Helper()
	p := player{t: t, rules: r, base: booted, show: brief}
	for _, line := range p.play(script) {
		when, what, _ := strings.Cut(line, " ")
		if strings.HasPrefix(what, words) {
			d, _ := time.ParseDuration(when)
			if n == 0 {
				at = d
			}
			n++
		}
	}
	return at, n
}

// TestComesDown: what must bring the host down, and by when.
func TestComesDown(t *testing.T) {
	plain := real(nil, "a")
	strict := real(func(r *Rules) { r.LinkLost, r.DeadTime = Strict, 20*time.Second }, "a")
	shared := func(on2 ups.Event, after time.Duration) Rules {
		return real(func(r *Rules) {
			r.LinkLost = Strict
			r.Timers = []Timer{{Name: "wait", After: after, Fire: Reaction{GiveUp: true}}}
			on(r, ups.EventOnBattery, Reaction{Start: []Start{{Timer: "wait"}}})
			on(r, on2, Reaction{Start: []Start{{Timer: "wait"}}})
		}, "a")
	}
	pair := real(nil, "a", "b")
	const mains = "1s OL 100 2400\n5s OL 100 2400\n"
	for _, tc := range []struct {
		name         string
		rules        Rules
		script       string
		after, until time.Duration // of the decision
	}{
		{"never says low: the UPS's own limit on charge", plain, mains + every(10, 100, 5, "OB 60 700 limit=25") + every(100, 200, 5, "OB 25 260 limit=25"), 100 * time.Second, 108 * time.Second},
		{"never says low: a runtime that a shutdown takes", plain, mains + every(10, 100, 5, "OB 60 700") + every(100, 200, 5, "OB 18 64"), 100 * time.Second, 108 * time.Second},
		{"a second outage on an empty battery", plain, every(1, 60, 5, "OL 5 40 limit=20") + "60s OB 5 40 limit=20\n62s OB 5 39 limit=20\n64s OB 4 30 limit=20\n", 60 * time.Second, 64 * time.Second},
		{"a flag that flickers near the UPS's own limit", plain, mains + every(10, 30, 5, "OB 40 500 limit=20") +
			func() (s string) {
				for at := 30; at < 90; at += 4 {
					s += fmt.Sprintf("%ds OB below 28 300 limit=20\n%ds OB 28 300 limit=20\n", at, at+1)
				}
				return s
			}(), 38 * time.Second, 39 * time.Second},
		{"a flag that was pushed once, at a charge that does not contradict it", plain, mains + every(10, 30, 5, "OB 48 900") + "31s OB below once 48 900\n33s same OB below once 48 900\n", 31 * time.Second, 34 * time.Second},
		{"or for a minute, whatever the charge", plain, mains + every(10, 30, 5, "OB 90 2000") + "31s OB below once 90 2000\n" + every(33, 100, 5, "same OB below once 90 2000"), 90 * time.Second, 92 * time.Second},
		{"a number that jumped, once three readings over 20 s have said it", plain, mains + every(10, 80, 5, "OB 8 900 limit=20"), 40 * time.Second, 46 * time.Second},
		{"a link that comes and goes each second, and says low", plain, mains + "10s OB 30 400\n" +
			func() (s string) {
				for at := 11; at < 60; at += 2 {
					s += fmt.Sprintf("%ds gone\n%ds OB below 20 200\n", at, at+1)
				}
				return s
			}(), 12 * time.Second, 16 * time.Second},
		{"a link that comes and goes and brings the flags alone: the lost time adds up", real(func(r *Rules) { r.LinkLost = Strict }, "a"), mains + "10s OB 97 1200\n" +
			func() (s string) {
				for at := 12; at < 100; at += 5 {
					s += fmt.Sprintf("%ds gone\n%ds flags OB age=0s charge=%ds runtime=%ds 97 1200\n", at, at+3, at-7, at-7)
				}
				return s
			}(), 20 * time.Second, 45 * time.Second},
		{"a daemon that is started again every few seconds, and hears low each time", plain, mains + "10s OB 30 400\n" +
			func() (s string) {
				for at := 12; at < 60; at += 4 {
					s += fmt.Sprintf("%ds restart\n%ds OB below 20 200\n", at, at+1)
				}
				return s
			}(), 13 * time.Second, 22 * time.Second},
		{"a status that vanishes on battery", strict, mains + every(10, 50, 5, "OB 95 1500") + every(50, 150, 5, "- 90 1500"), 65 * time.Second, 90 * time.Second},
		{"a status that is as old as its own last answer", strict, mains + every(10, 50, 5, "OB 95 1500") +
			func() (s string) {
				for at := 50; at < 150; at += 5 {
					s += fmt.Sprintf("%ds same OB age=%ds 90 1500\n", at, at-45)
				}
				return s
			}(), 65 * time.Second, 90 * time.Second},
		{"a status that has stalled on mains, and charge that falls", strict, every(1, 20, 5, "OL 100 2400") +
			func() (s string) {
				for at := 20; at < 200; at += 5 {
					s += fmt.Sprintf("%ds OL age=%ds %d 2400\n", at, at-16, 100-max(0, at-60)/10)
				}
				return s
			}(), 90 * time.Second, 125 * time.Second},
		{"a status that can only be pushed, and charge that falls", strict,
			func() (s string) {
				s = "1s OL pushed 100 2400\n"
				for at := 6; at < 200; at += 5 {
					s += fmt.Sprintf("%ds numbers OL pushed %d 2400\n", at, 100-max(0, at-60)/10)
				}
				return s
			}(), 105 * time.Second, 125 * time.Second},
		{"a shared timer has its whole length from the outage on: COMMBAD", shared(ups.EventCommBad, 10*time.Minute), "1s OL 100 2400\n30s gone\n50s OL 100 2400\n" + every(55, 480, 5, "OL 100 2400") + every(480, 1100, 5, "OB 100 2400"), 1080 * time.Second, 1080 * time.Second},
		{"a shared timer has its whole length from the outage on: LOWBATT", shared(ups.EventLowBattery, 90*time.Second), every(1, 20, 5, "OL 100 2400") + every(20, 30, 2, "OL below 100 2400") + every(30, 90, 5, "OL 100 2400") + every(90, 200, 5, "OB 100 2400"), 180 * time.Second, 180 * time.Second},
		{"another UPS that was never heard does not feed the host", pair, every(1, 30, 2, "a OB below 15 100"), 16 * time.Second, 17 * time.Second},
		{"a suspend without an end of the silence: the dead time behind it", real(func(r *Rules) { r.LinkLost = Strict }, "a"), mains + every(10, 30, 5, "OB 90 3000") + "31s frozen\n3h .\n10820s .\n", 10800 * time.Second, 10816 * time.Second},
		{"gaps that bring no word are no excuse for ever", real(func(r *Rules) { r.LinkLost = Strict }, "a"), mains + "10s OB 90 3000\n11s frozen\n40s .\n41s frozen\n70s .\n71s frozen\n100s .\n", 40 * time.Second, 101 * time.Second},
	} {
		t.Run(tc.name, func(t *testing.T) {
			at, n := brings(t, tc.rules, tc.script, "shutdown")
			if n == 0 || at < tc.after || at > tc.until {
				t.Errorf("decided at %s (%d times), not between %s and %s", at, n, tc.after, tc.until)
			}
		})
	}
}

// TestStaysUp: what must not bring the host down, though it looks like it.
func TestStaysUp(t *testing.T) {
	plain := real(nil, "a")
	strict := real(func(r *Rules) { r.LinkLost = Strict }, "a")
	limits := real(func(r *Rules) {
		r.Supplies[0].Limits.Charge, r.Supplies[0].Limits.Runtime = ups.Known(30), ups.Known(240)
	}, "a")
	forced := func(e ups.Event) Rules {
		return real(func(r *Rules) {
			r.Timers = []Timer{{Name: "fsd", After: 5 * time.Second, Fire: Reaction{Force: true}}}
			on(r, e, Reaction{Start: []Start{{Timer: "fsd"}}, Force: true})
		}, "a")
	}
	const mains = "1s OL 100 900\n5s OL 100 900\n"
	loose := mains + "10s OB 97 1200\n"
	for at := 12; at < 2400; at += 4 {
		loose += fmt.Sprintf("%ds gone\n%ds OB 97 1200\n", at, at+1)
	}
	thrash := mains + every(10, 60, 5, "OB 97 3000")
	for at := 60; at < 1200; at += 60 {
		thrash += fmt.Sprintf("%ds frozen\n%ds .\n", at, at+20) + every(float64(at)+20.2, float64(at)+55, 5, "OB 97 3000")
	}
	for _, tc := range []struct {
		name   string
		rules  Rules
		script string
	}{
		{"runtime that jumps at the transfer", plain, mains + every(10, 22, 2, "OB 99 40") + every(22, 120, 5, "OB 98 860")},
		{"and with a limit of one's own", limits, mains + every(10, 22, 2, "OB 99 40") + every(22, 120, 5, "OB 98 860")},
		{"charge 0 for a moment", limits, mains + every(10, 16, 2, "OB 0 860") + every(16, 120, 5, "OB 98 860")},
		{"a loose link at 97 % for 40 minutes, strict", strict, loose},
		{"a loose link at 97 % for 40 minutes, estimate", plain, loose},
		{"a false flag of one second with the link gone right after", strict, mains + "10s OB 97 1200\n11s OB below 97 1200\n12s gone\n17s OB 97 1200\n" + every(20, 100, 5, "OB 97 1200")},
		{"a UPS that only pushes, with a flash of the flag", plain, mains + every(10, 40, 5, "OB pushed 97 1200") + "41s OB below once pushed 97 1200\n42s OB pushed 97 1200\n" + every(45, 200, 5, "OB pushed 97 1200")},
		{"a thrashing host with a gap each minute, strict", strict, thrash},
		{"a second feed that is found late at boot", real(nil, "a", "b"), every(1, 12, 2, "a OB below 15 300") + "12s b OL 100 900\n" +
			func() (s string) {
				for at := 13; at < 60; at += 2 {
					s += fmt.Sprintf("%ds a OB below 12 250\n%ds b OL 100 900\n", at, at+1)
				}
				return s
			}()},
		{"suspended in an outage, mains back meanwhile, USB back 12 s after the end", real(func(r *Rules) { r.Supplies[0].Limits.OnBattery = 20 * time.Minute }, "a"),
			mains + every(10, 30, 5, "OB 97 3000") + "31s frozen\n3h gone\n10812s OL 100 3000\n" + every(10815, 10900, 5, "OL 100 3000")},
		{"a UPS whose own limit is 100 %", plain, mains + every(10, 200, 5, "OB 90 2000 limit=100")},
		{"a flag that flickers at 97 %", plain, mains + func() (s string) {
			for at := 10; at < 200; at += 4 {
				s += fmt.Sprintf("%ds OB below 97 2000 limit=20\n%ds OB 97 2000 limit=20\n", at, at+1)
			}
			return s
		}()},
		{"a UPS that takes 10 s for each answer, strict", strict, "1s OL slow=10s 100 900\n5s OL slow=10s 100 900\n" + every(10, 300, 25, "OB slow=10s 97 3000")},
		{"runtime 0 at 100 %: it was never worked out", limits, mains + every(10, 100, 5, "OB 100 0")},
		{"a calibration, and eight seconds on battery at its end", real(func(r *Rules) {
			r.Timers = []Timer{{Name: "wait", After: 15 * time.Minute, Fire: Reaction{GiveUp: true}}}
			on(r, ups.EventOnBattery, Reaction{Start: []Start{{Timer: "wait"}}})
		}, "a"), mains + every(30, 1110, 5, "OB CAL 40 500") + "1110s OB 22 500\n1115s OB 22 500\n1118s OL 22 500\n"},
		{"charge that falls fast under a fresh OL", plain, func() (s string) {
			for at := 1; at < 600; at += 5 {
				s += fmt.Sprintf("%ds OL %d 900\n", at, max(60, 100-at/10))
			}
			return s
		}()},
		{"charge read on battery and then on mains, with a status that hangs after its push", strict, mains + every(10, 25, 5, "OB 91 1200") +
			func() (s string) { // the charge as the UPS works it out, a while after mains is back
				s = "31s OL charge=7s 91 1200\n"
				for at := 36; at < 100; at += 5 {
					s += fmt.Sprintf("%ds numbers OL age=%ds 88 1100\n", at, at-31)
				}
				return s
			}()},
		{"rules of force for what is no trouble of the UPS, on mains: COMMBAD", forced(ups.EventCommBad), mains + "10s gone\n60s OL 100 900\n"},
		{"NOCOMM", real(func(r *Rules) { *r = forced(ups.EventNoComm); r.NoCommRepeat = 20 * time.Second }, "a"), mains + "10s gone\n100s OL 100 900\n"},
		{"LOWBATT", forced(ups.EventLowBattery), mains + every(10, 60, 2, "OL below 100 900")},
		{"ONLINE", forced(ups.EventOnline), mains + "10s OB 100 900\n12s OL 100 900\n20s OL 100 900\n30s OL 100 900\n"},
		{"OVER that is over", real(func(r *Rules) {
			r.Timers = []Timer{{Name: "fsd", After: 5 * time.Second, Fire: Reaction{Force: true}}}
			on(r, ups.EventOver, Reaction{Start: []Start{{Timer: "fsd"}}})
		}, "a"), mains + "10s OL OVER 100 900\n12s OL 100 900\n20s OL 100 900\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if at, n := brings(t, tc.rules, tc.script, "shutdown"); n > 0 {
				t.Errorf("decided at %s", at)
			}
		})
	}
}

// TestContradicted: charge that falls under a status that was asked for just now is
// told, once, and is no loss of the link.
func TestContradicted(t *testing.T) {
	script := ""
	for at := 1; at < 600; at += 5 {
		script += fmt.Sprintf("%ds OL %d 900\n", at, max(60, 100-at/10))
	}
	r := real(nil, "a")
	for words, want := range map[string]int{"ALARM": 1, "COMMBAD": 0, "ONBATT": 0} {
		if at, n := brings(t, r, script, words); n != want {
			t.Errorf("%s is told %d times, from %s on, and should be %d times", words, n, at, want)
		}
	}
}
