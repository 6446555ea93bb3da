package power

import (
	"math/bits"
	"slices"
	"time"

	"ecnutd/hid"
	"ecnutd/ups"
)

// A partKind is what of a snapshot decisions hang on, and whose age they look at.
type partKind uint8

const (
	partLine partKind = iota // whether there is mains
	partLow                  // a flag that the battery is low
	partCharge
	partRuntime
)

// A part is a field of the descriptor that says such a part, and when it last
// did.
type part struct {
	kind   partKind
	line   int           // partLine: the place among the lines, in the order of trust
	low    ups.LowReason // partLow
	field  int           // in the descriptor
	at     time.Time     // zero: never
	asked  bool          // an answer has said it
	pushed bool          // the last word was pushed, and not an answer
}

// link is what a Reader knows of its device and a decoder cannot: it stands
// here because a snapshot says it.
type link struct {
	chargePeriod, runtimePeriod time.Duration
	slowest                     time.Duration
	heardAt                     time.Time     // the device's last word; zero: nobody keeps it
	pushedStatus                bool          // the flags cannot be asked for
	unasked                     ups.LowReason // reasons that cannot be asked for now, while the device answers
}

// findParts lists the fields that say the parts. Discharging stands in for a
// line, behind all of them: see Decoder.line.
func (d *Decoder) findParts() []part {
	var parts []part
	add := func(p part, path string) {
		for _, p.field = range d.fields[path] {
			parts = append(parts, p)
		}
	}
	for i, l := range d.family.Lines {
		add(part{kind: partLine, line: i}, l.Path)
	}
	for _, path := range d.family.DischargingPaths() {
		add(part{kind: partLine, line: len(d.family.Lines)}, path)
	}
	for _, f := range d.family.Flags {
		if f.Low == 0 {
			continue
		}
		for _, path := range f.Paths {
			add(part{kind: partLow, low: f.Low}, path)
		}
	}
	for _, path := range d.family.ChargePaths() {
		add(part{kind: partCharge}, path)
	}
	for _, path := range d.family.RuntimePaths() {
		add(part{kind: partRuntime}, path)
	}
	return parts
}

// age is how old the parts are at an instant, of a snapshot with these reasons
// for a low battery.
//
// The status is as old as the line that decides, and as the flag of a low
// battery where that can be asked for and comes in another report. What has
// never come is as old as the decoder.
func (d *Decoder) age(now time.Time, low ups.LowReason) ups.Age {
	var line, flag, charge, runtime time.Time
	decides, flagAsked := -1, false
	var lows [3]lastWord // of the reasons
	for i := range d.parts {
		p := &d.parts[i]
		if p.at.IsZero() {
			continue
		}
		switch p.kind {
		case partLine:
			if _, known := d.values.Raw(p.field); known && decides < 0 {
				decides = p.line
			}
			if p.line == decides {
				line = latest(line, p.at)
			}
		case partLow:
			if p.low == ups.BelowCapacity {
				flag, flagAsked = latest(flag, p.at), flagAsked || p.asked
			}
			if l := &lows[bits.TrailingZeros8(uint8(p.low))]; !p.at.Before(l.at) {
				*l = lastWord{p.at, p.pushed}
			}
		case partCharge:
			charge = latest(charge, p.at)
		case partRuntime:
			runtime = latest(runtime, p.at)
		}
	}
	if flagAsked && flag.Before(line) {
		line = flag
	}
	l := &d.link
	if l.pushedStatus && !line.IsZero() {
		line = latest(line, l.heardAt)
	}
	var pushed ups.LowReason
	for i, l := range lows {
		if l.pushed {
			pushed |= 1 << i
		}
	}
	since := func(at time.Time) time.Duration { return max(0, now.Sub(latest(at, d.begun))) }
	return ups.Age{
		Status: since(line), Charge: since(charge), Runtime: since(runtime),
		ChargePeriod: l.chargePeriod, RuntimePeriod: l.runtimePeriod, Slowest: l.slowest,
		PushedStatus: l.pushedStatus, PushedLow: low & pushed & l.unasked,
	}
}

// lastWord is when something was last said, and whether it was pushed.
type lastWord struct {
	at     time.Time
	pushed bool
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// says reports whether a report carries a field of one of the paths.
func (d *Decoder) says(t hid.ReportType, id uint8, paths ...string) bool {
	all := d.values.Descriptor().Fields()
	return slices.ContainsFunc(paths, func(path string) bool {
		return slices.ContainsFunc(d.fields[path], func(i int) bool { return all[i].Type == t && all[i].Report == id })
	})
}
