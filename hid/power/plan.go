package power

import (
	"cmp"
	"slices"
	"time"

	"ecnutd/hid"
	"ecnutd/hid/power/family"
	"ecnutd/ups"
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

// A planned report is one that some variable or flag needs.
type planned struct {
	id     uint8
	typ    hid.ReportType // Feature, or Input for what stands in no feature report
	class  family.Class
	pushed bool // an input report of the same id exists
	figure bool // it has charge, runtime or load: what people are told, and limits look at
	status bool // it says whether there is mains
	low    ups.LowReason
}

// plan lists the reports to ask for, the most important first. Reports that no
// table needs are never asked for. inputs says that input reports can be asked
// for: they are, for fields that no feature report has.
func (d *Decoder) plan(inputs bool) []planned {
	desc := d.values.Descriptor()
	type key struct {
		typ hid.ReportType
		id  uint8
	}
	byKey := make(map[key]*planned)
	var order []key
	need := func(path string, c family.Class) {
		from := hid.Feature
		if inputs && !slices.ContainsFunc(d.fields[path], func(i int) bool { return desc.Fields()[i].Type == hid.Feature }) {
			from = hid.Input
		}
		for _, i := range d.fields[path] {
			f := &desc.Fields()[i]
			if f.Type != from {
				continue
			}
			k := key{f.Type, f.Report}
			p := byKey[k]
			if p == nil {
				p = &planned{id: f.Report, typ: f.Type, pushed: desc.Size(hid.Input, f.Report) > 0}
				byKey[k] = p
				order = append(order, k)
			}
			p.class = max(p.class, c)
		}
	}
	for _, l := range d.family.Lines {
		need(l.Path, family.Quick)
	}
	for _, f := range d.family.Flags {
		for _, path := range append(slices.Clone(f.Paths), f.Unless...) {
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
		need(r.Path, family.Full)
	}
	for _, c := range d.family.Chargers {
		need(c.Enable, family.Once)
		need(c.Mode, family.Full)
	}
	for _, path := range append([]string{d.family.Paths.Model, family.PathManufacturer, family.PathProduct, family.PathSerial}, d.family.Paths.Once...) {
		need(path, family.Once)
	}
	var plan []planned
	for _, k := range order {
		p := *byKey[k]
		p.figure = d.says(p.typ, p.id, d.figures()...)
		for _, part := range d.parts {
			if f := &desc.Fields()[part.field]; f.Type == p.typ && f.Report == p.id {
				p.status = p.status || part.kind == partLine
				p.low |= part.low
			}
		}
		plan = append(plan, p)
	}
	rank := func(p planned) int {
		switch {
		case p.class == family.Quick:
			return 3
		case d.says(p.typ, p.id, d.vital()...):
			return 2 // messages wait for these
		case p.figure:
			return 1
		}
		return 0
	}
	slices.SortStableFunc(plan, func(a, b planned) int {
		return cmp.Or(rank(b)-rank(a), int(b.class)-int(a.class))
	})
	return plan
}

// ask tells when a report is wanted again, from now; 0 means never.
func (d *Decoder) ask(p planned, poll time.Duration, onBattery bool) time.Duration {
	switch p.class {
	case family.Quick:
		return poll
	case family.Countdown:
		for _, path := range []string{family.PathShutdown, family.PathStartup, family.PathReboot} {
			if v, known := d.Number(path); known && v >= 0 {
				return poll
			}
		}
		return idleTimerEvery
	case family.Full:
		switch {
		case onBattery:
			return dischargeEvery
		case p.pushed:
			return pushedEvery
		}
		return measureEvery
	case family.Rarely:
		return settingEvery
	}
	return 0
}
