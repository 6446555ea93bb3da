package hid

import (
	"errors"
	"time"
)

// Device moves the reports of one opened HID device. The hidraw transport, the
// simulated UPS and a replayed recording are all Devices; everything above is
// the same code for the three.
//
// One goroutine owns a Device: no two methods may run at the same time, Wake
// excepted. A
// report travels as the bytes of HID 1.11 §5.6 with the report id in front;
// the id is 0 for a device without report ids, and then stands in front of
// feature reports only.
type Device interface {
	// Info says what the device is and where it was found.
	Info() Info

	// Descriptor returns the report descriptor of the live device.
	Descriptor() ([]byte, error)

	// GetFeature asks for a feature report (GET_REPORT, HID 1.11 §7.2.1) and
	// returns how many bytes of buf were filled, the id byte included. What
	// comes back is what the device said: checking id and length is the
	// caller's (Values.UpdateFeature does it). Of an empty answer, which is
	// no error, buf says nothing.
	GetFeature(id uint8, buf []byte) (int, error)

	// SetFeature sends a feature report (SET_REPORT, HID 1.11 §7.2.2); the
	// first byte is the id.
	SetFeature(report []byte) error

	// ReadInput waits up to timeout for an input report. ErrTimeout is the
	// normal answer of a UPS whose state does not change. ErrGone, or an
	// error that wraps it, means that the device left the bus; any other
	// error that it may still be there.
	ReadInput(buf []byte, timeout time.Duration) (int, error)

	// Wake ends a ReadInput that waits, with ErrTimeout; where none does, the
	// next one. It may be called from any goroutine, after Close too: whoever
	// has something for the owner of the device need not wait for a report.
	Wake()

	// Close ends the use of the device. It is safe to call it twice.
	Close() error
}

// An InputGetter is a Device that can be asked for an input report as well
// (GET_REPORT of type Input, HID 1.11 §7.2.1). Units exist whose state stands in
// input reports alone; whether one answers is its own affair.
type InputGetter interface {
	// GetInput is GetFeature for an input report.
	GetInput(id uint8, buf []byte) (int, error)
}

// Info is what is known of a device before any report is read. Empty strings
// and zeros are unknown.
type Info struct {
	Node         string // device node, "/dev/hidraw0"; empty for a simulated device
	Name         string // what the kernel calls it: manufacturer and product
	Phys         string // physical path, "usb-0000:00:1d.2-1/input0"
	Bus          int    // bus type of HIDIOCGRAWINFO; 3 is USB
	Vendor       uint16 // USB vendor id
	Product      uint16 // USB product id
	Manufacturer string // USB string iManufacturer
	ProductName  string // USB string iProduct
	Serial       string // USB string iSerialNumber; never an identity: whole model lines share one
	Release      uint16 // bcdDevice
	USBBus       int    // number of the USB bus, for /dev/bus/usb/BBB/DDD; 0 when not on USB
	USBAddress   int    // device number on that bus
	Usage        Usage  // of its outermost collection, which says what kind of device it is; 0 where unknown
}

// UsageUPS is the Usage of a UPS (HID Power Device Class 1.1, 4.1).
const UsageUPS Usage = PagePower<<16 | 0x04

// BusUSB is the bus type of a device on USB (linux/input.h, BUS_USB).
const BusUSB = 3

var (
	// ErrTimeout says that no input report came in the time given. It is not
	// a fault.
	ErrTimeout = errors.New("hid: no input report in the time given")

	// ErrGone says that the device left the bus: its node is no more.
	ErrGone = errors.New("hid: the device is gone")

	// ErrAbsent says that there is no such device, so that none was opened.
	ErrAbsent = errors.New("hid: there is no such device")

	// ErrNotAllowed says that a device is there and this process may not open it.
	ErrNotAllowed = errors.New("hid: the device may not be opened")

	// ErrBusy says that somebody else holds the device.
	ErrBusy = errors.New("hid: the device is in use")
)

// Mark makes err wrap one of the sentinels above as well. Its text stays.
func Mark(err, sentinel error) error {
	if err == nil {
		return nil
	}
	return &marked{err, sentinel}
}

type marked struct{ err, sentinel error }

// Error is the text of the error that was marked.
func (m *marked) Error() string { return m.err.Error() }

// Unwrap returns the error and its sentinel.
func (m *marked) Unwrap() []error { return []error{m.err, m.sentinel} }
