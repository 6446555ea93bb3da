package killpower

import (
	"path/filepath"
	"slices"
	"time"

	"ecnutd/config"
	"ecnutd/hid"
	"ecnutd/hid/power"
	"ecnutd/internal/host/shutdown"
)

// DelaysOf are the delays of a block of the configuration.
func DelaysOf(u config.UPS) power.Delays {
	return power.Delays{Start: u.OnDelay, Shutdown: u.OffDelay}
}

// delaysOfPlan are the delays of a unit of a plan, or the defaults where those
// cannot be: what stands in the flag is no better than who wrote it.
func delaysOfPlan(u shutdown.PlanUnit) power.Delays {
	const most = 7200 // seconds, as the tables of the families have it
	if u.OffDelay < 0 || u.OnDelay <= u.OffDelay || u.OnDelay > most {
		return DelaysOf(config.Minimal("").UPS[0])
	}
	return power.Delays{Start: time.Duration(u.OnDelay) * time.Second, Shutdown: time.Duration(u.OffDelay) * time.Second}
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
		units[i] = append(units[i], d.at(unitOf(b), node))
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
			if !d.meansBlock(blocks[i], info) {
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
			units[i] = []Unit{unitOf(b)}
		}
		all = append(all, units[i]...)
	}
	return all
}

// meansBlock reports whether a device is one that a block means.
func (d Devices) meansBlock(u config.UPS, info hid.Info) bool {
	if d.Block == nil {
		return d.Means(u.Match, info)
	}
	return d.Block(u, info)
}

// unitOf is the unit of a block, wherever it is.
func unitOf(b config.UPS) Unit {
	u := Unit{Name: b.Name, Delays: DelaysOf(b)}
	if !b.Cut() {
		u.Spared = sparedHere
	}
	return u
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
