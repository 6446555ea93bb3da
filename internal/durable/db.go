// Package durable keeps a damaged database from taking the program with it.
//
// bbolt maps its file into memory, trusts every number in it and answers damage
// with a panic (some in goroutines of its own, which no recover reaches), with a
// fault of the memory map, or with a loop that does not end. So bbolt is never
// shown a file that was not looked through before: at Open, and ahead of every
// transaction, the pages are read by a reader of our own (inspect), which trusts
// none of them and holds the contents against the sums that the last transaction
// left.
//
// # What is done about damage
//
// A new file takes the place of the damaged one, which is set aside and never
// deleted. In it stands the last commit, where that is whole; else the one before,
// whole as well, since bbolt overwrites nothing of it before the next; else what
// can be read of either, and Recovery names the buckets of which something is
// missing. This goes on while the program runs: a transaction that finds the file
// damaged is run on the new one.
//
// What is left of panics and faults after that, a disk that fails between the look
// and the transaction, is caught in the goroutine that asked, and the file is
// looked through again before the next transaction.
package durable

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"syscall"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
	"golang.org/x/sys/unix"

	"ecnutd/internal/folder"
)

// ErrDamaged is what a transaction answers on a database that is damaged and
// could not be replaced. The next transaction tries again.
var ErrDamaged = errors.New("the state file is damaged")

// A DB is a database of bbolt that may turn out to be damaged. One transaction
// runs at a time. Its methods may be called from anywhere; they wait for the disk
// as long as it takes (package store has a goroutine for that).
type DB struct {
	mu      sync.Mutex
	path    string
	file    *os.File // what bolt has open
	bolt    *bolt.DB // nil: to be opened again
	refused error    // why the file is open for reading only; nil if it is not
	tx      uint64   // the last transaction; 0: not known
	closed  bool

	recovery *Recovery // the last one
	times    int       // how often the file was replaced
}

// Open opens a database, makes it where there is none, and replaces one that is
// damaged (Recovery tells). It waits for a process that has the file open until
// ctx ends; then the error is ErrLocked. A file that may not be written is opened
// all the same if it can be read: then Update says why it does not write.
func Open(ctx context.Context, path string) (*DB, error) {
	d := &DB{path: path}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.open(ctx); err != nil {
		return nil, err
	}
	return d, nil
}

// open opens the file at the path, in place of whatever was open. With mu.
func (d *DB) open(ctx context.Context) error {
	in, err := folder.Open(filepath.Dir(d.path))
	if err != nil {
		return err
	}
	defer in.Close()
	name := filepath.Base(d.path)
	for range 3 { // once for a file that has to be replaced, and once for bad luck
		f, err := lock(ctx, in, name)
		if readable(err) {
			return d.openToRead(in, err)
		}
		if err != nil {
			return err
		}
		found, err := look(f)
		if err == nil && found.fault == nil && found.tx < d.tx {
			found.fault, found.older = errOldRoot, isOlder
		}
		if err == nil && found.fault == nil {
			db, err := openBolt(d.path, f, false)
			if err != nil {
				f.Close()
				return err
			}
			d.file, d.bolt, d.refused, d.tx = f, db, nil, found.tx
			return nil
		}
		if err != nil {
			f.Close()
			return err
		}
		recovery, err := replace(in, name, f, found)
		f.Close()
		if err != nil {
			return fmt.Errorf("%w (%w), and cannot be replaced: %w", ErrDamaged, found.fault, err)
		}
		d.recovery = recovery
		d.times++
		d.tx = 0
	}
	return fmt.Errorf("%w, and so was what replaced it", ErrDamaged)
}

// errOldRoot is what is wrong with a file in which an older commit is the last one.
var errOldRoot = errors.New("the last commit is not in the file any more")

// readable reports whether a file that cannot be opened for writing may still be
// there to be read: a file system that the kernel has made read-only, for example.
func readable(err error) bool {
	return errors.Is(err, syscall.EROFS) || errors.Is(err, os.ErrPermission)
}

