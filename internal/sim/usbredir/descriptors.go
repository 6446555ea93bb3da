package usbredir

import (
	"encoding/binary"
	"unicode/utf16"

	"ecnutd/hid"
)

// Types of descriptors (USB 2.0 table 9-5, HID 1.11 §7.1).
const (
	descriptorDevice        = 0x01
	descriptorConfiguration = 0x02
	descriptorString        = 0x03
	descriptorHID           = 0x21
	descriptorReport        = 0x22
)

const (
	interruptIn = 0x81 // address of the one endpoint
	packetSize  = 8    // of endpoint 0 and of the interrupt endpoint: low speed
	interval    = 20   // ms between two polls of the interrupt endpoint
	english     = 0x0409
)

// deviceDescriptor is that of the family: USB 2.00, the class in the interface,
// strings 1, 2 and 4 (lsusb of siblings in NUT issues 2447, 589, 1341).
func deviceDescriptor(info hid.Info) []byte {
	d := []byte{18, descriptorDevice, 0x00, 0x02, 0, 0, 0, packetSize}
	d = binary.LittleEndian.AppendUint16(d, info.Vendor)
	d = binary.LittleEndian.AppendUint16(d, info.Product)
	d = binary.LittleEndian.AppendUint16(d, info.Release)
	return append(d, 1, 2, 4, 1)
}

// hidDescriptor has the odd version 10.10 that the kernel prints of a
// Protection Station, and country 33.
func hidDescriptor(report int) []byte {
	d := []byte{9, descriptorHID, 0x10, 0x10, 33, 1, descriptorReport}
	return binary.LittleEndian.AppendUint16(d, uint16(report))
}

// configurationDescriptor is the whole of configuration 1: bus powered, remote
// wakeup, 20 mA; one HID interface, one interrupt endpoint.
func configurationDescriptor(report int) []byte {
	d := []byte{
		9, descriptorConfiguration, 34, 0, 1, 1, 0, 0xa0, 10,
		9, 0x04, 0, 0, 1, 0x03, 0, 0, 0,
	}
	d = append(d, hidDescriptor(report)...)
	return append(d, 7, 0x05, interruptIn, 0x03, packetSize, 0, interval)
}

// stringDescriptor is a text in UTF-16, cut to what fits.
func stringDescriptor(text string) []byte {
	units := utf16.Encode([]rune(text))
	units = units[:min(len(units), 126)]
	d := []byte{byte(2 + 2*len(units)), descriptorString}
	for _, u := range units {
		d = binary.LittleEndian.AppendUint16(d, u)
	}
	return d
}

// languages is string descriptor 0: English (United States).
func languages() []byte {
	return binary.LittleEndian.AppendUint16([]byte{4, descriptorString}, english)
}
