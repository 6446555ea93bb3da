// Package sim is a UPS made of arithmetic. It stands on the other side of the
// transport: it answers feature reports, takes writes and pushes input
// reports, byte for byte as the units that it imitates were seen to do. What
// talks to it is the product's own code, which cannot tell it from hidraw.
//
// A UPS is the thing in the cupboard: it has mains, a load, a battery and
// timers, and faults that can be put into it. Open gives a handle on it, a
// hid.Device; there may be several. The handle follows the rule of hid.Device
// (one goroutine owns it), the UPS's own methods may be called from anywhere.
//
// # Time
//
// The simulation has no goroutine. It looks at the clock whenever somebody
// talks to it, and moves its battery and timers forward by what has passed,
// WithSpeed times as fast. Tests run it on virtual time (testing/synctest).
//
// # What it does not know
//
// The report descriptor of the Protection Station is rebuilt from the logs of
// its siblings, and what that model does when mains returns while it counts
// down to a shutdown is told nowhere: both answers are on offer (MainsReturn).
package sim
