package hid

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// TestRaw reads numbers whose bits were laid out by hand.
func TestRaw(t *testing.T) {
	for _, tc := range []struct {
		bit, bits int
		min       int64
		body      string
		want      int64
	}{
		{0, 1, 0, "01", 1},
		{5, 1, 0, "20", 1},            // 0x20 is bit 5
		{5, 1, 0, "df", 0},            // every bit but bit 5
		{4, 8, 0, "f0 0a", 0xaf},      // low nibble from byte 0's top, high from byte 1
		{6, 12, 0, "c0 ff 03", 0xfff}, // spans three bytes
		{0, 16, 0, "08 01", 264},      // little endian: 0x0108
		{8, 32, 0, "64 49 02 00 00", 585},
		{0, 32, -1, "ff ff ff ff", -1}, // the idle timer
		{0, 32, -1, "14 00 00 00", 20},
		{0, 32, 0, "ff ff ff ff", 4294967295},
		{0, 8, -128, "80", -128},
		{3, 5, -16, "f8", -1},                    // 0b11111_000
		{3, 5, -16, "80", -16},                   // 0b10000_000
		{4, 32, 0, "10 32 54 76 08", 0x87654321}, // five bytes
		{256, 8, 0, "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 07", 7},
	} {
		f := Field{Bit: tc.bit, Bits: tc.bits, Count: 1, LogicalMin: tc.min}
		got, ok := f.Raw(unhex(t, tc.body))
		if !ok || got != tc.want {
			t.Errorf("%d bits at %d of %s: %d, %v, want %d", tc.bits, tc.bit, tc.body, got, ok, tc.want)
		}
	}
	short := Field{Bit: 8, Bits: 32, Count: 1}
	if v, ok := short.Raw([]byte{100, 1, 0, 0}); ok {
		t.Errorf("a field cut off by the report's end reads as %d", v)
	}
	wide := Field{Bits: 64, Count: 1}
	if v, ok := wide.Raw(make([]byte, 8)); ok {
		t.Errorf("a field of 64 bits reads as %d", v)
	}
	counted := Field{Bits: 8, Count: 3}
	if v, ok := counted.RawAt([]byte{1, 2, 3, 4}, 2); !ok || v != 3 {
		t.Errorf("element 2 is %d, %v", v, ok)
	}
	if _, ok := counted.RawAt([]byte{1, 2, 3, 4}, 3); ok {
		t.Error("a fourth element of three was read")
	}
}

// TestPut: the bytes that NUT 2.8.0 puts on the wire for shutdown.return with
// its defaults, behind the id: start delay 30 s, shutdown delay 20 s; and -1.
func TestPut(t *testing.T) {
	timer := Field{Bits: 32, Count: 1, LogicalMin: -1, LogicalMax: 2147483647}
	for v, want := range map[int64]string{30: "1e 00 00 00", 20: "14 00 00 00", -1: "ff ff ff ff", 0: "00 00 00 00"} {
		body := []byte{1, 2, 3, 4}
		if err := timer.Put(body, v); err != nil {
			t.Error(err)
		}
		if got := fmt.Sprintf("% x", body); got != want {
			t.Errorf("%d is written as %s, want %s", v, got, want)
		}
	}
	percent := Field{Report: 8, Bits: 8, Count: 1, LogicalMax: 100}
	for _, tc := range []struct {
		f    Field
		body []byte
		v    int64
	}{
		{percent, []byte{7}, 300}, // NUT wrote the low byte, 44 %
		{percent, []byte{7}, -1},
		{percent, []byte{7}, 101},
		{Field{Bits: 8, Count: 1}, []byte{7}, 256}, // no range: the width limits
		{timer, []byte{7, 7, 7}, 20},
		{Field{Bits: 64, Count: 1}, make([]byte, 8), 1},
	} {
		before := fmt.Sprint(tc.body)
		if err := tc.f.Put(tc.body, tc.v); err == nil {
			t.Errorf("%d was written into %d bits, range %d..%d", tc.v, tc.f.Bits, tc.f.LogicalMin, tc.f.LogicalMax)
		}
		if fmt.Sprint(tc.body) != before {
			t.Errorf("a refused number changed the report from %s to %v", before, tc.body)
		}
	}
}

// TestPutRaw: what is written reads back, and no other bit moves.
func TestPutRaw(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.SliceOfN(rapid.Byte(), 9, 40).Draw(t, "body")
		bits := rapid.IntRange(1, 32).Draw(t, "bits")
		f := Field{Bits: bits, Count: 1, Bit: rapid.IntRange(0, 8*len(body)-bits).Draw(t, "bit")}
		low, high := int64(0), int64(1)<<bits-1
		if rapid.Bool().Draw(t, "signed") {
			low, high = -(int64(1) << (bits - 1)), int64(1)<<(bits-1)-1
			f.LogicalMin, f.LogicalMax = low, max(high, low+1)
			high = f.LogicalMax
			if bits == 1 {
				high = 0
				f.LogicalMax = 0
			}
		}
		v := rapid.Int64Range(low, high).Draw(t, "v")
		after := append([]byte(nil), body...)
		if err := f.Put(after, v); err != nil {
			t.Fatal(err)
		}
		if got, ok := f.Raw(after); !ok || got != v {
			t.Fatalf("wrote %d, read %d, %v", v, got, ok)
		}
		for i := range 8 * len(body) {
			if i < f.Bit || i >= f.Bit+f.Bits {
				if body[i/8]>>(i%8)&1 != after[i/8]>>(i%8)&1 {
					t.Fatalf("bit %d moved", i)
				}
			}
		}
	})
}

