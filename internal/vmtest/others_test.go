//go:build vm

package vmtest

import (
	"strings"
	"testing"
	"time"

	"ecnutd/internal/sim"
)

// TestOtherReaders: one program reads hiddev and another one asks over hidraw
// without a pause, as upower would. ecnutd hears the outage all the same, and
// takes nobody's answers for its own.
func TestOtherReaders(t *testing.T) {
	m := fresh(t)
	u := newUPS(t, "")
	m.plug(u)
	m.watch(settings("eaton: {}"))
	m.sh("systemd-run -q --unit=hiddev sh -c 'exec cat /dev/usb/hiddev0 >/dev/null'")
	m.sh("systemd-run -q --unit=other sh -c 'while :; do ecnutd dump --device /dev/hidraw0 >/run/other.new || exit 1; mv /run/other.new /run/other; done'")
	m.until("test -e /run/other")
	u.CutMains()
	m.told("on battery eaton")
	u.RestoreMains()
	m.told("on mains eaton")
	if got := m.sh("systemctl is-active hiddev.service other.service; grep -c '^battery.charge: ' /run/other"); got != "active\nactive\n1" {
		t.Errorf("the other readers: %q", got)
	}
	if got := strings.Join(m.messages(), "\n"); strings.Contains(got, "link") {
		t.Errorf("told: %s", got)
	}
	if got := u.sets(); len(got) > 0 {
		t.Errorf("the UPS was written %v", got)
	}
}

// TestInputReportsAlone: a unit whose status stands in an input report alone, and
// which pushes nothing. The kernel is asked for it, so the link holds and the outage is
// seen.
func TestInputReportsAlone(t *testing.T) {
	m := fresh(t)
	// Our rule knows no unit of this maker.
	m.write("/etc/udev/rules.d/70-unit.rules", `SUBSYSTEM=="hidraw", ATTRS{idVendor}=="5131", GROUP="ecnutd", MODE="0660"`+"\n"+`SUBSYSTEM=="usb", ATTR{idVendor}=="5131", GROUP="ecnutd", MODE="0660"`+"\n")
	m.sh("udevadm control --reload")
	u := newUPS(t, "input-status")
	u.Inject(sim.Fault{Kind: sim.LostPushes})
	m.plug(u)
	m.watch(settings("eaton: {match: {vendor: '5131', product: '2007'}}"))
	time.Sleep(40 * time.Second) // more than dead_time and two polls
	u.CutMains()
	m.told("on battery eaton")
	u.RestoreMains()
	m.told("on mains eaton")
	if got := strings.Join(m.messages(), "\n"); strings.Contains(got, "link") {
		t.Errorf("told: %s", got)
	}
}

// TestSuspend: a rule of a power saving tool would have the kernel suspend the
// device, and ours keeps it awake. Then somebody does it by hand, and it sleeps
// when the daemon starts. Opening it wakes it, it stays awake, and the outage is
// heard.
func TestSuspend(t *testing.T) {
	m := fresh(t)
	m.write("/etc/udev/rules.d/50-powersave.rules", `SUBSYSTEM=="usb", TEST=="power/control", ATTR{power/control}="auto"`+"\n")
	m.sh("udevadm control --reload")
	u := newUPS(t, "")
	m.plug(u)
	m.until("test -e /dev/hidraw0")
	m.sh("udevadm settle")
	const device = "d=$(readlink -f /sys/class/hidraw/hidraw0/device/../..); "
	if got := m.sh(device + "cat $d/power/control"); got != "on" {
		t.Errorf("the rule keeps it awake: power/control is %s", got)
	}
	m.sh(device + "echo 0 >$d/power/autosuspend_delay_ms; echo auto >$d/power/control")
	m.until(device + "test $(cat $d/power/runtime_status) = suspended")
	m.watch(settings("eaton: {}"))
	u.CutMains()
	m.told("on battery eaton")
	if got := m.sh(device + "cat $d/power/runtime_status"); got != "active" {
		t.Errorf("with the daemon reading it is %s", got)
	}
	u.RestoreMains()
	m.told("on mains eaton")
	if got := strings.Join(m.messages(), "\n"); strings.Contains(got, "link") {
		t.Errorf("told: %s", got)
	}
}
