package sim

import "time"

// A Fault is something that goes wrong on demand, as it did for somebody.
type Fault struct {
	Kind   FaultKind
	Report uint8         // the feature report it concerns, where it concerns one
	Reply  uint8         // ForeignReply: the id that comes instead
	Delay  time.Duration // SlowReply: how long an answer takes
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
	// SlowReply: every answer takes Delay. Real low-speed units take 45 ms for
	// a short report and 75 ms for thirteen bytes (NUT issue 1786).
	SlowReply
	// ImminentEarly: ShutdownImminent rises one second into an outage, at any
	// charge (NUT issues 3087, 1942).
	ImminentEarly
	// NeedReplacement: the UPS asks for a new battery.
	NeedReplacement
	// Overload: the UPS says that its output is overloaded.
	Overload
)

// MutePause is how long a unit that fell silent wants to be left alone. A
// fresh process was served within 3 s (NUT issue 3573).
const MutePause = 3 * time.Second

// controlTimeout is how long Linux waits for an answer to a control request.
const controlTimeout = 5 * time.Second

// Inject puts a fault in. A second one of the same kind and report replaces
// the first.
func (u *UPS) Inject(f Fault) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.advance()
	u.faults[faultKey{f.Kind, f.Report}] = f
	u.refresh()
	u.wakeAll()
}

// Clear takes all faults of a kind out.
func (u *UPS) Clear(kind FaultKind) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.advance()
	for k := range u.faults {
		if k.kind == kind {
			delete(u.faults, k)
		}
	}
	if kind == StallThenMute {
		u.mute = false
	}
	u.refresh()
	u.wakeAll()
}

type faultKey struct {
	kind   FaultKind
	report uint8
}

func (u *UPS) fault(kind FaultKind, report uint8) (Fault, bool) {
	f, ok := u.faults[faultKey{kind, report}]
	return f, ok
}
