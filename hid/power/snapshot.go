package power

import (
	"strings"
	"time"

	"ecnutd/hid/power/family"
	"ecnutd/hid/power/readback"
	"ecnutd/ups"
)

// doubtful reports whether the charge is a zero that nothing has confirmed while
// the UPS says that it is on mains and well. A runtime of 0 beside it is no better.
func (d *Decoder) doubtful() bool {
	if !d.lastZero || d.believe {
		return false
	}
	good, said := d.Number(family.PathStatus + "Good")
	return d.line(0).Has(ups.Online) && (good != 0 || !said)
}

// Snapshot is the state of the UPS as the device says it, at this instant:
// LowBattery for any of its three reasons, which stand in Low. Age says how old
// its parts are now.
func (d *Decoder) Snapshot() ups.Snapshot {
	s := ups.Snapshot{
		Charge:  wholeNumber(d.Charge()),
		Runtime: d.runtime(),
		Load:    d.first(d.family.LoadPaths()),

		Readings:       d.readings,
		ChargeReadings: d.chargeReadings,
	}
	if d.chargeLow != nil {
		s.ChargeLow = d.wholeOf(d.chargeLow)
	}
	s = s.Plausible()
	if d.doubtful() {
		if s.Charge = (ups.Number{}); s.Runtime.N == 0 {
			s.Runtime = ups.Number{}
		}
	}
	var alarms []string
	for i := range d.family.Flags {
		f := &d.family.Flags[i]
		if !d.raised(f) {
			continue
		}
		s.Status |= f.Bit
		s.Low |= f.Low
		if f.Alarm != "" {
			alarms = append(alarms, f.Alarm)
		}
	}
	s.Alarm = strings.Join(alarms, " ")
	if s.Alarm != "" {
		s.Status |= ups.Alarm
	}
	if s.Low != 0 {
		s.Status |= ups.LowBattery
	}
	d.chargerStage(&s)
	// Charging stays set at 100 %, and without a charge nothing is known of it.
	if !s.Charge.Known || s.Charge.N <= 0 || s.Charge.N >= 100 {
		s.Status &^= ups.Charging
	}
	s.Status |= d.line(s.Status)
	result, known := d.Number(d.family.Paths.Test)
	s.TestFailed = known && result == readback.TestError
	s.Testing = known && result == readback.TestInProgress
	s.Age = d.age(time.Now(), s.Low)
	return s
}

// wholeOf is the number of the first source of a row that is known.
func (d *Decoder) wholeOf(v *family.Variable) ups.Number {
	for i := range v.From {
		s := &v.From[i]
		if s.Only != nil && !s.Only.Holds(d) {
			continue
		}
		if n := d.whole(s.Path); n.Known {
			return n
		}
	}
	return ups.Number{}
}

// raised reports whether any of the fields of a flag sets it. A field that is
// not known sets nothing.
func (d *Decoder) raised(f *family.Flag) bool {
	for _, path := range f.Unless {
		if v, known := d.Number(path); known && v != 0 {
			return false
		}
	}
	for _, path := range f.Paths {
		if v, known := d.Number(path); known && (v != 0) == (f.When == family.Set) {
			return true
		}
	}
	return false
}

// chargerStage replaces Charging and Discharging by what the charger says, on
// units where its three-stage scheme (ABM) is on and its mode is known: there
// the plain flags follow the battery's current and flicker.
func (d *Decoder) chargerStage(s *ups.Snapshot) {
	for _, c := range d.family.Chargers {
		on, known := d.Number(c.Enable)
		mode, modeKnown := d.Number(c.Mode)
		if known && on != 0 && modeKnown {
			s.Status = s.Status&^(ups.Charging|ups.Discharging) | c.Stages[int(mode)]
			return
		}
	}
}

// line tells mains from battery; neither while nothing has said it. A unit
// that discharges and says nothing of mains is on battery.
func (d *Decoder) line(status ups.Status) ups.Status {
	for i := range d.family.Lines {
		switch mains, known := d.family.Lines[i].Says(d.Number); {
		case known && mains:
			return ups.Online
		case known:
			return ups.OnBattery
		}
	}
	if status.Has(ups.Discharging) {
		return ups.OnBattery
	}
	return 0
}
