package monitor_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	. "ecnutd/monitor"
	"ecnutd/ups"
)

// TestStep: scenarios with times computed by hand from the rules. With the
// defaults: dead time 15 s, final delay 5 s, ShutdownImminent counts after
// 30 s, an estimate is a third of the runtime left less 60 s.
func TestStep(t *testing.T) {
	plain := Defaults("eaton")
	plain.NoCommRepeat = 0 // NOCOMM has tests of its own
	limited := plain
	limited.Supplies = []Supply{plain.Supplies[0]}
	limited.Supplies[0].Limits.OnBattery = 20 * time.Minute
	strict := plain
	strict.LinkLost = Strict
	charge := plain
	charge.Supplies = []Supply{plain.Supplies[0]}
	charge.Supplies[0].Limits.Charge = ups.Known(30)
	runtime := plain
	runtime.Supplies = []Supply{plain.Supplies[0]}
	runtime.Supplies[0].Limits.Runtime = ups.Known(120)
	ignore := plain
	ignore.Supplies = []Supply{plain.Supplies[0]}
	ignore.Supplies[0].Limits.ShutdownImminent.Ignored = true
	watching := plain
	watching.MinSupplies = 0
	patient := limited // keeps the link alive through long waits
	patient.DeadTime = time.Hour

	for _, tc := range []struct {
		name   string
		rules  Rules
		script string
		want   string
	}{
		{"the first report on mains is silent", plain, "0s OL 100 585", ""},
		{"the first report on battery is not", plain, "1s OB 90 500",
			"1s ONBATT eaton: on battery: charge 90 %, runtime 8 min 20 s"},
		{"a status without a line changes nothing", plain, "0s OL 100 585\n5s - 100 585", ""},
		{"mains lost and back", limited, "0s OL 100 585\n10s OB 99 580\n20s OB 98 570\n25s OL 98 570", `
			10s ONBATT eaton: on battery: charge 99 %, runtime 9 min 40 s
			10s timer on_battery start 20m0s
			25s timer on_battery cancel
			25s ONLINE eaton: on mains again after 15 s: charge 98 %, runtime 9 min 30 s`},
		{"twenty minutes on battery", patient, "0s OL 100 3000\n10s OB 99 2900\n19m OB 61 250\n30m .", `
			10s ONBATT eaton: on battery: charge 99 %, runtime 48 min 20 s
			10s timer on_battery start 20m0s
			20m10s timer on_battery fire
			20m10s shutdown: on battery for 20 min (limit 20 min), charge 61 %, runtime 4 min 10 s
			20m10s FSD eaton: on battery for 20 min (limit 20 min), charge 61 %, runtime 4 min 10 s
			20m10s SHUTDOWN : on battery for 20 min (limit 20 min), charge 61 %, runtime 4 min 10 s
			20m15s flag
			20m15s poweroff`},
		{"low battery is seen twice", plain, "0s OL 100 585\n8s OB 90 500\n10s OB 20 60 below\n11s OB 20 60 below\n12s OB 20 59 below\n30s .", `
			8s ONBATT eaton: on battery: charge 90 %, runtime 8 min 20 s
			12s LOWBATT eaton: the UPS says that the battery is low: charge 20 %, runtime 59 s
			12s shutdown: on battery for 4 s and the UPS says that the battery is low, charge 20 %, runtime 59 s
			12s FSD eaton: on battery for 4 s and the UPS says that the battery is low, charge 20 %, runtime 59 s
			12s SHUTDOWN : on battery for 4 s and the UPS says that the battery is low, charge 20 %, runtime 59 s
			12s flag
			12s poweroff`}, // a shutdown takes 60 s, and 59 s are left
		{"a flash of low battery is nothing", plain, "0s OL 100 585\n10s OB 90 500\n11s OB 90 500 below\n12s OB 90 499\n13s OB 90 499 below\n14s OB 90 498\n20s OL 90 498", `
			10s ONBATT eaton: on battery: charge 90 %, runtime 8 min 20 s
			20s ONLINE eaton: on mains again after 10 s: charge 90 %, runtime 8 min 18 s`},
		{"low battery on mains is told and shuts nothing down", plain, "0s OL 15 100 below\n2s OL 15 100 below\n12s OL 16 110 below", `
			2s LOWBATT eaton: the UPS says that the battery is low: charge 15 %, runtime 1 min 40 s`},
		{"not while calibrating", plain, "0s CAL OB 15 100 below\n2s CAL OB 15 100 below\n10s OB 15 100 below\n12s OB 15 100 below\n20s .", `
			0s CAL eaton: on battery, battery low, calibrating, charge 15 %, runtime 1 min 40 s
			10s NOTCAL eaton: on battery, battery low, charge 15 %, runtime 1 min 40 s
			10s ONBATT eaton: on battery: charge 15 %, runtime 1 min 40 s
			12s LOWBATT eaton: the UPS says that the battery is low: charge 15 %, runtime 1 min 40 s
			12s shutdown: on battery for 2 s and the UPS says that the battery is low, charge 15 %, runtime 1 min 40 s
			12s FSD eaton: on battery for 2 s and the UPS says that the battery is low, charge 15 %, runtime 1 min 40 s
			12s SHUTDOWN : on battery for 2 s and the UPS says that the battery is low, charge 15 %, runtime 1 min 40 s
			17s flag
			17s poweroff`},
		{"shutdown imminent has a grace of 30 s", plain, "0s OL 95 1000\n10s OB 95 1600\n11s OB 95 1600 imminent\n12s OB 95 1600 imminent\n25s OB 94 1500 imminent\n35s OB 93 1400 imminent\n50s .", `
			10s ONBATT eaton: on battery: charge 95 %, runtime 26 min 40 s
			41s LOWBATT eaton: battery low, the UPS has said for 30 s that it is about to shut down: charge 93 %, runtime 23 min 20 s
			41s shutdown: on battery for 31 s and the UPS has said for 30 s that it is about to shut down, charge 93 %, runtime 23 min 20 s
			41s FSD eaton: on battery for 31 s and the UPS has said for 30 s that it is about to shut down, charge 93 %, runtime 23 min 20 s
			41s SHUTDOWN : on battery for 31 s and the UPS has said for 30 s that it is about to shut down, charge 93 %, runtime 23 min 20 s
			46s flag
			46s poweroff`},
		{"and counts from its last rise", plain, "0s OB 95 1600\n1s OB 95 1600 imminent\n2s OB 95 1600 imminent\n12s OB 95 1600\n22s OB 94 1500 imminent\n32s OB 94 1500 imminent\n42s OB 94 1500 imminent\n51s OB 94 1500 imminent", `
			0s ONBATT eaton: on battery: charge 95 %, runtime 26 min 40 s`},
		{"and can be ignored", ignore, "0s OB 95 1600\n1s OB 95 1600 imminent\n11s OB 95 1600 imminent\n21s OB 95 1600 imminent\n31s OB 95 1600 imminent\n41s OB 95 1600 imminent", `
			0s ONBATT eaton: on battery: charge 95 %, runtime 26 min 40 s`},
		{"a limit on charge", charge, "0s OB 31 300\n2s OB 30 290\n4s OB 30 290\n20s .", `
			0s ONBATT eaton: on battery: charge 31 %, runtime 5 min
			4s LOWBATT eaton: battery low, charge at or below 30 %: charge 30 %, runtime 4 min 50 s
			4s shutdown: on battery for 4 s and charge at or below 30 %, charge 30 %, runtime 4 min 50 s
			4s FSD eaton: on battery for 4 s and charge at or below 30 %, charge 30 %, runtime 4 min 50 s
			4s SHUTDOWN : on battery for 4 s and charge at or below 30 %, charge 30 %, runtime 4 min 50 s
			9s flag
			9s poweroff`},
		{"a limit on charge means nothing while the charge is unknown", charge, "0s OB\n2s OB\n4s OB", `
			0s ONBATT eaton: on battery: charge unknown, runtime unknown`},
		{"a limit on charge means nothing on mains", charge, "0s OL 10 100\n2s OL 10 100\n4s OL 11 100", ""},
		{"a limit on runtime", runtime, "0s OB 50 121\n2s OB 49 120\n4s OB 49 119\n5s OL 49 119", `
			0s ONBATT eaton: on battery: charge 50 %, runtime 2 min 1 s
			4s LOWBATT eaton: battery low, runtime at or below 2 min: charge 49 %, runtime 1 min 59 s
			4s shutdown: on battery for 4 s and runtime at or below 2 min, charge 49 %, runtime 1 min 59 s
			4s FSD eaton: on battery for 4 s and runtime at or below 2 min, charge 49 %, runtime 1 min 59 s
			4s SHUTDOWN : on battery for 4 s and runtime at or below 2 min, charge 49 %, runtime 1 min 59 s
			5s ONLINE eaton: on mains again after 5 s: charge 49 %, runtime 1 min 59 s
			5s called off: the reason is gone: on battery for 4 s and runtime at or below 2 min, charge 49 %, runtime 1 min 59 s
			5s NOTSHUTDOWN : the reason is gone: on battery for 4 s and runtime at or below 2 min, charge 49 %, runtime 1 min 59 s`},
		{"lost on mains shuts nothing down", plain, "0s OL 100 585\n10s gone\n1h .\n61m OL 100 585", `
			10s COMMBAD eaton: link lost on mains: it left the USB bus; nothing will be shut down for this
			1h1m0s COMMOK eaton: the link is back after 1 h: on mains, charge 100 %, runtime 9 min 45 s`},
		// 500 s left: a third is 166.7 s, less 60 s is 106.7 s after 10 s.
		{"lost on battery: a third of the runtime less the time to shut down", plain, "0s OL 100 585\n10s OB 90 500\n11s gone\n3m .", `
			10s ONBATT eaton: on battery: charge 90 %, runtime 8 min 20 s
			11s COMMBAD eaton: link lost on battery: it left the USB bus; last known charge 90 %, runtime 8 min 20 s; the host is shut down in 1 min 45 s unless the link returns
			1m56.666666666s LOWBATT eaton: not heard for 1 min 46 s, taken for low: charge 90 %, runtime 8 min 20 s
			1m56.666666666s shutdown: on battery for 1 min 46 s and not heard for 1 min 46 s, last known charge 90 %, runtime 8 min 20 s
			1m56.666666666s FSD eaton: on battery for 1 min 46 s and not heard for 1 min 46 s, last known charge 90 %, runtime 8 min 20 s
			1m56.666666666s SHUTDOWN : on battery for 1 min 46 s and not heard for 1 min 46 s, last known charge 90 %, runtime 8 min 20 s
			2m1.666666666s flag
			2m1.666666666s poweroff`},
		// 200 s left: a third less 60 s is 6.7 s, below the dead time.
		{"never sooner than the dead time", plain, "0s OB 50 200\n1s silent\n16s .\n30s OL 80 300", `
			0s ONBATT eaton: on battery: charge 50 %, runtime 3 min 20 s
			1s COMMBAD eaton: link lost on battery: it does not answer; last known charge 50 %, runtime 3 min 20 s; the host is shut down in 14 s unless the link returns
			15s LOWBATT eaton: not heard for 15 s, taken for low: charge 50 %, runtime 3 min 20 s
			15s shutdown: on battery for 15 s and not heard for 15 s, last known charge 50 %, runtime 3 min 20 s
			15s FSD eaton: on battery for 15 s and not heard for 15 s, last known charge 50 %, runtime 3 min 20 s
			15s SHUTDOWN : on battery for 15 s and not heard for 15 s, last known charge 50 %, runtime 3 min 20 s
			20s flag
			20s poweroff
			30s COMMOK eaton: the link is back after 29 s: on mains, charge 80 %, runtime 5 min
			30s ONLINE eaton: on mains again after 30 s: charge 80 %, runtime 5 min, lowest charge 50 %
			30s NOTLOWBATT eaton: the battery is no longer low: charge 80 %, runtime 5 min`},
		{"never later than the limit on battery", limited, "0s OB 90 9000\n19m50s OB 70 7000\n19m51s gone\n21m .", `
			0s ONBATT eaton: on battery: charge 90 %, runtime 2 h 30
			0s timer on_battery start 20m0s
			15.000000001s COMMBAD eaton: link lost on battery: it does not answer; last known charge 90 %, runtime 2 h 30; the host is shut down in 19 min 44 s unless the link returns
			19m51s COMMBAD eaton: link lost on battery: it left the USB bus, lost 2 times in 19 min 35 s; last known charge 70 %, runtime 1 h 56; the host is shut down in 9 s unless the link returns
			20m0s timer on_battery fire
			20m0s shutdown: on battery for 20 min (limit 20 min), charge 70 %, runtime 1 h 56
			20m0s FSD eaton: on battery for 20 min (limit 20 min), charge 70 %, runtime 1 h 56
			20m0s SHUTDOWN : on battery for 20 min (limit 20 min), charge 70 %, runtime 1 h 56
			20m5s flag
			20m5s poweroff`},
		{"strict: the dead time, as upsmon", strict, "0s OB 90 5000\n1s gone\n30s .", `
			0s ONBATT eaton: on battery: charge 90 %, runtime 1 h 23
			1s COMMBAD eaton: link lost on battery: it left the USB bus; last known charge 90 %, runtime 1 h 23; the host is shut down in 14 s unless the link returns
			15s LOWBATT eaton: not heard for 15 s, taken for low: charge 90 %, runtime 1 h 23
			15s shutdown: on battery for 15 s and not heard for 15 s, last known charge 90 %, runtime 1 h 23
			15s FSD eaton: on battery for 15 s and not heard for 15 s, last known charge 90 %, runtime 1 h 23
			15s SHUTDOWN : on battery for 15 s and not heard for 15 s, last known charge 90 %, runtime 1 h 23
			20s flag
			20s poweroff`},
		{"the link returns before the deadline, still on battery", plain, "0s OB 90 500\n1s gone\n5s OB 89 490\n10s OB 89 490\n15s OB 88 480", `
			0s ONBATT eaton: on battery: charge 90 %, runtime 8 min 20 s
			1s COMMBAD eaton: link lost on battery: it left the USB bus; last known charge 90 %, runtime 8 min 20 s; the host is shut down in 1 min 45 s unless the link returns
			10s COMMOK eaton: the link is back after 9 s: on battery, charge 89 %, runtime 8 min 10 s`},
		{"the link returns during the final delay, on mains", strict, "0s OB 90 500\n1s gone\n16s OL 89 490\n40s .", `
			0s ONBATT eaton: on battery: charge 90 %, runtime 8 min 20 s
			1s COMMBAD eaton: link lost on battery: it left the USB bus; last known charge 90 %, runtime 8 min 20 s; the host is shut down in 14 s unless the link returns
			15s LOWBATT eaton: not heard for 15 s, taken for low: charge 90 %, runtime 8 min 20 s
			15s shutdown: on battery for 15 s and not heard for 15 s, last known charge 90 %, runtime 8 min 20 s
			15s FSD eaton: on battery for 15 s and not heard for 15 s, last known charge 90 %, runtime 8 min 20 s
			15s SHUTDOWN : on battery for 15 s and not heard for 15 s, last known charge 90 %, runtime 8 min 20 s
			16s COMMOK eaton: the link is back after 15 s: on mains, charge 89 %, runtime 8 min 10 s
			16s ONLINE eaton: on mains again after 16 s: charge 89 %, runtime 8 min 10 s
			16s NOTLOWBATT eaton: the battery is no longer low: charge 89 %, runtime 8 min 10 s
			16s called off: the reason is gone: on battery for 15 s and not heard for 15 s, last known charge 90 %, runtime 8 min 20 s
			16s NOTSHUTDOWN : the reason is gone: on battery for 15 s and not heard for 15 s, last known charge 90 %, runtime 8 min 20 s
			31.000000001s COMMBAD eaton: link lost on mains: it does not answer; nothing will be shut down for this`},
		{"silence without a word of the reader is noticed after the dead time", plain, "0s OL 100 585\n20s .", `
			15.000000001s COMMBAD eaton: link lost on mains: it does not answer; nothing will be shut down for this`},
		{"not found at the start", plain, "0s gone\n1s gone\n20s OL 100 585", `
			0s COMMBAD eaton: the UPS was not found: it left the USB bus
			20s COMMOK eaton: the link is back after 20 s: on mains, charge 100 %, runtime 9 min 45 s`},
		{"ordered: mains does not stop it", plain, "0s OL 100 585\n1s fsd maintenance\n2s OL 100 585\n7s .\n8s OB 10 10 below\n9s OB 10 10 below", `
			1s shutdown: shutdown ordered: maintenance
			1s FSD eaton: shutdown ordered: maintenance
			1s SHUTDOWN : shutdown ordered: maintenance
			6s flag
			6s poweroff
			8s ONBATT eaton: on battery: charge 10 %, runtime 10 s`},
		{"after the command it is watched on, and nothing more is decided", strict, "0s OB 90 500\n1s gone\n21s OL 90 500\n22s OB 90 500\n23s fsd x", `
			0s ONBATT eaton: on battery: charge 90 %, runtime 8 min 20 s
			1s COMMBAD eaton: link lost on battery: it left the USB bus; last known charge 90 %, runtime 8 min 20 s; the host is shut down in 14 s unless the link returns
			15s LOWBATT eaton: not heard for 15 s, taken for low: charge 90 %, runtime 8 min 20 s
			15s shutdown: on battery for 15 s and not heard for 15 s, last known charge 90 %, runtime 8 min 20 s
			15s FSD eaton: on battery for 15 s and not heard for 15 s, last known charge 90 %, runtime 8 min 20 s
			15s SHUTDOWN : on battery for 15 s and not heard for 15 s, last known charge 90 %, runtime 8 min 20 s
			20s flag
			20s poweroff
			21s COMMOK eaton: the link is back after 20 s: on mains, charge 90 %, runtime 8 min 20 s
			21s ONLINE eaton: on mains again after 21 s: charge 90 %, runtime 8 min 20 s
			21s NOTLOWBATT eaton: the battery is no longer low: charge 90 %, runtime 8 min 20 s
			22s ONBATT eaton: on battery: charge 90 %, runtime 8 min 20 s`},
		{"min_supplies 0 only watches", watching, "0s OB 90 500\n2s OB 5 5 below\n4s OB 5 5 below\n14s .", `
			0s ONBATT eaton: on battery: charge 90 %, runtime 8 min 20 s
			4s LOWBATT eaton: the UPS says that the battery is low: charge 5 %, runtime 5 s`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var want []string
			for line := range strings.Lines(tc.want) {
				if line = strings.TrimSpace(line); line != "" {
					want = append(want, line)
				}
			}
			if diff := cmp.Diff(want, play(t, tc.rules, tc.script)); diff != "" {
				t.Errorf("trace (-want +got):\n%s", diff)
			}
		})
	}
}

// TestTwoSupplies: with two supplies and one needed, one critical supply is no
// reason to go down; both are.
func TestTwoSupplies(t *testing.T) {
	r := Defaults("left", "right")
	low := ups.Snapshot{Status: ups.OnBattery | ups.LowBattery, Low: ups.BelowCapacity, Charge: ups.Known(5)}
	var s State
	now := Instant(0)
	hear := func(i, reading int, snap ups.Snapshot) []Effect {
		now = now.Add(2 * time.Second)
		snap.Readings = reading
		var effects []Effect
		s, effects = Step(r, s, now, Heard{i, snap})
		return effects
	}
	hear(0, 1, ups.Snapshot{Status: ups.Online})
	hear(1, 1, ups.Snapshot{Status: ups.Online})
	hear(0, 2, low)
	for _, e := range hear(0, 3, low) {
		if _, down := e.(Shutdown); down {
			t.Error("shut down while the other supply was on mains")
		}
	}
	hear(1, 2, low)
	var reason string
	for _, e := range hear(1, 3, low) {
		if d, down := e.(Shutdown); down {
			reason = string(d.Reason.Code)
		}
	}
	if reason == "" {
		t.Error("both supplies are low on battery and nothing happened")
	}
}
