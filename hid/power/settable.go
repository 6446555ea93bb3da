package power

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"ecnutd/hid"
	"ecnutd/hid/power/family"
	"ecnutd/ups"
)

// A SettingInfo is a variable that can be set on this device.
type SettingInfo struct {
	Name     string
	Value    string // as upsc prints it; "" where it is not known
	Type     family.SettingType
	Min, Max int64    // RANGE: in the variable's unit
	Choices  []string // ENUM
}

// A settable is a variable of this device that can be set.
type settable struct {
	row    *family.Variable
	as     family.Format
	limits family.Setting
	target target
}

// settable finds a variable that can be set: the first source of its row that
// this device has must be settable, and a field that can be written.
func (d *Decoder) settable(v *family.Variable) (settable, bool) {
	for _, s := range v.From {
		if s.Only != nil && !s.Only.Holds(d) || len(d.fields[s.Path]) == 0 {
			continue
		}
		t, ok := d.target(s.Path)
		return settable{v, s.As, d.family.LimitsOf(v.Name), t}, ok && s.Settable && s.As.Parse != nil
	}
	return settable{}, false
}

// Writable are the variables that can be set on this device, sorted by name,
// with what they may be set to.
func (d *Decoder) Writable() []SettingInfo {
	var infos []SettingInfo
	for i := range d.family.Variables {
		s, ok := d.settable(&d.family.Variables[i])
		if !ok {
			continue
		}
		info := SettingInfo{Name: s.row.Name, Type: s.as.Kind}
		info.Value, _ = d.variable(s.row)
		choices, err := s.choices(info.Value)
		switch {
		case err != nil:
			continue // nothing that it could be set to
		case choices != nil:
			info.Type, info.Choices = family.EnumSetting, choices
		case info.Type == family.RangeSetting:
			low, high := s.bounds()
			info.Min, info.Max = d.narrow(s.limits, low, high)
		}
		infos = append(infos, info)
	}
	for _, s := range d.family.CommandSettings {
		if choices := d.commandChoices(s); choices != nil {
			infos = append(infos, SettingInfo{Name: s.Variable, Value: d.Variables()[s.Variable], Type: family.EnumSetting, Choices: choices})
		}
	}
	slices.SortFunc(infos, func(a, b SettingInfo) int { return cmp.Compare(a.Name, b.Name) })
	return infos
}

// commandChoices are the values that some command of this device sets.
func (d *Decoder) commandChoices(s family.CommandSetting) []string {
	var choices []string
	have := d.Commands()
	for _, v := range s.Values {
		if slices.ContainsFunc(have, func(c family.Command) bool { return c.Name == v.Command }) {
			choices = append(choices, v.Value)
		}
	}
	return choices
}

// choices are the values that a setting may have, nil where they are not
// listed.
func (s settable) choices(present string) ([]string, error) {
	groups := s.limits.Choices
	switch len(groups) {
	case 0:
		return s.as.Words, nil
	case 1:
		return groups[0], nil
	}
	for _, g := range groups {
		if slices.Contains(g, present) {
			return g, nil
		}
	}
	return nil, fmt.Errorf("what it may be set to depends on what it is, and %q is none of the known values", present)
}

// bounds are the least and the greatest number that a setting may have: those
// of its row, and where there are none or wider ones those of its field.
func (s settable) bounds() (low, high int64) {
	f := s.target.field
	lowest, highest := f.LogicalMin, f.LogicalMax
	if lowest >= highest {
		lowest, highest = 0, int64(1)<<f.Bits-1 // none was declared
	}
	a, b := f.Scale(lowest), f.Scale(highest)
	a, b = math.Ceil(min(a, b)), math.Floor(max(a, b))
	if limits := s.limits; limits.Min != 0 || limits.Max != 0 {
		a, b = max(a, float64(limits.Min)), min(b, float64(limits.Max))
	}
	clamp := func(v float64) int64 { return int64(max(-math.MaxInt32, min(v, math.MaxUint32))) }
	return clamp(a), clamp(b)
}

