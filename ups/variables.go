package ups

import "strings"

// Snapshot is what decisions are made of, out of variables as a server or a
// driver of NUT says them. The counts of readings and the ages are left at 0. A
// number that makes no sense is unknown, and so is one that cannot be (see
// Snapshot.Plausible); of a fraction the whole part counts.
func (v Variables) Snapshot() Snapshot {
	s := Snapshot{
		Status: ParseStatus(v["ups.status"]),
		Charge: v.whole("battery.charge"), Runtime: v.whole("battery.runtime"), Load: v.whole("ups.load"),
		Alarm: v["ups.alarm"], ChargeLow: v.whole("battery.charge.low"),
		Testing: v["ups.test.result"] == "In progress",
	}.Plausible()
	if s.Alarm != "" {
		s.Status |= Alarm
	}
	if !s.Status.Has(LowBattery) {
		return s
	}
	// The status has one word for two reasons; the alarm tells them apart.
	if strings.Contains(s.Alarm, "Shutdown imminent") && !(s.Charge.Known && s.ChargeLow.Known && s.Charge.N <= s.ChargeLow.N) {
		s.Low = ShutdownImminent
	} else {
		s.Low = BelowCapacity
	}
	return s
}
