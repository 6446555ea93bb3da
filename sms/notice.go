package sms

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// A Notice is what a route sends in one go: one text, or several that have become
// one.
type Notice struct {
	Text string
	// ID is the same at every attempt to send the same messages, and no other
	// notice has it, on no other route and after no restart: whoever has seen it
	// has seen the notice. Letters and digits; "" where nothing is ever repeated.
	ID string
	// Title is a few words on one line, for what has a headline; it may be "".
	Title    string
	Priority Priority
}

// A Priority is how much a message matters.
type Priority int

// The priorities. The zero Priority is that of most messages.
const (
	Low    Priority = -1
	Normal Priority = 0
	High   Priority = 1
	Urgent Priority = 2
)

// scales are the numbers that services have for a priority, by the filter that asks
// for them: ntfy from 1 to 5 (3 is usual), Gotify from 0 to 10 (from 4 on it
// sounds, from 8 on it shakes), Pushover from -2 to 2 (2 wants to be confirmed, and
// parameters for that, so it is not used).
var scales = map[string]map[Priority]int{
	"":         {Low: 2, Normal: 3, High: 4, Urgent: 5},
	"gotify":   {Low: 2, Normal: 5, High: 8, Urgent: 10},
	"pushover": {Low: -1, Normal: 0, High: 1, Urgent: 1},
}

// noticeID is the ID of the entries that go as one: their numbers, and the instants
// at which they were queued, since a new store counts from one again.
func noticeID(entries []*Entry) string {
	h := sha256.New()
	for _, e := range entries {
		fmt.Fprintf(h, "%s %d %d %d\n", e.Route, e.Seq, e.Part, e.Queued.UnixNano())
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// noticeOf is what goes out for entries: under the title of the last one, and as
// urgent as any.
func noticeOf(entries []*Entry, text string) Notice {
	n := Notice{Text: text, ID: noticeID(entries), Title: entries[len(entries)-1].Title, Priority: Low}
	for _, e := range entries {
		n.Priority = max(n.Priority, e.Priority)
	}
	return n
}