// Set sets a variable to a value as upsc prints it ("230", "yes"), and reads
// it back. Whatever is not exactly a value that the setting takes is refused
// before anything is written: NUT writes 44 for a battery.charge.low of 300.
//
// ups.delay.start and ups.delay.shutdown are kept here, and Decoder.Delays has
// them; they reach the UPS with the next command that uses them. To set
// ups.beeper.status is to give one of the beeper commands.
func (c *Commander) Set(ctx context.Context, name, value string) Result {
	res := Result{Name: name}
	c.sick = false
	for _, s := range c.dec.family.CommandSettings {
		if name == s.Variable {
			return c.setByCommand(ctx, s, value)
		}
	}
	s, ok := c.findSetting(name, &res)
	if !ok {
		return res
	}
	var err error
	if c.dec.delays.of(name) != nil {
		if err = c.setDelay(name, value); err == nil {
			res.Outcome = Done
		}
		res.Err = err
		return res
	}
	number, err := c.number(ctx, s, value)
	if err != nil {
		res.Err = err
		return res
	}
	if c.step(ctx, plannedStep{targets: []target{s.target}, value: number}, &res) {
		res.Outcome = Done
	}
	if res.Outcome == Different {
		if shows, ok := c.dec.variable(s.row); ok {
			res.Err = fmt.Errorf("it was set to %s and the UPS shows %s", value, shows)
		}
	}
	return res
}

func (c *Commander) findSetting(name string, res *Result) (settable, bool) {
	var names []string
	exists := false
	for i := range c.dec.family.Variables {
		v := &c.dec.family.Variables[i]
		s, ok := c.dec.settable(v)
		if ok && v.Name == name {
			return s, true
		}
		if ok {
			names = append(names, v.Name)
		}
		exists = exists || v.Name == name
	}
	res.Outcome, res.Near = NotThere, ups.Nearest(name, names)
	switch {
	case exists:
		res.Err = errors.New("it cannot be set on this UPS")
	case len(res.Near) > 0:
		res.Err = fmt.Errorf("there is no such setting; did you mean %s?", strings.Join(res.Near, " or "))
	default:
		res.Err = errors.New("there is no such setting")
	}
	return settable{}, false
}

func (c *Commander) setByCommand(ctx context.Context, s family.CommandSetting, value string) Result {
	choices := c.dec.commandChoices(s)
	if choices == nil {
		return Result{Name: s.Variable, Outcome: NotThere, Err: errors.New("it cannot be set on this UPS")}
	}
	for _, v := range s.Values {
		if v.Value == value && slices.Contains(choices, value) {
			res := c.Command(ctx, v.Command, "", Permit{})
			res.Name = s.Variable
			return res
		}
	}
	return Result{Name: s.Variable, Err: fmt.Errorf("%q is none of %s", value, strings.Join(choices, ", "))}
}

// setDelay changes one of the two delays.
func (c *Commander) setDelay(name, value string) error {
	s, err := parseSeconds(c.dec.family.LimitsOf(name), value)
	if err != nil {
		return err
	}
	delays := c.dec.delays
	*delays.of(name) = seconds(s)
	if err := delays.ordered(); err != nil {
		return err
	}
	c.dec.delays = delays
	return nil
}

// number turns the text of a value into the number for the field. The present
// value is read first: it tells which values there are, and is the half of the
// clock that stays.
func (c *Commander) number(ctx context.Context, s settable, value string) (int64, error) {
	f := s.target.field
	body, err := c.read(ctx, f.Report)
	if err != nil {
		return 0, fmt.Errorf("the present value could not be read: %w", err)
	}
	raw, _ := f.Raw(body)
	present, _ := s.as.Print(c.dec, f.Scale(raw))
	choices, err := s.choices(present)
	if err != nil {
		return 0, err
	}
	if choices != nil && !slices.Contains(choices, value) {
		return 0, fmt.Errorf("%q is none of %s", value, strings.Join(choices, ", "))
	}
	v, err := s.as.Parse(value, f.Scale(raw))
	if err != nil {
		return 0, err
	}
	limits := s.limits
	if err := limits.Check(v); err != nil {
		return 0, fmt.Errorf("%w, not %s", err, value)
	}
	if err := c.between(ctx, limits, v); err != nil {
		return 0, fmt.Errorf("%w, so not %s", err, value)
	}
	number, err := unscale(f, v)
	if err != nil {
		return 0, err
	}
	// Both ways must agree, or the UPS would show another value than was
	// asked for: the field may be too coarse, or the text odd ("0230").
	if again, _ := s.as.Print(c.dec, f.Scale(number)); again != value {
		return 0, fmt.Errorf("the UPS cannot hold %s; the nearest is %s", value, again)
	}
	return number, f.Put(make([]byte, (f.Bit+f.Bits+7)/8), number)
}

// unscale is the number that a field sends for a value: Scale is a straight
// line, which two of its points give.
func unscale(f *hid.Field, v float64) (int64, error) {
	zero := f.Scale(0)
	slope := f.Scale(1) - zero
	n := math.Round((v - zero) / slope)
	if math.IsNaN(n) || math.Abs(n) > 1<<32 {
		return 0, fmt.Errorf("%s cannot hold %g", f.Path, v)
	}
	return int64(n), nil
}
