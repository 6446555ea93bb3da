package hid

import (
	"fmt"
	"strings"
)

// Unit is the value of a Unit item: seven signed nibbles, from the lowest up
// the system of units and the exponents of length, mass, time, temperature,
// current and luminous intensity (HID 1.11 §6.2.2.7).
type Unit uint32

// units are the units that the Power Device Class uses (PDC 1.1 §3.2.3), with
// the power of ten that turns HID's centimetre, gram and second into the unit
// shown. A volt is 10^7 cm²·g·s⁻³·A⁻¹, so volts are sent with exponent 7.
var units = map[Unit]struct {
	symbol string
	decade int
}{
	0x0000_0000: {"", 0},
	0x0000_1001: {"s", 0},
	0x0000_f001: {"Hz", 0},
	0x0001_0001: {"K", 0},
	0x0010_0001: {"A", 0},
	0x0010_1001: {"As", 0},
	0x0000_d121: {"VA", -7}, // active power too; the usage tells which
	0x0000_e121: {"J", -7},
	0x00f0_d121: {"V", -7},
}

// unitSystems and unitBases name what a unit outside the table is made of.
var (
	unitSystems = [...][6]string{
		1: {"cm", "g", "s", "K", "A", "cd"},
		2: {"rad", "g", "s", "K", "A", "cd"},
		3: {"in", "slug", "s", "F", "A", "cd"},
		4: {"deg", "slug", "s", "F", "A", "cd"},
	}
)

// Symbol names the unit of Field.Scale's result: "V", "s", "" for a plain
// number. A unit that the Power Device Class does not use is spelled out of
// its base units, "cm2 s-1".
func (u Unit) Symbol() string {
	if known, ok := units[u]; ok {
		return known.symbol
	}
	system := int(u & 0xf)
	if system == 0 || system >= len(unitSystems) {
		return fmt.Sprintf("unit(%08x)", uint32(u))
	}
	var parts []string
	for i, base := range unitSystems[system] {
		e := nibble(uint8(u>>(4*(i+1))) & 0xf)
		switch {
		case e == 1:
			parts = append(parts, base)
		case e != 0:
			parts = append(parts, fmt.Sprintf("%s%d", base, e))
		}
	}
	return strings.Join(parts, " ")
}

// decade is the power of ten between the unit as HID counts it and the unit
// that Symbol names.
func (u Unit) decade() int { return units[u].decade }

// nibble reads four bits as a number from -8 to 7.
func nibble(b uint8) int { return int(int8(b<<4) >> 4) }

// exponent reads the data of a Unit Exponent item. The specification means a
// nibble (HID 1.11 §6.2.2.7: 0x8 to 0xf are -8 to -1); some devices send a
// signed byte instead, which can be told apart because 8 to 15 would be
// nonsense there.
func exponent(it item) int {
	v := it.signed()
	if 0 <= v && v <= 15 {
		return nibble(uint8(v))
	}
	return int(max(-128, min(127, v)))
}
