// Package usbredir puts a simulated UPS on a USB cable: it speaks the usb-redir
// protocol (version 0.7), by which QEMU plugs a device of another process into
// a virtual machine. The kernel in there enumerates it, binds usbhid and
// hidraw, and knows nothing else. Because the device lives outside, it outlives
// the machine: it sees what the late hook of a shutdown writes, and can take
// the power away.
//
// The device is what a Protection Station is on USB: low speed, endpoint 0 of 8
// bytes, one configuration with one HID interface, and one interrupt endpoint
// IN. It lets the kernel do everything that a real one would: wrong requests
// stall, a mute one leaves the kernel waiting, an unplugged one is gone.
//
//	QEMU ──socket── Serve ──hid.Device── sim.UPS
//
// A Serve serves one connection. Its requests are answered in their order by
// one goroutine, which may be held up by a slow UPS; input reports go out by
// another. Nothing in the stream is trusted: lengths are bounded, and a packet
// that makes no sense ends the connection with an error that says where.
package usbredir
