package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"ecnutd/monitor"
)

// A store keeps what must survive a restart: the state of the monitor and, in
// buckets of its own, the outbox. Without a database everything works from
// memory, and the fault is told.
type store struct {
	db    *bolt.DB // nil: memory only
	boot  string   // id of this boot of the host
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
	s := &store{boot: boot}
	if path == "" {
		return s
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		s.fault = fmt.Errorf("the state cannot be stored, a restart will forget it: %w", err)
		return s
	}
	db, err := openDatabase(path)
	if err != nil && broken(path, err) {
		aside := fmt.Sprintf("%s.broken-%s", path, time.Now().UTC().Format("20060102T150405Z"))
		if moved := os.Rename(path, aside); moved == nil {
			log.Error("the state file is damaged; it was set aside and a new one begun", "file", path, "aside", aside, "reason", err)
			db, err = openDatabase(path)
		}
	}
	if err != nil {
		s.fault = fmt.Errorf("the state cannot be stored, a restart will forget it: %s: %w", path, err)
		return s
	}
	s.db = db
	return s
}

// openDatabase opens and looks through: bbolt finds damage only where it
// reads, and answers it with a panic.
func openDatabase(path string) (db *bolt.DB, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			db, err = nil, fmt.Errorf("%w: %v", errDamaged, p)
		}
	}()
	db, err = bolt.Open(path, 0o640, &bolt.Options{Timeout: time.Second})
	if err != nil {
		return nil, err
	}
	check := func() (err error) {
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("%w: %v", errDamaged, p)
			}
		}()
		return db.View(func(tx *bolt.Tx) error {
			for err := range tx.Check() {
				return fmt.Errorf("%w: %v", errDamaged, err)
			}
			return nil
		})
	}
	if err := check(); err != nil {
		go db.Close() // may wait for the transaction that panicked
		return nil, err
	}
	return db, nil
}

var errDamaged = errors.New("the file is damaged")

// broken tells a damaged file from one that may not be opened, or is in use.
func broken(path string, err error) bool {
	if errors.Is(err, errDamaged) {
		return true
	}
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, bolterrors.ErrTimeout) {
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
	err = s.safely(func() error {
		return s.db.View(func(tx *bolt.Tx) error {
			if b := tx.Bucket(monitorBucket); b != nil {
				raw = append(raw, b.Get(stateKey)...)
			}
			return nil
		})
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
// or not at all. An error of more undoes the step.
func (s *store) save(what stored, more func(*bolt.Tx) error) error {
	what.Boot, what.Saved = s.boot, time.Now().Round(0)
	raw, err := json.Marshal(what)
	if err != nil {
		return err
	}
	err = s.safely(func() error {
		return s.db.Update(func(tx *bolt.Tx) error {
			b, err := tx.CreateBucketIfNotExists(monitorBucket)
			if err != nil {
				return err
			}
			if err := b.Put(stateKey, raw); err != nil {
				return err
			}
			return more(tx)
		})
	})
	s.fault = nil
	if err != nil {
		s.fault = fmt.Errorf("the state cannot be stored, a restart will forget it: %w", err)
	}
	return err
}

// nothingMore is save without anything beside the state.
func nothingMore(*bolt.Tx) error { return nil }

// safely runs a transaction; damage that bbolt panics on is an error.
func (s *store) safely(run func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", errDamaged, p)
		}
	}()
	return run()
}

func (s *store) close() {
	if s.db != nil {
		s.db.Close()
	}
}

// bootID names this boot of the host; "" where the kernel does not say.
func bootID() string {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(id))
}
