package monitor_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	. "ecnutd/monitor"
	"ecnutd/ups"
)

// TestRestart: the daemon ends and is started again in the same boot. What was
// stored decides nothing until the supply is heard or the dead time of 15 s
// has passed; what was running goes on to the end that it had.
func TestRestart(t *testing.T) {
	base := func(change func(*Rules)) func(*Rules) {
		return func(r *Rules) {
			r.DeadTime = 15 * time.Second
			if change != nil {
				change(r)
			}
		}
	}
	r := rules(base(nil), "eaton")
	timed := rules(base(func(r *Rules) {
		r.Timers = []Timer{{Name: "wait", After: 10 * time.Second, Fire: Reaction{GiveUp: true}}}
		on(r, ups.EventOnBattery, Reaction{Start: []Start{{Timer: "wait"}}})
	}), "eaton")
	limited := rules(base(func(r *Rules) { r.Supplies[0].Limits.OnBattery = 10 * time.Second }), "eaton")
	told := rules(base(func(r *Rules) {
		r.Timers = []Timer{{Name: "tell", After: 10 * time.Second, Fire: Reaction{Tell: say("ten")}}}
		on(r, ups.EventOnBattery, Reaction{Start: []Start{{Timer: "tell"}}})
	}), "eaton")
	both := rules(base(func(r *Rules) {
		r.Timers = []Timer{
			{Name: "slow", After: 30 * time.Second, Fire: Reaction{Tell: say("slow")}},
			{Name: "fast", After: 10 * time.Second, Fire: Reaction{Tell: say("fast")}},
		}
		on(r, ups.EventOnBattery, Reaction{Start: []Start{{Timer: "slow"}, {Timer: "fast"}}})
	}), "eaton")
	worn := rules(base(func(r *Rules) { r.ReplaceBatteryRepeat = 10 * time.Second }), "eaton")
	pair := rules(base(nil), "left", "right")
	estimate := rules(base(func(r *Rules) { r.LinkLost = Estimate }), "eaton")

	const low = "1s OB\n2s OB below\n4s OB below\n"
	const began = "1s ONBATT eaton\n4s LOWBATT eaton\n4s shutdown (low on battery said low)\n4s FSD eaton\n"
	runTraces(t, []trace{
		// Watching.
		{"on mains: nothing is told", r, nil, "1s OL\n5s restart\n6s OL\n8s OL", ``},
		{"on battery: the outage is the same one", r, nil, "1s OL\n2s OB\n5s restart\n6s OB\n8s OB\n9s OL", `
			2s ONBATT eaton
			9s ONLINE eaton`},
		{"mains came back meanwhile: told", r, nil, "1s OL\n2s OB\n3s killed\n60s restart\n61s OL", `
			2s ONBATT eaton
			1m1s ONLINE eaton`},
		{"mains was lost meanwhile: told", r, nil, "1s OL\n3s killed\n60s restart\n61s OB", `
			1m1s ONBATT eaton`},
		{"a timer keeps its end", timed, nil, "1s OL\n2s OB\n5s restart\n6s OB\n20s .", `
			2s ONBATT eaton
			2s timer eaton wait start 10s
			12s timer eaton wait fire
			12s shutdown (timer ended)
			12s FSD eaton
			12s SHUTDOWN
			17s flag
			17s poweroff`},
		{"a timer that ended meanwhile waits for the first word: mains", timed, nil, "1s OL\n2s OB\n3s killed\n60s restart\n62s OL\n65s OL", `
			2s ONBATT eaton
			2s timer eaton wait start 10s
			1m2s ONLINE eaton
			1m2s timer eaton wait cancel`},
		{"or still on battery", timed, nil, "1s OL\n2s OB\n3s killed\n60s restart\n62s OB\n70s .", `
			2s ONBATT eaton
			2s timer eaton wait start 10s
			1m2s timer eaton wait fire
			1m2s shutdown (timer ended)
			1m2s FSD eaton
			1m2s SHUTDOWN
			1m7s flag
			1m7s poweroff`},
		{"or silent for the dead time", timed, nil, "1s OL\n2s OB\n3s killed\n60s restart\n81s .", `
			2s ONBATT eaton
			2s timer eaton wait start 10s
			1m15.000000001s COMMBAD eaton
			1m15.000000001s LOWBATT eaton
			1m15.000000001s timer eaton wait fire
			1m15.000000001s shutdown (timer ended)
			1m15.000000001s FSD eaton
			1m15.000000001s SHUTDOWN
			1m20.000000001s flag
			1m20.000000001s poweroff`},
		{"a timer with a message waits for the first word as well", told, nil, "1s OL\n2s OB\n3s killed\n60s restart\n62s OB\n70s .", `
			2s ONBATT eaton
			2s timer eaton tell start 10s
			1m2s timer eaton tell fire !ten`},
		{"two that ended meanwhile: the one that was due first comes first", both, nil, "1s OL\n2s OB\n3s killed\n60s restart\n62s OB\n70s .", `
			2s ONBATT eaton
			2s timer eaton slow start 30s
			2s timer eaton fast start 10s
			1m2s timer eaton fast fire !fast
			1m2s timer eaton slow fire !slow`},
		{"the limit of time on battery likewise: mains", limited, nil, "1s OL\n2s OB\n3s killed\n60s restart\n62s OL\n65s OL", `
			2s ONBATT eaton
			2s timer eaton on_battery start 10s
			1m2s timer eaton on_battery cancel
			1m2s ONLINE eaton`},
		{"or on battery", limited, nil, "1s OL\n2s OB\n3s killed\n60s restart\n62s OB\n65s OB", `
			2s ONBATT eaton
			2s timer eaton on_battery start 10s
			1m2s timer eaton on_battery fire
			1m2s shutdown (limit reached)
			1m2s FSD eaton
			1m2s SHUTDOWN`},
		// The node may not be there at the first look: no reason to hurry.
		{"not found at the first look, then on mains", limited, nil, "1s OL\n2s OB\n3s killed\n60s restart\n61s gone\n65s OL\n67s OL", `
			2s ONBATT eaton
			2s timer eaton on_battery start 10s
			1m1s COMMBAD eaton
			1m5s COMMOK eaton
			1m5s timer eaton on_battery cancel
			1m5s ONLINE eaton`},
		{"not found at the first look: a timer", timed, nil, "1s OL\n2s OB\n3s killed\n60s restart\n61s gone\n65s OL\n67s OL", `
			2s ONBATT eaton
			2s timer eaton wait start 10s
			1m1s COMMBAD eaton
			1m5s COMMOK eaton
			1m5s ONLINE eaton
			1m5s timer eaton wait cancel`},
		{"not found at all: the dead time", limited, nil, "1s OL\n2s OB\n3s killed\n60s restart\n61s gone\n80s .", `
			2s ONBATT eaton
			2s timer eaton on_battery start 10s
			1m1s COMMBAD eaton
			1m15.000000001s timer eaton on_battery fire
			1m15.000000001s shutdown (limit reached)
			1m15.000000001s FSD eaton
			1m15.000000001s SHUTDOWN`},
		{"lost on battery before it: the deadline is the later of both", r, nil, "1s OB\n2s gone\n3s killed\n60s restart\n70s OB\n72s OB\n76s OB", `
			1s ONBATT eaton
			2s COMMBAD eaton
			1m15s COMMOK eaton`},
		{"lost on battery before it, and still", r, nil, "1s OB\n2s gone\n3s killed\n60s restart\n80s .", `
			1s ONBATT eaton
			2s COMMBAD eaton
			1m15.000000001s LOWBATT eaton
			1m15.000000001s shutdown (silent too long)
			1m15.000000001s FSD eaton
			1m15.000000001s SHUTDOWN`},
		// 900 s left at 2 s: a third less 60 s is 240 s, so 4m1s stays.
		{"a far deadline stays", estimate, nil, "1s OB 90 900\n2s gone\n3s killed\n60s restart\n242s .", `
			1s ONBATT eaton
			2s COMMBAD eaton
			4m1s LOWBATT eaton
			4m1s shutdown (silent too long)
			4m1s FSD eaton
			4m1s SHUTDOWN`},
		{"readings from before a long gap and after it are not two in a row", r, nil, "1s OB\n2s OB below\n3s killed\n20s restart\n21s OB below\n22s OB\n23s OB", "1s ONBATT eaton"},
		{"two after it are", r, nil, "1s OB\n2s OB below\n3s killed\n20s restart\n21s OB below\n23s OB below\n24s .", `
			1s ONBATT eaton
			23s LOWBATT eaton
			23s shutdown (low on battery said low)
			23s FSD eaton
			23s SHUTDOWN`},
		{"one before a short gap and one after it are, too", r, nil, "1s OB\n2s OB below\n3s restart\n4s OB below\n7s .", `
			1s ONBATT eaton
			4s LOWBATT eaton
			4s shutdown (low on battery said low)
			4s FSD eaton
			4s SHUTDOWN`},
		{"the count of readings of the new process may be that of the old", r, nil, "1s OB\n2s restart\n3s OB below\n5s OB below\n6s .", `
			1s ONBATT eaton
			5s LOWBATT eaton
			5s shutdown (low on battery said low)
			5s FSD eaton
			5s SHUTDOWN`},
		{"what was told is not told again", worn, nil, "1s OL RB CAL below alarm=hot\n3s OL RB CAL below alarm=hot\n4s restart\n5s OL RB CAL below alarm=hot\n14s OL RB CAL below alarm=hot", `
			1s CAL eaton
			1s ALARM eaton
			3s LOWBATT eaton
			3s REPLBATT eaton
			13s REPLBATT eaton`},
		{"what ended meanwhile is", worn, nil, "1s OL RB CAL below alarm=hot\n3s OL RB CAL below alarm=hot\n4s restart\n5s OL", `
			1s CAL eaton
			1s ALARM eaton
			3s LOWBATT eaton
			3s REPLBATT eaton
			5s NOTCAL eaton
			5s NOTALARM eaton
			5s NOTLOWBATT eaton
			5s NOTREPLBATT eaton`},
		{"never heard before it: silent as at a start", r, nil, "1s .\n2s restart\n3s OL\n4s OL", ""},

		// A shutdown under way.
		{"waiting for the secondaries: it goes on when heard", r, nil, "1s secondaries 1\n" + low + "5s restart\n7s OB below\n12s OB below\n30s .", began + `
			19s SHUTDOWN
			24s flag
			24s poweroff`},
		{"waiting for the secondaries: mains does not end it for those who were told", r, nil, "1s secondaries 1\n" + low + "5s restart\n7s OL\n21s OL\n30s .", began + `
			7s ONLINE eaton
			7s NOTLOWBATT eaton
			7s goes on
			19s SHUTDOWN
			24s flag
			24s poweroff`},
		{"announced: it waits for the first word, and goes on at once", r, nil, low + "5s killed\n20s restart\n27s OB below\n30s .", began + `
			4s SHUTDOWN
			27s flag
			27s poweroff`},
		{"announced: the flag of the low battery is gone, but not the outage", r, nil, low + "5s killed\n20s restart\n27s OB\n30s .", began + `
			4s SHUTDOWN
			27s NOTLOWBATT eaton
			27s flag
			27s poweroff`},
		{"announced: mains ends it", r, nil, low + "5s killed\n20s restart\n27s OL\n30s .", began + `
			4s SHUTDOWN
			27s ONLINE eaton
			27s NOTLOWBATT eaton
			27s called off
			27s NOTSHUTDOWN`},
		{"announced: nothing is heard for the dead time", r, nil, low + "5s killed\n20s restart\n36s .", began + `
			4s SHUTDOWN
			35.000000001s COMMBAD eaton
			35.000000001s flag
			35.000000001s poweroff`},
		{"announced: the node is not there at the first look", r, nil, low + "5s killed\n20s restart\n21s gone\n27s OL\n30s .", began + `
			4s SHUTDOWN
			21s COMMBAD eaton
			27s COMMOK eaton
			27s ONLINE eaton
			27s NOTLOWBATT eaton
			27s called off
			27s NOTSHUTDOWN`},
		{"announced: the node is not there at all", r, nil, low + "5s killed\n20s restart\n21s gone\n36s .", began + `
			4s SHUTDOWN
			21s COMMBAD eaton
			35.000000001s flag
			35.000000001s poweroff`},
		{"announced: it was lost before, and is not there at the first look", r, nil, "1s OB\n2s gone\n17s killed\n30s restart\n31s gone\n40s OB\n42s OB", `
			1s ONBATT eaton
			2s COMMBAD eaton
			16s LOWBATT eaton
			16s shutdown (silent too long)
			16s FSD eaton
			16s SHUTDOWN
			40s COMMOK eaton
			40s NOTLOWBATT eaton
			40s called off
			40s NOTSHUTDOWN`},
		{"ordered: it waits for nobody", r, nil, "1s OL\n2s fsd x\n3s restart\n8s .", `
			2s shutdown (ordered)
			2s FSD eaton
			2s SHUTDOWN
			7s flag
			7s poweroff`},
		{"ordered: late", r, nil, "1s OB\n2s fsd x\n3s killed\n60s restart\n61s OL", `
			1s ONBATT eaton
			2s shutdown (ordered)
			2s FSD eaton
			2s SHUTDOWN
			1m0s flag
			1m0s poweroff
			1m1s ONLINE eaton`},
		{"the command was given: what comes of it is awaited", r, nil, low + "20s restart\n21s OL\n40s restart", began + `
			4s SHUTDOWN
			9s flag
			9s poweroff
			21s ONLINE eaton
			21s NOTLOWBATT eaton`},
		{"two supplies: one heard on battery does not complete it", pair, nil, `
			1s left OB
			1s right OB
			2s left OB below
			2s right OB below
			4s left OB below
			4s right OB below
			5s restart
			6s left OB below
			12s right OL
			13s .`, `
			1s ONBATT left
			1s ONBATT right
			4s LOWBATT left
			4s LOWBATT right
			4s shutdown (low on battery said low)
			4s FSD left
			4s FSD right
			4s SHUTDOWN
			12s ONLINE right
			12s NOTLOWBATT right
			12s called off
			12s NOTSHUTDOWN`},
		{"two supplies: nor does one heard on mains end it before the other was heard", pair, nil, `
			1s left OB
			1s right OB
			2s left OB below
			2s right OB below
			4s left OB below
			4s right OB below
			5s restart
			6s left OL
			8s right OB below
			13s .`, `
			1s ONBATT left
			1s ONBATT right
			4s LOWBATT left
			4s LOWBATT right
			4s shutdown (low on battery said low)
			4s FSD left
			4s FSD right
			4s SHUTDOWN
			6s ONLINE left
			6s NOTLOWBATT left
			8s called off
			8s NOTSHUTDOWN`},
		{"a second restart within the dead time of the first", r, nil, low + "5s killed\n20s restart\n22s restart\n27s OL\n30s .", began + `
			4s SHUTDOWN
			27s ONLINE eaton
			27s NOTLOWBATT eaton
			27s called off
			27s NOTSHUTDOWN`},
	})
}

// TestRestartSaysWhen: what is announced when the device is not there at the
// first look is what will come: 60 s + 15 s is 14 s after 61 s.
func TestRestartSaysWhen(t *testing.T) {
	r := rules(func(r *Rules) { r.DeadTime = 15 * time.Second }, "eaton")
	got := play(t, r, "1s OB 90 500\n3s killed\n60s restart\n61s gone\n74s .")
	want := lines(`
		1s ONBATT eaton: on battery: charge 90 %, runtime 8 min 20 s
		1m1s COMMBAD eaton: link lost on battery: it left the USB bus; last known charge 90 %, runtime 8 min 20 s; the host is shut down in 14 s unless the link returns`)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("trace (-want +got):\n%s", diff)
	}
}

// TestFirstOrderStays: who ordered first is who ordered.
func TestFirstOrderStays(t *testing.T) {
	p := player{t: t, rules: rules(nil, "eaton"), show: show}
	p.play("1s OL\n2s secondaries 1\n3s fsd storm\n4s fsd flood")
	if p.state.Forced != "storm" {
		t.Errorf("ordered because of %q", p.state.Forced)
	}
}
