package daemon

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"

	"ecnutd/internal/control"
	"ecnutd/internal/store"
	"ecnutd/monitor"
	form "ecnutd/monitor/stored"
)

// A stateStore is the daemon's part of what must survive a restart, and the file with
// it. The outbox is the other part.
type stateStore struct {
	*store.Store
	boot string // id of this boot of the host
	day  func() time.Time
	at   monitor.Instant // when a step was stored last

	mu      sync.Mutex
	found   []byte // what stood in the file
	lost    bool   // it was damaged
	aside   []byte // a state of a later release, to be kept for it
	newest  []byte
	version int // of newest
	stored  int // the version that the file has
	unread  error
}

var (
	monitorBucket = []byte("monitor")
	stateKey      = []byte("state")
	newerKey      = []byte("state.newer") // a state of a later release, kept for it
)

// storedVersion is the version of the form of a stored that is written. The
// first release wrote none, in the same form. The state in it has a version of
// its own (form.Version).
const storedVersion = 2

// A stored is the state with what tells whether it still means anything.
type stored struct {
	Version int        `json:"version"`
	Boot    string     `json:"boot"`
	Saved   time.Time  `json:"saved"`
	State   form.State `json:"state"`

	// Outages and Tests mean something in every boot.
	Outages map[string]outage   `json:"outages,omitempty"`
	Tests   map[string]selfTest `json:"tests,omitempty"`

	// Maintenance is the one of the state by the time of day, for another boot.
	Maintenance control.Maintained `json:"maintenance,omitzero"`
}

// openStore opens the file at path, "" for none. It always returns a store.
func openStore(out *Outside, path string) *stateStore {
	s := &stateStore{boot: out.Boot, day: out.Clock.Day}
	s.Store = store.Open(store.Options{Path: path, Open: out.Disk.Open, Log: out.Log})
	s.unread = s.Join(s)
	return s
}

// Load is called by the store with what stands in the file.
func (s *stateStore) Load(tx *bolt.Tx, lost func(bucket string) bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lost, s.found = lost(string(monitorBucket)), nil
	if b := tx.Bucket(monitorBucket); b != nil {
		s.found = append(s.found, b.Get(stateKey)...)
	}
	if _, err := parseStored(s.found); len(s.found) > 0 && isNewer(err) {
		s.aside = s.found // what this release stores does not overwrite it
	}
	return nil
}

// Changes is called by the store for what the file does not know yet.
func (s *stateStore) Changes(all bool) (write func(*bolt.Tx) error, done func(error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	version, newest, aside := s.version, s.newest, s.aside
	if newest == nil || version == s.stored && !all {
		return nil, nil
	}
	write = func(tx *bolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists(monitorBucket)
		if err != nil {
			return err
		}
		if aside != nil {
			if err := b.Put(newerKey, aside); err != nil {
				return err
			}
		}
		return b.Put(stateKey, newest)
	}
	return write, func(err error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if err == nil {
			s.stored = version
		}
	}
}

// load is what was stored. ok says that its state is of this boot; from
// another one the state means nothing and is left out. The error is also that of a
// file that cannot be read yet.
func (s *stateStore) load() (got stored, ok bool, err error) {
	if s.unread != nil {
		return stored{}, false, s.unread
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.lost:
		return stored{}, false, errors.New("the stored state was damaged: nothing of it is taken up")
	case len(s.found) == 0:
		return stored{}, false, nil
	}
	got, err = parseStored(s.found)
	if isNewer(err) {
		return stored{}, false, fmt.Errorf("the stored state is kept as %s, and the daemon goes on without it: %w", newerKey, err)
	}
	if err != nil {
		return stored{}, false, fmt.Errorf("the stored state is not readable and is left out: %w", err)
	}
	if ok = got.Boot == s.boot && s.boot != ""; !ok {
		got.State = form.State{}
	}
	return got, ok, nil
}

// parseStored reads what save wrote, in this release or in an earlier one. The
// error of a later form is a form.NewerError.
func parseStored(raw []byte) (got stored, err error) {
	if raw, err = unsum(raw); err != nil {
		return stored{}, err
	}
	var head struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return stored{}, err
	}
	if head.Version > storedVersion {
		return stored{}, form.NewerError{Version: head.Version, Known: storedVersion}
	}
	if err := json.Unmarshal(raw, &got); err != nil {
		return stored{}, err
	}
	return got, nil
}

// The stored form begins with its own sum, so that a state is never taken up of which
// a bit has turned: numbers in it shut the host down.
const (
	sumBegin = `{"sum":"`
	sumEnd   = `",`
	sumSize  = 8 // hexadecimal digits of a CRC-32 (IEEE 802.3)
)

// withSum puts the sum of a JSON object in front of what is in it.
func withSum(raw []byte) []byte {
	if len(raw) < 2 {
		return raw
	}
	return fmt.Appendf(nil, "%s%08x%s%s", sumBegin, crc32.ChecksumIEEE(raw), sumEnd, raw[1:])
}

// errSum says that a state is not what was stored.
var errSum = errors.New("its checksum does not match")

// unsum is the object without its sum, which has to match. Releases before this one
// wrote none; their objects begin with another key. Those of later ones begin with
// their sum.
func unsum(raw []byte) ([]byte, error) {
	rest, summed := bytes.CutPrefix(raw, []byte(sumBegin))
	if !summed {
		for _, key := range []string{`{"version":`, `{"boot":`} {
			if bytes.HasPrefix(raw, []byte(key)) {
				return raw, nil
			}
		}
		return nil, errSum
	}
	if len(rest) < sumSize+len(sumEnd) || string(rest[sumSize:sumSize+len(sumEnd)]) != sumEnd {
		return nil, errSum
	}
	object := append([]byte("{"), rest[sumSize+len(sumEnd):]...)
	if fmt.Sprintf("%08x", crc32.ChecksumIEEE(object)) != string(rest[:sumSize]) {
		return nil, errSum
	}
	return object, nil
}

func isNewer(err error) bool {
	_, newer := errors.AsType[form.NewerError](err)
	return newer
}

// save hands over what has to be kept, and runs also, which hands over what
// belongs to the same step: the file has both or neither. It does not wait for the
// disk. An error is one of a state that cannot be stored at all.
func (s *stateStore) save(what stored, now monitor.Instant, also func()) error {
	s.at = now
	if !s.Kept() {
		also()
		return nil
	}
	what.Version, what.Boot, what.Saved = storedVersion, s.boot, s.day().Round(0)
	raw, err := json.Marshal(what)
	raw = withSum(raw)
	s.Change(func() {
		if err == nil {
			s.mu.Lock()
			s.newest = raw
			s.version++
			s.mu.Unlock()
		}
		also()
	})
	return err
}

// nothingMore is save without anything beside the state.
func nothingMore() {}

// awaitLimit is how long somebody who asked for something to be stored waits for
// the disk.
const awaitLimit = time.Second

// await waits until a change is stored, for awaitLimit at most. It is not for the
// loop.
func (s *stateStore) await(ctx context.Context, stored <-chan struct{}) {
	if !s.Kept() {
		return
	}
	limit := time.NewTimer(awaitLimit)
	defer limit.Stop()
	select {
	case <-stored:
	case <-limit.C:
	case <-ctx.Done():
	}
}

// closeLimit is how long the end of the daemon waits for the disk.
const closeLimit = 5 * time.Second

// close writes the rest and closes the file.
func (s *stateStore) close() {
	_ = s.Close(closeLimit) // a fault is logged
}
