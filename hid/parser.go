package hid

import (
	"errors"
	"fmt"
)

// Bounds on what a descriptor may ask for. They are far above any real device
// and keep hostile bytes from costing memory or time.
const (
	maxDescriptor  = 65535   // bytes; wDescriptorLength has 16 bits (HID 1.11 §6.2.1)
	maxReport      = 16384   // bytes of one report; Linux's HID_MAX_BUFFER_SIZE
	maxFieldBits   = 256     // bits of one element; what Linux accepts
	maxFields      = 12288   // fields of one device; Linux's HID_MAX_USAGES
	maxUsages      = 12288   // usages given to one main item
	maxCollections = 64      // collections inside one another
	maxPush        = 64      // global states pushed and not popped
	maxPathSteps   = 1 << 20 // path steps of all fields together
)

// globals is what the global items have set; Push saves all of it.
type globals struct {
	page                     uint16
	logicalMin, logicalMax   item
	physicalMin, physicalMax item
	exponent                 int
	unit                     Unit
	size, count              uint32
	report                   uint8
}

// A localUsage is a usage or a range of usages given to the next main item.
type localUsage struct {
	UsageRange
	extended bool // four bytes: the page came with it
}

// locals is what the local items have set; every main item clears it.
type locals struct {
	usages     []localUsage
	minimum    item // a Usage Minimum that waits for its Usage Maximum
	hasMinimum bool
	delimiter  int // 0 outside; 1 open and empty; 2 open with its usage taken
}

// A parser walks the items of one descriptor.
type parser struct {
	globals
	locals
	stack       []globals
	path        Path  // of the open collections
	depth       []int // length of path before each open collection
	d           *Descriptor
	bits        map[reportKey]int
	numberedAt  int // offset of the first Report ID item, -1 for none
	plainAt     int // offset of the first main item before any Report ID, -1
	pathSteps   int
	pageChanged bool // a Usage Page came after the last local usage
}

// Parse reads a report descriptor. It accepts the whole grammar of HID 1.11
// §6.2.2. An error is a *DescriptorError with the offset of the item at
// fault. Memory and time are bounded whatever the bytes are.
func Parse(desc []byte) (*Descriptor, error) {
	if len(desc) == 0 {
		return nil, &DescriptorError{0, errors.New("there is no descriptor")}
	}
	if len(desc) > maxDescriptor {
		return nil, &DescriptorError{maxDescriptor, fmt.Errorf("%d bytes; a descriptor has at most %d", len(desc), maxDescriptor)}
	}
	p := &parser{
		d:          &Descriptor{},
		bits:       make(map[reportKey]int),
		numberedAt: -1,
		plainAt:    -1,
	}
	for it, err := range items(desc) {
		if err != nil {
			return nil, err
		}
		if err := p.item(it); err != nil {
			return nil, &DescriptorError{it.offset, err}
		}
	}
	switch {
	case len(p.depth) > 0:
		return nil, &DescriptorError{len(desc), fmt.Errorf("%d collections are still open at the end", len(p.depth))}
	case p.delimiter != 0:
		return nil, &DescriptorError{len(desc), errors.New("a delimiter is still open at the end")}
	}
	p.d.finish(p.numberedAt >= 0, p.bits)
	return p.d, nil
}

func (p *parser) item(it item) error {
	switch it.typ {
	case typeMain:
		return p.main(it)
	case typeGlobal:
		return p.global(it)
	case typeLocal:
		return p.local(it)
	}
	return nil // §6.2.2.7: reserved, for later versions to define
}

