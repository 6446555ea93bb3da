package hid

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const sample = `# a unit with two reports
R: 9 05 84 09 04 a1 01 85 01 c0
N: EATON Protection Station
P: usb-0000:00:1d.2-1/input0
I: 3 0463 ffff
S: 1 EATON
S: 3 800
F: 4 01 25 00 00
G: 06 3 06 64 f4
E: 000012.500000 4 01 30 00 00
F: 2 07 1b
`

func TestReadRecording(t *testing.T) {
	got, err := ReadRecording(strings.NewReader(sample))
	if err != nil {
		t.Fatal(err)
	}
	want := &Recording{
		Descriptor: []byte{0x05, 0x84, 0x09, 0x04, 0xa1, 0x01, 0x85, 0x01, 0xc0},
		Info:       Info{Name: "EATON Protection Station", Phys: "usb-0000:00:1d.2-1/input0", Bus: 3, Vendor: 0x463, Product: 0xffff},
		Strings:    map[uint8]string{1: "EATON", 3: "800"},
		Reports: []RecordedReport{
			{RecordedFeature, 0, 1, []byte{1, 0x25, 0, 0}},
			{RecordedRefusal, 0, 6, []byte{6, 0x64, 0xf4}},
			{RecordedInput, 12500 * time.Millisecond, 1, []byte{1, 0x30, 0, 0}},
			{RecordedFeature, 12500 * time.Millisecond, 7, []byte{7, 0x1b}},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var b bytes.Buffer
	if _, err := got.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.SplitAfterN(sample, "\n", 2)[1], b.String()); diff != "" {
		t.Errorf("written again (-want +got):\n%s", diff)
	}
}

func TestBrokenRecording(t *testing.T) {
	const r = "R: 2 05 84\n"
	for _, tc := range []struct {
		name, text string
		line       int
		reason     string
	}{
		{"empty", "", 0, "no report descriptor"},
		{"comments alone", "# nothing\n", 0, "no report descriptor"},
		{"not a recording", "battery.charge: 100\n", 1, "no line of a recording"},
		{"binary", "\x00\x01\x02\n", 1, "no line of a recording"},
		{"unknown kind", r + "Q: 1\n", 2, "unknown kind"},
		{"length above the bytes", "R: 3 05 84\n", 1, "the length says 3 bytes, there are 2"},
		{"length below the bytes", "R: 1 05 84\n", 1, "the length says 1 bytes, there are 2"},
		{"length of billions", "R: 4000000000 05\n", 1, "more than a descriptor"},
		{"no length", "R:\n", 1, "length is missing"},
		{"length is no number", "R: x 05\n", 1, "not a length"},
		{"negative length", "R: -1\n", 1, "not a length"},
		{"empty descriptor", "R: 0\n", 1, "empty"},
		{"two descriptors", r + r, 2, "second report descriptor"},
		{"two devices", "D: 0\n" + r + "D: 1\n", 3, "second device"},
		{"byte too large", r + "F: 2 01 100\n", 2, "byte 2"},
		{"byte no hex", r + "F: 2 01 zz\n", 2, "byte 2"},
		{"feature without id", r + "F: 0\n", 2, "without its id"},
		{"refusal without id", r + "G:\n", 2, "id is missing"},
		{"refusal with a long id", r + "G: 100 1 06\n", 2, "two hexadecimal digits"},
		{"identity cut", r + "I: 3 0463\n", 2, "bus, vendor and product"},
		{"identity no hex", r + "I: 3 0463 gggg\n", 2, "hexadecimal"},
		{"string index 0", r + "S: 0 x\n", 2, "1 to 255"},
		{"string index large", r + "S: 256 x\n", 2, "1 to 255"},
		{"event without bytes", r + "E: 1.0\n", 2, "time, a length and bytes"},
		{"event time", r + "E: soon 1 01\n", 2, "not a time"},
		{"event time negative", r + "E: -1.0 1 01\n", 2, "not a time"},
		{"event time too fine", r + "E: 1.0000001 1 01\n", 2, "not a time"},
		{"event empty", r + "E: 1.0 0\n", 2, "empty input report"},
		{"time backwards", r + "E: 2.0 1 01\nE: 1.5 1 01\n", 3, "before the line above"},
		{"endless line", "R: " + strings.Repeat("05 ", 100000), 1, "longer than"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := ReadRecording(strings.NewReader(tc.text))
			var re *RecordingError
			if !errors.As(err, &re) {
				t.Fatalf("error %v, want a RecordingError", err)
			}
			if re.Line != tc.line || !strings.Contains(err.Error(), tc.reason) {
				t.Errorf("got %q in line %d, want %q in line %d", err, re.Line, tc.reason, tc.line)
			}
		})
	}
}

// TestForeignRecording: hid-recorder's own files number the device and may end
// their lines as Windows does.
func TestForeignRecording(t *testing.T) {
	rec, err := ReadRecording(strings.NewReader("D: 0\r\nR: 2 05 84\r\nN: x y \r\nI: 3 463 1\r\nE: 1 1 05\r\n\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	if rec.Info.Name != "x y" || rec.Info.Vendor != 0x463 || rec.Reports[0].At != time.Second {
		t.Errorf("%+v", rec)
	}
}

func FuzzRecording(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte("D: 0\r\nR: 2 05 84\r\nE: 1 1 05\r\n"))
	f.Add([]byte("R: 1 00\nE: 4294967295.999999 1 00\nG: ff 0\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		rec, err := ReadRecording(bytes.NewReader(text))
		if err != nil {
			return
		}
		var b bytes.Buffer
		if _, err := rec.WriteTo(&b); err != nil {
			t.Fatal(err)
		}
		again, err := ReadRecording(&b)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		if diff := cmp.Diff(rec, again); diff != "" {
			t.Fatalf("written and read again (-first +second):\n%s", diff)
		}
	})
}
