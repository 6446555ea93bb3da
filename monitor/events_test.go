package monitor_test

import (
	"testing"
	"time"

	. "ecnutd/monitor"
	"ecnutd/ups"
)

// TestLink: losing and finding a supply. Dead time 15 s; NOCOMM comes 10 s
// after the last word, and then every 10 s.
func TestLink(t *testing.T) {
	r := rules(func(r *Rules) { r.NoCommRepeat = 10 * time.Second }, "eaton")
	dead := rules(func(r *Rules) { r.NoCommRepeat, r.DeadTime = 20*time.Second, 15*time.Second }, "eaton")
	eager := rules(func(r *Rules) { r.NoCommRepeat, r.DeadTime = 10*time.Second, 15*time.Second }, "eaton")
	pair := func(change func(*Rules)) Rules {
		return rules(func(r *Rules) {
			r.DeadTime = time.Minute
			if change != nil {
				change(r)
			}
		}, "left", "right")
	}
	worthless := pair(func(r *Rules) { r.LostCounts = false })
	heavy := pair(func(r *Rules) { r.Supplies[0].Power, r.MinSupplies = 2, 2 })
	limit := pair(func(r *Rules) { r.Supplies[0].Limits.OnBattery = 30 * time.Second })

	runTraces(t, []trace{
		{"lost on mains: told, repeated, and over", r, nil, "1s OL\n5s OL\n8s gone\n26s .\n30s OL\n60s OL", `
			8s COMMBAD eaton
			15s NOCOMM eaton
			25s NOCOMM eaton
			30s COMMOK eaton`},
		{"each loss counts anew", r, nil, "1s OL\n8s gone\n12s OL\n20s gone\n31s .", `
			8s COMMBAD eaton
			11s NOCOMM eaton
			12s COMMOK eaton
			20s COMMBAD eaton
			22s NOCOMM eaton`},
		{"told once, however often the reader says so", r, nil, "1s OL\n2s gone\n3s silent\n4s gone\n5s OL", `
			2s COMMBAD eaton
			5s COMMOK eaton`},
		{"never found: NOCOMM counts from the first look", r, nil, "1s gone\n12s .\n15s OL\n20s OL\n21s OL", `
			1s COMMBAD eaton
			11s NOCOMM eaton
			20s COMMOK eaton`},
		{"silence is a loss after the dead time", dead, nil, "1s OL\n40s .", `
			16.000000001s COMMBAD eaton
			21s NOCOMM eaton`},
		// What COMMBAD has just said need not be said again at once.
		{"a repeat below the dead time counts from COMMBAD", eager, nil, "1s OL\n40s .", `
			16.000000001s COMMBAD eaton
			26.000000001s NOCOMM eaton
			36.000000001s NOCOMM eaton`},
		{"a word at the dead time is no silence", dead, nil, "1s OL\n16s OL\n31s OL\n32s .", ``},
		{"the flags stay as last known while the link is lost", r, nil, "1s OL CAL OVER\n2s gone\n3s OL CAL\n4s OL", `
			1s CAL eaton
			1s OVER eaton
			2s COMMBAD eaton
			3s COMMOK eaton
			3s NOTOVER eaton
			4s NOTCAL eaton`},
		{"two lost on mains shut nothing down", pair(nil), nil, "1s left OL\n1s right OL\n2s left gone\n3s right gone\n1h .", `
			2s COMMBAD left
			3s COMMBAD right`},
		{"nor when the lost do not count", worthless, nil, "1s left OL\n1s right OL\n2s left gone\n3s right gone\n1h .", `
			2s COMMBAD left
			3s COMMBAD right`},
		{"a lost one counts as feeding the host", pair(nil), nil, "1s left OL\n1s right OL\n2s left gone\n3s right OB below\n5s right OB below\n7s right OB below\n60s .", `
			2s COMMBAD left
			3s ONBATT right
			5s LOWBATT right`},
		{"unless told otherwise", worthless, nil, "1s left OL\n1s right OL\n2s left gone\n3s right OB below\n5s right OB below\n20s .", `
			2s COMMBAD left
			3s ONBATT right
			5s LOWBATT right
			5s shutdown (low on battery said low)
			5s FSD left
			5s FSD right
			5s SHUTDOWN
			10s flag
			10s poweroff`},
		{"and the return of the lost one calls it off", worthless, nil, "1s left OL\n1s right OL\n2s left gone\n3s right OB below\n5s right OB below\n9s left OL\n20s .", `
			2s COMMBAD left
			3s ONBATT right
			5s LOWBATT right
			5s shutdown (low on battery said low)
			5s FSD left
			5s FSD right
			5s SHUTDOWN
			9s COMMOK left
			9s called off
			9s NOTSHUTDOWN`},
		{"never heard counts as healthy", pair(nil), nil, "3s right OB below\n5s right OB below\n20s .", `
			3s ONBATT right
			5s LOWBATT right`},
		{"power values: the heavy one is needed", heavy, nil, "1s left OL\n1s right OL\n3s right OB below\n5s right OB below\n6s right OL\n7s left OB below\n9s left OB below\n30s .", `
			3s ONBATT right
			5s LOWBATT right
			6s ONLINE right
			6s NOTLOWBATT right
			7s ONBATT left
			9s LOWBATT left
			9s shutdown (low on battery said low)
			9s FSD left
			9s FSD right
			9s SHUTDOWN
			14s flag
			14s poweroff`},
		// upsmon keeps the flags of a lost supply: low on battery and then
		// lost is not healthier than low on battery.
		{"lost while low on battery is still low", pair(nil), nil, "1s left OL\n1s right OL\n2s left OB below\n4s left OB below\n5s left gone\n6s right OB below\n8s right OB below\n20s .", `
			2s ONBATT left
			4s LOWBATT left
			5s COMMBAD left
			6s ONBATT right
			8s LOWBATT right
			8s shutdown (low on battery said low)
			8s FSD left
			8s FSD right
			8s SHUTDOWN
			13s flag
			13s poweroff`},
		{"lost while calibrating with a low battery has its deadline", rules(func(r *Rules) { r.DeadTime = time.Minute }, "eaton"), nil,
			"1s CAL OB below\n3s CAL OB below\n5s gone\n64s .", `
			1s CAL eaton
			5s COMMBAD eaton
			1m3s LOWBATT eaton
			1m3s shutdown (silent too long)
			1m3s FSD eaton
			1m3s SHUTDOWN`},
		// Given up by its limit at 31 s, silent since 2 s with a deadline at
		// 31 s: no LOWBATT was told, so no end of it may be.
		{"no end of a low battery that was never told", limit, nil, "1s left OB\n1s right OL\n2s left gone\n50s left OB\n52s left OB\n56s left OB", `
			1s ONBATT left
			1s timer left on_battery start 30s
			2s COMMBAD left
			31s timer left on_battery fire
			55s COMMOK left`},
		{"a low battery by silence ends with the next word", pair(nil), nil, "1s left OB\n1s right OL\n2s left gone\n70s left OB\n72s right OL", `
			1s ONBATT left
			2s COMMBAD left
			1m1s LOWBATT left
			1m1.000000001s COMMBAD right
			1m10s COMMOK left
			1m10s NOTLOWBATT left
			1m12s COMMOK right`},
	})
}

