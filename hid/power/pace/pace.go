// Package pace says when something may be done that wants to be done at once and
// must not be done without end.
package pace

import "time"

// A Pace lets something be done Burst times in a row, and over a long time no more
// often than once in Every. Both have to be above 0.
type Pace struct {
	Every time.Duration
	Burst int

	due  time.Time // when it is done next, or was done last
	paid time.Time // up to here all times are taken
}

// Next is when it may be done, asked for at now: then, or later. Where a time has been
// given that is still to come, that one serves.
func (p *Pace) Next(now time.Time) time.Time {
	if p.due.After(now) {
		return p.due
	}
	p.due = now
	if free := p.paid.Add(-time.Duration(p.Burst-1) * p.Every); free.After(now) {
		p.due = free
	}
	if p.paid.Before(now) {
		p.paid = now
	}
	p.paid = p.paid.Add(p.Every)
	return p.due
}
