package sms

import (
	"errors"
	"fmt"
	"time"

	"ecnutd/internal/request"
)

// entries makes the entries of a message, without numbers.
func (o *Outbox) entries(m Message) ([]Entry, error) {
	if m.Text = Clean(m.Text); m.Text == "" {
		return nil, errors.New("sms: the message is empty")
	}
	now := time.Now()
	if m.At.IsZero() {
		m.At = now
	}
	if len(m.Routes) == 0 {
		for _, l := range o.lanes {
			m.Routes = append(m.Routes, l.route.Name())
		}
	}
	if len(m.Routes) == 0 {
		return nil, errors.New("sms: no route is configured")
	}
	var entries []Entry
	for _, name := range m.Routes {
		l := o.lane(name)
		if l == nil {
			return nil, fmt.Errorf("sms: there is no route %q that takes messages of its own", name)
		}
		parts := prepare(m, l.limit, o.opts.Words)
		for i, text := range parts {
			e := Entry{Route: name, Text: text, At: m.At.Round(0), Queued: now.Round(0), Urgent: m.Urgent, Title: oneTitle(m.Title), Priority: m.Priority}
			if len(parts) > 1 {
				e.Part = i + 1
			}
			entries = append(entries, e)
		}
	}
	return entries, nil
}

// Queue takes a message for delivery and returns its number. It is on its way at
// once, and the store is told of it. An error means that the message is wrong.
func (o *Outbox) Queue(m Message) (uint64, error) {
	entries, err := o.entries(m)
	if err != nil {
		return 0, err
	}
	o.add(entries)
	return entries[0].ID, nil
}

// add numbers entries and hands them over to their lanes.
func (o *Outbox) add(entries []Entry) {
	o.mu.Lock()
	defer o.mu.Unlock()
	first := o.last + 1
	o.last += uint64(len(entries))
	for i, e := range entries {
		e.Seq, e.ID, e.Unsaved = first+uint64(i), first, true
		e.Here = time.Now()
		if o.opts.Boot != "" && o.opts.Uptime != nil {
			e.Boot, e.Uptime = o.opts.Boot, o.opts.Uptime()
		}
		entries[i] = e
		o.mark(e.Seq)
		o.file(&e)
	}
	o.broadcast()
}

// oneTitle is a title on one line, as a header of a mail or a request needs it.
func oneTitle(title string) string { return request.OneLine(Clean(title)) }
