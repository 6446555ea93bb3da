package sms

import (
	"fmt"
	"strings"
	"time"
)

// compose makes one text of the first entries, as many as may go together and
// fit into length, and returns how many those are. It is at least one.
//
// A lone text goes out as it is, and says when its event was if that is long
// ago. Several are a list with times, a line each; a text that comes back is
// listed once, where it came last: the end of the list is how things stand.
func compose(entries []*Entry, merge bool, length int, o Options, now time.Time) (string, int) {
	first := entries[0]
	text := first.Text
	if at := o.at(first, now); now.Sub(at) > o.LateAfter {
		text = o.Words.Late(text, at)
	}
	if !merge || first.Part > 0 {
		return text, 1
	}
	n := 1
	for ; n < len(entries); n++ {
		e := entries[n]
		if e.Part > 0 || e.RefusedByMain != first.RefusedByMain {
			break
		}
		list := summary(entries[:n+1], o, now)
		if units(list) > length {
			break
		}
		text = list
	}
	return text, n
}

// summary is the list of several texts.
func summary(entries []*Entry, o Options, now time.Time) string {
	type line struct {
		text        string
		times       int
		first, last time.Time
	}
	var lines []line
	for _, e := range entries {
		at := o.at(e, now)
		l := line{e.Text, 1, at, at}
		for i, old := range lines {
			if old.text == e.Text {
				l.times, l.first = old.times+1, old.first
				lines = append(lines[:i], lines[i+1:]...)
				break
			}
		}
		lines = append(lines, l)
	}
	var b strings.Builder
	b.WriteString(o.Words.Merged(len(entries)))
	for _, l := range lines {
		b.WriteString("\n")
		b.WriteString(o.Words.Moment(l.first, now))
		if l.times > 1 {
			fmt.Fprintf(&b, "–%s %d×", o.Words.Moment(l.last, now), l.times)
		}
		b.WriteString(" " + l.text)
	}
	return b.String()
}

// prepare turns a message into the pieces that a route takes. A text that
// would be too long with its lateness is split a little sooner, so that it can
// be told at any time.
func prepare(m Message, limit Limit, w Words) []string {
	late := units(w.Late("", m.At))
	if units(m.Text)+late > limit.Length {
		limit.Length = max(limit.Length-late, 20)
	}
	return Parts(m.Text, limit)
}
