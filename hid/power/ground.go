package power

import (
	"ecnutd/hid"
	"ecnutd/ups"
)

// Ground is what the device gives decisions to stand on, after it was looked at
// once.
func (d *Decoder) Ground() ups.Ground {
	s := d.Snapshot()
	g := ups.Ground{Line: s.Status.Has(ups.Online) || s.Status.Has(ups.OnBattery), Asked: !s.Age.PushedStatus}
	if !g.Line {
		// What was not said may have been refused.
		all := d.values.Descriptor().Fields()
		for _, p := range d.parts {
			g.Asked = g.Asked || p.kind == partLine && all[p.field].Type == hid.Feature
		}
	}
	for _, f := range d.family.Flags {
		for _, path := range f.Paths {
			g.LowFlag = g.LowFlag || f.Low != 0 && len(d.fields[path]) > 0
		}
	}
	return g
}
