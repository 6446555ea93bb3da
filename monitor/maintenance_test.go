package monitor_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"ecnutd/ups"

	. "ecnutd/monitor"
)

// TestMaintenance: nobody is told by message and silence shuts nothing down; what a
// reading says does.
func TestMaintenance(t *testing.T) {
	texts := func(r *Rules) {
		r.LinkLost = Strict
		for _, e := range []ups.Event{ups.EventOnBattery, ups.EventCommBad, ups.EventCommOK, ups.EventLowBattery, ups.EventOnline} {
			r.Supplies[0].On[e] = Reaction{Tell: Tell{Message: "m"}}
		}
		r.On[ups.EventShutdown] = Reaction{Tell: Tell{Message: "m"}}
		r.NoCommRepeat = 0
	}
	r := rules(texts, "a")
	limit := rules(func(r *Rules) { texts(r); r.Supplies[0].Limits.OnBattery = 5 * time.Minute }, "a")
	short := rules(func(r *Rules) { texts(r); r.DeadTime = 2 * time.Minute }, "a")
	const down = "shutdown (silent too long)\n"
	runTraces(t, []trace{
		{"nobody is told, and it ends by itself", r, nil, "1s OL 100 900\n2s maintain 10m\n60s gone\n120s OL 100 900\n700s gone\n", "2s maintenance began\n1m0s COMMBAD a\n2m0s COMMOK a\n10m2s maintenance over\n11m40s COMMBAD a !m"},
		{"somebody ends it", r, nil, "1s OL 100 900\n2s maintain 10m\n60s maintain end\n90s gone\n", "2s maintenance began\n1m0s maintenance stopped\n1m30s COMMBAD a !m"},
		{"24 h are the most", r, nil, "1s OL 100 900\n2s maintain 48h\n3s gone\n24h3s .", "2s maintenance began\n3s COMMBAD a\n24h0m2s maintenance over"},
		{"an outage ends it, and is told", r, nil, "1s OL 100 900\n2s maintain 10m\n60s OB 100 900\n80s OB below 20 100\n82s OB below 20 100\n", "2s maintenance began\n1m0s maintenance outage\n1m0s ONBATT a !m\n1m22s LOWBATT a !m\n1m22s shutdown (low on battery said low)\n1m22s FSD a\n1m22s SHUTDOWN  !m"},
		{"or not, where it goes on through outages", r, nil, "1s OL 100 900\n2s maintain 10m through\n60s OB 100 900\n120s OL 100 900\n", "2s maintenance began\n1m0s ONBATT a\n2m0s ONLINE a"},
		{"silence on battery shuts nothing down before its end, and a dead time after it", short, nil, "1s OL 100 900\n2s maintain 10m through\n60s OB 100 900\n62s gone\n800s .", "2s maintenance began\n1m0s ONBATT a\n1m2s COMMBAD a\n10m2s maintenance over\n12m2s LOWBATT a !m\n12m2s " + down + "12m2s FSD a\n12m2s SHUTDOWN  !m\n12m7s flag\n12m7s poweroff"},
		{"nor does a restart in it", short, nil, "1s OL 100 900\n2s maintain 10m through\n60s OB 100 900\n62s gone\n100s restart\n500s .", "2s maintenance began\n1m0s ONBATT a\n1m2s COMMBAD a"},
		{"a low battery shuts down, and that is told", r, nil, "1s OL 100 900\n2s maintain 10m through\n60s OB 100 900\n80s OB below 20 100\n82s OB below 20 100\n", "2s maintenance began\n1m0s ONBATT a\n1m22s LOWBATT a\n1m22s maintenance shutdown\n1m22s shutdown (low on battery said low)\n1m22s FSD a\n1m22s SHUTDOWN  !m"},
		{"so does a limit of time", limit, nil, "1s OL 100 900\n2s maintain 10m through\n60s OB 100 900\n" + every(70, 360, 10, "OB 90 800") + "361s .", "2s maintenance began\n1m0s ONBATT a\n1m0s timer a on_battery start 5m0s\n6m0s timer a on_battery fire\n6m0s maintenance shutdown\n6m0s shutdown (limit reached)\n6m0s FSD a\n6m0s SHUTDOWN  !m"},
		{"none begins in an outage by itself", r, nil, "1s OB 100 900\n2s maintain 10m\n60s gone\n", "1s ONBATT a !m\n1m0s COMMBAD a !m"},
	})
}