// TestConditions: what begins and ends, and the battery to replace.
func TestConditions(t *testing.T) {
	r := rules(func(r *Rules) { r.ReplaceBatteryRepeat = time.Minute }, "eaton")
	once := rules(func(r *Rules) { r.ReplaceBatteryRepeat = 0 }, "eaton")
	runTraces(t, []trace{
		{"begin and end of every condition", r, nil, "1s OL\n2s OL CAL OFF BYPASS OVER TRIM BOOST\n3s OL CAL OFF BYPASS OVER TRIM BOOST\n4s OL OFF BYPASS\n5s OL CAL", `
			2s CAL eaton
			2s OFF eaton
			2s BYPASS eaton
			2s OVER eaton
			2s TRIM eaton
			2s BOOST eaton
			4s NOTCAL eaton
			4s NOTOVER eaton
			4s NOTTRIM eaton
			4s NOTBOOST eaton
			5s NOTOFF eaton
			5s NOTBYPASS eaton
			5s CAL eaton`},
		{"an alarm is told again when its text changes", r, nil, "1s OL\n2s OL alarm=hot\n3s OL alarm=hot\n4s OL alarm=fan\n5s OL\n6s OL alarm=fan", `
			2s ALARM eaton
			4s ALARM eaton
			5s NOTALARM eaton`},
		{"none of them shuts down, lost or not", r, nil, "1s OL CAL OFF BYPASS OVER alarm=hot\n2s gone\n60m .", `
			1s CAL eaton
			1s OFF eaton
			1s BYPASS eaton
			1s OVER eaton
			1s ALARM eaton
			2s COMMBAD eaton`},
		{"ends come before the line, begins after it", r, nil, "1s OL BOOST\n2s OB OVER", `
			1s BOOST eaton
			2s NOTBOOST eaton
			2s ONBATT eaton
			2s OVER eaton`},
		{"a battery to replace: read twice, told, repeated, over", r, nil, "1s OL\n2s OL RB\n3s OL RB\n4s OL RB\n124s OL RB\n130s OL", `
			4s REPLBATT eaton
			1m4s REPLBATT eaton
			2m4s REPLBATT eaton
			2m10s NOTREPLBATT eaton`},
		{"or told once", once, nil, "1s OL\n2s OL RB\n4s OL RB\n50m OL RB", `
			4s REPLBATT eaton`},
		{"a flash of it is nothing", r, nil, "1s OL\n2s OL RB\n3.9s OL RB\n4s OL\n5s OL RB\n6s OL", ""},
		{"not repeated while the link is lost, and at once when it is back", r, nil, "1s OL RB\n3s OL RB\n4s gone\n2m OL RB\n125s OL RB", `
			3s REPLBATT eaton
			4s COMMBAD eaton
			2m0s COMMOK eaton
			2m0s REPLBATT eaton`},
		{"mains lost comes before a battery to replace", r, nil, "1s OB RB\n3s OB RB", `
			1s ONBATT eaton
			3s REPLBATT eaton`},
		{"mains lost comes before a battery to replace, in one report", r, nil, "1s OL RB\n2s OL RB\n3s OB RB", `
			3s ONBATT eaton
			3s REPLBATT eaton`},
		{"and before a low battery", r, nil, "1s OL below\n2s OL below\n3.5s OB below", `
			3.5s ONBATT eaton
			3.5s LOWBATT eaton
			3.5s shutdown (low on battery said low)
			3.5s FSD eaton
			3.5s SHUTDOWN`},
		{"mains lost for an instant leaves its trace", r, nil, "1s OL\n1.1s OB\n1.2s OL\n1.3s OB\n1.4s OL", `
			1.1s ONBATT eaton
			1.2s ONLINE eaton
			1.3s ONBATT eaton
			1.4s ONLINE eaton`},
		{"on mains and on battery at once is on battery", r, nil, "1s OL\n2s OL OB\n3s OL", `
			2s ONBATT eaton
			3s ONLINE eaton`},
	})
}

