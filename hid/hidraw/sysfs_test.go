package hidraw

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"ecnutd/hid"
)

// fakeSysfs makes a sysfs with one hidraw node below dir, a path under
// devices; files are relative to root, or to dir when they begin with "./".
func fakeSysfs(t *testing.T, node, dir string, files map[string]string) host {
	t.Helper()
	h := host{t.TempDir()}
	device := filepath.Join(h.root, "sys/devices", dir)
	entry := filepath.Join(device, "hidraw", node)
	mustMake(t, entry)
	mustMake(t, filepath.Join(h.root, "sys/class/hidraw"))
	mustMake(t, filepath.Join(h.root, "dev"))
	mustLink(t, "../..", filepath.Join(entry, "device"))
	mustLink(t, entry, filepath.Join(h.root, "sys/class/hidraw", node))
	write(t, filepath.Join(h.root, "dev", node), "")
	for name, text := range files {
		write(t, filepath.Join(device, name), text)
	}
	return h
}

func mustMake(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
}

func mustLink(t *testing.T, to, at string) {
	t.Helper()
	if err := os.Symlink(to, at); err != nil {
		t.Fatal(err)
	}
}

func TestDescribeUSB(t *testing.T) {
	h := fakeSysfs(t, "hidraw0", "usb1/1-1/1-1:1.0/0003:0463:FFFF.0001", map[string]string{
		"uevent": "DRIVER=hid-generic\nHID_ID=0003:00000463:0000FFFF\nHID_NAME=EATON Protection Station\n" +
			"HID_PHYS=usb-0000:00:1d.2-1/input0\nHID_UNIQ=AN2E49008\nMODALIAS=hid:b0003g0001v00000463p0000FFFF\n",
		"../../busnum":       "1\n",
		"../../devnum":       "112\n",
		"../../bcdDevice":    "4241\n",
		"../../manufacturer": "EATON\n",
		"../../product":      "Protection Station  \n",
		"../../serial":       "AN2E49008\n",
	})
	want := hid.Info{
		Node: "/dev/hidraw0", Name: "EATON Protection Station", Phys: "usb-0000:00:1d.2-1/input0",
		Bus: hid.BusUSB, Vendor: 0x0463, Product: 0xffff,
		Manufacturer: "EATON", ProductName: "Protection Station", Serial: "AN2E49008",
		Release: 0x4241, USBBus: 1, USBAddress: 112,
	}
	// hidapi has lost the name: it was not ASCII, say.
	if got := h.describe(hid.Info{Node: "/dev/hidraw0", Name: "?", ProductName: "?"}); got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// TestDescribeVirtual: a device made by uhid has no USB device above it: what hidapi says stays.
func TestDescribeVirtual(t *testing.T) {
	h := fakeSysfs(t, "hidraw4", "virtual/misc/uhid/0003:0463:FFFF.0002", map[string]string{
		"uevent": "HID_ID=0003:00000463:0000FFFF\nHID_NAME=A UPS\nHID_PHYS=\nHID_UNIQ=\n",
	})
	got := h.describe(hid.Info{Node: "/dev/hidraw4", ProductName: "A UPS", Serial: "7"})
	want := hid.Info{Node: "/dev/hidraw4", Name: "A UPS", Bus: 3, Vendor: 0x0463, Product: 0xffff, ProductName: "A UPS", Serial: "7"}
	if got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestDescribeNothing(t *testing.T) {
	info := hid.Info{Node: "/dev/hidraw0", Name: "kept", Vendor: 1}
	if got := (host{t.TempDir()}).describe(info); got != info {
		t.Errorf("got %+v", got)
	}
}

func TestParseID(t *testing.T) {
	if bus, vendor, product, ok := parseID("0005:0000046D:0000B342"); !ok || bus != 5 || vendor != 0x046d || product != 0xb342 {
		t.Errorf("got %d %04x %04x %v", bus, vendor, product, ok)
	}
	for _, bad := range []string{"", "3", "0003:00000463", "0003:00000463:0001FFFF", "0003:x:y", "0003:1:2:3"} {
		if _, _, _, ok := parseID(bad); ok {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestGone(t *testing.T) {
	const node = "/dev/hidraw0"
	fresh := func(t *testing.T) host { return fakeSysfs(t, "hidraw0", "usb1/1-1/1-1:1.0/0003:0463:FFFF.0001", nil) }
	for name, c := range map[string]struct {
		remove []string
		want   bool
	}{
		"there":           {nil, false},
		"node removed":    {[]string{"dev/hidraw0"}, true},
		"no sysfs entry":  {[]string{"sys/class/hidraw/hidraw0"}, true}, // a node in a static /dev stays
		"no sysfs at all": {[]string{"sys"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			h := fresh(t)
			for _, path := range c.remove {
				if err := os.RemoveAll(filepath.Join(h.root, path)); err != nil {
					t.Fatal(err)
				}
			}
			if got := h.gone(node); got != c.want {
				t.Errorf("gone is %v", got)
			}
		})
	}
}

// TestLeft: a device has left when its node is gone, and when the node is that
// of another address by now.
func TestLeft(t *testing.T) {
	h := fakeSysfs(t, "hidraw0", "usb1/1-1/1-1:1.0/0003:0463:FFFF.0001", map[string]string{"../../busnum": "1\n", "../../devnum": "7\n"})
	for _, c := range []struct {
		info hid.Info
		want bool
	}{
		{hid.Info{Node: "/dev/hidraw0", USBBus: 1, USBAddress: 7}, false},
		{hid.Info{Node: "/dev/hidraw0", USBBus: 1, USBAddress: 6}, true},
		{hid.Info{Node: "/dev/hidraw0", USBBus: 2, USBAddress: 7}, true},
		{hid.Info{Node: "/dev/hidraw1", USBBus: 1, USBAddress: 7}, true},
		{hid.Info{Node: "/dev/hidraw0"}, false}, // where it was is not known
	} {
		if got := h.left(c.info); got != c.want {
			t.Errorf("%+v: %v", c.info, got)
		}
	}
	// Without a USB device above it nothing tells one from the other.
	plain := fakeSysfs(t, "hidraw0", "virtual/misc/uhid/0003:0463:FFFF.0001", nil)
	if plain.left(hid.Info{Node: "/dev/hidraw0"}) {
		t.Error("one that has no address has left")
	}
}

// TestFailureWaitsForTheNodeToVanish: the kernel wakes the reader of an unplugged device before it removes the
// node.
func TestFailureWaitsForTheNodeToVanish(t *testing.T) {
	h := fakeSysfs(t, "hidraw0", "usb1/1-1/1-1:1.0/0003:0463:FFFF.0001", nil)
	d := &Device{host: h, info: hid.Info{Node: "/dev/hidraw0"}}
	cause := errors.New("ioctl (GFEATURE): Broken pipe")
	if err := d.failed("asking", cause); !errors.Is(err, cause) || errors.Is(err, hid.ErrGone) {
		t.Errorf("with the device there: %v", err)
	}
	synctest.Test(t, func(t *testing.T) {
		go func() {
			time.Sleep(30 * time.Millisecond) // within settle, 50 ms
			os.Remove(filepath.Join(h.root, "sys/class/hidraw/hidraw0"))
		}()
		if err := d.failed("asking", cause); !errors.Is(err, hid.ErrGone) {
			t.Errorf("while it left: %v", err)
		}
	})
}

func TestSortedByNumber(t *testing.T) {
	nodes := []hid.Info{{Node: "/dev/hidraw10"}, {Node: "/dev/ups"}, {Node: "/dev/hidraw9"}, {Node: "/dev/hidraw0"}}
	slices.SortFunc(nodes, byNode)
	for i, want := range []string{"/dev/hidraw0", "/dev/hidraw9", "/dev/hidraw10", "/dev/ups"} {
		if nodes[i].Node != want {
			t.Errorf("place %d has %s instead of %s", i, nodes[i].Node, want)
		}
	}
}
