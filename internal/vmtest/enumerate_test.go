//go:build vm

package vmtest

import (
	"strings"
	"testing"
)

// fresh is the machine with ecnutd installed and stopped.
func fresh(t testing.TB) *machine {
	t.Helper()
	installed(t)
	m := start(t, disk, "installed")
	m.sameTime()
	return m
}

// TestEnumerate: the kernel takes the device for what a Protection Station is,
// and our udev rule grants its two nodes to our user.
func TestEnumerate(t *testing.T) {
	m := fresh(t)
	m.plug(newUPS(t, ""))
	m.until("test -e /dev/hidraw0")
	if got := m.until("dmesg | grep 'hiddev0,hidraw0: USB HID'"); !strings.Contains(got, "USB HID v10.10 Device [EATON Protection Station]") {
		t.Errorf("the kernel says: %s", got)
	}
	m.sh("udevadm settle")
	if got := m.sh("stat -c '%G %a' /dev/hidraw0 /dev/bus/usb/*/002"); got != "ecnutd 660\necnutd 660" {
		t.Errorf("the nodes are %s", got)
	}
}

// TestDump: what our user reads through the kernel is what the UPS is known to
// say: the numbers of a Protection Station at rest, and its strings by gousb
// while the kernel's driver stays bound.
func TestDump(t *testing.T) {
	m := fresh(t)
	m.plug(newUPS(t, ""))
	m.until("test -e /dev/hidraw0 && udevadm settle")
	got := m.sh(asUser + "ecnutd dump")
	for _, want := range []string{
		"battery.charge: 100", "battery.runtime: 585", "ups.load: 25", "ups.status: OL", "output.voltage.nominal: 230",
		"ups.mfr: EATON", "ups.model: Protection Station 800", "battery.type: PbAc", "ups.firmware: 1.13", "ups.serial: AN2E49008",
	} {
		if !strings.Contains("\n"+got+"\n", "\n"+want+"\n") {
			t.Errorf("dump lacks %q", want)
		}
	}
	if same := m.sh("ecnutd dump --simulate"); got != same {
		t.Errorf("dump says:\n%s\nwithout a kernel in between:\n%s", got, same)
	}
	m.sh("test -e /dev/hidraw0") // nobody has detached the driver
}

// TestNUTRule: NUT's package is there too, and its udev rule, which comes after
// ours, gives the USB node to its own group. Both can use the UPS then: ours
// reads all of it, and nothing was taken from NUT.
func TestNUTRule(t *testing.T) {
	m := fresh(t)
	m.nutRule()
	m.plug(newUPS(t, ""))
	m.until("test -e /dev/hidraw0 && udevadm settle")
	if got := m.sh("stat -c '%G %a' /dev/hidraw0 /dev/bus/usb/*/002"); got != "ecnutd 660\nnut 664" {
		t.Errorf("the nodes are %s", got)
	}
	if got, same := m.sh(asUser+"ecnutd dump"), m.sh("ecnutd dump --simulate"); got != same {
		t.Errorf("dump says:\n%s\nwithout a kernel in between:\n%s", got, same)
	}
	m.sh("ecnutd udev check")
	m.sh("setpriv --reuid=nut --regid=nut --clear-groups test -w /dev/bus/usb/*/002")
}

// asUser runs what follows as the user of the daemon.
const asUser = "setpriv --reuid=ecnutd --regid=ecnutd --clear-groups "
