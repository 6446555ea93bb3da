package usb

import "fmt"

// A Location is where a device is now: the number of its bus and its address
// on that bus, both counted from 1. The address changes with every plugging.
type Location struct {
	Bus     int `json:"bus"`
	Address int `json:"address"`
}

// String writes the location as lsusb and usbfs do: "001/005".
func (l Location) String() string { return fmt.Sprintf("%03d/%03d", l.Bus, l.Address) }

// Node is the device node through which libusb reaches the device.
func (l Location) Node() string { return "/dev/bus/usb/" + l.String() }
