package usb

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/gousb"
)

// inMock is set in the process that runs under umockdev. There the C library
// is redirected to a made-up machine, and libusb with it; Go's own file calls
// are not, so sysfs is tested apart.
const inMock = "USB_TEST_IN_MOCK"

// TestMockedUPS runs the test of a mocked device in a process of its own.
func TestMockedUPS(t *testing.T) {
	if os.Getenv(inMock) != "" {
		t.Skip("this is the mocked process")
	}
	run, err := exec.LookPath("umockdev-run")
	if err != nil {
		t.Skip("umockdev-run is not installed (Debian package umockdev)")
	}
	dir := t.TempDir()
	device, traffic := filepath.Join(dir, "ups.umockdev"), filepath.Join(dir, "ups.pcap")
	write(t, device, mockedMachine)
	write(t, traffic, mockedTraffic())
	cmd := exec.CommandContext(t.Context(), run, "-d", device, "--pcap", "/sys"+mockedPath+"="+traffic, "--",
		os.Args[0], "-test.run=^TestInMock$", "-test.v")
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

const mockedPath = "/devices/pci0000:00/0000:00:14.0/usb1/1-1"

// mockedMachine has a low-speed UPS at 001/005. The binary descriptors are,
// field by field: device (USB 2.00, packets of 8, 0463:ffff, release 1.00,
// strings 1, 2 and 4, one configuration), configuration (34 bytes, one
// interface, number 1, remote wakeup, 10 × 2 mA), interface (one endpoint,
// HID), HID (10.10, country 33, report descriptor of 0x36f bytes), endpoint
// (0x81, interrupt, 8 bytes, every 20 ms).
const mockedMachine = "P: " + mockedPath + `
N: bus/usb/001/005
E: BUSNUM=001
E: DEVNUM=005
E: DEVNAME=/dev/bus/usb/001/005
E: DEVTYPE=usb_device
E: MAJOR=189
E: MINOR=4
E: SUBSYSTEM=usb
A: busnum=1\n
A: devnum=5\n
A: bConfigurationValue=1\n
A: speed=1.5\n
A: idVendor=0463\n
A: idProduct=ffff\n
H: descriptors=` +
	"12010002000000086304FFFF000101020401" +
	"09022200010100A00A" +
	"090400000103000000" +
	"0921101021" + "01226F03" +
	"07058103080014" + "\n"

// stall is how the kernel reports a refused request (EPIPE).
const stall = -32

// mockedTraffic is a capture of what a UPS answers, in order; for a request
// that does not match umockdev has no answer.
func mockedTraffic() string {
	var b bytes.Buffer
	le := binary.LittleEndian
	// File header of libpcap: magic, version 2.4, no zone, no precision, the
	// longest packet, and link type 220 (USB_LINUX_MMAPPED).
	binary.Write(&b, le, []uint32{0xa1b2c3d4, 2 | 4<<16, 0, 0, 1 << 16, 220})
	var id uint64
	packet := func(kind byte, setup [8]byte, length int, data []byte, status int32) {
		dataFlag := byte('<') // none here
		if len(data) > 0 {
			dataFlag = 0
		}
		size := uint32(64 + len(data))
		binary.Write(&b, le, []uint32{0, 0, size, size})
		// The header of usbmon (Documentation/usb/usbmon.rst).
		binary.Write(&b, le, id)
		b.Write([]byte{kind, 2 /* control */, 0x80 /* endpoint 0, in */, 5 /* device */})
		binary.Write(&b, le, uint16(1) /* bus */)
		b.Write([]byte{0 /* there is a setup */, dataFlag})
		binary.Write(&b, le, int64(0))
		binary.Write(&b, le, []int32{0, status, int32(length), int32(len(data))})
		b.Write(setup[:])
		binary.Write(&b, le, [4]int32{})
		b.Write(data)
	}
	ask := func(index byte, language uint16, content []byte, status int32) {
		id++
		// GET_DESCRIPTOR(string) for at most 255 bytes.
		setup := [8]byte{0x80, 6, index, 3, byte(language), byte(language >> 8), 255, 0}
		packet('S', setup, 255, nil, -115 /* EINPROGRESS */)
		var answer []byte
		if status == 0 {
			answer = append([]byte{byte(2 + len(content)), 3}, content...)
		}
		packet('C', setup, len(answer), answer, status)
	}
	text := func(s string) []byte {
		var out []byte
		for _, u := range utf16.Encode([]rune(s)) {
			out = le.AppendUint16(out, u)
		}
		return out
	}
	languages := []byte{0x0c, 0x04} // French
	// For Strings: 1, 6 and 9.
	ask(0, 0, languages, 0)
	ask(1, 0x040c, text("EATON"), 0)
	ask(6, 0x040c, text("1.13"), 0)
	ask(9, 0x040c, nil, stall)
	// For Probe: 1 to 8.
	ask(0, 0, languages, 0)
	for i, s := range []string{"EATON", "Protection Station", "800", "AN2E49008", "PbAc", "1.13"} {
		ask(byte(i+1), 0x040c, text(s), 0)
	}
	ask(7, 0x040c, nil, stall)
	ask(8, 0x040c, nil, stall)
	return b.String()
}

func TestInMock(t *testing.T) {
	if os.Getenv(inMock) == "" {
		t.Skip("only under umockdev: see TestMockedUPS")
	}
	at := Location{1, 5}

	got, err := Strings(t.Context(), at, []uint8{9, 6, 1, 0, 6})
	if want := map[uint8]string{1: "EATON", 6: "1.13"}; !reflect.DeepEqual(got, want) {
		t.Errorf("strings are %q", got)
	}
	var e *Error
	if !errors.As(err, &e) || !errors.Is(err, gousb.ErrorPipe) || e.Node != "/dev/bus/usb/001/005" || !strings.HasPrefix(e.Reason, "string 9: ") {
		t.Errorf("the refused string gave %v", err)
	}

	r, err := Probe(t.Context(), at)
	if err != nil {
		t.Errorf("probing: %v", err)
	}
	const refused = "the device has no such string"
	want := Report{
		Location: at, Vendor: "0463", Product: "ffff", Speed: "low", USBVersion: "2.00", Release: "1.00", MaxPacket0: 8,
		ActiveConfiguration: 1,
		Configurations: []Configuration{{
			Number: 1, RemoteWakeup: true, MaxPower: 20,
			Interfaces: []Interface{{
				Class:     3,
				Endpoints: []Endpoint{{Address: 0x81, Direction: "in", Transfer: "interrupt", MaxPacket: 8, Interval: 20}},
			}},
		}},
		Strings: []String{
			{1, "EATON", ""}, {2, "Protection Station", ""}, {3, "800", ""}, {4, "AN2E49008", ""}, {5, "PbAc", ""}, {6, "1.13", ""},
			{7, "", refused}, {8, "", refused},
		},
	}
	if !reflect.DeepEqual(r, want) {
		t.Errorf("got  %+v\nwant %+v", r, want)
	}
	fmt.Println(r)
	if text, err := json.Marshal(r); err != nil || !bytes.HasPrefix(text, []byte(`{"bus":1,"address":5,"vendor":"0463"`)) {
		t.Errorf("as JSON: %s, %v", text, err)
	}

	if err := Reset(t.Context(), at); err != nil {
		t.Errorf("resetting: %v", err)
	}

	elsewhere := Location{1, 6}
	if err := Reset(t.Context(), elsewhere); !errors.As(err, &e) || e.Reason != "no device is there" {
		t.Errorf("resetting nothing: %v", err)
	}
	if got, err := Strings(t.Context(), elsewhere, []uint8{1}); len(got) != 0 || !errors.As(err, &e) || e.Node != "/dev/bus/usb/001/006" {
		t.Errorf("strings of nothing: %v, %v", got, err)
	}
	// Nothing more was recorded: the device is silent, and asked once.
	_, err = Strings(t.Context(), at, []uint8{2, 4})
	if !errors.As(err, &e) || !errors.Is(err, gousb.ErrorTimeout) || !strings.Contains(e.Reason, "2, 4") || e.Fix != fixSilent {
		t.Errorf("a silent device: %v", err)
	}
	// Asking for nothing asks nothing.
	if _, err := Strings(t.Context(), at, []uint8{0}); err != nil {
		t.Errorf("no strings: %v", err)
	}
}
