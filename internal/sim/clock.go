package sim

import (
	"context"
	"math"
	"time"
)

const (
	// never is longer than any simulation.
	never = time.Duration(math.MaxInt64)

	// idle is a timer that stands still; the reports say -1.
	idle = time.Duration(-1)

	// gaugeEvery is how often the UPS works out charge and runtime anew. Their
	// reports were seen ten seconds and more apart (NUT issue 1942).
	gaugeEvery = 10 * time.Second

	// ecoAfter is how long into an outage the ECO outlets go. Their report was
	// seen two to three seconds in (NUT issue 1942): 1.5 s here, and a second
	// until it is pushed.
	ecoAfter = 1500 * time.Millisecond

	// imminentAfter is how long into an outage ImminentEarly strikes.
	imminentAfter = time.Second

	// leastOff is how long an output is off whose start delay is not kept.
	leastOff = time.Second

	// dropAfter is when DropsEarly strikes unless it says otherwise: an
	// output dropped "after about two minutes" (NUT issue 1942).
	dropAfter = 2 * time.Minute
)

// A gauge is what the UPS last worked out about its battery.
type gauge struct {
	charge  Charge // that it was worked out from
	percent int
	runtime int           // seconds
	at      time.Duration // when, in simulated time
}

// lock takes the UPS and brings it to the present.
func (u *UPS) lock() {
	u.mu.Lock()
	u.advance()
}

// unlock releases the UPS and tells OnOutput what happened. The listener runs
// outside the lock, so that it may talk to the UPS, and one call at a time, so
// that it hears things in their order.
func (u *UPS) unlock() {
	for len(u.switched) > 0 && !u.telling {
		on, tell := u.switched[0], u.onOutput
		u.switched = u.switched[1:]
		if tell == nil {
			continue
		}
		u.telling = true
		u.mu.Unlock()
		tell(on)
		u.mu.Lock()
		u.telling = false
	}
	u.mu.Unlock()
}

// Run moves the simulation along until ctx ends, so that OnOutput is told in
// time even while nobody reads: a host that was shut down has closed its
// handle. It returns the context's error.
func (u *UPS) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		u.lock()
		wake, wait := u.wake, u.clockTime(u.next())
		u.unlock()
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-wake:
		case <-timer.C:
		}
		timer.Stop()
	}
	return ctx.Err()
}

// clockTime is how long a simulated time takes on the clock, rounded up.
func (u *UPS) clockTime(d time.Duration) time.Duration {
	c := math.Ceil(float64(d) / u.speed)
	if c >= float64(never) {
		return never
	}
	return time.Duration(c)
}

// advance moves the simulation to the present, from event to event.
func (u *UPS) advance() {
	now := time.Now()
	dt := time.Duration(float64(now.Sub(u.last)) * u.speed)
	u.last = now
	for dt > 0 {
		d := min(dt, u.next())
		dt -= d
		u.move(d)
	}
}

// Skip lets d of the clock pass at once, in which nothing is read: a host that
// sleeps. Input reports of what changed meanwhile come after it, one for each.
func (u *UPS) Skip(d time.Duration) {
	u.lock()
	defer u.unlock()
	u.skipping = true
	u.last = u.last.Add(-max(d, 0))
	u.advance()
	u.skipping = false
	u.refresh()
	u.wakeAll()
}

// next is the simulated time until something happens by itself; at least a
// nanosecond, so that time always moves on.
func (u *UPS) next() time.Duration {
	d := never
	if u.shutdown >= 0 {
		d = min(d, u.shutdown)
	}
	if u.starting() {
		d = min(d, u.start)
	}
	if u.carrying() {
		d = min(d, u.cell().untilEmpty(u.charge, u.load))
		if f, ok := u.fault(DropsEarly, 0); ok {
			d = min(d, until(u.outage, f.dropTime()))
		}
	}
	if !u.mains {
		if _, ok := u.fault(ImminentEarly, 0); ok {
			d = min(d, until(u.outage, imminentAfter))
		}
		d = min(d, until(u.outage, ecoAfter))
	}
	if u.carrying() || u.mains && !u.charge.full() || u.gauge.charge != u.charge {
		d = min(d, u.gauge.at+gaugeEvery-u.elapsed)
	}
	if !u.silent() && !u.skipping {
		for _, since := range u.changed {
			d = min(d, since+u.model.pushAfter-u.elapsed)
		}
	}
	return max(d, 1)
}

// until is the time that is left to a moment of an outage; never once it has
// passed.
func until(outage, moment time.Duration) time.Duration {
	if outage >= moment {
		return never
	}
	return moment - outage
}

// carrying tells whether the battery carries the load.
func (u *UPS) carrying() bool { return !u.mains && u.output }

// starting tells whether the start delay runs.
func (u *UPS) starting() bool {
	return u.start >= 0 && u.shutdown < 0 && (u.output || u.mains)
}

// move is dt of simulated time, in which nothing happens before its end.
func (u *UPS) move(dt time.Duration) {
	u.elapsed += dt
	starting := u.starting()
	switch {
	case u.mains:
		u.charge = u.battery.recharge(u.charge, dt)
	case u.output:
		u.charge = u.cell().discharge(u.charge, u.load, dt)
		fallthrough
	default:
		u.outage += dt
	}
	if u.shutdown >= 0 {
		if u.shutdown -= dt; u.shutdown <= 0 {
			u.shutdown = idle
			u.setOutput(false)
			if u.noDelay && u.start > 0 {
				u.start = leastOff
			}
		}
	}
	if starting {
		if u.start -= dt; u.start <= 0 {
			u.start = idle
			u.setOutput(true)
		}
	}
	if u.carrying() {
		f, drops := u.fault(DropsEarly, 0)
		if u.charge.Left == 0 || drops && u.outage >= f.dropTime() {
			u.flat = true
			u.shutdown, u.start = idle, idle
			u.setOutput(false)
		}
	}
	if u.elapsed >= u.gauge.at+gaugeEvery {
		u.measure()
	}
	u.refresh()
}

// measure works out charge and runtime.
func (u *UPS) measure() {
	u.gauge = gauge{u.charge, u.charge.percent(), u.battery.remaining(u.charge, u.load, !u.mains), u.elapsed}
}

// cell is the battery with the wear that a fault gives it.
func (u *UPS) cell() Battery {
	b := u.battery
	if f, ok := u.fault(WornBattery, 0); ok {
		b.Wear = max(b.Wear, f.Wear)
	}
	return b
}

// setOutput switches the output and notes it for OnOutput.
func (u *UPS) setOutput(on bool) {
	if u.output != on {
		u.output = on
		u.switched = append(u.switched, on)
	}
}
