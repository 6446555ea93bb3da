package monitor

import "ecnutd/ups"

// conditions are the status tokens that have a begin and an end and nothing
// more: they are told and decide nothing.
var conditions = []struct {
	bit        ups.Status
	began, end ups.Event
}{
	{ups.Calibrating, ups.EventCal, ups.EventNotCal},
	{ups.Off, ups.EventOff, ups.EventNotOff},
	{ups.Bypassed, ups.EventBypass, ups.EventNotBypass},
	{ups.Overloaded, ups.EventOver, ups.EventNotOver},
	{ups.Trimming, ups.EventTrim, ups.EventNotTrim},
	{ups.Boosting, ups.EventBoost, ups.EventNotBoost},
	{ups.Alarm, ups.EventAlarm, ups.EventNotAlarm},
}

// conditionsEnded tells what is over. Ends come before begins, as for upsmon.
func (t *turn) conditionsEnded(i int) {
	u := &t.state.Supplies[i]
	for _, c := range conditions {
		if !u.Told.Has(c.bit) || u.Last.Status.Has(c.bit) {
			continue
		}
		u.Told &^= c.bit
		if c.bit == ups.Alarm {
			u.Alarm = ""
		}
		t.event(i, c.end, t.condition(i, ConditionEnded))
	}
}

// conditionsBegan tells what is new; an alarm is new when its text is.
func (t *turn) conditionsBegan(i int) {
	u := &t.state.Supplies[i]
	for _, c := range conditions {
		alarm := c.bit == ups.Alarm
		if !u.Last.Status.Has(c.bit) || u.Told.Has(c.bit) && !(alarm && u.Alarm != u.Last.Alarm) {
			continue
		}
		u.Told |= c.bit
		why := t.condition(i, ConditionBegan)
		if alarm {
			u.Alarm, why.Text = u.Last.Alarm, u.Last.Alarm
		}
		t.event(i, c.began, why)
	}
}

func (t *turn) condition(i int, code Code) Reason {
	why := t.reason(i, code)
	why.Status = t.state.Supplies[i].Last.Status
	return why
}

// replace tells that the battery has to be replaced, and when that is over.
func (t *turn) replace(i int) {
	u := &t.state.Supplies[i]
	switch {
	case u.Replace.Confirmed() && u.ReplaceAt == 0:
		u.ReplaceAt = t.now
		t.event(i, ups.EventReplace, t.reason(i, BatteryWorn))
	case u.Replace.N == 0 && u.ReplaceAt > 0:
		u.ReplaceAt = 0
		t.event(i, ups.EventNotReplace, t.reason(i, BatteryGood))
	}
}

// replaceAgain repeats it while the UPS goes on saying so.
func (t *turn) replaceAgain(i int) {
	u := &t.state.Supplies[i]
	if due, ok := u.replaceDue(t.rules); ok && t.now >= due {
		u.ReplaceAt = t.now
		t.event(i, ups.EventReplace, t.reason(i, BatteryWorn))
	}
}

func (u *SupplyState) replaceDue(r *Rules) (due Instant, ok bool) {
	ok = u.Link == Linked && u.Settle == 0 && u.ReplaceAt > 0 && r.ReplaceBatteryRepeat > 0
	return u.ReplaceAt.Add(r.ReplaceBatteryRepeat), ok
}