// openToRead opens the file for reading, since it is refused for writing. The
// error is that one where it cannot be read either. With mu.
func (d *DB) openToRead(in *folder.Folder, refused error) error {
	name := filepath.Base(d.path)
	f, err := in.OpenFile(name, os.O_RDONLY, 0)
	if err != nil {
		return refused
	}
	if f, err = locked(f, in, name, unix.LOCK_SH); err != nil {
		return refused
	}
	found, err := look(f)
	if err != nil || found.fault != nil || found.tx == 0 {
		f.Close()
		return refused
	}
	db, err := openBolt(d.path, f, true)
	if err != nil {
		f.Close()
		return refused
	}
	d.file, d.bolt, d.refused, d.tx = f, db, refused, found.tx
	return nil
}

// Recovery says what was done the last time that the file was damaged; nil if it
// never was. times counts how often it was replaced since Open was called, that
// time included: whoever knows more than the file does writes it again when
// times changes.
func (d *DB) Recovery() (r *Recovery, times int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.recovery, d.times
}

// Update runs a transaction that may write, and returns its error. It works on
// what stands in the file by then: after damage that may be less than before. f is
// run twice where the file fails on the way.
func (d *DB) Update(f func(*bolt.Tx) error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	var tx uint64
	err := d.run(true, func(db *bolt.DB) error {
		return db.Update(func(t *bolt.Tx) error {
			tx = uint64(t.ID())
			if err := f(t); err != nil {
				return err
			}
			return writeSums(t)
		})
	})
	switch {
	case err == nil:
		d.tx = tx
	case d.bolt != nil:
		// Whether the root was written before the disk refused is not known.
		d.tx = 0
	}
	return err
}

// View runs a transaction that only reads.
func (d *DB) View(f func(*bolt.Tx) error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.run(false, func(db *bolt.DB) error { return db.View(f) })
}

// run runs f on a file that was just looked through, or on one that has replaced
// it; once more where the file fails on the way. With mu.
func (d *DB) run(writes bool, f func(*bolt.DB) error) error {
	if d.closed {
		return fmt.Errorf("%s: %w", d.path, os.ErrClosed)
	}
	err := d.try(writes, f)
	if errors.Is(err, ErrDamaged) && d.bolt == nil {
		err = d.try(writes, f)
	}
	return err
}

func (d *DB) try(writes bool, f func(*bolt.DB) error) error {
	if d.bolt != nil && (writes && d.refused != nil || !d.sound()) {
		d.leave()
	}
	if d.bolt == nil {
		if err := d.open(onceOnly()); err != nil {
			return err
		}
	}
	if writes && d.refused != nil {
		return d.refused
	}
	err := guard(func() error { return f(d.bolt) })
	if errors.Is(err, ErrDamaged) || errors.Is(err, bolterrors.ErrInvalidMapping) {
		// Its locks may be locked, or its map gone: nobody asks it again.
		d.abandon()
	}
	return err
}

// onceOnly is a context that has ended: what is locked is not waited for.
func onceOnly() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// sound looks through the open file. With mu.
func (d *DB) sound() bool {
	found, err := look(d.file)
	return err == nil && found.fault == nil && (d.tx == 0 || found.tx == d.tx)
}

// leave closes a file whose database is in order itself. With mu.
func (d *DB) leave() {
	if err := guard(d.bolt.Close); err != nil {
		d.abandon()
	}
	d.bolt = nil
}

// abandon lets go of a file whose database is not to be asked for anything. Its map
// stays. With mu.
func (d *DB) abandon() {
	_ = unix.Flock(int(d.file.Fd()), unix.LOCK_UN) // the map would hold it past Close
	d.file.Close()
	d.bolt = nil
}

// Close closes the database.
func (d *DB) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	if d.bolt == nil {
		return nil
	}
	db := d.bolt
	d.bolt = nil
	return guard(db.Close)
}

// guard turns a panic into ErrDamaged.
func guard(f func() error) (err error) {
	// A page number out of nowhere points outside of the mapped file, and a file
	// that was cut has no pages behind the map.
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w (%v)", ErrDamaged, p)
		}
	}()
	return f()
}