// TestScale: worked examples. The first two are how this family sends volts
// and volt-amperes: 10^7 of the CGS unit is one of the SI unit.
func TestScale(t *testing.T) {
	for _, tc := range []struct {
		name   string
		f      Field
		raw    int64
		want   float64
		symbol string
	}{
		{"volts with exponent 7", Field{Unit: 0x00f0d121, Exponent: 7, Path: Path{0x00840030}}, 230, 230, "V"},
		{"tenths of a volt: exponent 6", Field{Unit: 0x00f0d121, Exponent: 6, Path: Path{0x00840030}}, 2359, 235.9, "V"},
		{"volt-amperes", Field{Unit: 0x0000d121, Exponent: 7, Path: Path{0x00840043}}, 800, 800, "VA"},
		{"watts by the usage", Field{Unit: 0x0000d121, Exponent: 7, Path: Path{0x00840044}}, 420, 420, "W"},
		{"tenths of a hertz (Eaton 5SC)", Field{Unit: 0x0000f001, Exponent: -1, Path: Path{0x00840032}}, 499, 49.9, "Hz"},
		{"kelvin", Field{Unit: 0x00010001, Path: Path{0x00840036}}, 291, 291, "K"},
		{"ampere seconds", Field{Unit: 0x00101001, Path: Path{0x00850083}}, 32400, 32400, "As"},
		{"percent by the usage", Field{Path: Path{0x00850066}}, 100, 100, "%"},
		{"physical range: 0..255 stands for 0..100", Field{LogicalMax: 255, PhysicalMax: 100, Path: Path{0x00840035}}, 51, 20, "%"},
		{"physical range: -50..50 over 0..200", Field{LogicalMax: 200, PhysicalMin: -50, PhysicalMax: 50, Path: Path{0x00840031}}, 50, -25, ""},
		{"a velocity, spelled out", Field{Unit: 0xf011, Path: Path{0x00420001}}, 3, 3, "cm s-1"},
		{"a vendor system", Field{Unit: 0x100f, Path: Path{0x00420001}}, 3, 3, "unit(0000100f)"},
	} {
		if got := tc.f.Scale(tc.raw); got != tc.want {
			t.Errorf("%s: %d is %v, want %v", tc.name, tc.raw, got, tc.want)
		}
		if got := tc.f.Symbol(); got != tc.symbol {
			t.Errorf("%s: unit %q, want %q", tc.name, got, tc.symbol)
		}
	}
}

// TestUsageTable: the USB-IF's machine-readable tables (HUT 1.6) hold 77
// usages on the Power page and 91 on the Battery page, Undefined not counted.
// Single rows are checked against the codes of the Power Device Class.
func TestUsageTable(t *testing.T) {
	for page, want := range map[uint16]int{PagePower: 77, PageBattery: 91} {
		if got := len(usageNames[page]) - 1; got != want {
			t.Errorf("page %02x has %d usages, want %d", page, got, want)
		}
	}
	for u, want := range map[Usage]string{
		0x00840004: "UPS", 0x00840024: "PowerSummary", 0x0084006b: "SwitchOn/Off", 0x008400fd: "iManufacturer",
		0x00850029: "RemainingCapacityLimit", 0x00850042: "BelowRemainingCapacityLimit", 0x0085004b: "NeedReplacement",
		0x00850066: "RemainingCapacity", 0x00850068: "RunTimeToEmpty", 0x00850089: "iDeviceChemistry",
		0x008500d0: "ACPresent", 0x008500d1: "BatteryPresent", 0x008500f3: "Level3",
		0xffff004d: "RemainingCapacityLimitSetting", 0xffff0085: "ECOControl", 0xffff00f0: "iModel",
		0xffff0039: "StateOfHealth", 0x00ff0004: "[4]", 0xffff00e2: "ffff00e2", 0x00010002: "00010002",
	} {
		if u.String() != want {
			t.Errorf("usage %08x is called %s, want %s", uint32(u), u, want)
		}
	}
	for _, path := range []string{
		"UPS.PowerSummary.PresentStatus.ACPresent",
		"UPS.Flow.[4].ConfigVoltage",
		"UPS.PowerSummary.ffff00e2",
	} {
		p, err := ParsePath(path)
		if err != nil || p.String() != path {
			t.Errorf("path %s comes back as %s, %v", path, p, err)
		}
	}
	if p, err := ParsePath("UPS.PowerSummary.RemainingCapacity"); err != nil || p.Numeric() != "00840004.00840024.00850066" {
		t.Errorf("numeric path is %s, %v", p.Numeric(), err)
	}
	for _, bad := range []string{"", "UPS.", "UPS.Nothing", "UPS.[x]", "UPS.[4", "UPS.[70000]"} {
		if p, err := ParsePath(bad); err == nil {
			t.Errorf("path %q was read as %s", bad, p)
		}
	}
}

func TestChanges(t *testing.T) {
	// Report 1, feature: one byte, RemainingCapacity.
	d, err := Parse([]byte{0x05, 0x85, 0x09, 0x66, 0xa1, 0x01, 0x85, 0x01, 0x09, 0x66, 0x15, 0x00, 0x25, 0x64, 0x75, 0x08, 0x95, 0x01, 0xb1, 0x02, 0xc0})
	if err != nil {
		t.Fatal(err)
	}
	v := NewValues(d)
	for i, step := range []struct {
		report []byte
		want   int
	}{{[]byte{1, 100}, 1}, {[]byte{1, 100}, 1}, {[]byte{1, 99}, 2}, {[]byte{1}, 2}, {[]byte{1, 200}, 3}} { // 200 is out of range: unknown
		_ = v.UpdateFeature(1, step.report)
		if v.Changes() != step.want {
			t.Errorf("step %d: %d changes, want %d", i, v.Changes(), step.want)
		}
	}
}
