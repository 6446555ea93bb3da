package hid

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// unhex reads bytes as a person writes them: pairs of digits, blanks between.
func unhex(t testing.TB, s string) []byte {
	t.Helper()
	var b []byte
	for _, w := range strings.Fields(s) {
		var n byte
		if _, err := fmt.Sscanf(w, "%02x", &n); err != nil {
			t.Fatalf("%q: %v", w, err)
		}
		b = append(b, n)
	}
	return b
}

// brief writes a field as "type:id bit+bits(xcount) min..max e=exp path".
func brief(f Field) string {
	s := fmt.Sprintf("%s:%d %d+%d", f.Type, f.Report, f.Bit, f.Bits)
	if f.Count != 1 {
		s += fmt.Sprintf("x%d", f.Count)
	}
	s += fmt.Sprintf(" %d..%d", f.LogicalMin, f.LogicalMax)
	if f.Exponent != 0 {
		s += fmt.Sprintf(" e=%d", f.Exponent)
	}
	return s + " " + f.Path.String()
}

// TestGrammar goes through the item kinds of HID 1.11 §6.2.2, with the answer
// that the section demands.
func TestGrammar(t *testing.T) {
	// Power page, UPS application collection; items of a case follow.
	const open = "05 84 09 04 a1 01 "
	for _, tc := range []struct {
		name string
		desc string
		want []string
	}{
		{"no report id: the report starts at bit 0",
			open + "15 00 25 64 75 08 95 01 09 35 81 02 c0",
			[]string{"Input:0 0+8 0..100 UPS.PercentLoad"}},
		{"ids are counted per report and type",
			open + "75 08 95 01 26 ff 00 85 01 09 35 b1 02 85 02 09 36 b1 02 85 01 09 37 b1 02 09 30 81 02 c0",
			[]string{"Feature:1 0+8 0..255 UPS.PercentLoad", "Feature:2 0+8 0..255 UPS.Temperature",
				"Feature:1 8+8 0..255 UPS.Humidity", "Input:1 0+8 0..255 UPS.Voltage"}},
		{"push saves and pop restores every global item (§6.2.2.7)",
			open + "85 01 75 08 95 01 15 00 25 64 55 0e a4 75 10 26 ff 7f 55 00 85 02 05 85 09 66 b1 02 b4 09 35 b1 02 c0",
			[]string{"Feature:2 0+16 0..32767 UPS.RemainingCapacity", "Feature:1 0+8 0..100 e=-2 UPS.PercentLoad"}},
		{"usage minimum and maximum give one usage to each element (§6.2.2.8)",
			open + "75 08 95 03 25 7f 19 30 29 32 b1 02 c0",
			[]string{"Feature:0 0+8 0..127 UPS.Voltage", "Feature:0 8+8 0..127 UPS.Current", "Feature:0 16+8 0..127 UPS.Frequency"}},
		{"the last usage serves all elements that are left (§6.2.2.8)",
			open + "75 08 95 05 25 7f 09 30 09 31 b1 02 c0",
			[]string{"Feature:0 0+8 0..127 UPS.Voltage", "Feature:0 8+8x4 0..127 UPS.Current"}},
		{"usages beyond the count are not used",
			open + "75 08 95 01 25 7f 19 30 29 37 b1 02 c0",
			[]string{"Feature:0 0+8 0..127 UPS.Voltage"}},
		{"a usage of four bytes brings its page (§6.2.2.8)",
			open + "75 08 95 01 25 7f 0b 66 00 85 00 b1 02 09 30 b1 02 c0",
			[]string{"Feature:0 0+8 0..127 UPS.RemainingCapacity", "Feature:0 8+8 0..127 UPS.Voltage"}},
		{"the usage page that counts is the last before the main item (§5.5)",
			open + "75 08 95 01 25 7f 09 66 05 85 b1 02 c0",
			[]string{"Feature:0 0+8 0..127 UPS.RemainingCapacity"}},
		{"a page between two usages belongs to the second one",
			open + "75 08 95 02 25 7f 09 30 05 85 09 66 b1 02 c0",
			[]string{"Feature:0 0+8 0..127 UPS.Voltage", "Feature:0 8+8 0..127 UPS.RemainingCapacity"}},
		{"a field without a usage is padding (§6.2.2.9)",
			open + "75 01 95 07 25 01 b1 03 95 01 09 61 b1 02 c0",
			[]string{"Feature:0 7+1 0..1 UPS.Good"}},
		{"a constant with a usage is data",
			open + "75 08 95 01 25 7f 09 30 b1 83 c0",
			[]string{"Feature:0 0+8 0..127 UPS.Voltage"}},
		{"fields beyond bit 255 of a report",
			open + "75 08 95 28 b1 03 95 01 25 7f 09 30 b1 02 c0",
			[]string{"Feature:0 320+8 0..127 UPS.Voltage"}},
		{"a delimiter's first usage is the preferred one (§6.2.2.8)",
			open + "75 08 95 01 25 7f a9 01 09 30 09 31 a9 00 b1 02 c0",
			[]string{"Feature:0 0+8 0..127 UPS.Voltage"}},
		{"two delimited sets are two controls",
			open + "75 08 95 02 25 7f a9 01 09 30 09 31 a9 00 a9 01 09 32 09 33 a9 00 b1 02 c0",
			[]string{"Feature:0 0+8 0..127 UPS.Voltage", "Feature:0 8+8 0..127 UPS.Frequency"}},
		{"an array chooses among its usages (§6.2.2.5)",
			open + "75 08 95 03 15 01 25 03 19 60 29 62 81 00 c0",
			[]string{"Input:0 0+8x3 1..3 UPS.Present"}},
		{"a vendor collection type is the instance",
			open + "09 1e a1 84 75 08 95 01 25 7f 09 40 b1 02 c0 c0",
			[]string{"Feature:0 0+8 0..127 UPS.Flow.[4].ConfigVoltage"}},
		{"signed ranges: one, two and four bytes (§6.2.2.7)",
			open + "95 01 15 ff 25 7f 75 08 09 30 b1 02 16 00 80 26 ff 7f 75 10 09 31 b1 02 17 00 00 00 80 27 ff ff ff 7f 75 20 09 32 b1 02 c0",
			[]string{"Feature:0 0+8 -1..127 UPS.Voltage", "Feature:0 8+16 -32768..32767 UPS.Current",
				"Feature:0 24+32 -2147483648..2147483647 UPS.Frequency"}},
		{"a maximum of 255 in one byte with a minimum of 0 is 255, not -1",
			open + "75 08 95 01 15 00 25 ff 09 30 b1 02 c0",
			[]string{"Feature:0 0+8 0..255 UPS.Voltage"}},
		{"the maximum may come before the minimum",
			open + "75 08 95 01 25 ff 15 00 09 30 b1 02 15 80 25 ff 09 31 b1 02 c0",
			[]string{"Feature:0 0+8 0..255 UPS.Voltage", "Feature:0 8+8 -128..-1 UPS.Current"}},
		{"unit exponents: nibble 0xe is -2, byte 0xfe is -2 on sloppy devices, 7 is 7",
			open + "75 08 95 01 25 7f 55 0e 09 30 b1 02 55 fe 09 31 b1 02 55 07 09 32 b1 02 c0",
			[]string{"Feature:0 0+8 0..127 e=-2 UPS.Voltage", "Feature:0 8+8 0..127 e=-2 UPS.Current", "Feature:0 16+8 0..127 e=7 UPS.Frequency"}},
		{"a long item is stepped over (§6.2.2.3)",
			open + "fe 03 f0 aa bb cc 75 08 95 01 25 7f 09 30 b1 02 c0",
			[]string{"Feature:0 0+8 0..127 UPS.Voltage"}},
		{"a reserved item is stepped over",
			open + "0d 55 75 08 95 01 25 7f 09 30 b1 02 c0",
			[]string{"Feature:0 0+8 0..127 UPS.Voltage"}},
		{"a collection without usage adds no step",
			open + "a1 02 75 08 95 01 25 7f 09 30 b1 02 c0 c0",
			[]string{"Feature:0 0+8 0..127 UPS.Voltage"}},
		{"unknown usages by number",
			open + "06 ff ff 75 08 95 01 25 7f 09 e2 b1 02 05 42 09 30 b1 02 c0",
			[]string{"Feature:0 0+8 0..127 UPS.ffff00e2", "Feature:0 8+8 0..127 UPS.00420030"}},
		{"twelve bits across a byte boundary, then twenty",
			open + "95 01 75 0c 26 ff 0f 09 30 b1 02 75 14 27 ff ff 0f 00 09 31 b1 02 c0",
			[]string{"Feature:0 0+12 0..4095 UPS.Voltage", "Feature:0 12+20 0..1048575 UPS.Current"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d, err := Parse(unhex(t, tc.desc))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range d.Fields() {
				got = append(got, brief(f))
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
		})
	}
}

// TestMalformed: every broken descriptor is an error that names the byte.
func TestMalformed(t *testing.T) {
	repeat := func(s string, n int) string { return strings.Repeat(s+" ", n) }
	for _, tc := range []struct {
		name   string
		desc   string
		offset int
		reason string
	}{
		{"empty", "", 0, "no descriptor"},
		{"truncated short item", "05 84 09", 2, "cut off"},
		{"truncated four-byte item", "05 84 0b 01 02 03", 2, "cut off"},
		{"truncated long item", "05 84 fe 10 00 01", 2, "cut off"},
		{"long item without a size", "fe", 0, "cut off"},
		{"report id without end", "05 84 09 04 a1 01 85", 6, "cut off"},
		{"collection not closed", "05 84 09 04 a1 01", 6, "still open"},
		{"end without collection", "05 84 c0", 2, "never opened"},
		{"one end too many", "05 84 09 04 a1 01 c0 c0", 7, "never opened"},
		{"report id 0", "05 84 09 04 a1 01 85 00", 6, "reserved"},
		{"report id without data", "84", 0, "reserved"},
		{"report id above a byte", "86 00 01", 0, "fit into a byte"},
		{"size of billions", "05 84 77 ff ff ff ff 95 01 09 30 b1 02", 11, "longer than"},
		{"count of billions", "05 84 75 08 97 ff ff ff ff 09 30 b1 02", 11, "longer than"},
		{"size times count overflows 32 bits", "05 84 77 00 00 01 00 97 00 00 01 00 09 30 b1 02", 14, "longer than"},
		{"padding of billions", "75 20 97 ff ff ff 7f b1 03", 7, "longer than"},
		{"field wider than anything", "05 84 76 01 01 95 01 09 30 b1 02", 9, "257 bits"},
		{"endless push", repeat("a4", 30000), 64, "pushed"},
		{"pop without push", "b4", 0, "without push"},
		{"ten thousand nested collections", repeat("a1 00", 10000), 128, "inside one another"},
		{"usages without end", repeat("09 30", 20000), 2 * 12288, "usages"},
		{"usage maximum alone", "05 84 29 30", 2, "without usage minimum"},
		{"usage minimum alone", "05 84 19 30 75 08 95 01 b1 02", 8, "without usage maximum"},
		{"usage range backwards", "05 84 19 32 29 30", 4, "no range"},
		{"usage range over two pages", "1b 00 00 84 00 2b 00 00 85 00", 5, "no range"},
		{"delimiter left open", "05 84 a9 01 09 30 75 08 95 01 b1 02", 10, "delimiter"},
		{"delimiter left open at the end", "05 84 a9 01 09 30", 6, "delimiter"},
		{"delimiter closed unopened", "a9 00", 0, "delimiter"},
		{"delimiters nested", "a9 01 a9 01", 2, "delimiter"},
		{"usage page above 16 bits", "07 00 00 01 00", 0, "16 bits"},
		{"ids after reports without", "05 84 75 08 95 01 09 30 b1 02 85 01 09 31 b1 02", 14, "some have none"},
		{"too many fields", "05 84 75 01 96 00 40 19 00 2a ff 3f b1 02 b1 02", 12, "more than"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d, err := Parse(unhex(t, tc.desc))
			var de *DescriptorError
			if !errors.As(err, &de) {
				t.Fatalf("got %v and error %v, want a DescriptorError", d, err)
			}
			if de.Offset != tc.offset || !strings.Contains(err.Error(), tc.reason) {
				t.Errorf("got %q at byte %d, want %q at byte %d", err, de.Offset, tc.reason, tc.offset)
			}
		})
	}
	if _, err := Parse(make([]byte, 70000)); err == nil {
		t.Error("a descriptor of 70000 bytes was read")
	}
}

