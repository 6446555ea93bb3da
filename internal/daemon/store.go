package daemon

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	bolt "go.etcd.io/bbolt"

	"ecnutd/internal/durable"
	"ecnutd/monitor"
)

// A store keeps what must survive a restart: the state of the monitor and, in
// buckets of its own, the outbox. Without a database everything works from
// memory, and the fault is told.
type store struct {
	db    *durable.DB // nil: memory only
	boot  string      // id of this boot of the host
	path  string
	log   *slog.Logger
	day   func() time.Time // time of day
	fault error
	at    monitor.Instant // when a step was stored last

	recovered  error // a damaged file was replaced
	recoveries int   // how often
}

var (
	monitorBucket = []byte("monitor")
	stateKey      = []byte("state")
	newerKey      = []byte("state.newer") // a state of a later release, kept for it
)

// storedVersion is the version of the form of a stored that is written. The
// first release wrote none, in the same form. The state in it has a version of
// its own (monitor.StateVersion).
const storedVersion = 2

// A stored is the state with what tells whether it still means anything.
type stored struct {
	Version int           `json:"version"`
	Boot    string        `json:"boot"`
	Saved   time.Time     `json:"saved"`
	State   monitor.State `json:"state"`

	// Outages and Tests mean something in every boot.
	Outages map[string]outage   `json:"outages,omitempty"`
	Tests   map[string]selfTest `json:"tests,omitempty"`
}

// openStore opens the database of state at path, "" for none. It always returns
// a store.
func openStore(out *Outside, path string) *store {
	s := &store{boot: out.Boot, path: path, log: out.Log, day: out.Clock.Day}
	if path == "" {
		return s
	}
	db, err := out.Disk.Open(path)
	if err != nil {
		s.fault = fmt.Errorf("the state cannot be stored, a restart will forget it: %s: %w", path, err)
		return s
	}
	s.db = db
	s.tellRecovery()
	return s
}

// tellRecovery tells once of a state file that was damaged and has been replaced.
func (s *store) tellRecovery() {
	r, times := s.db.Recovery()
	if times == s.recoveries {
		return
	}
	s.recoveries, s.recovered = times, errors.New(r.String())
	s.log.Error(r.String(), "file", s.path)
}

// load is what was stored. ok says that its state is of this boot; from
// another one the state means nothing and is left out.
func (s *store) load() (got stored, ok bool, err error) {
	if s.db == nil {
		return stored{}, false, nil
	}
	if r, _ := s.db.Recovery(); r.Lost(string(monitorBucket)) {
		return stored{}, false, errors.New("the stored state was damaged: nothing of it is taken up")
	}
	var raw []byte
	err = s.db.View(func(tx *bolt.Tx) error {
		if b := tx.Bucket(monitorBucket); b != nil {
			raw = append(raw, b.Get(stateKey)...)
		}
		return nil
	})
	if err != nil || len(raw) == 0 {
		return stored{}, false, err
	}
	got, err = parseStored(raw)
	if _, newer := errors.AsType[monitor.NewerError](err); newer {
		return stored{}, false, s.keepNewer(raw, err)
	}
	if err != nil {
		return stored{}, false, fmt.Errorf("the stored state is not readable and is left out: %w", err)
	}
	if ok = got.Boot == s.boot && s.boot != ""; !ok {
		got.State = monitor.State{}
	}
	return got, ok, nil
}

// parseStored reads what save wrote, in this release or in an earlier one. The
// error of a later form is a monitor.NewerError.
func parseStored(raw []byte) (got stored, err error) {
	var head struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return stored{}, err
	}
	if head.Version > storedVersion {
		return stored{}, monitor.NewerError{Version: head.Version, Known: storedVersion}
	}
	if err := json.Unmarshal(raw, &got); err != nil {
		return stored{}, err
	}
	return got, nil
}

// keepNewer sets a state of a later release aside under a key of its own, so
// that what this release stores does not overwrite it, and returns what to tell.
// Where it cannot be set aside nothing is stored any more.
func (s *store) keepNewer(raw []byte, newer error) error {
	err := s.db.Update(func(tx *bolt.Tx) error { return tx.Bucket(monitorBucket).Put(newerKey, raw) })
	if err == nil {
		return fmt.Errorf("the stored state is kept as %s, and the daemon goes on without it: %w", newerKey, newer)
	}
	s.close()
	s.db = nil
	s.fault = fmt.Errorf("the state cannot be stored, a restart will forget it: %s: %w", s.path, newer)
	return fmt.Errorf("the stored state cannot be set aside and is left alone: %w: %w", newer, err)
}

// save stores what has to be kept, and whatever else belongs to the same step, at once
// or not at all. An error of more undoes the step. A fault is logged here.
func (s *store) save(what stored, now monitor.Instant, more func(*bolt.Tx) error) error {
	s.at = now
	what.Version, what.Boot, what.Saved = storedVersion, s.boot, s.day().Round(0)
	raw, err := json.Marshal(what)
	if err != nil {
		return err
	}
	err = s.db.Update(func(tx *bolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists(monitorBucket)
		if err != nil {
			return err
		}
		if err := b.Put(stateKey, raw); err != nil {
			return err
		}
		return more(tx)
	})
	s.tellRecovery()
	before := s.fault
	s.fault = nil
	if err != nil {
		s.fault = fmt.Errorf("the state cannot be stored, a restart will forget it: %s: %w", s.path, err)
		if before == nil || before.Error() != s.fault.Error() {
			s.log.Error(s.fault.Error()) // once is enough
		}
	}
	return err
}

// nothingMore is save without anything beside the state.
func nothingMore(*bolt.Tx) error { return nil }

func (s *store) close() {
	if s.db != nil {
		s.db.Close()
	}
}
