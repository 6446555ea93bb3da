package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

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
	fault error
}

var (
	monitorBucket = []byte("monitor")
	stateKey      = []byte("state")
)

// A stored is the state with what tells whether it still means anything.
type stored struct {
	Boot  string        `json:"boot"`
	Saved time.Time     `json:"saved"`
	State monitor.State `json:"state"`

	// Outages and Tests mean something in every boot.
	Outages map[string]outage   `json:"outages,omitempty"`
	Tests   map[string]selfTest `json:"tests,omitempty"`
}

// openStore opens the database of state. One that is broken is moved aside,
// never deleted, and a new one begun. It always returns a store.
func openStore(path, boot string, log *slog.Logger) *store {
	s := &store{boot: boot, path: path, log: log}
	if path == "" {
		return s
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		s.fault = fmt.Errorf("the state cannot be stored, a restart will forget it: %s: %w", path, err)
		return s
	}
	db, err := durable.Open(path)
	if err != nil && broken(path, err) {
		aside := fmt.Sprintf("%s.broken-%s", path, time.Now().UTC().Format("20060102T150405Z"))
		if moved := os.Rename(path, aside); moved == nil {
			log.Error("the state file is damaged; it was set aside and a new one begun", "file", path, "aside", aside, "reason", err)
			db, err = durable.Open(path)
		}
	}
	if err != nil {
		s.fault = fmt.Errorf("the state cannot be stored, a restart will forget it: %s: %w", path, err)
		return s
	}
	s.db = db
	if err := giveAway(path); err != nil {
		log.Warn("the state file belongs to root, and the service cannot write to it: chown it like its folder", "file", path, "reason", err)
	}
	return s
}

// giveAway has a file belong to the owner of its folder, where root has made
// it: whoever runs the daemon by hand must not lock the service out.
func giveAway(path string) error {
	folder, err := os.Stat(filepath.Dir(path))
	if err != nil {
		return err
	}
	file, err := os.Stat(path)
	if err != nil {
		return err
	}
	owner, ok := folder.Sys().(*syscall.Stat_t)
	now, ok2 := file.Sys().(*syscall.Stat_t)
	if !ok || !ok2 || now.Uid != 0 || owner.Uid == 0 {
		return nil
	}
	return os.Chown(path, int(owner.Uid), int(owner.Gid))
}

// broken tells a damaged file from one that may not be opened, or is in use.
func broken(path string, err error) bool {
	if errors.Is(err, durable.ErrDamaged) {
		return true
	}
	// What the system says is about the disk or the rights.
	if _, ok := errors.AsType[syscall.Errno](err); ok || errors.Is(err, bolterrors.ErrTimeout) {
		return false
	}
	st, statErr := os.Stat(path)
	return statErr == nil && st.Mode().IsRegular()
}

// load is what was stored. ok tells that its state is of this boot; from
// another one the state means nothing and is left out.
func (s *store) load() (got stored, ok bool, err error) {
	if s.db == nil {
		return stored{}, false, nil
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
	if err := json.Unmarshal(raw, &got); err != nil {
		return stored{}, false, fmt.Errorf("the stored state is not readable and is left out: %w", err)
	}
	if ok = got.Boot == s.boot && s.boot != ""; !ok {
		got.State = monitor.State{}
	}
	return got, ok, nil
}

// save stores what has to be kept, and whatever else belongs to the same step, at once
// or not at all. An error of more undoes the step. A fault is logged here.
func (s *store) save(what stored, more func(*bolt.Tx) error) error {
	what.Boot, what.Saved = s.boot, time.Now().Round(0)
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
