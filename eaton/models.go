package eaton

import "ecnutd/hid/power/family"

// VendorMGE is the USB vendor id of MGE UPS Systems, which Eaton took over
// with the products. Santak is a brand of Eaton's and uses it too.
const VendorMGE = 0x0463

// ids are what MGE's HID UPSs call themselves; the udev rule names the same.
var ids = []family.ID{{Vendor: VendorMGE, Product: 0xffff}, {Vendor: VendorMGE, Product: 0x0001}}

// others are units of other makers that were made by Eaton or its parts, and
// that NUT serves by the same table (mge-hid.c 1.59). Nobody has shown one of
// them to ecnutd: a configuration has to name its ids.
var others = []family.ID{
	{Vendor: 0x047c, Product: 0xffff}, // Dell
	{Vendor: 0x0592, Product: 0x0004}, // Powerware
	{Vendor: 0x03f0, Product: 0x1fe5}, // HP R1500 G2 and its siblings
	{Vendor: 0x03f0, Product: 0x1fe6},
	{Vendor: 0x03f0, Product: 0x1fe7},
	{Vendor: 0x03f0, Product: 0x1fe8},
	{Vendor: 0x2b2d, Product: 0xffff}, // AEG
	{Vendor: 0x06da, Product: 0xffff}, // Phoenixtec, Liebert
	{Vendor: 0x04b3, Product: 0x0001}, // IBM
	{Vendor: 0x09d6, Product: 0x0001}, // KSTAR, MasterPower
}

// models are the known units. None of the entries was made with ecnutd on the
// real unit yet; `ecnutd record` is how an owner changes that.
var models = []family.Model{
	{Name: "Protection Station 800", VA: 800, SeenBy: "an owner on Debian, 2019-2020, with NUT 2.7.4 and apcupsd", How: "upsc values, kernel log; descriptor rebuilt from its siblings"},
	{Name: "Protection Station 650", VA: 650, SeenBy: "two owners, 2013 (NUT 2.6.5) and later (NUT 2.7.4)", How: "upsc values"},
	{Name: "Ellipse ECO 650", VA: 650, SeenBy: "NUT issues 1942 and 2039", How: "report bytes of an outage, upsc values"},
	{Name: "Ellipse ECO 1600", VA: 1600, SeenBy: "nut-ddl (NUT 2.6.0), NUT issues 1286 and 1786", How: "upsc values"},
	{Name: "SANTAK TG-BOX 850", VA: 850, SeenBy: "an owner with NUT 2.7.4, and another with an ESP32", How: "whole descriptor, report bytes, upsc values"},
	{Name: "Eaton 3S 550", VA: 550, SeenBy: "two owners, 2012 and 2014 (NUT 2.6.5)", How: "upsc values"},
	{Name: "Eaton 3S 700", VA: 700, SeenBy: "NUT issue 1341", How: "a few reports"},
	{Name: "5E 650i", VA: 650, SeenBy: "an owner, 2014 (NUT 2.7.1), NUT issue 484", How: "upsc values, a few fields"},
	{Name: "5E 1100i", VA: 1100, SeenBy: "an owner, 2015 (NUT 2.7.1)", How: "upsc values"},
	{Name: "5P 650", VA: 650, SeenBy: "an owner with NUT 2.7.4", How: "upsc values"},
	{Name: "Eaton 5SC 750", VA: 750, SeenBy: "nut-ddl (NUT 2.7.2)", How: "upsc values"},
	{Name: "Eaton 9SX 5000i", VA: 5000, SeenBy: "an owner with NUT 2.7.2", How: "upsc values"},
	{Name: "Eaton 9PX 2000 RT", VA: 2000, SeenBy: "NUT issue 540 (serial port)", How: "upsc values"},
	{Name: "Ellipse PRO 650", VA: 650, SeenBy: "NUT issue 255", How: "upsc values"},
	{Name: "PROTECTIONCENTER 675", VA: 670, SeenBy: "an owner, 2013 (NUT 2.4.3), NUT issue 3573", How: "upsc values"},
	{Name: "PROTECTIONCENTER 750", VA: 750, SeenBy: "an owner, 2023 (NUT 2.8.0)", How: "upsc values"},
}
