package power

import (
	"context"
	"errors"
	"fmt"

	"ecnutd/hid/power/family"
	"ecnutd/ups"
)

// fit reports whether a device is in a state in which its load may be cut. It
// asks the device afresh: what was heard earlier says nothing about now.
func (c *Commander) fit(ctx context.Context) error {
	bodies := make(map[uint8][]byte)
	look := func(path string) (value int64, have bool, err error) {
		f, have := c.dec.feature(path)
		if !have {
			return 0, false, nil
		}
		if bodies[f.Report] == nil {
			body, err := c.read(ctx, f.Report)
			if err != nil {
				return 0, true, &unreadError{"the state of the UPS", err}
			}
			bodies[f.Report] = body
		}
		value, ok := f.Raw(bodies[f.Report])
		if !ok {
			return 0, true, &unreadError{"the state of the UPS", fmt.Errorf("the answer ends before %s", f.Path)}
		}
		return value, true, nil
	}
	var says []string // of the line, in the order of trust
	for _, l := range c.dec.family.Lines {
		says = append(says, l.Path)
	}
	told := false
	for _, path := range append(says, c.dec.family.DischargingPaths()...) {
		if _, have, err := look(path); err != nil {
			return err
		} else if have {
			told = true
			break
		}
	}
	failure, _, err := look(family.PathStatus + "InternalFailure")
	if err != nil {
		return err
	}
	status := c.dec.Snapshot().Status
	switch {
	case !told || !status.Has(ups.Online) && !status.Has(ups.OnBattery):
		return errors.New("the UPS says neither that it is on mains nor on battery")
	case failure != 0:
		return errors.New("the UPS reports an internal fault")
	}
	return nil
}

// readEach reads every report that a sequence is going to change, so that one
// that cannot be read stops it before its first write. Of several targets of
// one step one is enough.
func (c *Commander) readEach(ctx context.Context, steps []plannedStep) error {
	for _, s := range steps {
		var failed error
		ok := false
		for _, t := range s.targets {
			_, err := c.read(ctx, t.field.Report)
			failed = both(failed, err)
			ok = ok || err == nil
		}
		if !ok {
			return &unreadError{"a report to change", failed}
		}
	}
	return nil
}
