package power

import (
	"math"

	"ecnutd/hid/power/family"
	"ecnutd/ups"
)

// Charge is the charge of the battery in percent.
func (d *Decoder) Charge() (percent float64, known bool) {
	all := d.values.Descriptor().Fields()
	for _, path := range d.family.ChargePaths() {
		for _, i := range d.fields[path] {
			if raw, ok := d.values.Raw(i); ok {
				symbol := all[i].Symbol()
				return d.family.Percent(d, all[i].Scale(raw), symbol == "" || symbol == "%")
			}
		}
	}
	return 0, false
}

// runtime is how long the battery lasts, in seconds.
func (d *Decoder) runtime() ups.Number { return d.first(d.family.RuntimePaths()) }

// first is the number at the first path that says one.
func (d *Decoder) first(paths []string) ups.Number {
	for _, path := range paths {
		if n := d.whole(path); n.Known {
			return n
		}
	}
	return ups.Number{}
}

// wholeNumber is a number that may be unknown, or far from any that can be.
func wholeNumber(v float64, known bool) ups.Number {
	if !known || !(0 <= v && v <= math.MaxInt32) {
		return ups.Number{}
	}
	return ups.Known(int(v))
}

// vital are the places of what the messages wait for, and figures those and that of
// the load.
func (d *Decoder) vital() []string {
	return append(d.family.ChargePaths()[:len(d.family.ChargePaths()):len(d.family.ChargePaths())], d.family.RuntimePaths()...)
}

func (d *Decoder) figures() []string { return append(d.vital(), d.family.LoadPaths()...) }

var _ family.Device = (*Decoder)(nil)
