package store

import (
	"context"
	"errors"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"
)

// A writer is the goroutine of a store: it alone touches the disk.
type writer struct {
	*Store
	db    Database
	times int // how often the file was replaced, when last looked at
}

// run opens the file, writes until the store is closed, and closes the file.
func (w *writer) run() {
	defer close(w.ended)
	if !w.openAtLast() {
		return
	}
	defer func() { _ = w.db.Close() }()
	for {
		retry := never
		if !w.write() {
			retry = time.After(w.opts.Retry)
		}
		select {
		case <-w.wake:
		case r := <-w.reads:
			r.done <- w.db.View(r.f)
		case <-retry:
		case <-w.end:
			w.write()
			return
		}
	}
}

var never <-chan time.Time

// openAtLast opens the file, as often as it takes. It is false where the store was
// closed before.
func (w *writer) openAtLast() bool {
	ctx, end := context.WithTimeout(context.Background(), w.opts.Wait)
	defer end()
	for {
		db, err := w.opts.Open(ctx, w.opts.Path)
		if err == nil {
			w.db = db
			w.tellRecovery()
			w.mu.Lock()
			w.opened = true
			w.mu.Unlock()
			w.note(nil)
			w.close(w.tried)
			return true
		}
		w.note(err)
		w.close(w.tried)
		end() // nobody waits for a lock any more
		select {
		case <-time.After(w.opts.Retry):
		case <-w.end:
			return false
		}
	}
}

// close closes a channel that may be closed already.
func (w *writer) close(c chan struct{}) {
	select {
	case <-c:
	default:
		close(c)
	}
}

// write writes what the parts have, until they have nothing more. It reports whether
// nothing is left.
func (w *writer) write() bool {
	told := make(chan struct{})
	stall := time.AfterFunc(w.opts.StallAfter, func() {
		w.note(errStalled)
		close(told)
	})
	left, err := true, error(nil)
	for left && err == nil {
		left, err = w.transaction()
	}
	if !stall.Stop() {
		<-told // so that it is not told after it is over
	}
	w.note(err)
	return err == nil
}

// transaction looks after the file, loads the parts that have not been, and writes what
// all have. It reports whether it has written something.
func (w *writer) transaction() (wrote bool, err error) {
	// A look at the file, which is replaced where it is damaged.
	if err := w.db.View(func(*bolt.Tx) error { return nil }); err != nil {
		return false, err
	}
	replaced := w.tellRecovery()
	if err := w.load(); err != nil {
		return false, err
	}
	w.lockFree()
	w.all = w.all || replaced
	waiting := w.waiting
	w.waiting = nil
	var writes []func(*bolt.Tx) error
	var dones []func(error)
	for _, p := range w.parts {
		if write, done := p.Changes(w.all); write != nil {
			writes, dones = append(writes, write), append(dones, done)
		}
	}
	w.mu.Unlock()
	if len(writes) > 0 {
		err = w.db.Update(func(tx *bolt.Tx) error {
			for _, write := range writes {
				if err := write(tx); err != nil {
					return err
				}
			}
			return nil
		})
	}
	for _, done := range dones {
		done(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil {
		w.waiting = append(waiting, w.waiting...)
		return false, err
	}
	w.all = false
	for _, c := range waiting {
		close(c)
	}
	return len(writes) > 0, nil
}

// lockFree locks mu while nobody holds the store, or it is closed.
func (w *writer) lockFree() {
	for {
		w.mu.Lock()
		held := w.held
		if held == nil || w.closed {
			return
		}
		w.mu.Unlock()
		select {
		case <-held:
		case <-w.end:
		}
	}
}

// load has parts read that have not yet.
func (w *writer) load() error {
	w.mu.Lock()
	parts := slices.DeleteFunc(slices.Clone(w.parts), func(p *part) bool {
		select {
		case <-p.loaded:
			return true
		default:
			return false
		}
	})
	w.mu.Unlock()
	if len(parts) == 0 {
		return nil
	}
	recovery, _ := w.db.Recovery()
	err := w.db.View(func(tx *bolt.Tx) error {
		for _, p := range parts {
			p.err = p.Load(tx, recovery.Lost)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, p := range parts {
		close(p.loaded)
	}
	return nil
}

// tellRecovery tells of a file that was damaged and has been replaced, and reports
// whether one was since it was called last.
func (w *writer) tellRecovery() bool {
	recovery, times := w.db.Recovery()
	if times == w.times {
		return false
	}
	w.times = times
	w.opts.Log.Error(recovery.String(), "file", w.opts.Path)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.recovered = errors.New(recovery.String())
	return true
}
