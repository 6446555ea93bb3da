// Package store has what must survive a restart written to one file, and nobody
// wait for the disk.
//
// # Who knows what
//
// Memory is always right; the file is a note of it. A Part owns something in
// memory: the daemon its state, the outbox its messages. A goroutine of the store,
// the only one that touches the disk, asks the parts for what the file does not
// know yet and writes it in one transaction. While it waits for the disk, for as
// long as that takes, all else goes on.
//
//	s := store.Open(store.Options{Path: path, Open: open, Log: log}) // waits for Wait, at most
//	s.Join(state)                         // Load is called with what is stored
//	s.Join(outbox)
//	...
//	stored := s.Change(func() {           // in memory, at once
//		state.set(newest)
//		outbox.Queue(message)             // is on its way already
//	})
//	select {
//	case <-stored:                        // on the disk
//	case <-time.After(time.Second):       // or not: go on
//	}
//	...
//	err := s.Close(limit)                 // the rest is written, in limit at most
//
// # What belongs together
//
// All that is done within one Change is in one transaction, and what a transaction
// holds is what memory held at one instant: no message without the state that it
// belongs to, and no such state without the message. Changes that come while the
// disk is at work are written together when it is done.
//
// # When the disk fails
//
// A fault is logged when it begins and when it is over, and Fault tells it as long as it
// lasts: a disk that refuses, one that does not answer within StallAfter, a file that
// another process has open. What was not written is tried again, with the next
// change and every Retry, so that nothing that was handed over is lost when the disk
// recovers. A file that was damaged has been replaced (package durable): then the
// parts hand over all that they have.
//
// What a crash can undo is what was not written yet: less than a hundredth of a
// second on a disk that works. The daemon then decides it again, and what was sent
// meanwhile is sent once more.
package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"

	"ecnutd/internal/durable"
)

// A Part is somebody's share of the file. Both methods are called by the goroutine
// of the store, one at a time.
type Part interface {
	// Load reads what is stored. It is called before anything is written, which may
	// be long after Join where the disk is slow, and once more only where the file
	// turned out damaged under it. lost reports whether
	// something of a bucket at the top was lost with a damaged file.
	Load(tx *bolt.Tx, lost func(bucket string) bool) error

	// Changes is what the file does not know yet, or all there is: write puts it
	// into a transaction, perhaps more than once, and done hears what came of it.
	// Where there is nothing, write is nil. Changes runs with the lock of the
	// store held, so it must not wait and not call the store.
	Changes(all bool) (write func(*bolt.Tx) error, done func(error))
}

// A Database is what a Store writes to: a *durable.DB, or a stand-in.
type Database interface {
	Update(func(*bolt.Tx) error) error
	View(func(*bolt.Tx) error) error
	Recovery() (last *durable.Recovery, times int)
	Close() error
}

// File opens a file of this host: Options.Open as a rule.
func File(ctx context.Context, path string) (Database, error) {
	db, err := durable.Open(ctx, path)
	if err != nil {
		return nil, err // and no Database that holds a nil
	}
	return db, nil
}

// Options of a Store.
type Options struct {
	// Path is the file; "" for none: then nothing is stored, and that is no fault.
	Path string
	// Open opens it, and waits for another process that has it open until ctx
	// ends. It is called again as long as it fails.
	Open func(ctx context.Context, path string) (Database, error)
	Log  *slog.Logger
	// Wait is how long Open waits for the file, and Join for what is in it (10 s by
	// default): a process that lists the messages, or a daemon that is about to
	// end, lets go of it by then.
	Wait time.Duration
	// StallAfter is when a disk that does not answer is a fault (1 s by default).
	StallAfter time.Duration
	// Retry is how often a disk that failed is tried again (30 s by default).
	Retry time.Duration
}

// A Store writes what its parts hold. Its methods may be called from anywhere.
type Store struct {
	opts  Options
	wake  chan struct{} // a token while there may be something to write
	end   chan struct{} // closed by Close
	ended chan struct{} // closed when the file is

	tried chan struct{} // closed when the file was tried to be opened once
	reads chan reading  // to be done by the writer

	mu        sync.Mutex
	parts     []*part
	waiting   []chan struct{} // for the next transaction
	held      chan struct{}   // closed when the next one may begin; nil: it may
	all       bool            // the parts hand over all they have
	opened    bool            // the file is, or was
	closed    bool
	fault     error
	recovered error
}

// A part with what the store knows of it.
type part struct {
	Part
	loaded chan struct{} // closed when Load has returned
	err    error         // of Load
}

// Open makes a store and waits until its file has been opened, or could not be, or
// Options.Wait has passed. It always returns a store: without a file it works from
// memory, Fault tells, and the file is tried again.
func Open(o Options) *Store {
	o.Wait = cmp.Or(o.Wait, 10*time.Second)
	o.StallAfter = cmp.Or(o.StallAfter, time.Second)
	o.Retry = cmp.Or(o.Retry, 30*time.Second)
	s := &Store{opts: o, wake: make(chan struct{}, 1), end: make(chan struct{}), ended: make(chan struct{}), tried: make(chan struct{}), reads: make(chan reading)}
	if o.Path == "" {
		close(s.tried)
		close(s.ended)
		return s
	}
	go (&writer{Store: s}).run()
	select {
	case <-s.tried:
	case <-time.After(o.Wait + openGrace):
		s.note(errStalled)
	}
	return s
}