// TestMaintenanceHoldsSilenceAlone: over random histories nobody is told by message
// in a maintenance, silence takes nobody down in it, and where every reading comes
// the host goes down at the same instant as without one.
func TestMaintenanceHoldsSilenceAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawn{t}
		r := Defaults([]string{"a", "b"}[:1+c.pick(2)]...)
		r.LinkLost = choose(c, Estimate, Strict)
		for i := range r.Supplies {
			r.Supplies[i].Limits.OnBattery = choose(c, 0, 2*time.Minute)
			for _, e := range ups.Events {
				r.Supplies[i].On[e] = Reaction{Tell: Tell{Message: "m"}}
			}
		}
		losses := c.pick(2) == 1
		begin, long := Instant(time.Duration(1+c.pick(200))*time.Second), time.Duration(1+c.pick(400))*time.Second
		type moment struct {
			at Instant
			in Input
		}
		var history []moment
		current := make([]ups.Snapshot, len(r.Supplies))
		up := make([]bool, len(r.Supplies))
		for i := range current {
			current[i], up[i] = ups.Snapshot{Status: ups.Online, Charge: ups.Known(100), Runtime: ups.Known(900)}, true
		}
		for now := Instant(time.Second); now < Instant(10*time.Minute); now += Instant(5 * time.Second) {
			i := c.pick(len(current))
			s := &current[i]
			switch c.pick(12) {
			case 0:
				s.Status, s.Low = ups.Online, 0
			case 1, 2:
				s.Status = ups.OnBattery
			case 3:
				if s.Status == ups.OnBattery {
					s.Low = ups.BelowCapacity
				}
			case 4:
				if losses {
					if up[i] = !up[i]; !up[i] {
						history = append(history, moment{now, LinkLost{i, true}})
					}
				}
			}
			for i := range current {
				if up[i] {
					current[i].Readings++
					current[i].ChargeReadings++
					history = append(history, moment{now, Heard{i, current[i]}})
				}
			}
		}
		play := func(maintained bool) (down Instant) {
			var state State
			held := false
			step := func(now Instant, in Input) {
				var effects []Effect
				state, effects = Step(r, state, now, in)
				for _, e := range effects {
					switch e := e.(type) {
					case MaintenanceTold:
						held = e.Reason.Code == MaintenanceBegan
					case Event:
						if held && e.Tell.Message != "" {
							t.Fatalf("%s is told at %s", e.Name, now)
						}
					case Shutdown:
						if held || maintained && e.Reason.Code == SilentTooLong && now <= begin.Add(long) && now > begin && losses && state.Maintenance.Until > 0 {
							t.Fatalf("shut down in it at %s: %s", now, e.Reason.Code)
						}
					case PowerOff:
						if down == 0 {
							down = now
						}
					}
				}
			}
			asked := !maintained
			for _, m := range history {
				if !asked && m.at > begin {
					step(begin, Maintain{For: long, Through: true})
					asked = true
				}
				for {
					due, ok := state.Next(r)
					if !ok || due >= m.at || down > 0 {
						break
					}
					step(due, Elapsed{})
				}
				if down > 0 {
					return down
				}
				step(m.at, m.in)
			}
			return 0
		}
		with, without := play(true), play(false)
		if !losses && with != without {
			t.Fatalf("the command comes at %s, without a maintenance at %s", with, without)
		}
		if with > 0 && (without == 0 || with < without) {
			t.Fatalf("the command comes at %s, without a maintenance at %s", with, without)
		}
	})
}
