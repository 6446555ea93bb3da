package power

import (
	"context"
	"ecnutd/hid/power/family"
	"fmt"
	"strconv"
)

// narrow keeps the bounds of a number on its side of the variables that it has
// to be above and below, as far as they are known.
func (d *Decoder) narrow(limits family.Setting, low, high int64) (int64, int64) {
	known := func(name string) (n int64, ok bool) {
		for i := range d.family.Variables {
			if v := &d.family.Variables[i]; v.Name == name {
				text, _ := d.variable(v)
				n, err := strconv.ParseInt(text, 10, 64)
				return n, err == nil
			}
		}
		return 0, false
	}
	for _, name := range limits.Above {
		if n, ok := known(name); ok {
			low = max(low, n+1)
		}
	}
	for _, name := range limits.Below {
		if n, ok := known(name); ok {
			high = min(high, n-1)
		}
	}
	return low, high
}

// between refuses a number that is on the wrong side of another variable, which
// is asked for afresh.
func (c *Commander) between(ctx context.Context, limits family.Setting, v float64) error {
	for _, name := range limits.Above {
		other, have, err := c.present(ctx, name)
		if err != nil {
			return err
		}
		if have && v <= other {
			return fmt.Errorf("%s has to be above %s (%g)", limits.Variable, name, other)
		}
	}
	for _, name := range limits.Below {
		other, have, err := c.present(ctx, name)
		if err != nil {
			return err
		}
		if have && v >= other {
			return fmt.Errorf("%s has to be below %s (%g)", limits.Variable, name, other)
		}
	}
	return nil
}

// present reads the number of a variable; have is false where this UPS has
// none.
func (c *Commander) present(ctx context.Context, name string) (v float64, have bool, err error) {
	for _, v := range c.dec.family.Variables {
		if v.Name != name {
			continue
		}
		for _, s := range v.From {
			f, ok := c.dec.feature(s.Path)
			if !ok || s.Only != nil && !s.Only.Holds(c.dec) {
				continue
			}
			body, err := c.read(ctx, f.Report)
			if err != nil {
				return 0, true, fmt.Errorf("%s could not be read: %w", name, err)
			}
			raw, ok := f.Raw(body)
			return f.Scale(raw), ok, nil
		}
	}
	return 0, false, nil
}
