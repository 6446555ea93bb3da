// Package durable keeps a damaged database from taking the program with it.
//
// bbolt maps its file into memory and answers damage with a panic, or with a
// fault of the memory map where the file has been cut or the disk does not
// give it. Either may leave its locks locked for ever. A DB turns the first of
// them into an error, and never touches the file again: whoever comes later
// gets ErrDamaged at once and works from memory.
package durable

import (
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"
)

// ErrDamaged is what a damaged database answers.
var ErrDamaged = errors.New("the file is damaged; it is not touched again before the next start, which sets it aside")

// A DB is a database of bbolt that may turn out to be damaged. One transaction
// runs at a time, so that nobody waits for a lock that a panic has left.
type DB struct {
	bolt    *bolt.DB
	mu      sync.Mutex
	damage  error // what was found first
	damaged atomic.Bool
}

// Open opens a database and looks through it: bbolt finds damage only where
// it reads. It waits up to a second for a process that has the file open. Where
// the file is damaged, the error is ErrDamaged or one of bbolt's.
func Open(path string) (*DB, error) {
	var d *DB
	err := guard(func() error {
		db, err := bolt.Open(path, 0o640, &bolt.Options{Timeout: time.Second})
		if err == nil {
			d = Guard(db)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	err = d.View(func(tx *bolt.Tx) error {
		for err := range tx.Check() {
			return fmt.Errorf("%w: %v", ErrDamaged, err)
		}
		return nil
	})
	if err != nil {
		go d.bolt.Close() // may wait for the transaction that panicked
		return nil, err
	}
	return d, nil
}

// Guard is a DB of a database that is open already; nil of nil. Nobody else
// may use that database meanwhile.
func Guard(db *bolt.DB) *DB {
	if db == nil {
		return nil
	}
	return &DB{bolt: db}
}

// Damaged tells whether the database was found damaged. It does not wait.
func (d *DB) Damaged() bool { return d.damaged.Load() }

// Update runs a transaction that may write, and returns its error or
// ErrDamaged.
func (d *DB) Update(f func(*bolt.Tx) error) error {
	return d.run(func() error { return d.bolt.Update(f) })
}

// View runs a transaction that only reads.
func (d *DB) View(f func(*bolt.Tx) error) error {
	return d.run(func() error { return d.bolt.View(f) })
}

func (d *DB) run(f func() error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.damage != nil {
		return d.damage
	}
	err := guard(f)
	if errors.Is(err, ErrDamaged) {
		d.damage = err
		d.damaged.Store(true)
	}
	return err
}

// Close closes the database. A damaged one stays open until the program ends:
// its locks may be locked.
func (d *DB) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.damage != nil {
		return nil
	}
	return d.bolt.Close()
}

// guard turns a panic into ErrDamaged.
func guard(f func() error) (err error) {
	// A page number out of nowhere points outside of the mapped file.
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w (%v)", ErrDamaged, p)
		}
	}()
	return f()
}
