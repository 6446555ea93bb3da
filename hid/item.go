package hid

import (
	"errors"
	"fmt"
	"iter"
)

// Item types of a short item's prefix, bits 2-3 (HID 1.11 §6.2.2.2).
const (
	typeMain     = 0
	typeGlobal   = 1
	typeLocal    = 2
	typeReserved = 3
)

// Main item tags (HID 1.11 §6.2.2.4).
const (
	tagInput         = 0x8
	tagOutput        = 0x9
	tagCollection    = 0xa
	tagFeature       = 0xb
	tagEndCollection = 0xc
)

// Global item tags (HID 1.11 §6.2.2.7).
const (
	tagUsagePage    = 0x0
	tagLogicalMin   = 0x1
	tagLogicalMax   = 0x2
	tagPhysicalMin  = 0x3
	tagPhysicalMax  = 0x4
	tagUnitExponent = 0x5
	tagUnit         = 0x6
	tagReportSize   = 0x7
	tagReportID     = 0x8
	tagReportCount  = 0x9
	tagPush         = 0xa
	tagPop          = 0xb
)

// Local item tags (HID 1.11 §6.2.2.8). Designators and strings name knobs and
// captions of a device; nothing here reads them.
const (
	tagUsage        = 0x0
	tagUsageMinimum = 0x1
	tagUsageMaximum = 0x2
	tagDelimiter    = 0xa
)

// longItemPrefix introduces a long item: size and tag follow in bytes of their
// own (HID 1.11 §6.2.2.3). None is defined, so long items are stepped over.
const longItemPrefix = 0xfe

// An item is one short item: its place in the descriptor, its kind, and its
// data of 0, 1, 2 or 4 bytes, little endian.
type item struct {
	offset int
	typ    uint8
	tag    uint8
	size   int
	data   uint32
}

// signed is the data as a two's complement number of the width it was sent in.
func (it item) signed() int64 {
	switch it.size {
	case 1:
		return int64(int8(it.data))
	case 2:
		return int64(int16(it.data))
	default:
		return int64(int32(it.data))
	}
}

// A DescriptorError says where in a report descriptor the reading stopped, and
// why.
type DescriptorError struct {
	Offset int // of the item at fault, in bytes from the start
	Err    error
}

// Error names the byte and the reason.
func (e *DescriptorError) Error() string {
	return fmt.Sprintf("hid: report descriptor, byte %d: %v", e.Offset, e.Err)
}

// Unwrap returns the reason.
func (e *DescriptorError) Unwrap() error { return e.Err }

// errTruncated is an item whose data runs past the end of the descriptor.
var errTruncated = errors.New("the item is cut off")

// items yields the short items of a report descriptor in order. It stops at
// the first item that is cut off, with an error.
func items(desc []byte) iter.Seq2[item, error] {
	return func(yield func(item, error) bool) {
		for at := 0; at < len(desc); {
			prefix := desc[at]
			if prefix == longItemPrefix {
				if at+3 > len(desc) || at+3+int(desc[at+1]) > len(desc) {
					yield(item{offset: at}, &DescriptorError{at, errTruncated})
					return
				}
				at += 3 + int(desc[at+1])
				continue
			}
			size := int(prefix & 3)
			if size == 3 {
				size = 4 // §6.2.2.2: the size code 3 means four bytes
			}
			if at+1+size > len(desc) {
				yield(item{offset: at}, &DescriptorError{at, errTruncated})
				return
			}
			it := item{offset: at, typ: prefix >> 2 & 3, tag: prefix >> 4, size: size}
			for i := range size {
				it.data |= uint32(desc[at+1+i]) << (8 * i)
			}
			if !yield(it, nil) {
				return
			}
			at += 1 + size
		}
	}
}
