package usb

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestComplete(t *testing.T) {
	root := t.TempDir()
	devices := filepath.Join(root, "bus/usb/devices")
	for path, text := range map[string]string{
		"1-1/busnum": "1\n", "1-1/devnum": "5\n", "1-1/power/control": "auto\n",
		"2-1/busnum": "2\n", "2-1/devnum": "5\n", "2-1/power/control": "on\n",
		"1-1:1.0/bInterfaceNumber": "00\n", "1-1:1.1/bInterfaceNumber": "01\n", "2-1:1.0/bInterfaceNumber": "00\n",
	} {
		path = filepath.Join(devices, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, path, text)
	}
	for at, driver := range map[string]string{"1-1:1.0": "usbhid", "1-1:1.1": "snd-usb-audio"} {
		if err := os.Symlink("../../../bus/usb/drivers/"+driver, filepath.Join(devices, at, "driver")); err != nil {
			t.Fatal(err)
		}
	}
	for at, want := range map[Location]Report{
		{1, 5}: {Driver: "usbhid", PowerControl: "auto"},
		{2, 5}: {PowerControl: "on"}, // a program has taken it from its driver
		{1, 6}: {},
	} {
		got := Report{Location: at}
		sysfs(root).complete(&got)
		if got.Driver != want.Driver || got.PowerControl != want.PowerControl {
			t.Errorf("%v: driver %q, power control %q", at, got.Driver, got.PowerControl)
		}
	}
}

func TestAttached(t *testing.T) {
	root := t.TempDir()
	devices := filepath.Join(root, "bus/usb/devices")
	for path, text := range map[string]string{
		"1-1/busnum": "1\n", "1-1/devnum": "5\n", "1-1/idVendor": "0463\n", "1-1/idProduct": "ffff\n", "1-1/power/control": "on\n",
		"2-1/busnum": "2\n", "2-1/devnum": "5\n", "2-1/idVendor": "046d\n", "2-1/idProduct": "c31c\n",
		"3-1/busnum": "2\n", "3-1/devnum": "x\n", "3-1/idVendor": "0463\n", "3-1/idProduct": "ffff\n",
		"1-1:1.0/bInterfaceNumber": "00\n",
	} {
		path = filepath.Join(devices, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, path, text)
	}
	if err := os.Symlink("../../../bus/usb/drivers/usbfs", filepath.Join(devices, "1-1:1.0", "driver")); err != nil {
		t.Fatal(err)
	}
	got := sysfs(root).attached(func(vendor, product uint16) bool { return vendor == 0x0463 })
	if len(got) != 1 || got[0].Location != (Location{1, 5}) || got[0].Vendor != "0463" || got[0].Product != "ffff" || got[0].Driver != "usbfs" || got[0].PowerControl != "on" {
		t.Errorf("got %+v", got)
	}
}

func TestReportForPeople(t *testing.T) {
	r := Report{Location: Location{1, 5}, Vendor: "0463", Product: "ffff", PowerControl: "auto",
		Strings: []String{{1, "EATON", ""}, {7, "", "the device has no such string"}}}
	for _, words := range []string{"bus 1, address 5 (/dev/bus/usb/001/005)", "0463:ffff", "no hidraw node", `"EATON"`, "none: the device has no such string"} {
		if !strings.Contains(r.String(), words) {
			t.Errorf("%q is not in:\n%v", words, r)
		}
	}
	// Of nothing only the place is known.
	if got := (Report{Location: Location{12, 127}}).String(); got != "location:             bus 12, address 127 (/dev/bus/usb/012/127)\n" {
		t.Errorf("got %q", got)
	}
}