func (p *parser) global(it item) error {
	switch it.tag {
	case tagUsagePage:
		if it.data > 0xffff {
			return fmt.Errorf("usage page %#x has more than 16 bits", it.data)
		}
		p.page = uint16(it.data)
		p.pageChanged = true
	case tagLogicalMin:
		p.logicalMin = it
	case tagLogicalMax:
		p.logicalMax = it
	case tagPhysicalMin:
		p.physicalMin = it
	case tagPhysicalMax:
		p.physicalMax = it
	case tagUnitExponent:
		p.exponent = exponent(it)
	case tagUnit:
		p.unit = Unit(it.data)
	case tagReportSize:
		p.size = it.data
	case tagReportCount:
		p.count = it.data
	case tagReportID:
		switch {
		case it.data == 0 || it.size == 0:
			return errors.New("report id 0 is reserved")
		case it.data > 255:
			return fmt.Errorf("report id %d does not fit into a byte", it.data)
		}
		p.report = uint8(it.data)
		if p.numberedAt < 0 {
			p.numberedAt = it.offset
		}
	case tagPush:
		if len(p.stack) == maxPush {
			return fmt.Errorf("more than %d states pushed", maxPush)
		}
		p.stack = append(p.stack, p.globals)
	case tagPop:
		if len(p.stack) == 0 {
			return errors.New("pop without push")
		}
		page := p.page
		p.globals, p.stack = p.stack[len(p.stack)-1], p.stack[:len(p.stack)-1]
		p.pageChanged = p.pageChanged || p.page != page
	}
	return nil
}

func (p *parser) local(it item) error {
	switch it.tag {
	case tagUsage:
		u := p.usage(it)
		return p.addUsage(localUsage{UsageRange{u, u}, it.size == 4})
	case tagUsageMinimum:
		p.minimum, p.hasMinimum = it, true
	case tagUsageMaximum:
		if !p.hasMinimum {
			return errors.New("usage maximum without usage minimum")
		}
		p.hasMinimum = false
		first, last := p.usage(p.minimum), p.usage(it)
		if it.size < 4 && p.minimum.size == 4 {
			last = first&^0xffff | last&0xffff // the minimum named the page for both
		}
		if first.Page() != last.Page() || last < first {
			return fmt.Errorf("usages %08x to %08x are no range", uint32(first), uint32(last))
		}
		return p.addUsage(localUsage{UsageRange{first, last}, it.size == 4 || p.minimum.size == 4})
	case tagDelimiter:
		switch {
		case it.data == 1 && p.delimiter == 0:
			p.delimiter = 1
		case it.data == 0 && p.delimiter != 0:
			p.delimiter = 0
		default:
			return fmt.Errorf("delimiter %d does not fit here: sets open with 1, close with 0 and do not nest", it.data)
		}
	}
	return nil
}

// usage completes a usage of fewer than four bytes with the current page.
func (p *parser) usage(it item) Usage {
	if it.size == 4 {
		return Usage(it.data)
	}
	return Usage(p.page)<<16 | Usage(it.data)
}

// addUsage notes a usage for the next main item. Inside a delimiter the usages
// are alternatives for one control, the preferred one first (HID 1.11
// §6.2.2.8): only that one is kept.
func (p *parser) addUsage(u localUsage) error {
	if p.delimiter == 2 {
		return nil
	}
	if p.delimiter == 1 {
		p.delimiter = 2
	}
	if len(p.usages) == maxUsages {
		return fmt.Errorf("more than %d usages for one item", maxUsages)
	}
	p.usages = append(p.usages, u)
	p.pageChanged = false
	return nil
}

// settlePages applies a Usage Page that was declared after the usages it is
// meant for: the page that counts is the last one before the main item (HID
// 1.11 §5.5). Devices that change the page between the usages of one item
// mean each usage with the page it was declared under, so only a page that no
// usage has used yet is applied, and only back to the last usage with it.
func (p *parser) settlePages() {
	if !p.pageChanged {
		return
	}
	for i := len(p.usages) - 1; i >= 0; i-- {
		u := &p.usages[i]
		if u.extended {
			continue
		}
		if u.First.Page() == p.page {
			return
		}
		u.First = Usage(p.page)<<16 | u.First&0xffff
		u.Last = Usage(p.page)<<16 | u.Last&0xffff
	}
}

func (p *parser) main(it item) error {
	if p.delimiter != 0 {
		return errors.New("a delimiter is still open")
	}
	if p.hasMinimum {
		return errors.New("usage minimum without usage maximum")
	}
	p.settlePages()
	var err error
	switch it.tag {
	case tagCollection:
		err = p.open(it)
	case tagEndCollection:
		if len(p.depth) == 0 {
			return errors.New("end of a collection that was never opened")
		}
		last := len(p.depth) - 1
		p.path, p.depth = p.path[:p.depth[last]], p.depth[:last]
	case tagInput:
		err = p.fields(it, Input)
	case tagOutput:
		err = p.fields(it, Output)
	case tagFeature:
		err = p.fields(it, Feature)
	}
	p.locals = locals{usages: p.usages[:0]}
	p.pageChanged = false
	return err
}

