package monitor_test

import (
	"testing"
	"time"

	. "ecnutd/monitor"
	"ecnutd/ups"
)

// start20 is the rule of the document: 20 minutes on battery, then down.
func start20(r *Rules) {
	r.Timers = []Timer{{Name: "wait", After: 20 * time.Minute, Fire: Reaction{Tell: say("too long"), GiveUp: true}}}
	on(r, ups.EventOnBattery, Reaction{Tell: say("on battery"), Start: []Start{{Timer: "wait"}}})
}

// TestRules: rules and timers as upssched has them (start, cancel, cancel with
// an action), one timer of a name for each supply, and shutdown timers bound
// to the outage. All times are sums of the lines of the script and of the
// delays in the rules; final delay 5 s.
func TestRules(t *testing.T) {
	document := rules(func(r *Rules) {
		start20(r)
		on(r, ups.EventOnline, Reaction{Tell: say("on mains"), Cancel: []Cancel{{Timer: "wait"}}})
	}, "eaton")
	uncancelled := rules(start20, "eaton")
	message := rules(func(r *Rules) {
		r.Timers = []Timer{{Name: "tell", After: time.Minute, Fire: Reaction{Tell: say("a minute")}}}
		on(r, ups.EventOnBattery, Reaction{Start: []Start{{Timer: "tell"}}})
	}, "eaton")
	orElse := rules(func(r *Rules) {
		r.Timers = []Timer{{Name: "tell", After: time.Minute, Fire: Reaction{Tell: say("a minute")}}}
		on(r, ups.EventOnBattery, Reaction{Start: []Start{{Timer: "tell"}}})
		on(r, ups.EventOnline, Reaction{Cancel: []Cancel{{Timer: "tell", Else: say("after all")}}})
	}, "eaton")
	// The messages of LOWBATT twice start the timer: the second keeps the end.
	twice := rules(func(r *Rules) {
		r.Timers = []Timer{{Name: "tell", After: time.Minute, Fire: Reaction{Tell: say("a minute")}}}
		on(r, ups.EventOnBattery, Reaction{Start: []Start{{Timer: "tell"}}})
		on(r, ups.EventBoost, Reaction{Start: []Start{{Timer: "tell"}}})
	}, "eaton")
	again := rules(func(r *Rules) {
		r.Timers = []Timer{{Name: "tell", After: time.Minute, Fire: Reaction{Tell: say("a minute")}}}
		on(r, ups.EventOnBattery, Reaction{Start: []Start{{Timer: "tell"}}})
		on(r, ups.EventBoost, Reaction{Start: []Start{{Timer: "tell", Restart: true, After: 90 * time.Second}}})
	}, "eaton")
	pair := rules(func(r *Rules) {
		start20(r)
		on(r, ups.EventOnline, Reaction{Cancel: []Cancel{{Timer: "wait"}}})
	}, "left", "right")
	pair2 := rules(func(r *Rules) {
		start20(r)
		r.MinSupplies = 2
	}, "left", "right")
	order := rules(func(r *Rules) {
		r.Timers = []Timer{
			{Name: "slow", After: 30 * time.Second, Fire: Reaction{Tell: say("slow")}},
			{Name: "fast", After: 10 * time.Second, Fire: Reaction{Tell: say("fast")}},
			{Name: "now", Fire: Reaction{Tell: say("now")}},
		}
		on(r, ups.EventOnBattery, Reaction{Start: []Start{{Timer: "slow"}, {Timer: "fast"}, {Timer: "now"}}})
	}, "eaton")
	chain := rules(func(r *Rules) {
		r.Timers = []Timer{
			{Name: "first", After: 10 * time.Second, Fire: Reaction{Tell: say("one"), Start: []Start{{Timer: "second"}}}},
			{Name: "second", After: 20 * time.Second, Fire: Reaction{Tell: say("two"), GiveUp: true}},
		}
		on(r, ups.EventOnBattery, Reaction{Start: []Start{{Timer: "first"}}})
	}, "eaton")
	ring := rules(func(r *Rules) {
		r.Timers = []Timer{
			{Name: "a", Fire: Reaction{Start: []Start{{Timer: "b"}}}},
			{Name: "b", Fire: Reaction{Start: []Start{{Timer: "a"}}}},
		}
		on(r, ups.EventOnBattery, Reaction{Start: []Start{{Timer: "a"}}})
		on(r, ups.EventOnline, Reaction{Cancel: []Cancel{{Timer: "a"}, {Timer: "b"}}})
	}, "eaton")
	force := func(e ups.Event) Rules {
		return rules(func(r *Rules) {
			r.Timers = []Timer{{Name: "fsd", After: time.Minute, Fire: Reaction{Tell: say("fsd"), Force: true}}}
			on(r, e, Reaction{Start: []Start{{Timer: "fsd"}}})
		}, "left", "right")
	}
	forceNow := func(e ups.Event) Rules {
		return rules(func(r *Rules) { on(r, e, Reaction{Force: true}) }, "left", "right")
	}
	giveUpNow := rules(func(r *Rules) { on(r, ups.EventOnBattery, Reaction{GiveUp: true}) }, "left", "right")
	unknown := rules(func(r *Rules) {
		on(r, ups.EventOnBattery, Reaction{Start: []Start{{Timer: "nosuch"}}, Cancel: []Cancel{{Timer: "nosuch"}}})
	}, "eaton")
	hosted := rules(func(r *Rules) {
		r.Timers = []Timer{{Name: "tell", After: 2 * time.Second, Fire: Reaction{Tell: say("bye")}}}
		on(r, ups.EventShutdown, Reaction{Start: []Start{{Timer: "tell"}}})
		on(r, ups.EventNotShutdown, Reaction{Cancel: []Cancel{{Timer: "tell", Else: say("none")}}})
	}, "left", "right")

	runTraces(t, []trace{
		{"mains lost and back: started and cancelled", document, nil, "1s OL\n10s OB\n5m OL\n1h .", `
			10s ONBATT eaton !on battery
			10s timer eaton wait start 20m0s
			5m0s ONLINE eaton !on mains
			5m0s timer eaton wait cancel`},
		{"twenty minutes: what is said comes before the shutdown", document, nil, "1s OL\n10s OB\n20m9s OB\n30m .", `
			10s ONBATT eaton !on battery
			10s timer eaton wait start 20m0s
			20m10s timer eaton wait fire !too long
			20m10s shutdown (timer ended)
			20m10s FSD eaton
			20m10s SHUTDOWN
			20m15s flag
			20m15s poweroff`},
		{"a shutdown timer ends with the outage even with no rule", uncancelled, nil, "1s OL\n10s OB\n5m OL\n30m OL", `
			10s ONBATT eaton !on battery
			10s timer eaton wait start 20m0s
			5m0s ONLINE eaton
			5m0s timer eaton wait cancel`},
		{"and the next outage has its own twenty minutes", uncancelled, nil, "1s OL\n10s OB\n5m OL\n6m OB\n25m59s OB\n26m OB\n26m5s .", `
			10s ONBATT eaton !on battery
			10s timer eaton wait start 20m0s
			5m0s ONLINE eaton
			5m0s timer eaton wait cancel
			6m0s ONBATT eaton !on battery
			6m0s timer eaton wait start 20m0s
			26m0s timer eaton wait fire !too long
			26m0s shutdown (timer ended)
			26m0s FSD eaton
			26m0s SHUTDOWN
			26m5s flag
			26m5s poweroff`},
		{"mains at the instant of the end: no shutdown", uncancelled, nil, "1s OL\n10s OB\n20m10s OL\n30m OL", `
			10s ONBATT eaton !on battery
			10s timer eaton wait start 20m0s
			20m10s ONLINE eaton
			20m10s timer eaton wait cancel`},
		{"mains within the final delay calls it off, and it begins anew", uncancelled, nil, "1s OL\n10s OB\n20m14s OL\n21m OB\n30m OB", `
			10s ONBATT eaton !on battery
			10s timer eaton wait start 20m0s
			20m10s timer eaton wait fire !too long
			20m10s shutdown (timer ended)
			20m10s FSD eaton
			20m10s SHUTDOWN
			20m14s ONLINE eaton
			20m14s called off
			20m14s NOTSHUTDOWN
			21m0s ONBATT eaton !on battery
			21m0s timer eaton wait start 20m0s`},
		{"a timer with a message outlives the outage", message, nil, "1s OL\n10s OB\n20s OL\n2m OL", `
			10s ONBATT eaton
			10s timer eaton tell start 1m0s
			20s ONLINE eaton
			1m10s timer eaton tell fire !a minute`},
		{"cancel: running", orElse, nil, "1s OL\n10s OB\n20s OL\n2m OL", `
			10s ONBATT eaton
			10s timer eaton tell start 1m0s
			20s ONLINE eaton
			20s timer eaton tell cancel`},
		{"cancel: not running, so the other thing is said", orElse, nil, "1s OL\n10s OB\n80s OL\n5m OL", `
			10s ONBATT eaton
			10s timer eaton tell start 1m0s
			1m10s timer eaton tell fire !a minute
			1m20s ONLINE eaton
			1m20s timer eaton tell missed !after all`},
		{"a second start keeps the end of the first", twice, nil, "1s OL\n10s OB\n40s OB BOOST\n3m .", `
			10s ONBATT eaton
			10s timer eaton tell start 1m0s
			40s BOOST eaton
			1m10s timer eaton tell fire !a minute`},
		// 40 s + 90 s = 2m10s
		{"unless it restarts it, and for as long as the start says", again, nil, "1s OL\n10s OB\n40s OB BOOST\n3m .", `
			10s ONBATT eaton
			10s timer eaton tell start 1m0s
			40s BOOST eaton
			40s timer eaton tell start 1m30s
			2m10s timer eaton tell fire !a minute`},
		{"two supplies: each has its own timer, and one is not enough", pair, nil, "1s left OL\n1s right OL\n10s left OB\n70s right OB\n20m30s right OL\n40m .", `
			10s ONBATT left !on battery
			10s timer left wait start 20m0s
			1m10s ONBATT right !on battery
			1m10s timer right wait start 20m0s
			20m10s timer left wait fire !too long
			20m30s ONLINE right
			20m30s timer right wait cancel`},
		{"two supplies: both ended", pair, nil, "1s left OL\n1s right OL\n10s left OB\n70s right OB\n40m .", `
			10s ONBATT left !on battery
			10s timer left wait start 20m0s
			1m10s ONBATT right !on battery
			1m10s timer right wait start 20m0s
			20m10s timer left wait fire !too long
			21m10s timer right wait fire !too long
			21m10s shutdown (timer ended)
			21m10s FSD left
			21m10s FSD right
			21m10s SHUTDOWN
			21m15s flag
			21m15s poweroff`},
		{"two supplies, both needed: the first end suffices", pair2, nil, "1s left OL\n1s right OL\n10s left OB\n40m .", `
			10s ONBATT left !on battery
			10s timer left wait start 20m0s
			20m10s timer left wait fire !too long
			20m10s shutdown (timer ended)
			20m10s FSD left
			20m10s FSD right
			20m10s SHUTDOWN
			20m15s flag
			20m15s poweroff`},
		{"cancelling the timer of one leaves that of the other", pair, nil, "1s left OL\n1s right OL\n10s left OB\n10s right OB\n20s left OL\n20m10s .", `
			10s ONBATT left !on battery
			10s timer left wait start 20m0s
			10s ONBATT right !on battery
			10s timer right wait start 20m0s
			20s ONLINE left
			20s timer left wait cancel
			20m10s timer right wait fire !too long`},
		{"the earliest end first, whatever the order of the starts", order, nil, "1s OL\n10s OB\n2m .", `
			10s ONBATT eaton
			10s timer eaton slow start 30s
			10s timer eaton fast start 10s
			10s timer eaton now start 0s
			10s timer eaton now fire !now
			20s timer eaton fast fire !fast
			40s timer eaton slow fire !slow`},
		{"a timer starts a timer, and both are bound to the outage", chain, nil, "1s OL\n10s OB\n25s OL\n30s OB\n2m .", `
			10s ONBATT eaton
			10s timer eaton first start 10s
			20s timer eaton first fire !one
			20s timer eaton second start 20s
			25s ONLINE eaton
			25s timer eaton second cancel
			30s ONBATT eaton
			30s timer eaton first start 10s
			40s timer eaton first fire !one
			40s timer eaton second start 20s
			1m0s timer eaton second fire !two
			1m0s shutdown (timer ended)
			1m0s FSD eaton
			1m0s SHUTDOWN
			1m5s flag
			1m5s poweroff`},
		{"timers without a delay that start one another do not spin", ring, nil, "1s OL\n10s OB\n12.5s OL\n1m .", `
			10s ONBATT eaton
			10s timer eaton a start 0s
			10s timer eaton a fire
			10s timer eaton b start 1s
			11s timer eaton b fire
			11s timer eaton a start 1s
			12s timer eaton a fire
			12s timer eaton b start 1s
			12.5s ONLINE eaton
			12.5s timer eaton b cancel`},
		{"force: whatever the other supply does", force(ups.EventOnBattery), nil, "1s left OL\n1s right OL\n10s left OB\n3m .", `
			10s ONBATT left
			10s timer left fsd start 1m0s
			1m10s timer left fsd fire !fsd
			1m10s shutdown (ordered)
			1m10s FSD left
			1m10s FSD right
			1m10s SHUTDOWN
			1m15s flag
			1m15s poweroff`},
		{"force: ends with the outage that it was started in", force(ups.EventOnBattery), nil, "1s left OL\n1s right OL\n10s left OB\n20s left OL\n3m .", `
			10s ONBATT left
			10s timer left fsd start 1m0s
			20s ONLINE left
			20s timer left fsd cancel`},
		{"force started by LOWBATT: ends with the outage too", force(ups.EventLowBattery), nil, "1s left OL\n1s right OL\n10s left OB\n12s left OB below\n14s left OB below\n20s left OL\n3m .", `
			10s ONBATT left
			14s LOWBATT left
			14s timer left fsd start 1m0s
			20s ONLINE left
			20s timer left fsd cancel
			20s NOTLOWBATT left`},
		{"force started by the loss of the link on battery: ends with the outage too", force(ups.EventCommBad), nil, "1s left OL\n1s right OL\n10s left OB\n12s left gone\n20s left OL\n3m .", `
			10s ONBATT left
			12s COMMBAD left
			12s timer left fsd start 1m0s
			20s COMMOK left
			20s ONLINE left
			20s timer left fsd cancel`},
		{"force: not called off by mains once it was decided", force(ups.EventOnBattery), nil, "1s left OL\n1s right OL\n10s left OB\n72s left OL\n3m .", `
			10s ONBATT left
			10s timer left fsd start 1m0s
			1m10s timer left fsd fire !fsd
			1m10s shutdown (ordered)
			1m10s FSD left
			1m10s FSD right
			1m10s SHUTDOWN
			1m12s ONLINE left
			1m15s flag
			1m15s poweroff`},
		{"force on an event, at once", forceNow(ups.EventLowBattery), nil, "1s left OL\n1s right OL\n10s left OB below\n12s left OB below\n1m .", `
			10s ONBATT left
			12s LOWBATT left
			12s shutdown (ordered)
			12s FSD left
			12s FSD right
			12s SHUTDOWN
			17s flag
			17s poweroff`},
		{"never for a low battery on mains", forceNow(ups.EventLowBattery), nil, "1s left OL\n1s right OL\n10s left OL below\n12s left OL below\n1m .", `
			12s LOWBATT left`},
		{"never for a link that was lost on mains", forceNow(ups.EventCommBad), nil, "1s left OL\n1s right OL\n10s left gone\n1h .", `
			10s COMMBAD left`},
		{"nor by a timer", force(ups.EventCommBad), nil, "1s left OL\n1s right OL\n10s left gone\n1h .", `
			10s COMMBAD left
			10s timer left fsd start 1m0s
			1m10s timer left fsd fire !fsd`},
		{"nor for a supply that was never found", forceNow(ups.EventCommBad), nil, "1s left gone\n1h .", `
			1s COMMBAD left`},
		{"for one that was lost on battery it is", forceNow(ups.EventCommBad), nil, "1s left OB\n10s left gone\n1m .", `
			1s ONBATT left
			10s COMMBAD left
			10s shutdown (ordered)
			10s FSD left
			10s FSD right
			10s SHUTDOWN
			15s flag
			15s poweroff`},
		{"give up at once: the others have to suffice", giveUpNow, nil, "1s left OB\n2s right OL\n3s right OB\n1m .", `
			1s ONBATT left
			3s ONBATT right
			3s shutdown (rule)
			3s FSD left
			3s FSD right
			3s SHUTDOWN
			8s flag
			8s poweroff`},
		{"an unknown timer does nothing", unknown, nil, "1s OB\n1m OL", `
			1s ONBATT eaton
			1m0s ONLINE eaton`},
		{"an event of the host starts the timer of every supply", hosted, nil, "1s left OL\n2s fsd test\n1m .", `
			2s shutdown (ordered)
			2s FSD left
			2s FSD right
			2s SHUTDOWN
			2s timer left tell start 2s
			2s timer right tell start 2s
			4s timer left tell fire !bye
			4s timer right tell fire !bye
			7s flag
			7s poweroff`},
	})
}