// openGrace is what Options.Open gets beyond its time to say why it failed.
const openGrace = 100 * time.Millisecond

// errStalled is the fault of a disk that does not answer.
var errStalled = errors.New("the disk does not answer; all goes on from memory")

// Kept reports whether there is a file, at least by its name.
func (s *Store) Kept() bool { return s.opts.Path != "" }

// ErrNotYet is what Join answers where the file has not been read in time. It is
// read as soon as that is possible.
var ErrNotYet = errors.New("the state file cannot be read yet")

// Join makes a part belong to the store, and waits until its Load has returned, for
// Options.Wait at most. The error is that of Load, or ErrNotYet. Without a file Load
// is not called, and the error is nil.
func (s *Store) Join(p Part) error {
	one := &part{Part: p, loaded: make(chan struct{})}
	s.mu.Lock()
	s.parts = append(s.parts, one)
	opened := s.opened
	s.mu.Unlock()
	if !s.Kept() {
		return nil
	}
	s.Touch()
	if !opened {
		return ErrNotYet // Open has waited
	}
	select {
	case <-one.loaded:
		return one.err
	case <-s.ended:
		return os.ErrClosed
	case <-time.After(s.opts.Wait):
		return ErrNotYet
	}
}

// Swap puts a part in the place of another one, and has it take over the memory of
// that one in the same breath. It is loaded where the other was not yet.
func (s *Store) Swap(old, next Part, takeOver func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.IndexFunc(s.parts, func(p *part) bool { return p.Part == old }); i >= 0 {
		one := &part{Part: next, loaded: make(chan struct{})}
		select {
		case <-s.parts[i].loaded:
			close(one.loaded)
		default:
		}
		s.parts[i] = one
	}
	takeOver()
}

// Change runs f, which changes what parts hold in memory, so that one transaction
// has all of it; f must not wait. The channel is closed when that transaction, or
// one after it, is on the disk: never, if the disk does not recover, and where
// there is no file.
func (s *Store) Change(f func()) (stored <-chan struct{}) {
	c := make(chan struct{})
	s.mu.Lock()
	f()
	s.waiting = append(s.waiting, c)
	if !s.Kept() || s.closed {
		s.waiting = nil
	}
	s.mu.Unlock()
	s.Touch()
	return c
}

// Hold has no transaction begin until release is called: what goes before a note on
// the disk is done meanwhile, and takes a few seconds at most. One that has begun
// goes on. Changes are taken as always. A store that is closed does not wait.
func (s *Store) Hold() (release func()) {
	c := make(chan struct{})
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held != nil {
		return func() {} // whoever holds it lets go
	}
	s.held = c
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.held == c {
			s.held = nil
			close(c)
		}
	}
}

// Touch has the parts asked for what they have. A part calls it when something of its
// own has changed; it does not wait.
func (s *Store) Touch() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// A reading is what somebody wants to know of the file.
type reading struct {
	f    func(*bolt.Tx) error
	done chan error
}

// ErrNoFile is what View answers where nothing is stored.
var ErrNoFile = errors.New("nothing is stored: no state file is configured")

// View has f read the file, and returns its error. It waits for the disk until ctx ends;
// f may run after that.
func (s *Store) View(ctx context.Context, f func(*bolt.Tx) error) error {
	if !s.Kept() {
		return ErrNoFile
	}
	r := reading{f, make(chan error, 1)}
	select {
	case s.reads <- r:
	case <-s.ended:
		return os.ErrClosed
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", errStalled, ctx.Err())
	}
	select {
	case err := <-r.done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", errStalled, ctx.Err())
	}
}

// Fault says why nothing can be stored at present; nil if all is well.
func (s *Store) Fault() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fault
}

// Recovered says what was done about a damaged file, the last time that one was
// found; nil if none was.
func (s *Store) Recovered() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.recovered
}

// Close writes what there is to write and closes the file. Where that takes longer
// than limit, the error says so and the goroutine that waits for the disk is left
// behind. The error is also that of what could not be written. What changes from
// now on is not stored.
func (s *Store) Close(limit time.Duration) error {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.end)
	}
	s.mu.Unlock()
	select {
	case <-s.ended:
	case <-time.After(limit):
		s.note(errStalled)
	}
	return s.Fault()
}

// note keeps a fault and logs it, once as long as it is the same; nil is the end of
// one.
func (s *Store) note(err error) {
	if err != nil {
		err = fmt.Errorf("the state cannot be stored, a restart will forget it: %s: %w", s.opts.Path, err)
	}
	s.mu.Lock()
	before := s.fault
	s.fault = err
	s.mu.Unlock()
	switch {
	case err == nil && before != nil:
		s.opts.Log.Info("the state is stored again", "file", s.opts.Path)
	case err != nil && (before == nil || before.Error() != err.Error()):
		s.opts.Log.Error(err.Error())
	}
}
