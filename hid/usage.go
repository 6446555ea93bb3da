package hid

import (
	"fmt"
	"strconv"
	"strings"
)

// Usage says what a field or collection is: a usage page in the upper 16 bits
// and a usage id in the lower (HID 1.11 §5.5). It is unsigned: vendor pages
// reach 0xffff.
type Usage uint32

// Usage pages that a UPS uses.
const (
	PagePower    = 0x0084 // Power Device (PDC 1.1 §4)
	PageBattery  = 0x0085 // Battery System (PDC 1.1 §4)
	PageInstance = 0x00ff // ours: step n of a path is the n-th of several like collections
	PageMGE      = 0xffff // vendor page of MGE UPS Systems, today Eaton
)

// Page is the usage page.
func (u Usage) Page() uint16 { return uint16(u >> 16) }

// ID is the usage id inside its page.
func (u Usage) ID() uint16 { return uint16(u) }

// String is the usage's name: the name of the specification without blanks,
// "[4]" for instance 4 of a collection, and eight hexadecimal digits for a
// usage that no table here knows.
func (u Usage) String() string {
	if u.Page() == PageInstance {
		return "[" + strconv.Itoa(int(u.ID())) + "]"
	}
	if name, ok := usageNames[u.Page()][u.ID()]; ok {
		return name
	}
	return fmt.Sprintf("%08x", uint32(u))
}

// Path names a field: the usages of the collections around it, outermost
// first, then its own.
type Path []Usage

// String joins the names with dots: "UPS.Flow.[4].ConfigVoltage".
func (p Path) String() string {
	names := make([]string, len(p))
	for i, u := range p {
		names[i] = u.String()
	}
	return strings.Join(names, ".")
}

// Numeric joins the usages as eight hexadecimal digits each:
// "00840004.0084001e.00ff0004.00840040".
func (p Path) Numeric() string {
	digits := make([]string, len(p))
	for i, u := range p {
		digits[i] = fmt.Sprintf("%08x", uint32(u))
	}
	return strings.Join(digits, ".")
}

// ParsePath reads a path in the form of Path.String or Path.Numeric, or a mix.
// Of two usages with one name (VoltageOutOfRange stands on both pages) the one
// of the Power page is meant; the other one must be given by number.
func ParsePath(s string) (Path, error) {
	var p Path
	for step := range strings.SplitSeq(s, ".") {
		u, err := parseUsage(step)
		if err != nil {
			return nil, fmt.Errorf("hid: path %q: %w", s, err)
		}
		p = append(p, u)
	}
	return p, nil
}

func parseUsage(step string) (Usage, error) {
	if u, ok := usagesByName[step]; ok {
		return u, nil
	}
	if inner, ok := strings.CutPrefix(step, "["); ok {
		n, err := strconv.ParseUint(strings.TrimSuffix(inner, "]"), 10, 16)
		if err != nil || !strings.HasSuffix(inner, "]") {
			return 0, fmt.Errorf("%q is not an instance like [4]", step)
		}
		return PageInstance<<16 | Usage(n), nil
	}
	if len(step) == 8 {
		if n, err := strconv.ParseUint(step, 16, 32); err == nil {
			return Usage(n), nil
		}
	}
	return 0, fmt.Errorf("no usage is called %q", step)
}

// usagesByName inverts usageNames; the Power page wins over the Battery page,
// and both win over the vendor page.
var usagesByName = func() map[string]Usage {
	byName := make(map[string]Usage)
	for _, page := range []uint16{PageMGE, PageBattery, PagePower} {
		for id, name := range usageNames[page] {
			byName[name] = Usage(page)<<16 | Usage(id)
		}
	}
	return byName
}()

// implied are units that a usage means without a Unit item: the Power Device
// Class sends these as plain percentages (PDC 1.1 §4.1.5, §4.2.5).
var implied = map[Usage]string{
	0x0084_0035: "%", // PercentLoad
	0x0084_0037: "%", // Humidity
	0x0084_0045: "%", // ConfigPercentLoad
	0x0084_0047: "%", // ConfigHumidity
	0x0085_0029: "%", // RemainingCapacityLimit
	0x0085_0064: "%", // RelativeStateOfCharge
	0x0085_0065: "%", // AbsoluteStateOfCharge
	0x0085_0066: "%", // RemainingCapacity
	0x0085_0067: "%", // FullChargeCapacity
	0x0085_0083: "%", // DesignCapacity
	0x0085_008c: "%", // WarningCapacityLimit
	0x0085_008d: "%", // CapacityGranularity1
	0x0085_008e: "%", // CapacityGranularity2
	0xffff_004d: "%", // RemainingCapacityLimitSetting
	0xffff_005f: "%", // RestartLevel
	0xffff_0086: "%", // Efficiency
}

// activePower are the usages that share their unit with apparent power and are
// watts, not volt-amperes.
var activePower = map[Usage]bool{
	0x0084_0034: true, // ActivePower
	0x0084_0044: true, // ConfigActivePower
	0xffff_007b: true, // RemainingActivePower
}

// Symbol names the unit of the field's value: that of its Unit item, or where
// there is none what its usage implies.
func (f *Field) Symbol() string {
	own := f.Path[len(f.Path)-1]
	switch symbol := f.Unit.Symbol(); {
	case symbol == "":
		return implied[own]
	case symbol == "VA" && activePower[own]:
		return "W"
	default:
		return symbol
	}
}
