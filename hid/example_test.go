package hid_test

import (
	"fmt"

	"ecnutd/hid"
)

// A descriptor says which bits of which report are which number. This one has one
// feature report, number 6, with the remaining capacity in percent in its only byte
// (HID 1.11 §6.2.2; Power Device Class 1.0, 4.2.5 and 4.2.10).
func ExampleParse() {
	d, err := hid.Parse([]byte{
		0x05, 0x84, // Usage Page (Power Device)
		0x09, 0x04, // Usage (UPS)
		0xa1, 0x01, // Collection (Application)
		0x09, 0x24, //   Usage (PowerSummary)
		0xa1, 0x00, //   Collection (Physical)
		0x85, 0x06, //     Report ID (6)
		0x05, 0x85, //     Usage Page (Battery System)
		0x09, 0x66, //     Usage (RemainingCapacity)
		0x15, 0x00, //     Logical Minimum (0)
		0x25, 0x64, //     Logical Maximum (100)
		0x75, 0x08, //     Report Size (8)
		0x95, 0x01, //     Report Count (1)
		0xb1, 0x02, //     Feature (Data, Variable, Absolute)
		0xc0, //   End Collection
		0xc0, // End Collection
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	v := hid.NewValues(d)
	if err := v.UpdateFeature(6, []byte{6, 97}); err != nil {
		fmt.Println(err)
		return
	}
	for i, f := range d.Fields() {
		raw, ok := v.Raw(i)
		fmt.Println(f.Path, f.Report, raw, ok)
	}
	// Output: UPS.PowerSummary.RemainingCapacity 6 97 true
}
