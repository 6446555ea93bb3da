package sms

import (
	"time"
)

// A Message is what is to be told, to one or several recipients.
type Message struct {
	Text string
	// At is when the event was that the message tells of; now if zero.
	At time.Time
	// Routes are the names of the routes to take; all that are no fallback if
	// empty.
	Routes []string
	// Urgent messages are not held back by the rate limit. What waits in
	// front of one goes with it.
	Urgent bool
	// Title and Priority are for routes that show them (Notice).
	Title    string
	Priority Priority
}

// A Verdict is what became of a message on a route.
type Verdict string

// The verdicts. An entry that still waits has none.
const (
	Delivered  Verdict = "delivered"
	Refused    Verdict = "refused"    // for good, by the gateway
	Expired    Verdict = "expired"    // nobody took it in time, or too much waited
	Dropped    Verdict = "dropped"    // by an administrator
	Unreadable Verdict = "unreadable" // the stored entry was damaged
)

// An Entry is a message, or one part of a long one, on its way to one
// recipient.
type Entry struct {
	// Seq is the entry's own number and gives the order.
	Seq uint64 `json:"seq"`
	// ID is the message's number: the same on all routes and in all parts.
	ID     uint64    `json:"id"`
	Part   int       `json:"part,omitempty"` // from 1; 0 where the message is in one piece
	Route  string    `json:"route"`
	Text   string    `json:"text"`
	At     time.Time `json:"at"`     // of the event
	Queued time.Time `json:"queued"` // when it came to the outbox
	// Boot and Uptime are when that was by a clock that nobody sets
	// (Options.Uptime); Boot is "" where there is none.
	Boot   string        `json:"boot,omitempty"`
	Uptime time.Duration `json:"uptime,omitzero"`
	// Here is when it came to this process.
	Here   time.Time `json:"-"`
	Urgent bool      `json:"urgent,omitempty"`
	// Title and Priority are those of the message.
	Title    string   `json:"title,omitempty"`
	Priority Priority `json:"priority,omitempty"`

	Attempts  int       `json:"attempts"`
	LastError string    `json:"last_error,omitempty"`
	NextTry   time.Time `json:"next_try,omitzero"` // about when; set by Pending only
	// RefusedByMain: the route has refused it for good, and a fallback still
	// has a chance.
	RefusedByMain bool `json:"refused_by_main,omitempty"`

	Verdict Verdict   `json:"verdict,omitempty"`
	Via     string    `json:"via,omitempty"`    // the route that delivered it
	Ended   time.Time `json:"ended,omitzero"`   // when the verdict fell
	Unsaved bool      `json:"unsaved,omitzero"` // in memory only: the disk does not take it
}
