package power

import (
	"ecnutd/hid/power/family"
	"fmt"
	"time"
)

// Delays are the two settings that live here and not on the device:
// ups.delay.start and ups.delay.shutdown. The fields that carry their names
// are timers: what is written there counts down, so they cannot keep a
// setting, and reading them never gives one.
//
// Both are whole seconds, 0 to 7200, and Start is above Shutdown: otherwise
// the output could come back before it went off, and then go off for good.
// The zero Delays are the defaults, 30 s and 20 s, which are NUT's.
type Delays struct {
	Start    time.Duration // from the cut, with mains there, until the output comes back
	Shutdown time.Duration // from the command until the output goes off
}

func (d Delays) withDefaults() Delays {
	if d == (Delays{}) {
		return Delays{Start: 30 * time.Second, Shutdown: 20 * time.Second}
	}
	return d
}

const (
	delayStart    = "ups.delay.start"
	delayShutdown = "ups.delay.shutdown"
)

// of is the delay of a variable.
func (d *Delays) of(variable string) *time.Duration {
	switch variable {
	case delayStart:
		return &d.Start
	case delayShutdown:
		return &d.Shutdown
	}
	return nil
}

// seconds is the delay of a variable as it is written to a timer.
func (d Delays) seconds(limits family.Setting) (int64, error) {
	variable := limits.Variable
	v := d.of(variable)
	switch {
	case v == nil:
		return 0, fmt.Errorf("%s is no delay", variable)
	case *v%time.Second != 0:
		return 0, fmt.Errorf("%s is %s, and the UPS counts whole seconds", variable, *v)
	}
	s := int64(*v / time.Second)
	if err := limits.Check(float64(s)); err != nil {
		return 0, fmt.Errorf("%s is %d: %w", variable, s, err)
	}
	return s, nil
}

// ordered refuses delays with which the output could come back before it went
// off. NUT does not check it.
func (d Delays) ordered() error {
	if d.Start <= d.Shutdown {
		return fmt.Errorf("%s (%s) must be above %s (%s), or the output could come back before it went off", delayStart, d.Start, delayShutdown, d.Shutdown)
	}
	return nil
}

// SetDelays sets the delays that the commands use.
func (d *Decoder) SetDelays(delays Delays) { d.delays = delays.withDefaults() }

// Delays are the delays that the commands use. Commander.Set changes them;
// whoever opens the device again gives them to the next Reader or Commander.
func (d *Decoder) Delays() Delays { return d.delays }

func seconds(n int64) time.Duration { return time.Duration(n) * time.Second }

// Delay is ups.delay.start or ups.delay.shutdown, which live in the program.
func (d *Decoder) Delay(variable string) time.Duration { return *d.delays.of(variable) }