// open enters a collection. Its usage becomes a step of the path; a vendor
// collection type, 0x80 to 0xff, adds the instance, as Eaton numbers outlets,
// flows and events.
func (p *parser) open(it item) error {
	if len(p.depth) == maxCollections {
		return fmt.Errorf("more than %d collections inside one another", maxCollections)
	}
	if it.data > 0xff {
		return fmt.Errorf("collection type %#x has more than a byte", it.data)
	}
	p.depth = append(p.depth, len(p.path))
	if len(p.usages) > 0 {
		p.path = append(p.path, p.usages[0].First)
	}
	if it.data >= 0x80 {
		p.path = append(p.path, PageInstance<<16|Usage(it.data&0x7f))
	}
	return nil
}

// fields places what one Input, Output or Feature item declares.
func (p *parser) fields(it item, t ReportType) error {
	if p.report == 0 && p.plainAt < 0 {
		p.plainAt = it.offset
	}
	if p.plainAt >= 0 && p.numberedAt >= 0 {
		return fmt.Errorf("some reports have an id (from byte %d on) and some have none (byte %d)", p.numberedAt, p.plainAt)
	}
	if p.count == 0 || p.size == 0 {
		return nil // declares nothing
	}
	key := reportKey{t, p.report}
	start := p.bits[key]
	total := uint64(p.size) * uint64(p.count)
	if uint64(start)+total > 8*maxReport {
		return fmt.Errorf("%d elements of %d bits make report %02x longer than %d bytes", p.count, p.size, p.report, maxReport)
	}
	p.bits[key] = start + int(total)
	if len(p.usages) == 0 {
		return nil // padding (HID 1.11 §6.2.2.9)
	}
	if p.size > maxFieldBits {
		return fmt.Errorf("a field of %d bits", p.size)
	}
	f := Field{
		Report: p.report, Type: t, Bit: start, Bits: int(p.size), Count: 1,
		Flags: Flags(it.data), Unit: p.unit, Exponent: p.exponent,
	}
	f.LogicalMin, f.LogicalMax = span(p.logicalMin, p.logicalMax)
	f.PhysicalMin, f.PhysicalMax = span(p.physicalMin, p.physicalMax)
	if f.Flags&Variable == 0 {
		f.Count = int(p.count)
		f.Selectors = make([]UsageRange, len(p.usages))
		for i, u := range p.usages {
			f.Selectors[i] = u.UsageRange
		}
		return p.add(f, p.usages[0].First)
	}
	// A variable item: each element takes the next usage, and the last usage
	// serves all elements that are left (HID 1.11 §6.2.2.8).
	left := int(p.count)
	for i, r := range p.usages {
		for u := r.First; u <= r.Last && left > 0; u++ {
			f.Count = 1
			if i == len(p.usages)-1 && u == r.Last {
				f.Count = left
			}
			if err := p.add(f, u); err != nil {
				return err
			}
			f.Bit += f.Bits * f.Count
			left -= f.Count
			if u == ^Usage(0) {
				break // the next one would be 0
			}
		}
	}
	return nil
}

func (p *parser) add(f Field, own Usage) error {
	p.pathSteps += len(p.path) + 1
	if len(p.d.fields) == maxFields || p.pathSteps > maxPathSteps {
		return fmt.Errorf("more than %d fields", maxFields)
	}
	f.Path = append(append(make(Path, 0, len(p.path)+1), p.path...), own)
	p.d.fields = append(p.d.fields, f)
	return nil
}

// span resolves a minimum and a maximum. Both are signed (HID 1.11 §6.2.2.7),
// but many devices send a maximum of 255 in one byte, which reads as -1: where
// the minimum is not negative the maximum is taken as unsigned.
func span(low, high item) (int64, int64) {
	if low.signed() >= 0 {
		return low.signed(), int64(high.data)
	}
	return low.signed(), high.signed()
}
