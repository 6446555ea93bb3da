package ups

import (
	"math"
	"strconv"
	"strings"
)

// Snapshot is what decisions are made of, out of variables as a server or a
// driver of NUT says them. The counts of readings are left at 0. A number that
// makes no sense is unknown; of a fraction the whole part counts.
func (v Variables) Snapshot() Snapshot {
	s := Snapshot{
		Status: ParseStatus(v["ups.status"]),
		Charge: v.whole("battery.charge"), Runtime: v.whole("battery.runtime"), Load: v.whole("ups.load"),
		Alarm: v["ups.alarm"],
	}
	if s.Alarm != "" {
		s.Status |= Alarm
	}
	if !s.Status.Has(LowBattery) {
		return s
	}
	// The status has one word for two reasons; the alarm tells them apart.
	limit := v.whole("battery.charge.low")
	if strings.Contains(s.Alarm, "Shutdown imminent") && !(s.Charge.Known && limit.Known && s.Charge.N <= limit.N) {
		s.Low = ShutdownImminent
	} else {
		s.Low = BelowCapacity
	}
	return s
}

func (v Variables) whole(name string) Number {
	f, err := strconv.ParseFloat(v[name], 64)
	if err != nil || math.IsNaN(f) || f < 0 || f > 1e9 {
		return Number{}
	}
	return Known(int(f))
}
