package sim

import (
	"math"
	"time"
)

// A Battery is what a battery can do: it lasts Runtime seconds from full at a
// load of AtLoad percent.
type Battery struct {
	Runtime float64
	AtLoad  float64

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
)

// lasts is how long a full battery without wear lasts at a load in percent.
func (b Battery) lasts(load float64) float64 {
	return b.Runtime * math.Pow(b.AtLoad/max(load, leastLoad), peukert)
}

// remaining is the runtime that the UPS shows at a load, in seconds.
func (b Battery) remaining(c Charge, load float64) int {
	return int(math.Round(c.Shown * b.lasts(load)))
}

// discharge is the charge after dt at a load on battery.
func (b Battery) discharge(c Charge, load float64, dt time.Duration) Charge {
	used := dt.Seconds() / b.lasts(load)
	return Charge{
		Shown: max(0, c.Shown-used),
		Left:  max(0, c.Left-used/max(1-b.Wear, 1e-6)),
	}
}

// recharge is the charge after dt on mains.
func (b Battery) recharge(c Charge, dt time.Duration) Charge {
	gained := dt.Seconds() / rechargeTime.Seconds()
	return Charge{Shown: min(1, c.Shown+gained), Left: min(1, c.Left+gained)}
}

// percent is the charge as the UPS shows it, 0 to 100.
func (c Charge) percent() int { return int(math.Round(100 * c.Shown)) }
