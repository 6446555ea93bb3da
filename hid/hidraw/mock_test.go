package hidraw

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ecnutd/hid"
)

// inMock is set in the process that runs under umockdev. There the C library
// is redirected to a made-up machine, and hidapi with it; Go's own file calls
// are not, so they are given the directory of that machine as their root.
const inMock = "HIDRAW_TEST_IN_MOCK"

// TestMockedUPS runs the tests of a mocked device in a process of their own.
func TestMockedUPS(t *testing.T) {
	if os.Getenv(inMock) != "" {
		t.Skip("this is the mocked process")
	}
	run, err := exec.LookPath("umockdev-run")
	if err != nil {
		t.Skip("umockdev-run is not installed (Debian package umockdev)")
	}
	// The made-up nodes are pseudo-terminals, which a bare root may not have.
	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("no pseudo-terminals here: %v", err)
	}
	terminal.Close()
	dir := t.TempDir()
	descriptor := recordedDescriptor(t)
	device := filepath.Join(dir, "ups.umockdev")
	ioctls := filepath.Join(dir, "ups.ioctl")
	bare := filepath.Join(dir, "bare.ioctl")
	reports := filepath.Join(dir, "ups.script")
	write(t, device, mockedMachine(descriptor))
	write(t, ioctls, mockedIoctls(descriptor))
	// Enough to be opened, and no report descriptor.
	write(t, bare, "@DEV /dev/hidraw10\nHIDIOCGRDESCSIZE 0 6F030000\n")
	// One input report, 01 30 00 00 (on battery): ^ and a letter is a control
	// character.
	write(t, reports, "r 0 ^A0^@^@\n")
	cmd := exec.CommandContext(t.Context(), run,
		"-d", device, "-i", "/dev/hidraw0="+ioctls, "-i", "/dev/hidraw10="+bare, "-s", "/dev/hidraw0="+reports, "--",
		os.Args[0], "-test.run=^TestInMock", "-test.v")
	cmd.Env = append(os.Environ(), inMock+"=1")
	out, err := cmd.CombinedOutput()
	t.Logf("umockdev-run:\n%s", out)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(out, []byte("--- PASS: TestInMock")) {
		t.Fatal("no test ran in the mock")
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// recordedDescriptor is the report descriptor of the recorded Protection
// Station 800: 879 bytes.
func recordedDescriptor(t *testing.T) []byte {
	t.Helper()
	f, err := os.Open("../testdata/protection-station-800.rec")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rec, err := hid.ReadRecording(f)
	if err != nil {
		t.Fatal(err)
	}
	if len(rec.Descriptor) != 879 {
		t.Fatalf("the recording's descriptor has %d bytes instead of 879", len(rec.Descriptor))
	}
	return rec.Descriptor
}

// mockedMachine has a UPS on hidraw10 to see the order of nodes, one on
// hidraw0, and a keyboard whose names are not ASCII and whose descriptor has
// two top-level usages.
func mockedMachine(descriptor []byte) string {
	var b strings.Builder
	usb := func(port string, address int, vendor, product, maker, name, serial string) {
		dev := "/devices/pci0000:00/0000:00:14.0/usb1/1-" + port
		fmt.Fprintf(&b, "P: %s\nN: bus/usb/001/%03d\n", dev, address)
		fmt.Fprintf(&b, "E: DEVNAME=/dev/bus/usb/001/%03d\nE: DEVTYPE=usb_device\nE: MAJOR=189\nE: MINOR=%d\nE: SUBSYSTEM=usb\n", address, address-1)
		fmt.Fprintf(&b, "A: busnum=1\\n\nA: devnum=%d\\n\nA: bcdDevice=0100\\n\nA: idVendor=%s\\n\nA: idProduct=%s\\n\n", address, vendor, product)
		fmt.Fprintf(&b, "A: manufacturer=%s\\n\nA: product=%s\\n\nA: serial=%s\\n\n\n", maker, name, serial)
		fmt.Fprintf(&b, "P: %s/1-%s:1.0\nE: DEVTYPE=usb_interface\nE: SUBSYSTEM=usb\nA: bInterfaceNumber=00\\n\n\n", dev, port)
	}
	node := func(port string, number int, vendor, product, name, serial string, descriptor []byte) {
		id := strings.ToUpper(vendor + ":" + product)
		dev := fmt.Sprintf("/devices/pci0000:00/0000:00:14.0/usb1/1-%s/1-%s:1.0/0003:%s.%04d", port, port, id, number)
		uevent := fmt.Sprintf("HID_ID=0003:0000%s:0000%s\\nHID_NAME=%s\\nHID_PHYS=usb-0000:00:14.0-%s/input0\\nHID_UNIQ=%s\\n",
			strings.ToUpper(vendor), strings.ToUpper(product), name, port, serial)
		fmt.Fprintf(&b, "P: %s\nE: SUBSYSTEM=hid\nA: uevent=%s\nH: report_descriptor=%X\n\n", dev, uevent, descriptor)
		fmt.Fprintf(&b, "P: %s/hidraw/hidraw%d\nN: hidraw%d\nE: DEVNAME=/dev/hidraw%d\nE: MAJOR=243\nE: MINOR=%d\nE: SUBSYSTEM=hidraw\nL: device=../../../%s\n\n",
			dev, number, number, number, number, filepath.Base(dev))
	}
	usb("3", 7, "0463", "ffff", "EATON", "Ellipse ECO", "000000000")
	node("3", 10, "0463", "ffff", "EATON Ellipse ECO", "000000000", descriptor)
	usb("1", 5, "0463", "ffff", "EATON", "Protection Station", "AN2E49008")
	node("1", 0, "0463", "ffff", "EATON Protection Station", "AN2E49008", descriptor)
	// Usage page 1, usage 6, application collection; then usage 128, another.
	keys := []byte{0x05, 0x01, 0x09, 0x06, 0xa1, 0x01, 0xc0, 0x05, 0x01, 0x09, 0x80, 0xa1, 0x01, 0xc0}
	usb("2", 6, "046d", "c31c", "Büro", "Tastatur für Büro", "")
	node("2", 2, "046d", "c31c", "Büro Tastatur für Büro", "", keys)
	return b.String()
}

// mockedIoctls answers what hidapi asks of /dev/hidraw0. A request matches by
// its length; the number behind the name is what the call returns.
func mockedIoctls(descriptor []byte) string {
	size := binary.LittleEndian.AppendUint32(nil, uint32(len(descriptor)))
	whole := append(bytes.Clone(size), make([]byte, 4096)...) // struct hidraw_report_descriptor
	copy(whole[4:], descriptor)
	return fmt.Sprintf("@DEV /dev/hidraw0\nHIDIOCGRDESCSIZE 0 %X\nHIDIOCGRDESC 0 %X\n", size, whole) +
		// report 06 of the recording: 100 %, 585 s
		"HIDIOCGFEATURE 6 066449020000\n" +
		"HIDIOCSFEATURE 2 0814\n"
}

func mocked(t *testing.T) host {
	t.Helper()
	if os.Getenv(inMock) == "" {
		t.Skip("only under umockdev: see TestMockedUPS")
	}
	return host{os.Getenv("UMOCKDEV_DIR")}
}

func TestInMock(t *testing.T) {
	h := mocked(t)

	t.Run("enumerate", func(t *testing.T) {
		all, err := h.enumerate(nil)
		if err != nil {
			t.Fatal(err)
		}
		var nodes []string
		for _, i := range all {
			nodes = append(nodes, i.Node)
		}
		// The keyboard's two usages are one node; 10 comes after 2.
		if got := strings.Join(nodes, " "); got != "/dev/hidraw0 /dev/hidraw2 /dev/hidraw10" {
			t.Errorf("nodes are %s", got)
		}
		if got := all[1].ProductName; got != "Tastatur für Büro" {
			t.Errorf("the keyboard is %q", got)
		}
		ups, err := h.enumerate(func(i hid.Info) bool { return i.Vendor == 0x0463 && i.USBAddress == 5 })
		if err != nil || len(ups) != 1 {
			t.Fatalf("%d devices match, error %v", len(ups), err)
		}
		want := hid.Info{
			Node: "/dev/hidraw0", Name: "EATON Protection Station", Phys: "usb-0000:00:14.0-1/input0",
			Bus: hid.BusUSB, Vendor: 0x0463, Product: 0xffff,
			Manufacturer: "EATON", ProductName: "Protection Station", Serial: "AN2E49008",
			Release: 0x0100, USBBus: 1, USBAddress: 5, Usage: hid.UsageUPS,
		}
		if ups[0] != want {
			t.Errorf("got  %+v\nwant %+v", ups[0], want)
		}
	})

	dev, err := h.open("/dev/hidraw0")
	if err != nil {
		t.Fatal(err)
	}
	defer dev.Close()

	if got := dev.Info(); got.Node != "/dev/hidraw0" || got.USBAddress != 5 || got.Bus != hid.BusUSB {
		t.Errorf("info of the opened device is %+v", got)
	}
	if got, err := dev.Descriptor(); err != nil || !bytes.Equal(got, recordedDescriptor(t)) {
		t.Errorf("descriptor: %d bytes, error %v", len(got), err)
	}
	buf := make([]byte, 6)
	if n, err := dev.GetFeature(0x06, buf); err != nil || !bytes.Equal(buf[:n], []byte{0x06, 0x64, 0x49, 0x02, 0, 0}) {
		t.Errorf("report 06 is % x, error %v", buf[:n], err)
	}
	// umockdev does not know HIDIOCGINPUT, and answers like a device that
	// refuses it.
	if _, err := dev.GetInput(0x01, buf); err == nil || errors.Is(err, hid.ErrGone) || !strings.Contains(err.Error(), "asking for input report 01") {
		t.Errorf("input report 01: %v", err)
	}
	if err := dev.SetFeature([]byte{0x08, 0x14}); err != nil {
		t.Errorf("setting report 08: %v", err)
	}
	// A request that the mock does not know fails, with the device still there.
	if _, err := dev.GetFeature(0x07, make([]byte, 2)); err == nil || errors.Is(err, hid.ErrGone) {
		t.Errorf("an unknown request gave %v", err)
	}

	t.Run("input", func(t *testing.T) {
		in := make([]byte, 8)
		n, err := dev.ReadInput(in, 10*time.Second)
		if err != nil || !bytes.Equal(in[:n], []byte{0x01, 0x30, 0, 0}) {
			t.Fatalf("got % x, error %v", in[:n], err)
		}
		for _, timeout := range []time.Duration{0, time.Nanosecond, 5 * time.Millisecond} {
			if _, err := dev.ReadInput(in, timeout); !errors.Is(err, hid.ErrTimeout) {
				t.Errorf("with nothing to read for %s: %v", timeout, err)
			}
		}
	})

	// Another goroutine ends the wait, the one that is under way or the next.
	t.Run("woken", func(t *testing.T) {
		go func() {
			time.Sleep(20 * time.Millisecond)
			dev.Wake()
		}()
		for range 2 {
			if _, err := dev.ReadInput(make([]byte, 8), time.Hour); !errors.Is(err, hid.ErrTimeout) {
				t.Errorf("a wait that was ended gave %v", err)
			}
			dev.Wake()
		}
		if _, err := dev.ReadInput(make([]byte, 8), time.Hour); !errors.Is(err, hid.ErrTimeout) {
			t.Errorf("a wait that was ended gave %v", err)
		}
	})

	t.Run("descriptor from sysfs", func(t *testing.T) {
		dev, err := h.open("/dev/hidraw10")
		if err != nil {
			t.Fatal(err)
		}
		defer dev.Close()
		if got, err := dev.Descriptor(); err != nil || !bytes.Equal(got, recordedDescriptor(t)) {
			t.Errorf("%d bytes, error %v", len(got), err)
		}
	})

	t.Run("misuse", func(t *testing.T) {
		for name, err := range map[string]error{
			"GetFeature": func() error { _, err := dev.GetFeature(6, nil); return err }(),
			"GetInput":   func() error { _, err := dev.GetInput(1, nil); return err }(),
			"SetFeature": dev.SetFeature(nil),
			"ReadInput":  func() error { _, err := dev.ReadInput(nil, time.Second); return err }(),
		} {
			if err == nil || errors.Is(err, hid.ErrGone) || errors.Is(err, hid.ErrTimeout) {
				t.Errorf("%s without a buffer: %v", name, err)
			}
		}
	})

	t.Run("unplugged", func(t *testing.T) {
		for _, path := range []string{"dev/hidraw0", "sys/class/hidraw/hidraw0"} {
			if err := os.Remove(filepath.Join(h.root, path)); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := dev.GetFeature(0x07, make([]byte, 2)); !errors.Is(err, hid.ErrGone) {
			t.Errorf("GetFeature: %v", err)
		}
		// From here on it is gone without being asked.
		if _, err := dev.ReadInput(make([]byte, 8), time.Hour); !errors.Is(err, hid.ErrGone) {
			t.Errorf("ReadInput: %v", err)
		}
		if err := dev.SetFeature([]byte{0x08, 0x14}); !errors.Is(err, hid.ErrGone) {
			t.Errorf("SetFeature: %v", err)
		}
		if _, err := dev.Descriptor(); !errors.Is(err, hid.ErrGone) {
			t.Errorf("Descriptor: %v", err)
		}
		if _, err := h.open("/dev/hidraw0"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("opening it again: %v", err)
		}
	})

	for range 2 {
		if err := dev.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	}
	dev.Wake() // does nothing
	if _, err := dev.GetFeature(6, buf); !errors.Is(err, os.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}
