package hid

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// recording reads one of the devices in testdata.
func recording(t testing.TB, name string) *Recording {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name+".rec"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rec, err := ReadRecording(f)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

// TestParseDevices compares whole descriptors, row for row and in order, with
// field tables that another parser made of the same bytes.
func TestParseDevices(t *testing.T) {
	for _, name := range []string{"tg-box-850", "protection-station-800"} {
		t.Run(name, func(t *testing.T) {
			d, err := Parse(recording(t, name).Descriptor)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range d.Fields() {
				got = append(got, fmt.Sprintf("%02x %s %d %d %d %d %08x %d %02x %s %s", f.Report, f.Type, f.Bit, f.Bits,
					f.LogicalMin, f.LogicalMax, uint32(f.Unit), f.Exponent, uint16(f.Flags), f.Path.Numeric(), f.Path))
			}
			if diff := cmp.Diff(tableLines(t, name), got); diff != "" {
				t.Errorf("fields (-witness +got):\n%s", diff)
			}
		})
	}
}

func tableLines(t *testing.T, name string) []string {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name+".fields"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var lines []string
	for sc := bufio.NewScanner(f); sc.Scan(); {
		if !strings.HasPrefix(sc.Text(), "#") {
			lines = append(lines, sc.Text())
		}
	}
	return lines
}

// TestSizes compares report lengths with those seen on the wire of an Ellipse
// ECO 650 (NUT issue 2039), less the id byte, and with the two long vendor
// reports of the TG-BOX: 10 and 63 elements of one byte.
func TestSizes(t *testing.T) {
	for name, want := range map[string]map[uint8]int{
		"protection-station-800": {
			0x01: 3, 0x02: 4, 0x06: 5, 0x09: 4, 0x0a: 4, 0x0b: 12,
			0x0d: 3, 0x10: 6, 0x13: 2, 0x18: 10, 0x1f: 1, 0x20: 1, 0x77: 0,
		},
		"tg-box-850": {0x07: 7, 0xfe: 10, 0xff: 63, 0xfd: 1},
	} {
		d, err := Parse(recording(t, name).Descriptor)
		if err != nil {
			t.Fatal(err)
		}
		for id, bytes := range want {
			if got := d.Size(Feature, id); got != bytes {
				t.Errorf("%s: feature report %02x has %d bytes, want %d", name, id, got, bytes)
			}
		}
		if got := d.Size(Input, 0x06); got != 5 {
			t.Errorf("%s: input report 06 has %d bytes, want 5", name, got)
		}
	}
}

// TestValuesOfTGBox decodes the reports that the TG-BOX 850's owner captured
// beside its descriptor; the numbers are those its owner's tools showed.
func TestValuesOfTGBox(t *testing.T) {
	rec := recording(t, "tg-box-850")
	d, err := Parse(rec.Descriptor)
	if err != nil {
		t.Fatal(err)
	}
	v := NewValues(d)
	for _, r := range rec.Reports {
		if err := v.UpdateFeature(r.ID, r.Data); err != nil {
			t.Error(err)
		}
	}
	want := map[string]string{
		"UPS.PowerSummary.RemainingCapacity":             "100 %",
		"UPS.PowerSummary.RunTimeToEmpty":                "1248 s",
		"UPS.PowerSummary.PercentLoad":                   "24 %",
		"UPS.PowerSummary.RemainingCapacityLimit":        "20 %",
		"UPS.Flow.[4].ConfigApparentPower":               "850 VA",
		"UPS.Flow.[4].ConfigFrequency":                   "50 Hz",
		"UPS.Flow.[4].ConfigVoltage":                     "220 V",
		"UPS.PowerConverter.Output.Voltage":              "230 V",
		"UPS.PowerConverter.Output.HighVoltageTransfer":  "264 V",
		"UPS.PowerConverter.Output.LowVoltageTransfer":   "184 V",
		"UPS.PowerSummary.AudibleAlarmControl":           "2",
		"UPS.PowerSummary.PresentStatus.ACPresent":       "1",
		"UPS.PowerSummary.PresentStatus.Charging":        "1",
		"UPS.PowerSummary.PresentStatus.Good":            "1",
		"UPS.PowerSummary.PresentStatus.Discharging":     "0",
		"UPS.PowerSummary.PresentStatus.NeedReplacement": "0",
	}
	got := map[string]string{}
	for i, f := range d.Fields() {
		if raw, ok := v.Raw(i); ok && f.Type == Feature {
			if _, asked := want[f.Path.String()]; asked {
				got[f.Path.String()] = strings.TrimSpace(fmt.Sprintf("%g %s", f.Scale(raw), f.Symbol()))
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	for i, f := range d.Fields() {
		if _, ok := v.Raw(i); ok && f.Report == 0x09 {
			t.Errorf("%s is known, but no report brought it", f.Path)
		}
	}
}

// TestValuesRefuse: a report with another id, or without a whole field, leaves
// everything as it was.
func TestValuesRefuse(t *testing.T) {
	d, err := Parse(recording(t, "protection-station-800").Descriptor)
	if err != nil {
		t.Fatal(err)
	}
	v := NewValues(d)
	charge := -1
	for i, f := range d.Fields() {
		if f.Path.String() == "UPS.PowerSummary.RemainingCapacity" && f.Type == Feature {
			charge = i
		}
	}
	for _, bad := range [][]byte{nil, {}, {6}, {7, 100, 1, 0, 0, 0}, {7, 25}, {7, 100, 1, 0, 0, 0, 0}} {
		if err := v.UpdateFeature(6, bad); err == nil {
			t.Errorf("feature report 06 accepted % x", bad)
		}
		if _, ok := v.Raw(charge); ok {
			t.Fatalf("% x made the charge known", bad)
		}
	}
	if err := v.UpdateFeature(6, []byte{6, 100, 0x49, 2, 0, 0}); err != nil {
		t.Fatal(err)
	}
	for _, bad := range [][]byte{nil, {6}, {0x99, 50}} {
		if _, err := v.UpdateInput(bad); err == nil {
			t.Errorf("input accepted % x", bad)
		}
	}
	if raw, ok := v.Raw(charge); !ok || raw != 100 {
		t.Errorf("charge is %d, %v after refused reports, want 100", raw, ok)
	}
	// The input report of the same id carries the same fields.
	if id, err := v.UpdateInput([]byte{6, 92, 0x62, 2, 0, 0}); err != nil || id != 6 {
		t.Fatal(id, err)
	}
	if raw, ok := v.Raw(charge); !ok || raw != 92 {
		t.Errorf("charge is %d, %v after the input report, want 92", raw, ok)
	}
	v.Forget()
	if _, ok := v.Raw(charge); ok {
		t.Error("a forgotten value is still known")
	}
}

// TestValuesOfOddLength: a report is taken for what it holds. Report 06 is the
// charge in a byte and the runtime in four: of what is longer the declared
// bytes count (NUT issues 1208, 3182), of what is shorter the fields that are
// whole (NUT issue 2742: a three-byte answer became a runtime of 244 s).
func TestValuesOfOddLength(t *testing.T) {
	d, err := Parse(recording(t, "protection-station-800").Descriptor)
	if err != nil {
		t.Fatal(err)
	}
	at := func(path string) int {
		for i, f := range d.Fields() {
			if f.Path.String() == "UPS.PowerSummary."+path && f.Type == Feature {
				return i
			}
		}
		t.Fatalf("no %s", path)
		return 0
	}
	charge, runtime := at("RemainingCapacity"), at("RunTimeToEmpty")
	for _, tc := range []struct {
		report          []byte
		charge, runtime int64 // -1: what was there before
	}{
		{[]byte{6, 99, 0x49, 2, 0, 0, 0, 0}, 99, 585}, // padded to eight bytes
		{[]byte{6, 98, 0x48, 2, 0, 0, 0xff}, 98, 584},
		{[]byte{6, 97, 244}, 97, -1},
		{[]byte{6, 96}, 96, -1},
		{[]byte{6, 95, 1, 0, 0}, 95, -1},
	} {
		feature := func(v *Values) error { return v.UpdateFeature(6, tc.report) }
		input := func(v *Values) error { _, err := v.UpdateInput(tc.report); return err }
		asked := func(v *Values) error { return v.UpdateAnswer(Input, 6, tc.report) }
		for name, update := range map[string]func(*Values) error{"feature": feature, "input": input, "input asked for": asked} {
			v := NewValues(d)
			if err := v.UpdateFeature(6, []byte{6, 50, 7, 0, 0, 0}); err != nil {
				t.Fatal(err)
			}
			if err := update(v); err != nil {
				t.Errorf("%s: % x: %v", name, tc.report, err)
			}
			want := tc.runtime
			if want < 0 {
				want = 7
			}
			c, _ := v.Raw(charge)
			r, _ := v.Raw(runtime)
			if c != tc.charge || r != want {
				t.Errorf("%s: % x: charge %d, runtime %d, want %d and %d", name, tc.report, c, r, tc.charge, want)
			}
		}
	}
}

// TestNullValue: RunTimeToEmpty has the logical range 0 to 2^31-1, so ff ff ff
// ff is a null value (HID 1.11 §5.10); the idle timers have -1 in their range.
func TestNullValue(t *testing.T) {
	d, err := Parse(recording(t, "protection-station-800").Descriptor)
	if err != nil {
		t.Fatal(err)
	}
	v := NewValues(d)
	if err := v.UpdateFeature(6, []byte{6, 100, 0xff, 0xff, 0xff, 0xff}); err != nil {
		t.Fatal(err)
	}
	if err := v.UpdateFeature(9, []byte{9, 0xff, 0xff, 0xff, 0xff}); err != nil {
		t.Fatal(err)
	}
	for i, f := range d.Fields() {
		raw, ok := v.Raw(i)
		switch f.Path.String() {
		case "UPS.PowerSummary.RunTimeToEmpty":
			if ok {
				t.Errorf("runtime is known to be %d", raw)
			}
		case "UPS.PowerSummary.DelayBeforeShutdown":
			if !ok || raw != -1 {
				t.Errorf("shutdown timer is %d, %v, want -1", raw, ok)
			}
		}
	}
}

func BenchmarkUpdate(b *testing.B) {
	d, err := Parse(recording(b, "protection-station-800").Descriptor)
	if err != nil {
		b.Fatal(err)
	}
	for _, report := range [][]byte{
		{0x01, 0x25, 0, 0},
		{0x06, 0x64, 0x49, 0x02, 0, 0},
		{0x0b, 4, 4, 1, 1, 2, 1, 3, 1, 1, 1, 4, 1},
	} {
		b.Run(fmt.Sprintf("report_%02x", report[0]), func(b *testing.B) {
			v := NewValues(d)
			b.ReportAllocs()
			for b.Loop() {
				if err := v.UpdateFeature(report[0], report); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	desc := recording(b, "tg-box-850").Descriptor
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(desc); err != nil {
			b.Fatal(err)
		}
	}
}
