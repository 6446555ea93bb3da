package hid

import (
	"fmt"
	"math"
)

// ReportType is the kind of a report, with the numbers that GET_REPORT and
// SET_REPORT use (HID 1.11 §7.2.1).
type ReportType uint8

// The report types.
const (
	Input   ReportType = 1
	Output  ReportType = 2
	Feature ReportType = 3
)

// String returns "Input", "Output" or "Feature".
func (t ReportType) String() string {
	switch t {
	case Input:
		return "Input"
	case Output:
		return "Output"
	case Feature:
		return "Feature"
	}
	return fmt.Sprintf("ReportType(%d)", uint8(t))
}

// Flags are the bits of an Input, Output or Feature item (HID 1.11 §6.2.2.5).
type Flags uint16

// The flags that matter here. Many fields of real UPSs that change all the
// time are declared Constant: a field with a usage is data, whatever this flag
// says; the flag only tells whether it is meant to be written.
const (
	Constant  Flags = 1 << 0 // read only; clear means data
	Variable  Flags = 1 << 1 // one usage an element; clear means an array of selectors
	Relative  Flags = 1 << 2
	Wrap      Flags = 1 << 3
	NonLinear Flags = 1 << 4
	NoPref    Flags = 1 << 5
	NullState Flags = 1 << 6
	Volatile  Flags = 1 << 7 // may change without the host's doing
	Buffered  Flags = 1 << 8
)

// A Field is a place in a report and what its number means.
type Field struct {
	Report uint8      // report id; 0 for a device without report ids
	Type   ReportType // which of the three reports of that id
	Bit    int        // offset of the first bit behind the id byte
	Bits   int        // width of one element, 1 to 256; wider than 32 is opaque
	Count  int        // how many elements share this usage; 1 nearly always
	Flags  Flags

	LogicalMin, LogicalMax   int64 // range of the number sent; both 0 where none was declared
	PhysicalMin, PhysicalMax int64 // range it stands for; both 0 means the same
	Unit                     Unit
	Exponent                 int // power of ten of the value, -128 to 127

	// Path is the field's name: usages of the collections around it, outermost
	// first, and its own at the end. For an array the last step is the first
	// usage that it can select.
	Path Path

	// Selectors are the usages an array field chooses from; nil for a variable.
	Selectors []UsageRange
}

// A UsageRange is a run of usages, both ends included.
type UsageRange struct{ First, Last Usage }

// Raw takes the field's first element out of a report body, which is the
// report without its id byte. The number is signed exactly when the logical
// range is. ok is false when the body ends before the field does or when the
// field is too wide to be a number.
func (f *Field) Raw(body []byte) (v int64, ok bool) { return f.RawAt(body, 0) }

// RawAt is Raw for element i of a field with a Count above 1.
func (f *Field) RawAt(body []byte, i int) (v int64, ok bool) {
	bit := f.Bit + i*f.Bits
	if i < 0 || i >= f.Count || f.Bits > 32 || bit+f.Bits > 8*len(body) {
		return 0, false
	}
	var u uint64
	for n, at := 0, bit/8; at*8 < bit+f.Bits; n, at = n+1, at+1 {
		u |= uint64(body[at]) << (8 * n)
	}
	u = u >> (bit % 8) & (1<<f.Bits - 1)
	if f.LogicalMin < 0 && u>>(f.Bits-1) == 1 {
		return int64(u) - 1<<f.Bits, true
	}
	return int64(u), true
}

// Within reports whether a report body, which is the report without its id byte,
// holds the whole of the field's first element.
func (f *Field) Within(body []byte) bool { return f.Bit+f.Bits <= 8*len(body) }

// InRange tells whether a number is inside the logical range. A number
// outside is a null value: the device says nothing about this field (HID 1.11
// §5.10). A field that declares no range takes every number.
func (f *Field) InRange(v int64) bool {
	if f.LogicalMin >= f.LogicalMax {
		return true
	}
	return f.LogicalMin <= v && v <= f.LogicalMax
}

// Put writes v into the field's first element in a report body (a report
// without its id byte) and leaves every other bit as it is. It refuses, and
// changes nothing, when v is outside the logical range, does not fit into the
// field's bits, or the body is too short.
func (f *Field) Put(body []byte, v int64) error {
	switch {
	case f.Bits > 32:
		return fmt.Errorf("hid: %s is %d bits wide and not a number", f.Path, f.Bits)
	case f.Bit+f.Bits > 8*len(body):
		return fmt.Errorf("hid: %s ends at bit %d of report %02x, which was given %d bytes", f.Path, f.Bit+f.Bits, f.Report, len(body))
	case !f.InRange(v):
		return fmt.Errorf("hid: %s takes %d to %d, not %d", f.Path, f.LogicalMin, f.LogicalMax, v)
	}
	low, high := int64(0), int64(1)<<f.Bits-1
	if f.LogicalMin < 0 {
		low, high = -(int64(1) << (f.Bits - 1)), int64(1)<<(f.Bits-1)-1
	}
	if v < low || v > high {
		return fmt.Errorf("hid: %s has %d bits, too few for %d", f.Path, f.Bits, v)
	}
	for i := range f.Bits {
		at, mask := (f.Bit+i)/8, byte(1)<<((f.Bit+i)%8)
		if v>>i&1 == 1 {
			body[at] |= mask
		} else {
			body[at] &^= mask
		}
	}
	return nil
}

// Scale turns a raw number into the value it stands for, in the unit that
// Unit.Symbol names: physical range first (HID 1.11 §6.2.2.7), then the unit
// exponent and the power of ten between HID's centimetres and grams and the
// unit shown.
func (f *Field) Scale(raw int64) float64 {
	v := float64(raw)
	if (f.PhysicalMin != 0 || f.PhysicalMax != 0) && f.LogicalMax > f.LogicalMin {
		v = float64(raw-f.LogicalMin)*float64(f.PhysicalMax-f.PhysicalMin)/
			float64(f.LogicalMax-f.LogicalMin) + float64(f.PhysicalMin)
	}
	if e := f.Exponent + f.Unit.decade(); e != 0 {
		// Dividing by a power of ten keeps 499e-1 at 49.9; multiplying by
		// 0.1 does not.
		if e < 0 {
			v /= math.Pow10(-e)
		} else {
			v *= math.Pow10(e)
		}
	}
	return v
}

// Writable tells whether the descriptor offers the field for writing: a
// feature or output field that is not Constant.
func (f *Field) Writable() bool { return f.Type != Input && f.Flags&Constant == 0 }
