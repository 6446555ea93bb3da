// Package sim is a UPS made of arithmetic. It stands on the other side of the
// transport: it answers feature reports, takes writes and pushes input
// reports, byte for byte as the units that it imitates were seen to do. What
// talks to it is the product's own code, which cannot tell it from hidraw.
//
// A UPS is the thing in the cupboard: it has mains, a load, a battery and
// timers, and faults that can be put into it. Open gives a handle on it, a
// hid.Device; there may be several. A handle follows the rule of hid.Device
// (one goroutine owns it), the UPS's own methods may be called from anywhere.
//
// # Time
//
// The simulation has no goroutine of its own. Whenever somebody talks to it,
// it moves from event to event (a timer's end, an empty battery, a report
// that is due) up to the present, WithSpeed times as fast as the clock. A
// waiting ReadInput sleeps until the next event; Run does the same where no
// handle is open. What happens on the cable (timeouts, slow answers, the
// pause of MutePause) keeps the pace of the clock. All of it is time of the
// standard library, so that tests can run it on virtual time
// (testing/synctest).
//
// # What was decided for want of facts
//
// The report descriptor of the Protection Station is rebuilt from the logs of
// its siblings. What that model does when mains returns while it counts down
// to a shutdown is told nowhere: both answers are on offer (MainsReturn).
//
// The start delay runs from the moment that the output is off and mains is
// there. With the output on and no shutdown pending it runs out without an
// effect.
//
// While the output is off the UPS stays on USB, says Good = 0 (OFF) and a load
// of 0 %, and does not drain its battery. When an empty battery ends the
// output, the timers end with it, and mains alone brings the output back.
package sim
