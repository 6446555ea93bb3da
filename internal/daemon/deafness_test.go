package daemon

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ecnutd/internal/sim"
)

const deafConfig = `
ups: {eaton: {}}
state: "%s/state.db"
control: none
power_down_flag: "%s/killpower"
messages: {routes: {phone: {command: [/bin/true]}}}
`

// TestStatusFails: the report with the flags stalls, is refused or malformed, in
// whatever order with the outage. That is told once, within dead_time (15 s) and a
// poll (5 s), and a host on battery gets its command before its output goes.
func TestStatusFails(t *testing.T) {
	deaf := func(u *sim.UPS) {
		u.Inject(sim.Fault{Kind: sim.Stall, Report: 1})
		u.Inject(sim.Fault{Kind: sim.LostPushes})
	}
	for _, tc := range []struct {
		name    string
		start   func(*sim.UPS) // before the daemon
		at      time.Duration  // of what follows, since the daemon's start
		then    func(*sim.UPS)
		cut     time.Duration // 0: never
		commbad string        // "" for none
		lost    bool          // the host has to go down
	}{
		{name: "stalls on mains, then an outage", at: 30 * time.Second, then: deaf, cut: time.Minute, commbad: "it answers, but not about its status", lost: true},
		{name: "stalls right at the transfer", at: 30 * time.Second, then: deaf, cut: 30 * time.Second, lost: true},
		{name: "stalls on battery", at: 40 * time.Second, then: deaf, cut: 30 * time.Second, commbad: "it answers, but not about its status", lost: true},
		{name: "is refused from the start", start: deaf, commbad: "does not", lost: false},
		{name: "is refused from the start, and then an outage", start: deaf, cut: 2 * time.Minute, commbad: "not", lost: true},
		{name: "stands in an input report alone, which is asked for", start: func(u *sim.UPS) {
			u.Inject(sim.Fault{Kind: sim.RefusesFeature, Report: 1})
			u.Inject(sim.Fault{Kind: sim.LostPushes})
		}, cut: 2 * time.Minute, lost: true},
		{name: "is padded", start: func(u *sim.UPS) {
			u.Inject(sim.Fault{Kind: sim.LongReply, Report: 1, Bytes: 4})
			u.Inject(sim.Fault{Kind: sim.LongPush, Report: 1, Bytes: 4})
		}, cut: time.Minute, lost: true},
		{name: "is always too short", start: func(u *sim.UPS) {
			u.Inject(sim.Fault{Kind: sim.ShortReply, Report: 1})
			u.Inject(sim.Fault{Kind: sim.ShortPush, Report: 1})
		}, cut: time.Minute, lost: true},
		{name: "answers with another report", at: 30 * time.Second, then: func(u *sim.UPS) {
			u.Inject(sim.Fault{Kind: sim.ForeignReply, Report: 1, Reply: 6})
			u.Inject(sim.Fault{Kind: sim.LostPushes})
		}, cut: time.Minute, commbad: "it answers, but not about its status", lost: true},
		{name: "a low battery is pushed once", at: 34 * time.Second, then: func(u *sim.UPS) {
			u.Inject(sim.Fault{Kind: sim.Stall, Report: 1})
			u.SetCharge(12)
		}, cut: 30 * time.Second, lost: true},
		{name: "the same where the answer hangs", at: 34 * time.Second, then: func(u *sim.UPS) {
			u.Inject(sim.Fault{Kind: sim.Hang, Report: 1})
			u.SetCharge(12)
		}, cut: 30 * time.Second, lost: true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inBubble(t, time.Hour, []string{"eaton"}, func(v *virtual) {
				u := v.units["eaton"]
				begun := time.Now()
				var off atomic.Int64 // when the output went
				u.OnOutput(func(on bool) {
					if !on {
						off.CompareAndSwap(0, int64(time.Since(begun)))
					}
				})
				if tc.start != nil {
					tc.start(u)
				}
				v.start(deafConfig)
				to := func(at time.Duration) { v.pass(at - time.Since(begun)) }
				switch {
				case tc.then != nil && tc.cut > 0 && tc.cut <= tc.at:
					to(tc.cut)
					u.CutMains()
					to(tc.at)
					tc.then(u)
				case tc.then != nil:
					to(tc.at)
					tc.then(u)
				}
				if tc.cut > tc.at {
					to(tc.cut)
					u.CutMains()
				}
				to(20 * time.Minute)
				events := v.story("event", "shutdown", "poweroff")
				// That the charge contradicts it comes on top.
				if n := strings.Count(events, "COMMBAD") - strings.Count(events, "the charge fell"); n > 1 || tc.commbad != "" && (n == 0 || !strings.Contains(events, tc.commbad)) {
					t.Errorf("COMMBAD is told %d times:\n%s", n, events)
				}
				if strings.Contains(events, "not heard for 1h") {
					t.Errorf("the host runs for an hour, the UPS for minutes:\n%s", events)
				}
				if strings.Contains(events, "COMMOK") {
					t.Errorf("it is told to be back:\n%s", events)
				}
				d := v.descent()
				if !tc.lost && len(d.offs) > 0 {
					t.Errorf("the host is shut down without cause:\n%s", events)
				}
				if gone := time.Duration(off.Load()); tc.lost && (len(d.offs) == 0 || gone > 0 && d.offs[0]-time.Hour > gone-40*time.Second) {
					t.Errorf("the command comes at %v, the output goes at %s:\n%s", d.offs, gone, events)
				}
			})
		})
	}
}
