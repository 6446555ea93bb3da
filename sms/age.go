package sms

import "time"

// clockIsSet is a year in which no host has been whose clock is right: one without
// a battery for its clock begins in 1970, and says so until somebody sets it.
const clockIsSet = 2020

// age is how long an entry has waited. Within the boot in which it was queued it
// goes by a clock that does not jump; else by the time of day, where that may be
// right, and is at least what has passed in this process. It is never negative.
func (o Options) age(e *Entry, now time.Time) time.Duration {
	here := max(now.Sub(e.Here), 0)
	if e.Here.IsZero() {
		here = 0
	}
	switch {
	case o.sameBoot(e):
		return max(o.Uptime()-e.Uptime, 0)
	case e.Queued.Year() < clockIsSet && now.Year() >= clockIsSet:
		return here
	}
	return max(now.Sub(e.Queued), here)
}

func (o Options) sameBoot(e *Entry) bool { return o.Boot != "" && o.Uptime != nil && e.Boot == o.Boot }

// clockSlack is by how much the time of day may part from the clock that does
// not jump without having been set.
const clockSlack = 10 * time.Second

// at is when the event of an entry was, by the clock as it is now: one that was set
// since says when the event was by what it has been moved.
func (o Options) at(e *Entry, now time.Time) time.Time {
	if !o.sameBoot(e) {
		return e.At
	}
	moved := now.Sub(e.Queued) - o.age(e, now)
	if moved.Abs() < clockSlack {
		return e.At
	}
	return e.At.Add(moved).Round(0)
}
