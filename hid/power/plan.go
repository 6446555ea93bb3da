package power

import (
	"slices"
	"time"

	"ecnutd/hid"
)

// How often a class of report is asked for. What the device pushes by itself
// is asked for only as a net, in case a pushed report was lost.
//
// On a Protection Station 800 on mains this makes 22 requests a minute: 12 for
// the status flags (every 5 s), 2 each for load, output voltage and so on.
// NUT's usbhid-ups makes about 110: three reports every 2 s and all of them
// every 30 s.
const (
	settingEvery   = 10 * time.Minute // Rarely: somebody pressed a button
	measureEvery   = 30 * time.Second // full, as NUT's pollfreq
	pushedEvery    = 60 * time.Second // full, where the device pushes it
	dischargeEvery = 10 * time.Second // full, on battery: load, charge and runtime matter now
	idleTimerEvery = 60 * time.Second // Countdown while it stands still
)

// A planned report is a feature report that some variable or flag needs.
type planned struct {
	id     uint8
	class  Class
	pushed bool // an input report of the same id exists
}

// plan lists the feature reports to ask for, the most important first. Reports
// that no table needs are never asked for.
func (d *Decoder) plan() []planned {
	desc := d.values.Descriptor()
	byID := make(map[uint8]*planned)
	var order []uint8
	need := func(path string, c Class) {
		for _, i := range d.fields[path] {
			f := &desc.Fields()[i]
			if f.Type != hid.Feature {
				continue
			}
			p := byID[f.Report]
			if p == nil {
				p = &planned{id: f.Report, pushed: desc.Size(hid.Input, f.Report) > 0}
				byID[f.Report] = p
				order = append(order, f.Report)
			}
			p.class = max(p.class, c)
		}
	}
	for _, l := range d.family.Lines {
		need(l.Path, Quick)
	}
	for _, f := range d.family.Flags {
		for _, path := range f.Paths {
			need(path, f.PollAs)
		}
	}
	for _, v := range d.family.Variables {
		// Conditions on the model cannot be told before its strings are
		// known, so every source that exists is read.
		for _, s := range v.From {
			need(s.Path, s.Every)
		}
	}
	for _, r := range d.family.TransferReasons {
		need(r.Path, Full)
	}
	for _, c := range d.family.Chargers {
		need(c.Enable, Once)
		need(c.Mode, Full)
	}
	for _, path := range append([]string{d.family.Paths.Model, pathManufacturer, pathProduct, pathSerial}, d.family.Paths.Once...) {
		need(path, Once)
	}
	var plan []planned
	for _, id := range order {
		plan = append(plan, *byID[id])
	}
	slices.SortStableFunc(plan, func(a, b planned) int { return int(b.class) - int(a.class) })
	return plan
}

// ask tells when a report is wanted again, from now; 0 means never.
func (d *Decoder) ask(p planned, poll time.Duration, onBattery bool) time.Duration {
	switch p.class {
	case Quick:
		return poll
	case Countdown:
		for _, path := range []string{PathShutdown, PathStartup, PathReboot} {
			if v, known := d.Number(path); known && v >= 0 {
				return poll
			}
		}
		return idleTimerEvery
	case Full:
		switch {
		case onBattery:
			return dischargeEvery
		case p.pushed:
			return pushedEvery
		}
		return measureEvery
	case Rarely:
		return settingEvery
	}
	return 0
}
