// Package describe writes report descriptors: from rows of usages, as a table shows
// them, to the bytes that a device would send.
package describe

import (
	"encoding/binary"
	"fmt"
	"slices"

	"ecnutd/hid"
)

// A Field is a row: what a device has at a path, and in which report.
type Field struct {
	Path     string // "UPS.PowerSummary.RemainingCapacity", as `dump --usages` prints it
	Report   uint8
	Bits     int
	Max      int32 // logical maximum; 0: what the bits hold without a sign
	Signed   bool  // the logical minimum is -1
	Unit     uint32
	Exponent int
	Input    bool // it stands in an input report
	Feature  bool // and, or, in a feature report
	Writable bool // the feature can be written
}

// Descriptor is the report descriptor of a device that has these fields. Those of one
// report stand in it in their order; collections open once, in the order in which
// they come first.
func Descriptor(fields []Field) ([]byte, error) {
	root := &collection{}
	for i := range fields {
		path, err := hid.ParsePath(fields[i].Path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", fields[i].Path, err)
		}
		if len(path) < 2 {
			return nil, fmt.Errorf("%s: a field stands in a collection", fields[i].Path)
		}
		root.add(path, &fields[i])
	}
	var w writer
	for i, c := range root.inside {
		w.collection(c, i == 0)
	}
	return w.bytes, nil
}

// A collection is one with its fields, in their order.
type collection struct {
	usage  hid.Usage
	inside []*collection
	fields []*Field
	usages []hid.Usage // of the fields
}

func (c *collection) add(path hid.Path, f *Field) {
	if len(path) == 1 {
		c.fields, c.usages = append(c.fields, f), append(c.usages, path[0])
		return
	}
	i := slices.IndexFunc(c.inside, func(in *collection) bool { return in.usage == path[0] })
	if i < 0 {
		c.inside, i = append(c.inside, &collection{usage: path[0]}), len(c.inside)
	}
	c.inside[i].add(path[1:], f)
}

// Items of HID 1.11 §6.2.2, without their sizes.
const (
	itemUsage, itemCollection, itemEnd, itemInput, itemFeature   = 0x08, 0xa0, 0xc0, 0x80, 0xb0
	itemMin, itemMax, itemExponent, itemUnit, itemSize, itemID   = 0x14, 0x24, 0x54, 0x64, 0x74, 0x84
	itemCount                                                    = 0x94
	kindPhysical, kindApplication                                = 0, 1
	flagVariable, flagConstant, flagVolatile, constantOfAFeature = 0x02, 0x01, 0x80, 0x23
)

// A writer puts items together.
type writer struct{ bytes []byte }

// item writes one with a value of four bytes, which is always right.
func (w *writer) item(tag byte, value uint32) {
	w.bytes = binary.LittleEndian.AppendUint32(append(w.bytes, tag|3), value)
}

func (w *writer) collection(c *collection, outermost bool) {
	kind := uint32(kindPhysical)
	if outermost {
		kind = kindApplication
	}
	w.item(itemUsage, uint32(c.usage))
	w.item(itemCollection, kind)
	for i, f := range c.fields {
		w.field(f, c.usages[i])
	}
	for _, in := range c.inside {
		w.collection(in, false)
	}
	w.bytes = append(w.bytes, itemEnd)
}

func (w *writer) field(f *Field, usage hid.Usage) {
	least, most := uint32(0), uint32(f.Max)
	if f.Signed {
		least = ^uint32(0)
	}
	if most == 0 {
		most = uint32(uint64(1)<<min(f.Bits, 31) - 1)
		if f.Signed {
			most >>= 1
		}
	}
	w.item(itemID, uint32(f.Report))
	w.item(itemSize, uint32(f.Bits))
	w.item(itemCount, 1)
	w.item(itemMin, least)
	w.item(itemMax, most)
	w.item(itemUnit, f.Unit)
	w.item(itemExponent, uint32(f.Exponent)&0xf)
	if f.Input {
		w.item(itemUsage, uint32(usage))
		w.item(itemInput, flagVariable|flagConstant)
	}
	if f.Feature {
		w.item(itemUsage, uint32(usage))
		flags := uint32(constantOfAFeature)
		if f.Writable {
			flags = flagVariable | flagVolatile
		}
		w.item(itemFeature, flags)
	}
}