// TestLowBattery: the policy of DESIGN 7, on one supply. A row of readings is
// two at least, 2 s apart at least; ShutdownImminent has a grace of 30 s.
func TestLowBattery(t *testing.T) {
	r := rules(nil, "eaton")
	trust := rules(func(r *Rules) { r.Supplies[0].Limits.ShutdownImminent = Trust{} }, "eaton")
	ignored := rules(func(r *Rules) { r.Supplies[0].Limits.ShutdownImminent = Trust{Ignored: true} }, "eaton")
	charge := rules(func(r *Rules) { r.Supplies[0].Limits.Charge = ups.Known(30) }, "eaton")
	short := rules(func(r *Rules) { r.DeadTime, r.MinSupplies = 10*time.Second, 0 }, "eaton")
	zero := rules(func(r *Rules) { r.Supplies[0].Limits.Charge = ups.Known(0) }, "eaton")
	down := func(at, off, cause string) string {
		return at + " LOWBATT eaton\n" + at + " shutdown (low on battery " + cause + ")\n" + at + " FSD eaton\n" + at + " SHUTDOWN\n" + off + " flag\n" + off + " poweroff\n"
	}
	runTraces(t, []trace{
		{"two readings 2 s apart", r, nil, "1s OB\n2s OB below\n4s OB below\n10s .", "1s ONBATT eaton\n" + down("4s", "9s", "said low")},
		{"two readings nearer than that, and a third", r, nil, "1s OB\n2s OB below\n3.999s OB below\n4.5s OB below\n10s .", "1s ONBATT eaton\n" + down("4.5s", "9.5s", "said low")},
		{"time alone does not confirm", r, nil, "1s OB\n2s OB below\n3s OB below\n60s .", "1s ONBATT eaton"},
		{"one reading told twice is one", r, nil, "1s OB\n2s OB below\n4s same OB below\n9s same OB below", "1s ONBATT eaton"},
		{"a flash between", r, nil, "1s OB\n2s OB below\n3s OB\n4s OB below\n5s OB\n60s .", "1s ONBATT eaton"},
		{"the time limit of the device counts as well", r, nil, "1s OB\n2s OB expired\n4s OB expired\n10s .", "1s ONBATT eaton\n" + down("4s", "9s", "time limit")},
		{"two reasons in turn are not two readings of one", r, nil, "1s OB\n2s OB below\n4s OB expired\n6s OB below\n60s .", "1s ONBATT eaton"},
		{"a gap between them shorter than the dead time: two in a row all the same", r, nil, "1s OB\n2s OB below\n3s gone\n3.9s OB below\n4s OB below\n10s .", `
			1s ONBATT eaton
			3s COMMBAD eaton
			4s COMMOK eaton
			4s LOWBATT eaton
			4s shutdown (low on battery said low)
			4s FSD eaton
			4s SHUTDOWN
			9s flag
			9s poweroff`},
		{"a gap that is longer: not two in a row", short, nil, "1s OB\n2s OB below\n3s gone\n13s OB below\n14s OB\n14.5s OB", `
			1s ONBATT eaton
			3s COMMBAD eaton
			12s LOWBATT eaton
			13s COMMOK eaton
			13s NOTLOWBATT eaton`},
		{"a flash right before the link is lost is nothing", r, nil, "1s OB\n2s OB below\n3s gone\n5s OB\n11s OB", `
			1s ONBATT eaton
			3s COMMBAD eaton
			10s COMMOK eaton`},
		{"on mains: told, over, and nothing else", r, nil, "1s OL below\n3s OL below\n60s OL below\n61s OL", `
			3s LOWBATT eaton
			1m1s NOTLOWBATT eaton`},
		{"imminent, 29.9 s", r, nil, "1s OB\n2s OB imminent\n4s OB imminent\n31.9s OB\n60s .", "1s ONBATT eaton"},
		{"imminent, 30 s, without a word at that instant", r, nil, "1s OB\n2s OB imminent\n4s OB imminent\n60s .", "1s ONBATT eaton\n" + down("32s", "37s", "shutdown imminent")},
		{"imminent, read once and never again", r, nil, "1s OB\n2s OB imminent\n60s .", "1s ONBATT eaton"},
		{"imminent, trusted: as any other flag", trust, nil, "1s OB\n2s OB imminent\n4s OB imminent\n60s .", "1s ONBATT eaton\n" + down("4s", "9s", "shutdown imminent")},
		{"imminent, ignored", ignored, nil, "1s OB\n2s OB imminent\n4s OB imminent\n50m OB imminent", "1s ONBATT eaton"},
		{"imminent, ignored: other reasons still count", ignored, nil, "1s OB\n2s OB imminent below\n4s OB imminent below\n60s .", "1s ONBATT eaton\n" + down("4s", "9s", "said low")},
		{"the limit on charge is met at the limit", charge, nil, "1s OB 31\n3s OB 31\n5s OB 30\n7s OB 30\n60s .", "1s ONBATT eaton\n" + down("7s", "12s", "charge")},
		{"only readings of the charge count for it", charge, nil, "1s OB 31\n5s OB 30\n7s flags OB 30\n9s flags OB 30\n11s OB 30\n60s .", "1s ONBATT eaton\n" + down("11s", "16s", "charge")},
		{"unknown is not zero", charge, nil, "1s OB\n5s OB\n7s OB\n60s OB", "1s ONBATT eaton"},
		{"a limit of zero is one", zero, nil, "1s OB 1\n5s OB 0\n7s OB 0\n60s .", "1s ONBATT eaton\n" + down("7s", "12s", "charge")},
		{"an unknown charge breaks the row", charge, nil, "1s OB 31\n5s OB 30\n7s OB\n9s OB 30\n10s OB 31", "1s ONBATT eaton"},
		// Measured with NUT: a calibration seen once is never forgotten there.
		{"a calibration is forgotten when it is over", r, nil, "1s OL\n2s OB CAL\n10s OL\n20s OB\n22s OB below\n24s OB below\n60s .", `
			2s CAL eaton
			10s NOTCAL eaton
			20s ONBATT eaton
			` + down("24s", "29s", "said low")},
		{"a flag that flickers does not stop a shutdown", r, nil, "1s OB\n2s OB below\n4s OB below\n5s OB\n60s .", `
			1s ONBATT eaton
			4s LOWBATT eaton
			4s shutdown (low on battery said low)
			4s FSD eaton
			4s SHUTDOWN
			5s NOTLOWBATT eaton
			9s flag
			9s poweroff`},
	})
}