// TestEveryTruncation cuts a real descriptor at every byte from its first
// collection (byte 4) on: none is complete.
func TestEveryTruncation(t *testing.T) {
	desc := recording(t, "tg-box-850").Descriptor
	for n := 5; n < len(desc); n++ {
		if _, err := Parse(desc[:n]); err == nil {
			t.Errorf("the first %d of %d bytes were read without an error", n, len(desc))
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(recording(f, "tg-box-850").Descriptor)
	f.Add(recording(f, "protection-station-800").Descriptor)
	f.Add([]byte{0x05, 0x84, 0x09, 0x04, 0xa1, 0x01, 0xc0})
	f.Add(bytes.Repeat([]byte{0xa4}, 100))
	f.Fuzz(func(t *testing.T, desc []byte) {
		d, err := Parse(desc)
		if err != nil {
			var de *DescriptorError
			if !errors.As(err, &de) || de.Offset < 0 || de.Offset > len(desc) {
				t.Fatalf("error %v does not say where", err)
			}
			return
		}
		for _, fd := range d.Fields() {
			if fd.Bit < 0 || fd.Bits < 1 || fd.Count < 1 || fd.Bit+fd.Bits*fd.Count > 8*d.Size(fd.Type, fd.Report) {
				t.Fatalf("%s does not fit into its report of %d bytes", brief(fd), d.Size(fd.Type, fd.Report))
			}
			if p, err := ParsePath(fd.Path.Numeric()); err != nil || p.Numeric() != fd.Path.Numeric() {
				t.Fatalf("path %s comes back as %s, %v", fd.Path.Numeric(), p.Numeric(), err)
			}
		}
	})
}

// FuzzReport decodes any bytes as any report of any descriptor, and writes
// every number back: the report must come out as it was.
func FuzzReport(f *testing.F) {
	ps := recording(f, "protection-station-800").Descriptor
	for _, r := range recording(f, "tg-box-850").Reports {
		f.Add(ps, r.Data)
	}
	f.Add(recording(f, "tg-box-850").Descriptor, []byte{7, 2, 2, 1, 0, 3, 24, 2})
	f.Fuzz(func(t *testing.T, desc, report []byte) {
		d, err := Parse(desc)
		if err != nil {
			return
		}
		v := NewValues(d)
		if len(report) > 0 {
			_ = v.UpdateFeature(report[0], report)
		}
		_, _ = v.UpdateInput(report)
		for i, fd := range d.Fields() {
			_ = fd.Symbol()
			raw, known := v.Raw(i)
			if known && !fd.InRange(raw) {
				t.Fatalf("%s is known to be %d, outside its range", brief(fd), raw)
			}
			if raw, ok := fd.Raw(report); ok && fd.InRange(raw) {
				again := bytes.Clone(report)
				if err := fd.Put(again, raw); err != nil || !bytes.Equal(again, report) {
					t.Fatalf("%s: writing back %d gives % x, %v instead of % x", brief(fd), raw, again, err, report)
				}
				fd.Scale(raw)
			}
		}
	})
}
