// Package wake starts hosts again through their network cards (Wake-on-LAN). Those
// that went down in an outage stay off where their own power never went: each gets a
// packet with its hardware address, on every network that this host is on, once mains
// has held for a minute.
package wake

import "time"

// Hold is how long mains has to be there, on every UPS, before anybody is woken: a
// host that starts wants power for longer than a moment.
const Hold = time.Minute

// A Plan says when to wake others. It is a value: the zero Plan wakes nobody until a
// shutdown of this host has come to nothing.
type Plan struct {
	due   bool          // somebody may have gone off
	going bool          // this host is going down
	held  bool          // mains is there
	since time.Duration // and since when
}

// AfterBoot is the plan of a host that has just started: others may have gone down
// with it.
func AfterBoot() Plan { return Plan{due: true} }

// Look takes how things are at an instant since the boot, and reports whether the
// others are to be woken now. going is that this host is going down, or has been told
// to; well that every UPS is heard and on mains.
func (p *Plan) Look(now time.Duration, going, well bool) bool {
	if p.going && !going {
		p.due = true // called off, or survived
	}
	p.going = going
	if going || !well {
		p.held = false
		return false
	}
	if !p.held {
		p.held, p.since = true, now
	}
	if !p.due || now-p.since < Hold {
		return false
	}
	p.due = false
	return true
}
