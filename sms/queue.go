package sms

import (
	"errors"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"
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
			e := Entry{Route: name, Text: text, At: m.At.Round(0), Queued: now.Round(0), Urgent: m.Urgent}
			if len(parts) > 1 {
				e.Part = i + 1
			}
			entries = append(entries, e)
		}
	}
	return entries, nil
}

// Queue stores a message for delivery and returns its number. An error means
// that the message is wrong. That it could not be stored is not one: it is then
// kept in memory and sent from there, and Fault tells.
func (o *Outbox) Queue(m Message) (uint64, error) {
	entries, err := o.entries(m)
	if err != nil {
		return 0, err
	}
	stored := false
	if o.store != nil {
		err = o.store.db.Update(func(tx *bolt.Tx) error { return insert(tx, entries, o.number(len(entries))) })
		stored = err == nil
	}
	if !stored {
		first := o.number(len(entries))(0)
		for i := range entries {
			entries[i].Seq, entries[i].ID = first+uint64(i), first
			entries[i].Unsaved = true
		}
		if o.store != nil {
			o.noteFault(fmt.Errorf("sms: messages cannot be stored and are kept in memory: %w", err))
		}
	}
	o.add(entries)
	return entries[0].ID, nil
}

// QueueTx is Queue inside the caller's transaction, so that a state and the
// messages that it causes are stored together or not at all. Delivery begins
// with the commit. After an error, or when the commit fails, nothing is
// queued; the caller then calls Queue, which delivers from memory.
func (o *Outbox) QueueTx(tx *bolt.Tx, m Message) (uint64, error) {
	if o.store == nil {
		return 0, errors.New("sms: cannot queue in a transaction: there is no database")
	}
	entries, err := o.entries(m)
	if err != nil {
		return 0, err
	}
	if err := insert(tx, entries, o.number(len(entries))); err != nil {
		return 0, fmt.Errorf("sms: cannot queue in a transaction: %w", err)
	}
	tx.OnCommit(func() { o.add(entries) })
	return entries[0].ID, nil
}

// number gives out n sequence numbers above all that were ever given out, and
// above a floor. It returns the first.
func (o *Outbox) number(n int) func(floor uint64) uint64 {
	return func(floor uint64) uint64 {
		for {
			old := o.last.Load()
			first := max(old, floor) + 1
			if o.last.CompareAndSwap(old, first+uint64(n)-1) {
				return first
			}
		}
	}
}

// add hands entries over to their lanes.
func (o *Outbox) add(entries []Entry) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, e := range entries {
		if e.Unsaved {
			o.mark(e.Seq)
		}
		o.file(&e)
	}
	o.broadcast()
}
