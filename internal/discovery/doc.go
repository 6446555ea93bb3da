// Package discovery says how a UPS is reached: attached to this host, at a
// node, simulated or recorded; who holds which device; and how a device is
// looked at once. What is on another host is the subpackage remote's.
//
// A command line names its UPS by a Source. A daemon asks a Finder, which
// gives each block of the configuration a Locator: it opens the device, tells
// when looking again is worth it, and gives the device up.
//
// What is missing is said by the sentinels of package hid: ErrAbsent (there is
// no such device), ErrGone (it has left), ErrNotAllowed, ErrBusy (it is held
// for another UPS). Whoever talks to a person makes words or exit codes of
// them.
package discovery
