package eaton

import "ecnutd/hid"

// VendorMGE is the USB vendor id of MGE UPS Systems, which Eaton took over
// with the products. Santak is a brand of Eaton's and uses it too.
const VendorMGE = 0x0463

// products are the product ids of MGE's HID UPSs.
var products = []uint16{0xffff, 0x0001}

// Match tells whether a device calls itself a UPS of this family.
func Match(info hid.Info) bool {
	if info.Vendor != VendorMGE {
		return false
	}
	for _, p := range products {
		if info.Product == p {
			return true
		}
	}
	return false
}

// An ID is the pair of USB ids that a device calls itself by.
type ID struct{ Vendor, Product uint16 }

// IDs are all that Match accepts; the udev rule names the same.
func IDs() []ID {
	ids := make([]ID, len(products))
	for i, p := range products {
		ids[i] = ID{VendorMGE, p}
	}
	return ids
}

// A Model is a unit that somebody has shown data of, and who. A unit that is
// not here is served just the same, by its descriptor.
type Model struct {
	Name   string // as device.model prints it
	VA     int    // nominal power
	SeenBy string // whose data is known, and by which tool
	How    string // what of the data was checked here
}

// Models are the known units. None of the entries was made with ecnutd on the
// real unit yet; `ecnutd record` is how an owner changes that.
var Models = []Model{
	{"Protection Station 800", 800, "an owner on Debian, 2019-2020, with NUT 2.7.4 and apcupsd", "upsc values, kernel log; descriptor rebuilt from its siblings"},
	{"Protection Station 650", 650, "two owners, 2013 (NUT 2.6.5) and later (NUT 2.7.4)", "upsc values"},
	{"Ellipse ECO 650", 650, "NUT issues 1942 and 2039", "report bytes of an outage, upsc values"},
	{"Ellipse ECO 1600", 1600, "nut-ddl (NUT 2.6.0), NUT issues 1286 and 1786", "upsc values"},
	{"SANTAK TG-BOX 850", 850, "an owner with NUT 2.7.4, and another with an ESP32", "whole descriptor, report bytes, upsc values"},
	{"Eaton 3S 550", 550, "two owners, 2012 and 2014 (NUT 2.6.5)", "upsc values"},
	{"Eaton 3S 700", 700, "NUT issue 1341", "a few reports"},
	{"5E 650i", 650, "an owner, 2014 (NUT 2.7.1), NUT issue 484", "upsc values, a few fields"},
	{"5E 1100i", 1100, "an owner, 2015 (NUT 2.7.1)", "upsc values"},
	{"5P 650", 650, "an owner with NUT 2.7.4", "upsc values"},
	{"Eaton 5SC 750", 750, "nut-ddl (NUT 2.7.2)", "upsc values"},
	{"Eaton 9SX 5000i", 5000, "an owner with NUT 2.7.2", "upsc values"},
	{"Eaton 9PX 2000 RT", 2000, "NUT issue 540 (serial port)", "upsc values"},
	{"Ellipse PRO 650", 650, "NUT issue 255", "upsc values"},
	{"Protection Center 675", 670, "an owner, 2013 (NUT 2.4.3), NUT issue 3573", "upsc values"},
	{"PROTECTIONCENTER 750", 750, "an owner, 2023 (NUT 2.8.0)", "upsc values"},
}
