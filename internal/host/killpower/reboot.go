package killpower

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"ecnutd/hid/power"
	"ecnutd/internal/host"
	"ecnutd/ups"
)

const (
	// lookTime bounds the last look at the UPSs, after which the host reboots or
	// goes off.
	lookTime = 5 * time.Second

	// lookPause is how far apart its two readings are: one alone may be of a
	// line that is just going.
	lookPause = time.Second
)

// rebootOnMains waits, and reboots a host that still has power where its UPSs
// say twice that it comes from mains: they have stopped their count-down, and
// the host would stay off until somebody comes. In every other case the host
// goes off, for one that rebooted on battery would be back here in minutes,
// and again, until the battery is empty.
func (l *Stage) rebootOnMains(ctx context.Context, wait time.Duration, units []Unit) error {
	feeding := 0
	for _, u := range units {
		switch {
		case u.Spared != "":
			continue
		case u.Open == nil:
			l.Say("the host goes off, and stays off if the UPS is not cut: nobody can ask %s for mains", u.Name)
			return nil
		}
		feeding++
	}
	if feeding == 0 {
		return nil
	}
	l.Say("the host reboots if it still has power in %s and there is mains", wait)
	if err := host.Pause(ctx, wait); err != nil {
		return err
	}
	if why := l.mainsMissing(ctx, units); why != nil {
		l.Say("the host goes off: %s", host.FirstLine(why))
		return nil
	}
	if err := l.Reboot(); err != nil {
		return fmt.Errorf("killpower: the host is still up, and cannot be rebooted: %w", err)
	}
	return nil
}

// mainsMissing asks every UPS that feeds the host twice for mains, and says
// which one has not said it.
func (l *Stage) mainsMissing(ctx context.Context, units []Unit) error {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	answers := make(chan error, len(units)) // nobody may be left to take them
	asked := 0
	for _, u := range units {
		if u.Spared == "" {
			asked++
			go func() { answers <- l.mainsTwice(ctx, u) }()
		}
	}
	for range asked {
		select {
		case err := <-answers:
			if err != nil {
				return err
			}
		case <-ctx.Done():
			return errors.New("a UPS did not say within " + lookTime.String() + " whether there is mains")
		}
	}
	return nil
}

func (l *Stage) mainsTwice(ctx context.Context, u Unit) error {
	dev, err := u.Open(ctx)
	if err != nil {
		return fmt.Errorf("%s does not say whether there is mains: %w", u.Name, err)
	}
	defer dev.Close()
	decoder, err := power.Bind(dev, l.Families...)
	if err != nil {
		return fmt.Errorf("%s does not say whether there is mains: %w", u.Name, err)
	}
	commander := power.NewCommander(dev, decoder, u.Delays)
	for reading := range 2 {
		if reading > 0 {
			if err := host.Pause(ctx, lookPause); err != nil {
				return fmt.Errorf("%s did not say a second time that there is mains: %w", u.Name, err)
			}
		}
		status, err := commander.Line(ctx)
		switch {
		case err != nil:
			return fmt.Errorf("%s does not say whether there is mains: %w", u.Name, err)
		case !status.Has(ups.Online) || status.Has(ups.OnBattery):
			return fmt.Errorf("%s is on battery", u.Name)
		}
	}
	return nil
}

// RebootNow reboots at once: at this stage there is no service manager left to
// ask.
func RebootNow() error {
	return host.Run(context.Background(), []string{"systemctl", "reboot", "--force", "--force"}, os.Environ(), "", time.Minute)
}