// TestOrder: FSD, the wait for the secondaries (host sync 15 s), SHUTDOWN, the
// final delay of 5 s, the flag, the command.
func TestOrder(t *testing.T) {
	r := rules(nil, "eaton")
	slow := rules(func(r *Rules) { r.NoCommRepeat = 0 }, "eaton")
	cancels := rules(func(r *Rules) { r.SecondariesTold = CancelAnyway }, "eaton")
	atOnce := rules(func(r *Rules) { r.FinalDelay = 0 }, "eaton")
	silent := rules(func(r *Rules) { r.DeadTime, r.FinalDelay = 15*time.Second, 10*time.Second }, "eaton")
	two := rules(nil, "left", "right")
	const low = "1s OB\n2s OB below\n4s OB below\n"
	const began = "1s ONBATT eaton\n4s LOWBATT eaton\n4s shutdown (low on battery said low)\n4s FSD eaton\n"
	runTraces(t, []trace{
		{"with none there is no wait", r, nil, low + "60s .", began + "4s SHUTDOWN\n9s flag\n9s poweroff"},
		{"they log out", r, nil, "1s secondaries 2\n" + low + "10s secondaries 1\n12s secondaries 0\n60s .", began + "12s SHUTDOWN\n17s flag\n17s poweroff"},
		{"they do not", r, nil, "1s secondaries 2\n" + low + "60s .", began + "19s SHUTDOWN\n24s flag\n24s poweroff"},
		{"mains returns while they are waited for", r, nil, "1s secondaries 1\n" + low + "10s OL\n60s .", began + "10s ONLINE eaton\n10s NOTLOWBATT eaton\n10s goes on\n19s SHUTDOWN\n24s flag\n24s poweroff"},
		{"or calls it off all the same", cancels, nil, "1s secondaries 1\n" + low + "10s OL\n60s .", began + "10s ONLINE eaton\n10s NOTLOWBATT eaton\n10s called off"},
		{"mains returns within the final delay", r, nil, low + "8.999s OL\n60s .", began + "4s SHUTDOWN\n8.999s ONLINE eaton\n8.999s NOTLOWBATT eaton\n8.999s called off\n8.999s NOTSHUTDOWN"},
		{"mains returns after the command", r, nil, low + "9.5s OL\n60s OB\n70s fsd x", began + "4s SHUTDOWN\n9s flag\n9s poweroff\n9.5s ONLINE eaton\n9.5s NOTLOWBATT eaton\n1m0s ONBATT eaton"},
		{"no final delay", atOnce, nil, low + "60s .", began + "4s SHUTDOWN\n4s flag\n4s poweroff"},
		{"ordered while a shutdown is under way: mains no longer ends it", r, nil, low + "5s fsd x\n6s OL\n60s .", began + "4s SHUTDOWN\n6s ONLINE eaton\n6s NOTLOWBATT eaton\n9s flag\n9s poweroff"},
		{"ordered with the link lost on mains", r, nil, "1s OL\n2s gone\n3s fsd x\n60s .", "2s COMMBAD eaton\n3s shutdown (ordered)\n3s FSD eaton\n3s SHUTDOWN\n8s flag\n8s poweroff"},
		{"ordered with nothing ever heard", r, nil, "3s fsd x\n60s .", "3s shutdown (ordered)\n3s FSD eaton\n3s SHUTDOWN\n8s flag\n8s poweroff"},
		{"ordered with secondaries", slow, nil, "1s OL\n2s secondaries 1\n3s fsd x\n4s OL\n5s fsd y\n60s .", "3s shutdown (ordered)\n3s FSD eaton\n18s SHUTDOWN\n23s flag\n23s poweroff"},
		// Both low, one comes back: called off. What the other said then no
		// longer holds when the one goes again, whether it took it back after
		// the call-off or before.
		{"what was low and is not any more, after a call-off", two, nil, "1s left OB\n1s right OB\n2s left OB below\n2s right OB below\n4s left OB below\n4s right OB below\n6s right OL below\n8s left OB\n10s right OB below\n60s .", `
			1s ONBATT left
			1s ONBATT right
			4s LOWBATT left
			4s LOWBATT right
			4s shutdown (low on battery said low)
			4s FSD left
			4s FSD right
			4s SHUTDOWN
			6s ONLINE right
			6s called off
			6s NOTSHUTDOWN
			8s NOTLOWBATT left
			10s ONBATT right`},
		{"what was low and is not any more, before a call-off", two, nil, "1s left OB\n1s right OB\n2s left OB below\n2s right OB below\n4s left OB below\n4s right OB below\n5s left OB\n6s right OL below\n10s right OB below\n60s .", `
			1s ONBATT left
			1s ONBATT right
			4s LOWBATT left
			4s LOWBATT right
			4s shutdown (low on battery said low)
			4s FSD left
			4s FSD right
			4s SHUTDOWN
			5s NOTLOWBATT left
			6s ONLINE right
			6s called off
			6s NOTSHUTDOWN
			10s ONBATT right`},
		{"one that was only not heard is believed when it is", silent, nil, "1s OB\n17s .\n20s OB\n33s OB", `
			1s ONBATT eaton
			16.000000001s COMMBAD eaton
			16.000000001s LOWBATT eaton
			16.000000001s shutdown (silent too long)
			16.000000001s FSD eaton
			16.000000001s SHUTDOWN
			20s COMMOK eaton
			20s NOTLOWBATT eaton
			20s called off
			20s NOTSHUTDOWN`},
	})
}

