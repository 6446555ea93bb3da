// Package history remembers the outages of a host for good: when each began and
// ended, how deep it went, what was done about it, which messages left and when,
// and the curve of the discharge.
//
// These are the values; package book makes and stores them.
//
// # How much is kept
//
// A discharge is kept whole, as at most MaxPoints points: where there are more,
// every second one is left out and the next ones come half as often. An outage has
// at most MaxMoments lines and MaxMessages messages; what is beyond is counted.
// One outage is so a few KB, and never more than about 60.
package history

import "time"

// Bounds of an Outage.
const (
	MaxPoints   = 240
	MaxMoments  = 100
	MaxMessages = 100
)

// An Outage of one UPS. Times are those of the day.
type Outage struct {
	N        uint64    `json:"n"` // counts from 1, and is never given twice
	UPS      string    `json:"ups"`
	Begin    time.Time `json:"begin"`
	End      time.Time `json:"end,omitzero"`       // zero while it lasts
	Lasted   int       `json:"lasted,omitempty"`   // seconds on battery, as far as this host was there to count them
	Lowest   *int      `json:"lowest,omitempty"`   // charge, percent; nil: unknown
	Load     *int      `json:"load,omitempty"`     // the highest, percent
	Shutdown *Shutdown `json:"shutdown,omitempty"` // nil: the host stayed up
	Moments  []Moment  `json:"moments,omitempty"`
	Messages []Message `json:"messages,omitempty"`
	Curve    []Point   `json:"curve,omitempty"`
	Left     Left      `json:"left_out,omitzero"`
	Step     int       `json:"step,omitempty"` // seconds between two points of the curve, at least
}

// A Shutdown of the host in an outage.
type Shutdown struct {
	At     time.Time `json:"at"` // of the decision, or when the host was last seen where there was none
	Reason string    `json:"reason,omitempty"`
	Back   time.Time `json:"back,omitzero"` // when ecnutd was there again
	Chosen bool      `json:"chosen"`        // false: the power went under the running host
}

// A Moment is a line of the story.
type Moment struct {
	At   time.Time `json:"at"`
	Kind string    `json:"kind"` // an event of upsmon (ONBATT), or "timer", "shutdown", "program", "daemon"
	Text string    `json:"text,omitempty"`
}

// A Message that was queued because of the outage.
type Message struct {
	ID   uint64     `json:"id"`
	At   time.Time  `json:"at"` // when it was queued
	Text string     `json:"text"`
	Ends []Delivery `json:"ends,omitempty"` // by route; none: it waits
}

// A Delivery is what became of a message on a route.
type Delivery struct {
	Route   string    `json:"route"`
	At      time.Time `json:"at"`
	Verdict string    `json:"verdict"` // an sms.Verdict: delivered, refused, expired, dropped
}

// A Point of the curve. What is not known is left out.
type Point struct {
	T       int  `json:"t"`                 // seconds since the begin
	Charge  *int `json:"charge,omitempty"`  // percent
	Runtime *int `json:"runtime,omitempty"` // seconds, as the UPS shows it
	Load    *int `json:"load,omitempty"`    // percent
}

// Left counts what was left out.
type Left struct {
	Moments  int `json:"moments,omitempty"`
	Messages int `json:"messages,omitempty"`
}

// Totals since the first start of ecnutd on this host.
type Totals struct {
	Since     time.Time      `json:"since"`
	Outages   int            `json:"outages"`
	OnBattery int            `json:"on_battery"` // seconds, all together
	Shutdowns int            `json:"shutdowns"`
	Events    map[string]int `json:"events,omitempty"` // how often each came
}

// LateAfter is when a message counts as late: as the outbox, which says then when
// its event was.
const LateAfter = 5 * time.Minute

// Late is how many messages were late, or have not arrived.
func (o *Outage) Late() (late int) {
	for _, m := range o.Messages {
		arrived := false
		for _, d := range m.Ends {
			arrived = arrived || d.Verdict == "delivered" && d.At.Sub(m.At) <= LateAfter
		}
		if !arrived {
			late++
		}
	}
	return late
}

// Off is how long the host was off; 0 where it was not, or where the clock was set
// meanwhile.
func (o *Outage) Off() time.Duration {
	if o.Shutdown == nil || o.Shutdown.Back.IsZero() {
		return 0
	}
	return believable(o.Shutdown.Back.Sub(o.Shutdown.At))
}

// longest bounds what is believed to be the length of an outage.
const longest = 60 * 24 * time.Hour

func believable(d time.Duration) time.Duration {
	if d < 0 || d > longest {
		return 0
	}
	return d
}

// A Summary is an outage without its story.
type Summary struct {
	N        uint64    `json:"n"`
	UPS      string    `json:"ups"`
	Begin    time.Time `json:"begin"`
	End      time.Time `json:"end,omitzero"`
	Lasted   int       `json:"lasted,omitempty"` // seconds on battery
	Lowest   *int      `json:"lowest,omitempty"` // percent
	Shutdown bool      `json:"shutdown,omitempty"`
	Off      int       `json:"off,omitempty"` // seconds that the host was off
	Messages int       `json:"messages,omitempty"`
	Late     int       `json:"late,omitempty"` // of them, or not there yet
}

// Summary is the outage in a line.
func (o *Outage) Summary() Summary {
	return Summary{
		N: o.N, UPS: o.UPS, Begin: o.Begin, End: o.End, Lasted: o.Lasted, Lowest: o.Lowest, Shutdown: o.Shutdown != nil,
		Off: int(o.Off().Seconds()), Messages: len(o.Messages) + o.Left.Messages, Late: o.Late(),
	}
}

// A History is what a host remembers: the oldest outage first.
type History struct {
	Totals  Totals    `json:"totals"`
	Outages []Summary `json:"outages"`
}
