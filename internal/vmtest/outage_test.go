//go:build vm

package vmtest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"ecnutd/internal/sim"
)

// TestOutage is the whole story: mains is lost, the message leaves, the timer
// ends, the machine powers off by itself, late in that the UPS is told to cut
// its output and does, mains comes back, the machine boots, and what could not
// be said before is said.
func TestOutage(t *testing.T) {
	m := fresh(t)
	u := newUPS(t, "")
	output := make(chan bool, 8)
	m.feeds(u, output)
	m.plug(u)
	m.watch(settings("eaton: {}"))

	u.CutMains()
	m.told("on battery eaton")
	m.sh("systemctl stop gateway.service") // the router is dark now
	m.waitOff()

	// shutdown.return with its defaults: start delay 30 s (1e) in report 0a,
	// then shutdown delay 20 s (14) in report 09.
	if got, want := u.sets(), []string{"0a1e000000", "0914000000"}; !slices.Equal(got, want) {
		t.Fatalf("late in the shutdown the UPS was written %v, want %v", got, want)
	}
	u.SetSpeed(10) // of the 50 s until it is on again
	if on := next(t, output); on {
		t.Fatal("the output comes on")
	}
	u.RestoreMains()
	if on := next(t, output); !on {
		t.Fatal("the output goes off again")
	}

	u.SetSpeed(1)
	m = start(t, disk, "", u.atBoot()...)
	m.heard("eaton")
	for _, text := range []string{"going down", "mains lost", "server off"} {
		m.told(text)
	}
	m.until("journalctl -b -u ecnutd | grep 'eaton took the order to cut its output\\|was to cut its output'")
	m.sh("! test -e /run/ecnutd/killpower && ! test -e /run/ecnutd/shutdown")
	if got := m.sh("systemctl --failed --plain --no-legend"); got != "" {
		t.Errorf("units that failed: %s", got)
	}
	if all := m.messages(); len(all) > 0 && !strings.HasPrefix(all[0], "on battery") {
		t.Errorf("the messages: %q", all)
	}
	if n := len(u.sets()); n != 2 {
		t.Errorf("the UPS was written to %d times more after the boot", n-2)
	}
}

// TestPowerLost: the battery gives out long before anybody expects it, and the
// power goes under the running machine. At the next boot the state is whole, and
// what happened is told.
func TestPowerLost(t *testing.T) {
	m := fresh(t)
	u := newUPS(t, "")
	output := make(chan bool, 8)
	m.feeds(u, output)
	m.plug(u)
	m.watch(strings.Replace(settings("eaton: {}"), "after: 15s", "after: 20m", 1))
	u.Inject(sim.Fault{Kind: sim.DropsEarly, Delay: 10 * time.Second})
	u.CutMains()
	m.told("on battery eaton")
	if on := next(t, output); on {
		t.Fatal("the output comes on")
	}
	<-m.off
	u.RestoreMains()
	next(t, output)

	m = start(t, disk, "", u.atBoot()...)
	m.heard("eaton")
	m.told("no shutdown by ecnutd: the power went")
	m.until("test $(ls /var/lib/ecnutd/state.db* | wc -l) = 1") // none was set aside
	if got := u.sets(); len(got) > 0 {
		t.Errorf("the UPS was written %v", got)
	}
}

func next(t *testing.T, c <-chan bool) bool {
	t.Helper()
	select {
	case on := <-c:
		return on
	case <-time.After(patience):
		t.Fatal("the UPS does not switch its output")
		return false
	}
}

// TestLowBattery: the UPS itself says that the battery is low, with the timer
// far away, and the machine goes down for that.
func TestLowBattery(t *testing.T) {
	m := fresh(t)
	u := newUPS(t, "")
	m.plug(u)
	m.watch(strings.Replace(settings("eaton: {}"), "after: 15s", "after: 20m", 1))
	u.CutMains()
	m.told("on battery eaton")
	u.SetCharge(15) // the limit of the UPS is 20 %
	m.told("battery low eaton")
	m.waitOff()
	if got := u.sets(); len(got) != 2 {
		t.Errorf("late in the shutdown the UPS was written %v", got)
	}
}

// TestMainsReturns: mains is back before the timer ends. Nothing goes down, and
// nothing is written to the UPS.
func TestMainsReturns(t *testing.T) {
	m := fresh(t)
	u := newUPS(t, "")
	m.plug(u)
	m.watch(settings("eaton: {}"))
	u.CutMains()
	m.told("on battery eaton")
	u.RestoreMains()
	m.told("on mains eaton")
	m.sh("sleep 16; systemctl is-active ecnutd.service")
	if got := m.messages(); !slices.Equal(got, []string{"on battery eaton", "on mains eaton"}) {
		t.Errorf("told: %q", got)
	}
	if got := u.sets(); len(got) > 0 {
		t.Errorf("the UPS was written %v", got)
	}
}
