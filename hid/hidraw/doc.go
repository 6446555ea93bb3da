// Package hidraw moves the reports of real devices: it finds HID devices that
// have a hidraw node, opens one, and tells when devices come and go.
//
// # The way in
//
// Linux shows every HID device as a character device /dev/hidrawN. Reports
// pass through it as the device sends them, while the kernel's own driver
// (usbhid) stays bound: nothing is claimed and nothing is detached. The node
// lives exactly as long as that binding. It goes when the plug is pulled, and
// also when another program (a NUT driver, a virtual machine) takes the device
// from the kernel; it comes back when that program lets go.
//
// The transport is go-hid, which wraps hidapi. Both are thin: an open file and a
// handful of ioctls. Input reports alone come by a second opening of the node
// that the runtime's poller waits for, since nothing can end a wait in hidapi.
// Names and numbers come from sysfs.
//
// # One owner
//
// A Device belongs to one goroutine, which any other may Wake from its wait:
// hidapi keeps its last error and its device information in the handle without
// a lock, and closing a handle that another thread is using frees memory in
// use. There is no lock here either, because it would only hide such a mistake.
// What hidapi shares between handles (opening, enumeration and the error texts
// of both) is serialised.
//
// # Trust
//
// Errors of hidapi are text without an error number. Whether a device is gone
// is therefore asked of the file system: its node and its entry in sysfs
// disappear with it. What is left is a device that is there and does not
// answer, and callers treat these two quite differently.
//
// A node appears before udev has given it to its group, so opening one that
// has just been announced may fail for a moment: see OpenWait.
package hidraw
