package sim

import (
	"math"
	"time"
)

// A Battery is what a battery can do: on mains its UPS promises Runtime
// seconds from full at a load of AtLoad percent.
type Battery struct {
	Runtime float64
	AtLoad  float64

	// Jump is the factor on the runtime once the battery carries the load: a
	// UPS finds out at transfer what its battery is worth. 0 means 1.
	Jump float64

	// Wear is the part of the capacity that age has taken, 0 to 1. The UPS
	// does not know of it: it shows charge and runtime as if there were none,
	// and the output drops early (NUT issue 1942: at a charge of 80 %, two
	// minutes after losing mains).
	Wear float64
}

// Charge is the state of a battery, 0 to 1: what the UPS shows, and the energy
// that is really left of the worn capacity.
type Charge struct {
	Shown, Left float64
}

const (
	// peukert is how much faster a battery empties under a heavy load: twice
	// the load lasts 2^-1.2 = 0.435 of the time. Lead-acid cells range from
	// 1.1 to 1.3.
	peukert = 1.2

	// rechargeTime is from empty to full.
	rechargeTime = 6 * time.Hour

	// leastLoad keeps an idle output from lasting for ever, in percent: what
	// the electronics of the UPS take themselves.
	leastLoad = 1

	// nothing is how little charge counts as none: a millionth of 585 s is
	// less than a millisecond.
	nothing = 1e-6
)

// lasts is how long a full battery without wear lasts at a load in percent, in
// seconds: promised on mains, or while it carries the load.
func (b Battery) lasts(load float64, carrying bool) float64 {
	s := b.Runtime * math.Pow(b.AtLoad/max(load, leastLoad), peukert)
	if carrying && b.Jump > 0 {
		s *= b.Jump
	}
	return s
}

// remaining is the runtime that the UPS shows at a load, in whole seconds.
func (b Battery) remaining(c Charge, load float64, carrying bool) int {
	return int(math.Round(c.Shown * b.lasts(load, carrying)))
}

// capacity is the part of the capacity that age has left; never quite 0, so
// that one can divide by it.
func (b Battery) capacity() float64 { return max(1-b.Wear, nothing) }

// untilEmpty is how long the battery really carries a load.
func (b Battery) untilEmpty(c Charge, load float64) time.Duration {
	return ceil(c.Left * b.capacity() * b.lasts(load, true))
}

// discharge is the charge after carrying a load for dt.
func (b Battery) discharge(c Charge, load float64, dt time.Duration) Charge {
	used := dt.Seconds() / b.lasts(load, true)
	c = Charge{Shown: max(0, c.Shown-used), Left: c.Left - used/b.capacity()}
	if c.Left < nothing {
		c.Left = 0
	}
	return c
}

// recharge is the charge after dt on mains.
func (b Battery) recharge(c Charge, dt time.Duration) Charge {
	gained := dt.Seconds() / rechargeTime.Seconds()
	c = Charge{Shown: c.Shown + gained, Left: c.Left + gained}
	if c.Shown > 1-nothing {
		c.Shown = 1
	}
	if c.Left > 1-nothing {
		c.Left = 1
	}
	return c
}

// percent is the charge as the UPS shows it, 0 to 100.
func (c Charge) percent() int { return int(math.Round(100 * c.Shown)) }

// full tells whether mains has nothing left to add.
func (c Charge) full() bool { return c.Shown == 1 && c.Left == 1 }

// ceil is a number of seconds as a duration, rounded up.
func ceil(seconds float64) time.Duration {
	return time.Duration(math.Ceil(seconds * float64(time.Second)))
}
