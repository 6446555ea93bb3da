package monitor_test

import (
	"testing"
	"time"

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
