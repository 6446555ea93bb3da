package sms

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
)

// storeRetry is how often the database is tried again after it failed.
const storeRetry = 30 * time.Second

// mark notes that the database does not know what became of an entry. With mu.
func (o *Outbox) mark(seq uint64) {
	if o.store == nil {
		return
	}
	o.version++
	o.dirty[seq] = o.version
	select {
	case o.unstored <- struct{}{}:
	default:
	}
}

// sync tells the database what it does not know yet, in one transaction. Where
// that fails, memory goes on being right, and a later sync makes up for it.
func (o *Outbox) sync() {
	if o.store == nil {
		return
	}
	o.syncing.Lock()
	defer o.syncing.Unlock()
	o.syncOnce()
	if _, times := o.store.db.Recovery(); times != o.replaced {
		// The file was damaged, and not all may stand in the one that replaced it.
		o.replaced = times
		o.mu.Lock()
		for seq := range o.waiting {
			o.mark(seq)
		}
		for _, e := range o.lost {
			o.mark(e.Seq)
		}
		o.mu.Unlock()
		o.syncOnce()
	}
}

// syncOnce is one transaction of a sync.
func (o *Outbox) syncOnce() {
	o.mu.Lock()
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
	o.mu.Unlock()
	if len(changes) == 0 {
		return
	}
	slices.SortFunc(changes, func(a, b change) int { return cmp.Compare(a.seq, b.seq) })
	if err := o.store.apply(changes); err != nil {
		o.noteFault(fmt.Errorf("sms: the outbox cannot be stored; messages go out from memory: %w", err))
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for seq, v := range versions {
		if o.dirty[seq] != v {
			continue // changed again meanwhile
		}
		delete(o.dirty, seq)
		if e, ok := o.waiting[seq]; ok {
			e.Unsaved = false
		}
	}
	if o.fault != nil && len(o.dirty) == 0 {
		o.fault = nil
		o.opts.Log.Info("the outbox is stored again")
	}
}

// noteFault keeps a fault of the database for Fault, and logs a new one.
func (o *Outbox) noteFault(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.fault == nil || o.fault.Error() != err.Error() {
		o.opts.Log.Error("the outbox cannot be stored", "error", err)
	}
	o.fault = err
}

// janitor tries the database again while there is something that it has not
// taken.
func (o *Outbox) janitor(ctx context.Context) {
	for {
		select {
		case <-o.unstored:
		case <-ctx.Done():
			return
		}
		for {
			select {
			case <-time.After(storeRetry):
			case <-ctx.Done():
				return
			}
			o.sync()
			o.mu.Lock()
			left := len(o.dirty)
			o.mu.Unlock()
			if left == 0 {
				break
			}
		}
	}
}
