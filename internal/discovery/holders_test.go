package discovery

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"ecnutd/hid"
	"ecnutd/hid/usb"
	"ecnutd/internal/host"
	"ecnutd/internal/host/hosttest"
)

// TestNodesOf: the old hiddev node of a UPS is found behind its hidraw node, as
// the kernel has them below the USB interface.
func TestNodesOf(t *testing.T) {
	sys := t.TempDir()
	hosttest.Tree(t, sys, map[string]string{
		"devices/usb1/1-1/1-1:1.0/0003:0463:FFFF.0001/x": "",
		"devices/usb1/1-1/1-1:1.0/usbmisc/hiddev0/x":     "",
		"class/hidraw/hidraw0/device":                    "-> ../../../devices/usb1/1-1/1-1:1.0/0003:0463:FFFF.0001",
	})
	got := NodesOf(sys, []hid.Info{{Node: "/dev/hidraw0", USBBus: 1, USBAddress: 5}, {Node: "/dev/hidraw9"}})
	if want := []string{"/dev/hidraw0", "/dev/bus/usb/001/005", "/dev/usb/hiddev0", "/dev/hidraw9"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestNoneAttached: a UPS that another program has taken from the kernel is on
// USB all the same, and whoever looks for it reads who has it.
func TestNoneAttached(t *testing.T) {
	proc := t.TempDir()
	hosttest.Tree(t, proc, map[string]string{
		"40/comm": "usbhid-ups\n", "40/fd/3": "-> /dev/bus/usb/001/005",
		"41/comm": "evil\x1b[2J\n", "41/fd/3": "-> /dev/bus/usb/001/006",
		"42/comm": "upsmon\n",
	})
	here := host.Host{Proc: proc}
	taken := func(address int) []usb.Report {
		return []usb.Report{{Location: usb.Location{Bus: 1, Address: address}, Driver: "usbfs"}}
	}
	for name, c := range map[string]struct {
		attached []usb.Report
		want     []string
	}{
		"a driver of NUT": {taken(5), []string{"/dev/bus/usb/001/005", "a driver of NUT", "process 40", "nut.target"}},
		"anybody":         {taken(6), []string{"process 41 (evil", "ps -fp 41"}},
		"nobody seen":     {taken(7), []string{"only root can see", "sudo ecnutd doctor"}},
		"no driver":       {[]usb.Report{{Location: usb.Location{Bus: 1, Address: 5}}}, []string{"modprobe usbhid"}},
		"nothing there":   {nil, []string{"no UPS of the Eaton family is attached"}},
	} {
		err := noneAttached(c.attached, here)
		if !errors.Is(err, hid.ErrAbsent) {
			t.Errorf("%s: %v is not hid.ErrAbsent", name, err)
		}
		for _, w := range c.want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: no %q in %q", name, w, err)
			}
		}
		if strings.Contains(err.Error(), "\x1b") {
			t.Errorf("%s: a name reaches the terminal raw: %q", name, err)
		}
	}
}
