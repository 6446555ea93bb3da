package monitor

import (
	"slices"
	"time"

	"ecnutd/ups"
)

// A condition is a status token with its events.
type condition struct {
	bit        ups.Status
	began, end ups.Event
	spell      func(*Spells) *Spell // nil: each begin and each end is told, as by upsmon
}

// conditions are the status tokens that have a begin and an end and nothing
// more: they are told and decide nothing. One with a spell is told once while it
// flickers.
var conditions = []condition{
	{ups.Calibrating, ups.EventCal, ups.EventNotCal, nil},
	{ups.Off, ups.EventOff, ups.EventNotOff, nil},
	{ups.Bypassed, ups.EventBypass, ups.EventNotBypass, nil},
	{ups.Overloaded, ups.EventOver, ups.EventNotOver, func(s *Spells) *Spell { return &s.Over }},
	{ups.Trimming, ups.EventTrim, ups.EventNotTrim, func(s *Spells) *Spell { return &s.Trim }},
	{ups.Boosting, ups.EventBoost, ups.EventNotBoost, func(s *Spells) *Spell { return &s.Boost }},
	{ups.Alarm, ups.EventAlarm, ups.EventNotAlarm, func(s *Spells) *Spell { return &s.Alarm }},
}

const (
	// calm is how long a condition must be gone before it is news again, or stand
	// before it is told although it flickered.
	calm = 5 * time.Minute

	// usualRepeat is the repeat time where Rules.ReplaceBatteryRepeat has none.
	usualRepeat = 12 * time.Hour
)

// Spells are the conditions that may flicker.
type Spells struct {
	Over  Spell `json:"over,omitzero"`
	Trim  Spell `json:"trim,omitzero"`
	Boost Spell `json:"boost,omitzero"`
	Alarm Spell `json:"alarm,omitzero"`

	// Texts are the alarms that were told since the alarm was last gone for calm.
	Texts []string `json:"texts,omitempty"`
}

// A Spell is when a condition stood and was told.
type Spell struct {
	Began Instant `json:"began,omitempty"` // 0 while it does not stand
	Ended Instant `json:"ended,omitempty"` // the last time
	Told  Instant `json:"told,omitempty"`  // when its begin was told last
}

// maxAlarms bounds the texts of alarms that are told while they change to and fro.
const maxAlarms = 8

// repeat is how long a condition that flickers is not told again.
func repeat(r *Rules) time.Duration {
	if r.ReplaceBatteryRepeat > 0 {
		return r.ReplaceBatteryRepeat
	}
	return usualRepeat
}

// due is when a condition that stands and is not told as standing is told.
func (s *Spell) due(r *Rules) Instant {
	if s.Told == 0 || s.Ended == 0 || since(s.Began, s.Ended) >= calm {
		return s.Began
	}
	return min(s.Began.Add(calm), max(s.Told.Add(repeat(r)), s.Began))
}

// conditionsEnded tells what is over. Ends come before begins, as for upsmon.
func (t *turn) conditionsEnded(i int) {
	u := &t.state.Supplies[i]
	for _, c := range conditions {
		if u.Last.Status.Has(c.bit) {
			continue
		}
		if c.spell != nil {
			if spell := c.spell(&u.Spells); spell.Began > 0 {
				spell.Began, spell.Ended = 0, t.now
			}
		}
		if !u.Told.Has(c.bit) {
			continue
		}
		u.Told &^= c.bit
		if c.bit == ups.Alarm {
			u.Alarm = ""
		}
		t.event(i, c.end, t.conditionReason(i, ConditionEnded))
	}
}

// conditionsBegan tells what is new; an alarm is new when its text is.
func (t *turn) conditionsBegan(i int) {
	u := &t.state.Supplies[i]
	for _, c := range conditions {
		if !u.Last.Status.Has(c.bit) {
			continue
		}
		if c.spell != nil {
			if spell := c.spell(&u.Spells); spell.Began == 0 {
				spell.Began = t.now
				if c.bit == ups.Alarm && since(t.now, spell.Ended) >= calm {
					u.Spells.Texts = nil
				}
			}
		}
		t.conditionStands(i, c)
	}
}

// conditionsStand tells conditions whose time has come.
func (t *turn) conditionsStand(i int) {
	u := &t.state.Supplies[i]
	if u.Link != Linked || u.Settle > 0 {
		return
	}
	for _, c := range conditions {
		if c.spell != nil && u.Last.Status.Has(c.bit) {
			t.conditionStands(i, c)
		}
	}
}

// conditionStands tells a condition that stands, if it is to be told now.
func (t *turn) conditionStands(i int, c condition) {
	u := &t.state.Supplies[i]
	alarm := c.bit == ups.Alarm
	text := alarm && !slices.Contains(u.Spells.Texts, u.Last.Alarm) && len(u.Spells.Texts) < maxAlarms
	if u.Told.Has(c.bit) && !(alarm && text && u.Alarm != u.Last.Alarm) {
		return
	}
	if c.spell != nil {
		spell := c.spell(&u.Spells)
		if !text && t.now < spell.due(t.rules) {
			return
		}
		spell.Told = t.now
	}
	u.Told |= c.bit
	why := t.conditionReason(i, ConditionBegan)
	if alarm {
		u.Alarm, why.Text = u.Last.Alarm, u.Last.Alarm
		if text {
			u.Spells.Texts = append(slices.Clone(u.Spells.Texts), u.Last.Alarm)
		}
	}
	t.event(i, c.began, why)
}

func (t *turn) conditionReason(i int, code Code) Reason {
	why := t.reason(i, code)
	why.Status = t.state.Supplies[i].Last.Status
	return why
}

// replace tells that the battery has to be replaced, and when that is over. One
// that flickers is told once in the repeat time, as by upsmon.
func (t *turn) replace(i int) {
	u := &t.state.Supplies[i]
	if u.Replace.N == 0 && u.Told.Has(ups.ReplaceBattery) {
		u.Told &^= ups.ReplaceBattery
		t.event(i, ups.EventNotReplace, t.reason(i, BatteryGood))
	}
	t.replaceAgain(i)
}

// replaceAgain tells it, and repeats it while the UPS goes on saying so.
func (t *turn) replaceAgain(i int) {
	u := &t.state.Supplies[i]
	if due, ok := u.replaceDue(t.rules); ok && t.now >= due {
		u.ReplaceAt, u.Told = t.now, u.Told|ups.ReplaceBattery
		t.event(i, ups.EventReplace, t.reason(i, BatteryWorn))
	}
}

// replaceDue is when REPLBATT is to be told next.
func (u *SupplyState) replaceDue(r *Rules) (due Instant, ok bool) {
	told := u.Told.Has(ups.ReplaceBattery)
	ok = u.Link == Linked && u.Settle == 0 && u.Replace.Confirmed() && !(told && r.ReplaceBatteryRepeat <= 0)
	if u.ReplaceAt == 0 {
		return u.Replace.Last, ok
	}
	return u.ReplaceAt.Add(repeat(r)), ok
}