// TestNUT is the table of what NUT 2.8.0 was measured to do (POLLFREQ 2,
// POLLFREQALERT 1, DEADTIME 6, NOCOMMWARNTIME 7, HOSTSYNC 3, FINALDELAY 2),
// with the same parameters. Each difference is one on purpose and named.
func TestNUT(t *testing.T) {
	r := rules(func(r *Rules) {
		r.DeadTime, r.NoCommRepeat, r.HostSync, r.FinalDelay = 6*time.Second, 7*time.Second, 3*time.Second, 2*time.Second
	}, "ups")
	runTraces(t, []trace{
		// NUT: COMMBAD at once; NOCOMM 7 s after the last good poll (10 s),
		// then every 8 s, which is 7 s rounded up to its polls; COMMOK on
		// return; no shutdown. Ours has no polls, so it repeats every 7 s.
		{"on mains, the driver dies for 24 s", r, nil, "8s OL\n10s OL\n11s silent\n35s OL\n36s .", `
			11s COMMBAD ups
			17s NOCOMM ups
			24s NOCOMM ups
			31s NOCOMM ups
			35s COMMOK ups`},
		// NUT: COMMBAD a second later; taken for low at the first poll more
		// than 6 s after the last good one (10 s): SHUTDOWN, 2 s later the
		// command; neither LOWBATT nor FSD. Ours tells both, and needs no
		// poll: 10 s + 6 s. It goes on telling NOCOMM while it waits.
		{"on battery, the driver dies", r, nil, "9s OB\n10s OB\n11s silent\n30s .", `
			9s ONBATT ups
			11s COMMBAD ups
			16s LOWBATT ups
			16s shutdown (silent too long)
			16s FSD ups
			16s SHUTDOWN
			17s NOCOMM ups
			18s flag
			18s poweroff`},
		// NUT: LOWBATT and SHUTDOWN in the poll that first shows LB, the
		// command 2 s later with the flag already there. Ours confirms LB by
		// a second reading 2 s later, and tells FSD.
		{"on battery, then low", r, nil, "9s OB\n10s OB below\n11s OB below\n12s OB below\n13s OB below\n30s .", `
			9s ONBATT ups
			12s LOWBATT ups
			12s shutdown (low on battery said low)
			12s FSD ups
			12s SHUTDOWN
			14s flag
			14s poweroff`},
		// NUT: LOWBATT only. Ours confirms it, and tells its end.
		{"on mains and low", r, nil, "8s OL\n10s OL below\n12s OL below\n14s OL\n16s OL", `
			12s LOWBATT ups
			14s NOTLOWBATT ups`},
		// NUT: SHUTDOWN 3.26 s after the order (HOSTSYNC checked every
		// 250 ms), the command 2 s after that; no FSD event on the primary.
		// Ours: exactly HOSTSYNC, and FSD is told.
		{"ordered, with a secondary that never logs out", r, nil, "8s OL\n8s secondaries 1\n10s fsd by hand\n12s OL\n30s .", `
			10s shutdown (ordered)
			10s FSD ups
			13s SHUTDOWN
			15s flag
			15s poweroff`},
		// NUT: no step can be taken back, and the status stays FSD until upsd
		// restarts. Ours: before the command, mains ends what nobody ordered,
		// and the next outage is one like any other.
		{"mains back after the shutdown began", r, nil, "9s OB\n10s OB below\n12s OB below\n13s OL\n15s OL\n17s OB\n19s OB below\n21s OB below\n30s .", `
			9s ONBATT ups
			12s LOWBATT ups
			12s shutdown (low on battery said low)
			12s FSD ups
			12s SHUTDOWN
			13s ONLINE ups
			13s NOTLOWBATT ups
			13s called off
			13s NOTSHUTDOWN
			17s ONBATT ups
			21s LOWBATT ups
			21s shutdown (low on battery said low)
			21s FSD ups
			21s SHUTDOWN
			23s flag
			23s poweroff`},
	})
}
