//go:build vm

package vmtest

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"ecnutd/internal/sim"
)

// TestReplug: the cable is pulled and put back a hundred times. The daemon finds
// the UPS each time, keeps no descriptor, thread or goroutine of those before,
// and sees an outage at the end.
func TestReplug(t *testing.T) {
	m := fresh(t)
	u := newUPS(t, "")
	m.plug(u)
	m.watch(settings("eaton: {}"))
	count := func() (files, threads int) {
		pid := m.sh("systemctl show -p MainPID --value ecnutd.service")
		two := strings.Fields(m.sh(fmt.Sprintf("ls /proc/%s/fd | wc -l; ls /proc/%s/task | wc -l", pid, pid)))
		files, _ = strconv.Atoi(two[0])
		threads, _ = strconv.Atoi(two[1])
		return files, threads
	}
	// The daemon has it again when it asks it for reports; nobody else does.
	replug := func() {
		u.Unplug()
		time.Sleep(50 * time.Millisecond)
		before := u.gets()
		u.Plug()
		for end := time.Now().Add(patience); u.gets() < before+5; time.Sleep(10 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("the UPS is not read again: " + m.sh("journalctl -b -n 40 --no-pager"))
			}
		}
	}
	for range 5 {
		replug()
	}
	pid := m.sh("systemctl show -p MainPID --value ecnutd.service")
	files, threads := count()
	m.sh("grep -q '^THP_enabled:.*0$' /proc/" + pid + "/status") // no huge pages
	for range 95 {
		replug()
	}
	m.heard("eaton")
	nowFiles, nowThreads := count()
	if nowFiles > files || nowThreads > threads+3 {
		t.Errorf("files %d → %d, threads %d → %d", files, nowFiles, threads, nowThreads)
	}
	if now := m.sh("systemctl show -p MainPID --value ecnutd.service"); now != pid {
		t.Errorf("the daemon was started again: pid %s, then %s", pid, now)
	}
	u.CutMains()
	m.told("on battery eaton")

	// On SIGQUIT Go lists its goroutines: as many as in a daemon just started.
	goroutines := func() int {
		mark := m.sh("journalctl -u ecnutd -n 0 --show-cursor | sed -n 's/^-- cursor: //p'")
		m.sh("systemctl kill -s QUIT ecnutd.service")
		n, _ := strconv.Atoi(m.until(fmt.Sprintf("journalctl --sync; journalctl -u ecnutd -o cat --after-cursor='%s' >/run/quit; grep -q 'ecnutd [^ ]* watches' /run/quit && grep -c '^goroutine ' /run/quit", mark)))
		return n
	}
	u.RestoreMains()
	m.told("on mains eaton")
	worn := goroutines()
	m.heard("eaton")
	m.sh("sleep 2")
	if fresh := goroutines(); worn > fresh+3 {
		t.Errorf("%d goroutines after 100 replugs, %d in a new daemon", worn, fresh)
	}
}

// TestPluggedLater: the machine boots without its UPS, the daemon says so and
// waits; the UPS comes and is watched.
func TestPluggedLater(t *testing.T) {
	m := fresh(t)
	m.write("/etc/ecnutd/config.yaml", settings("eaton: {}"))
	m.sh("systemctl start gateway.service ecnutd.service")
	m.until("journalctl -b -u ecnutd | grep -q 'the UPS cannot be read'")
	u := newUPS(t, "")
	m.plug(u)
	m.heard("eaton")
	u.CutMains()
	m.told("on battery eaton")
}

// TestTwo: each of two UPSs is found by its port, and told apart.
func TestTwo(t *testing.T) {
	m := fresh(t)
	left, right := newUPS(t, ""), newUPS(t, "ellipse-eco-650")
	m.plug(left)
	m.plug(right)
	m.until("test -e /dev/hidraw0 && test -e /dev/hidraw1")
	m.watch(settings("eaton: {match: {model: Protection}}, eco: {match: {model: Ellipse}}"))
	m.heard("eco")
	right.CutMains()
	m.told("on battery eco")
	m.sh("! grep -q 'on battery eaton' /var/log/gateway")
	// The other one feeds the host: no shutdown at the end of the timer.
	m.told("no mains for 15 s")
	m.sh("sleep 5; ! test -e /run/ecnutd/shutdown")
}

// TestMute: the UPS refuses one report and then says nothing until it was left
// alone. It is found again, and the machine stays up: mains was there.
func TestMute(t *testing.T) {
	m := fresh(t)
	u := newUPS(t, "")
	m.plug(u)
	m.watch(settings("eaton: {}"))
	u.Inject(sim.Fault{Kind: sim.StallThenMute, Report: 6})
	m.told("link lost eaton")
	m.told("link back eaton")
	m.heard("eaton")
	if got := u.sets(); len(got) > 0 {
		t.Errorf("the UPS was written %v", got)
	}
}

// TestKilled: the daemon is killed while the timer of an outage runs. systemd
// starts it again, it goes on where it was, its timer too, and tells nothing
// twice; then the battery is low, and the machine goes down.
func TestKilled(t *testing.T) {
	m := fresh(t)
	u := newUPS(t, "")
	m.plug(u)
	m.watch(strings.Replace(settings("eaton: {}"), "after: 15s", "after: 20m", 1))
	u.CutMains()
	m.told("on battery eaton")
	ends := m.timerEnds()
	for range 3 {
		pid := m.sh("systemctl show -p MainPID --value ecnutd.service")
		m.sh("systemctl kill -s KILL ecnutd.service")
		m.until("test $(systemctl show -p MainPID --value ecnutd.service) -gt 0 && test $(systemctl show -p MainPID --value ecnutd.service) != " + pid)
		m.heard("eaton")
	}
	if got := m.sh("grep -c 'on battery eaton' /var/log/gateway"); got != "1" {
		t.Errorf("told %s times", got)
	}
	// A timer that began anew would end later by the seconds of each start.
	if now := m.timerEnds(); now.Sub(ends).Abs() > time.Second {
		t.Errorf("the timer ends at %s, and at %s after the daemon was killed", ends, now)
	}
	u.SetCharge(15) // the limit of the UPS is 20 %
	m.waitOff()
	if got := u.sets(); len(got) != 2 {
		t.Errorf("late in the shutdown the UPS was written %v", got)
	}
}

// timerEnds is when the timer of the outage ends, as status says.
func (m *machine) timerEnds() time.Time {
	m.t.Helper()
	var s struct {
		Coming []struct {
			At    time.Time
			What  string
			Timer string
		}
	}
	if err := json.Unmarshal([]byte(m.sh("ecnutd status --json")), &s); err != nil {
		m.t.Fatal(err)
	}
	for _, c := range s.Coming {
		if c.What == "timer" && c.Timer == "outage" {
			return c.At
		}
	}
	m.t.Fatalf("no timer runs: %+v", s)
	return time.Time{}
}
