package sms

import (
	"cmp"
	"context"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"
)

// mark notes that the store does not know what became of an entry, and has it
// ask. With mu.
func (o *Outbox) mark(seq uint64) {
	if o.opts.Touch == nil {
		return
	}
	o.version++
	o.dirty[seq] = o.version
	o.opts.Touch()
}

// Changes is what the store does not know yet, or all there is; it is what the
// store calls. Where it fails, memory goes on being right, and the next Changes
// makes up for it.
func (o *Outbox) Changes(all bool) (write func(*bolt.Tx) error, done func(error)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if all {
		o.version++
		for seq := range o.waiting {
			o.dirty[seq] = o.version
		}
		for _, e := range o.lost {
			o.dirty[e.Seq] = o.version
		}
	}
	if len(o.dirty) == 0 {
		return nil, nil
	}
	versions := make(map[uint64]uint64, len(o.dirty))
	changes := make([]change, 0, len(o.dirty))
	lost := make(map[uint64]Entry, len(o.lost))
	for _, e := range o.lost {
		lost[e.Seq] = e
	}
	for seq, v := range o.dirty {
		versions[seq] = v
		c := change{seq: seq}
		if e, ok := o.waiting[seq]; ok {
			keep := *e
			c.keep = &keep
		} else if e, ok := lost[seq]; ok {
			c.keep = &e
		}
		changes = append(changes, c)
	}
	slices.SortFunc(changes, func(a, b change) int { return cmp.Compare(a.seq, b.seq) })
	last := o.last
	return func(tx *bolt.Tx) error { return apply(tx, changes, last) }, func(err error) {
		if err == nil {
			o.noted(versions)
		}
	}
}

// noted forgets what the store knows now, unless it has changed again meanwhile.
func (o *Outbox) noted(versions map[uint64]uint64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.slow = false
	for seq, v := range versions {
		if o.dirty[seq] != v {
			continue
		}
		delete(o.dirty, seq)
		if e, ok := o.waiting[seq]; ok {
			e.Unsaved = false
		}
	}
	o.broadcast()
}

// awaitNote gives the store time to take note of verdicts: what it does not know is
// sent once more after a crash. A disk that stalls gets it once.
func (o *Outbox) awaitNote(ctx context.Context, ended []Entry) {
	if o.opts.Touch == nil || len(ended) == 0 {
		return
	}
	limit := time.NewTimer(o.opts.NoteWait)
	defer limit.Stop()
	for {
		o.mu.Lock()
		noted := !slices.ContainsFunc(ended, func(e Entry) bool { _, dirty := o.dirty[e.Seq]; return dirty })
		changed, slow := o.changed, o.slow
		o.mu.Unlock()
		if noted || slow {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		case <-limit.C:
			o.mu.Lock()
			o.slow = true
			o.mu.Unlock()
			return
		}
	}
}

// renumber makes room for numbers that a store has given out, below those that
// were given out since, while it could not be read. With mu.
func (o *Outbox) renumber(room uint64) {
	if o.last == 0 || room == 0 {
		o.last = max(o.last, room)
		return
	}
	waiting, dirty := o.waiting, o.dirty
	o.waiting, o.dirty = make(map[uint64]*Entry, len(waiting)), make(map[uint64]uint64, len(dirty))
	for seq, e := range waiting {
		e.Seq, e.ID = e.Seq+room, e.ID+room
		o.waiting[seq+room] = e
	}
	for i := range o.lost {
		o.lost[i].Seq += room
		o.lost[i].ID += room
	}
	for seq, v := range dirty {
		o.dirty[seq+room] = v
	}
	o.last += room
}
