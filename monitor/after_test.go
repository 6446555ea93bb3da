package monitor_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestAfterCommand: the host is watched on. A shutdown takes 60 s, and 2 min more
// are waited: 3 min after nothing is pending any more.
func TestAfterCommand(t *testing.T) {
	r := rules(nil, "a")
	const low = "1s OB\n2s OB below\n4s OB below\n"
	const given = "1s ONBATT a\n4s LOWBATT a\n4s shutdown (low on battery said low)\n4s FSD a\n4s SHUTDOWN\n9s flag\n9s poweroff\n"
	const mains = "ONLINE a"
	runTraces(t, []trace{
		{"it has ended and shut nothing down, still on battery: given again, and told", r, nil, low + "10s ended\n11s pending no\n200s .", given + "3m10s SHUTDOWN\n3m10s flag\n3m10s poweroff"},
		{"no second one beside it, however long it takes", r, nil, low + "20m .", given},
		{"on mains: undone, told, and the flag goes", r, nil, low + "10s ended\n12s OL\n200s OL\n300s .", given + "12s " + mains + "\n12s NOTLOWBATT a\n3m10s undo\n3m10s NOTSHUTDOWN\n3m10s remove flag"},
		{"and the next outage is one like any other", r, nil, low + "10s ended\n12s OL\n200s OL\n300s OB\n302s OB below\n304s OB below\n310s .", given + "12s " + mains + `
			12s NOTLOWBATT a
			3m10s undo
			3m10s NOTSHUTDOWN
			3m10s remove flag
			5m0s ONBATT a
			5m4s LOWBATT a
			5m4s shutdown (low on battery said low)
			5m4s FSD a
			5m4s SHUTDOWN
			5m9s flag
			5m9s poweroff`},
		{"a script of five minutes, mains back in the middle: nothing before it has ended", r, nil, low + "60s OL\n309s ended\n480s OL\n495s .", given + "1m0s " + mains + "\n1m0s NOTLOWBATT a\n8m9s undo\n8m9s NOTSHUTDOWN\n8m9s remove flag"},
		{"scheduled for later, and then taken back", r, nil, low + "10s ended\n10s pending yes\n300s OB below\n400s pending no\n581s .", given + "9m40s SHUTDOWN\n9m40s flag\n9m40s poweroff"},
		{"a job of the system that hangs: nothing", r, nil, low + "10s ended\n10s pending yes\n30m .", given},
		{"a restart: the UPS is heard first, and what is pending is asked", r, nil, low + "20s restart\n21s pending no\n22s OB below\n30s .", given + "22s SHUTDOWN\n22s flag\n22s poweroff"},
		{"a restart on mains, weeks later: never the command", r, nil, low + "300h restart\n300h pending no\n300h1s OL\n301h OL", given + "300h0m1s " + mains + "\n300h0m1s NOTLOWBATT a\n300h3m0s undo\n300h3m0s NOTSHUTDOWN\n300h3m0s remove flag"},
		{"a flag that the state knows nothing of is a shutdown under way", r, nil, "1s flag\n2s OL\n200s OL\n210s .", "3m1s undo\n3m1s NOTSHUTDOWN\n3m1s remove flag"},
		{"and a low battery beside it begins no second one", r, nil, "1s flag\n2s OB\n4s OB below\n6s OB below\n100s OB below", "2s ONBATT a\n6s LOWBATT a"},
		{"a flag that was written by a process that ended before the disk knew: no call-off on mains", r, nil, low + "5s restart\n5s flag\n6s OL\n100s OL\n190s .",
			"1s ONBATT a\n4s LOWBATT a\n4s shutdown (low on battery said low)\n4s FSD a\n4s SHUTDOWN\n6s " + mains + "\n6s NOTLOWBATT a\n3m5s undo\n3m5s NOTSHUTDOWN\n3m5s remove flag"},
		{"and on battery the command is given where none is pending", r, nil, low + "5s restart\n5s flag\n6s pending no\n7s OB below\n20s .",
			"1s ONBATT a\n4s LOWBATT a\n4s shutdown (low on battery said low)\n4s FSD a\n4s SHUTDOWN\n7s SHUTDOWN\n7s flag\n7s poweroff"},
		{"nothing is heard: no guess", r, nil, "1s OL\n2s fsd x\n3s gone\n10s ended\n20m .", "2s shutdown (ordered)\n2s FSD a\n2s SHUTDOWN\n3s COMMBAD a\n7s flag\n7s poweroff"},
	})
}

// TestSeries: a link that comes and goes is one message, and a second one after
// five minutes.
func TestSeries(t *testing.T) {
	r := real(nil, "a")
	var lines string
	for at := 10; at < 600; at += 2 {
		lines += every(float64(at), float64(at)+0.5, 1, "gone") + every(float64(at)+1, float64(at)+1.5, 1, "OB 97 1200")
	}
	lines = "1s OL 100 900\n5s OL 100 900\n8s OB 97 1200\n" + lines + every(601, 700, 5, "OB 97 1200")
	if _, n := brings(t, r, lines, "COMMBAD"); n != 2 {
		t.Errorf("COMMBAD is told %d times in ten minutes", n)
	}
	if at, n := brings(t, r, lines, "COMMOK"); n != 1 || at < 600*time.Second || at > 610*time.Second {
		t.Errorf("COMMOK is told %d times, at %s", n, at)
	}
}

// TestFigures: ONBATT and COMMOK wait a little for the figures that they say.
func TestFigures(t *testing.T) {
	r := rules(nil, "a")
	for name, tc := range map[string]struct{ script, want string }{
		"figures of after the transfer come at once": {"1s OL 100 900\n60s flags OB charge=50s runtime=50s every=10s 100 900\n60.2s same OB age=200ms every=10s 96 300\n62s .",
			"1m0.2s ONBATT a: on battery: charge 96 %, runtime 5 min"},
		"or they do not": {"1s OL 100 900\n60s flags OB charge=50s runtime=50s every=10s 100 900\n62s .",
			"1m1s ONBATT a: on battery: charge unknown, runtime unknown"},
		"COMMOK": {"1s OL 100 900\n10s gone\n20s flags OL\n22s OL 97 880\n23s .",
			"10s COMMBAD a: link lost on mains: it left the USB bus; nothing will be shut down for this\n22s COMMOK a: the link is back after 12 s: on mains, charge 97 %, runtime 14 min 40 s"},
		"COMMOK without an end": {"1s OL 100 900\n10s gone\n20s flags OL\n30s flags OL\n",
			"10s COMMBAD a: link lost on mains: it left the USB bus; nothing will be shut down for this\n25s COMMOK a: the link is back after 15 s: on mains"},
		"who feeds the host": {"1s OL 100 900\n10s OB 100 900\n11s gone\n13s .",
			"10s ONBATT a: on battery: charge 100 %, runtime 15 min\n11s COMMBAD a: link lost on battery: it left the USB bus; last known charge 100 %, runtime 15 min; the host is shut down in 59 min 59 s unless the link returns"},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(lines(tc.want), play(t, r, tc.script)); diff != "" {
				t.Errorf("trace (-want +got):\n%s", diff)
			}
		})
	}
}