// TestReload: other rules for the same state. What is known of a supply goes
// with its name, not with its place.
func TestReload(t *testing.T) {
	pair := rules(start20, "left", "right")
	turned := rules(start20, "right", "left")
	single := rules(start20, "left")
	timerless := rules(nil, "left", "right")
	charge := rules(func(r *Rules) { r.Supplies[0].Limits.Charge = ups.Known(30) }, "eaton")
	charge20 := rules(func(r *Rules) { r.Supplies[0].Limits.Charge = ups.Known(20) }, "eaton")
	free := rules(nil, "eaton")
	runtime := rules(func(r *Rules) { r.Supplies[0].Limits.Runtime = ups.Known(300) }, "eaton")
	limited := rules(func(r *Rules) { r.Supplies[0].Limits.OnBattery = time.Minute }, "eaton")

	runTraces(t, []trace{
		{"the supplies change places", pair, map[string]Rules{"new": turned},
			"1s left OL\n1s right OL\n10s left OB\n20s rules new\n30s right OL\n40s left OL\n50s right OB\n60s left OB\n1h .", `
			10s ONBATT left !on battery
			10s timer left wait start 20m0s
			40s ONLINE left
			40s timer left wait cancel
			50s ONBATT right !on battery
			50s timer right wait start 20m0s
			1m0s ONBATT left !on battery
			1m0s timer left wait start 20m0s
			20m50s timer right wait fire !too long
			21m0s timer left wait fire !too long
			21m0s shutdown (timer ended)
			21m0s FSD right
			21m0s FSD left
			21m0s SHUTDOWN
			21m5s flag
			21m5s poweroff`},
		{"a supply goes, and its timer with it", pair, map[string]Rules{"new": single},
			"1s left OL\n1s right OL\n10s right OB\n20s rules new\n30m left OL\n31m left OB\n52m .", `
			10s ONBATT right !on battery
			10s timer right wait start 20m0s
			31m0s ONBATT left !on battery
			31m0s timer left wait start 20m0s
			51m0s timer left wait fire !too long
			51m0s shutdown (timer ended)
			51m0s FSD left
			51m0s SHUTDOWN
			51m5s flag
			51m5s poweroff`},
		{"a supply comes, and its first report on mains is silent", single, map[string]Rules{"new": pair},
			"1s left OL\n10s rules new\n20s right OL\n30s left OB\n50m .", `
			30s ONBATT left !on battery
			30s timer left wait start 20m0s
			20m30s timer left wait fire !too long`},
		{"a timer goes", pair, map[string]Rules{"new": timerless},
			"1s left OB\n1s right OB\n10s rules new\n1h .", `
			1s ONBATT left !on battery
			1s timer left wait start 20m0s
			1s ONBATT right !on battery
			1s timer right wait start 20m0s`},
		// At 25 % the limit of 30 % was met twice; that of 20 % never was.
		{"a lower limit is not met by what was read for the higher", charge, map[string]Rules{"new": charge20},
			"1s OL 25\n3s OL 25\n5s OL 25\n6s rules new\n7s flags OB 25\n30s flags OB 25", `
			7s ONBATT eaton`},
		{"no limit is met by nothing", charge, map[string]Rules{"new": free},
			"1s OL 25\n3s OL 25\n5s OL 25\n6s rules new\n7s flags OB 25\n30s flags OB 25", `
			7s ONBATT eaton`},
		{"nor one on runtime", runtime, map[string]Rules{"new": free},
			"1s OL 90 200\n3s OL 90 200\n5s OL 90 200\n6s rules new\n7s flags OB 90 200\n30s flags OB 90 200", `
			7s ONBATT eaton`},
		{"a limit on the time on battery counts from the begin of the outage", free, map[string]Rules{"new": limited},
			"1s OL\n10s OB\n40s rules new\n80s .", `
			10s ONBATT eaton
			1m10s timer eaton on_battery fire
			1m10s shutdown (limit reached)
			1m10s FSD eaton
			1m10s SHUTDOWN
			1m15s flag
			1m15s poweroff`},
	})
}
