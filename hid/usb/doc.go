// Package usb does what hidraw cannot: it reads the string descriptors of a
// device by index, shows what the device is on the USB level, and resets its
// port. The library is gousb, which wraps libusb.
//
// # Why short-lived
//
// An open libusb context keeps a thread that wakes ten times a second, and on
// some hosts spins. A daemon that is idle most of its life must not pay for
// that, so every call here opens a context, uses it and closes it again, which
// takes 100 to 200 ms beyond what the device needs. One call runs at a time.
//
// # What is never done
//
// The kernel driver stays bound. No interface is claimed, no driver detached
// and no configuration set: the hidraw node, through which the UPS is being
// watched, would vanish. Requests to the device as a whole, for descriptors
// and strings, work beside the driver; requests to its interface do not, and
// are hidraw's.
//
// # Bounds
//
// Every call ends when its context does, and after a fixed time in any case,
// even when libusb hangs. A device that has fallen silent is not asked
// further: units exist that switch their load off when they are pressed.
package usb
