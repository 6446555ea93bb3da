package sim

import (
	"cmp"
	"fmt"
	"time"
)

// A Fault is something that goes wrong on demand, as it did for somebody.
type Fault struct {
	Kind   FaultKind
	Report uint8         // the report it concerns, where it concerns one
	Reply  uint8         // ForeignReply, ForeignPush: the id that comes instead
	Bytes  int           // LongReply, LongPush: how many more; 0 is 2
	Delay  time.Duration // SlowReply, DropsEarly: how long; 0 is what was measured
	Wear   float64       // WornBattery: the part of the capacity that is gone, 0 to 1
}

// FaultKind is the kind of a fault.
type FaultKind uint8

// The faults. Unplugging is not among them: see UPS.Unplug.
const (
	// Silence: no request is answered, and the kernel gives up on each after
	// 5 s; nothing is pushed (NUT issues 1430, 1422).
	Silence FaultKind = iota + 1
	// Stall: requests for Report are refused; everything else works. It is
	// how a device says that it does not have the report now.
	Stall
	// StallThenMute: one request for Report is refused, and then the device
	// is silent until all handles are closed and it was left alone for
	// MutePause (NUT issue 3573).
	StallThenMute
	// ShortReply: the answer for Report lacks its last byte.
	ShortReply
	// ForeignReply: the answer for Report carries the id and bytes of another
	// one (NUT issue 2742: a three-byte answer became a runtime of 244 s).
	ForeignReply
	// SlowReply: every answer takes Delay, or what low-speed units take: 44
	// to 50 ms for one packet, 70 to 75 ms for two (NUT issues 1786, 1942).
	SlowReply
	// ImminentEarly: ShutdownImminent rises one second into an outage, at any
	// charge (NUT issues 3087, 1942).
	ImminentEarly
	// WornBattery: the battery has lost Wear of its capacity, and the UPS
	// does not know (NUT issue 1942).
	WornBattery
	// DropsEarly: the output drops Delay into an outage, two minutes if it
	// is 0, at whatever charge is shown (NUT issue 1942).
	DropsEarly
	// NeedReplacement: the UPS asks for a new battery.
	NeedReplacement
	// Overload: the UPS says that its output is overloaded.
	Overload
	// LongReply: the answer for Report is Bytes longer than declared, with
	// zeros (NUT issues 1208, 3182: units that pad every answer to 8 bytes).
	LongReply
	// EmptyReply: the answer for Report has no bytes at all, which is no error.
	EmptyReply
	// Hang: requests for Report are not answered, and the kernel gives up on
	// each after 5 s; everything else works.
	Hang
	// Unreadable: Report is refused when it is asked for, and takes writes.
	Unreadable
	// RefusesInputs: input reports are pushed, and refused when asked for.
	RefusesInputs
	// LostPushes: nothing is pushed, and requests are answered.
	LostPushes
	// ShortPush: the input report Report lacks its last byte.
	ShortPush
	// LongPush: it is Bytes longer, with zeros.
	LongPush
	// ForeignPush: it carries the id Reply.
	ForeignPush
	// RefusesFeature: Report is refused as a feature report, and can be asked for as
	// an input report (NUT issue 3227).
	RefusesFeature
)

// FaultKinds are all kinds, in their order.
func FaultKinds() (kinds []FaultKind) {
	for k := Silence; k <= RefusesFeature; k++ {
		kinds = append(kinds, k)
	}
	return kinds
}

// String is the kind's name, "Silence".
func (k FaultKind) String() string {
	names := [...]string{
		Silence: "Silence", Stall: "Stall", StallThenMute: "StallThenMute", ShortReply: "ShortReply",
		ForeignReply: "ForeignReply", SlowReply: "SlowReply", ImminentEarly: "ImminentEarly",
		WornBattery: "WornBattery", DropsEarly: "DropsEarly", NeedReplacement: "NeedReplacement", Overload: "Overload",
		LongReply: "LongReply", EmptyReply: "EmptyReply", Hang: "Hang", Unreadable: "Unreadable", RefusesInputs: "RefusesInputs",
		LostPushes: "LostPushes", ShortPush: "ShortPush", LongPush: "LongPush", ForeignPush: "ForeignPush", RefusesFeature: "RefusesFeature",
	}
	if k == 0 || int(k) >= len(names) {
		return fmt.Sprintf("FaultKind(%d)", uint8(k))
	}
	return names[k]
}

// MutePause is how long a unit that fell silent wants to be left alone. A
// fresh process was served within 3 s (NUT issue 3573).
const MutePause = 3 * time.Second

const (
	// controlTimeout is how long Linux waits for an answer to a control
	// request.
	controlTimeout = 5 * time.Second

	// packetBytes: a low-speed control transfer moves 8 bytes a packet. Requests of 4 to 5
	// bytes took 44 to 50 ms, of 11 bytes 70 ms and of 13 bytes 75 ms (NUT
	// issues 1786, 1942, 2039): 45 ms for the first packet, 30 for the second.
	packetBytes = 8
	firstPacket = 45 * time.Millisecond
	morePackets = 30 * time.Millisecond
)

// replyTime is how long an answer of n bytes takes.
func (f Fault) replyTime(n int) time.Duration {
	if f.Delay > 0 {
		return f.Delay
	}
	return firstPacket + morePackets*time.Duration(max(n-1, 0)/packetBytes)
}

// longer is a report with what the fault adds to it.
func (f Fault) longer(report []byte) []byte {
	return append(report, make([]byte, cmp.Or(f.Bytes, 2))...)
}

// dropTime is when the output drops, counted from the loss of mains.
func (f Fault) dropTime() time.Duration {
	if f.Delay > 0 {
		return f.Delay
	}
	return dropAfter
}

// Inject puts a fault in. A second one of the same kind and report replaces
// the first.
func (u *UPS) Inject(f Fault) {
	f.Wear, f.Bytes = min(max(f.Wear, 0), 1), min(max(f.Bytes, 0), 1024)
	u.control(func() { u.faults[faultKey{f.Kind, f.Report}] = f })
}

// Clear takes all faults of a kind out.
func (u *UPS) Clear(kind FaultKind) {
	u.control(func() {
		for k := range u.faults {
			if k.kind == kind {
				delete(u.faults, k)
			}
		}
		if kind == StallThenMute {
			u.mute = false
		}
	})
}

type faultKey struct {
	kind   FaultKind
	report uint8
}

func (u *UPS) fault(kind FaultKind, report uint8) (Fault, bool) {
	f, ok := u.faults[faultKey{kind, report}]
	return f, ok
}

// silent tells whether the device says nothing at all.
func (u *UPS) silent() bool {
	_, silence := u.fault(Silence, 0)
	return silence || u.mute
}
