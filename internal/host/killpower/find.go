package killpower

import (
	"context"
	"path/filepath"
	"slices"

	"ecnutd/config"
	"ecnutd/hid"
	"ecnutd/hid/power"
)

// DelaysOf are the delays of a block of the configuration.
func DelaysOf(u config.UPS) power.Delays {
	return power.Delays{Start: u.OnDelay, Shutdown: u.OffDelay}
}

// Devices is how UPSs are found and opened.
type Devices struct {
	Enumerate func() ([]hid.Info, error)        // all HID devices
	Means     func(config.Match, hid.Info) bool // reports whether a device is a UPS that a block means
	Open      func(node string) (hid.Device, error)
}

// Find returns the UPSs that blocks of the configuration mean.
func (d Devices) Find(blocks []config.UPS) ([]Unit, error) {
	found, err := d.Enumerate()
	if err != nil {
		return nil, err
	}
	return d.assign(blocks, found), nil
}

// assign gives the devices found to the blocks of the configuration. A block
// with a path has that one. Of the others each device goes to the first block
// that means it and has none yet, narrow ones before wide ones, and what is
// left over to the last that means it: a block that says auto means all UPSs
// that are there. A block without a device is a unit that is not attached.
func (d Devices) assign(blocks []config.UPS, found []hid.Info) []Unit {
	units := make([][]Unit, len(blocks))
	add := func(i int, node string) {
		b := blocks[i]
		units[i] = append(units[i], Unit{
			Name: b.Name, Node: node, Delays: DelaysOf(b), Spared: !b.Cut(),
			Open: func(context.Context) (hid.Device, error) { return d.Open(node) },
		})
	}
	taken := make(map[string]bool)
	var wide []int // blocks that look for their device, narrow ones first
	for i, b := range blocks {
		if b.Device == config.Auto {
			wide = append(wide, i)
			continue
		}
		node := b.Device
		if to, err := filepath.EvalSymlinks(node); err == nil {
			node = to
			add(i, node)
		}
		taken[node] = true
	}
	slices.SortStableFunc(wide, func(a, b int) int { return narrow(blocks[b].Match) - narrow(blocks[a].Match) })
	for _, info := range found {
		if taken[info.Node] {
			continue
		}
		last := -1
		for _, i := range wide {
			if !d.Means(blocks[i].Match, info) {
				continue
			}
			if last = i; len(units[i]) == 0 {
				break
			}
		}
		if last >= 0 {
			add(last, info.Node)
		}
	}
	var all []Unit
	for i, b := range blocks {
		if len(units[i]) == 0 {
			units[i] = []Unit{{Name: b.Name, Spared: !b.Cut()}}
		}
		all = append(all, units[i]...)
	}
	return all
}

// narrow counts what a match asks for.
func narrow(m config.Match) (n int) {
	for _, s := range []string{m.Vendor, m.Product, m.Phys, m.Model} {
		if s != "" {
			n++
		}
	}
	return n
}
