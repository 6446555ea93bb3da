package power

import (
	"ecnutd/hid"
	"ecnutd/hid/power/family"
)

// A target is a field that can be written.
type target struct {
	path  string
	field *hid.Field
}

// Commands are the commands that this device has: those whose every step finds
// a field that the descriptor offers for writing.
func (d *Decoder) Commands() []family.Command {
	var have []family.Command
	for _, c := range d.family.Commands {
		ok := true
		for _, s := range c.Steps {
			ok = ok && (s.Optional || len(d.targets(s.Paths)) > 0)
		}
		if ok {
			have = append(have, c)
		}
	}
	return have
}

// target is the field that a write to a path goes to: the first feature field
// there that the descriptor offers for writing. A field that is declared
// Constant is no target: a write to one went out and had no effect (NUT pull
// request 3342). Nor is an array, whose numbers choose among usages, nor a
// field too wide to be a number.
func (d *Decoder) target(path string) (target, bool) {
	all := d.values.Descriptor().Fields()
	for _, i := range d.fields[path] {
		f := &all[i]
		if f.Type == hid.Feature && f.Writable() && f.Selectors == nil && f.Bits <= 32 {
			return target{path, f}, true
		}
	}
	return target{}, false
}

// targets are those of several paths, where they exist.
func (d *Decoder) targets(paths []string) []target {
	var have []target
	for _, path := range paths {
		if t, ok := d.target(path); ok {
			have = append(have, t)
		}
	}
	return have
}
