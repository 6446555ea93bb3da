// Package book keeps the history of a host in the state file, as a part of its
// store. Memory has a line for each outage, and the story of those that are open or
// ended last; the others are read when somebody asks.
//
// The history is a thing of the past: it never makes the store write. What it has
// goes to the disk with the next step that is stored, or the next verdict of a
// message, and a daemon that is killed loses some points of a curve.
package book

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"

	"ecnutd/internal/history"
)

// MaxOutages is how many outages are kept: with three a week those of thirteen
// years. Of more the oldest are forgotten; the totals go on counting them.
const MaxOutages = 2000

var (
	bucketName = []byte("history")
	totalsKey  = []byte("totals") // longer than a number, so no outage has this key
)

// version is that of the form in which outages are stored. Newer ones are kept and
// not shown.
const version = 1

type storedOutage struct {
	Version int `json:"version"`
	history.Outage
}

// storedTotals are the totals in their stored form.
type storedTotals struct {
	Version int    `json:"version"`
	Last    uint64 `json:"last"` // the highest number that was given
	history.Totals
}

// A Book is the history as a part of a store. Its methods may be called from
// anywhere.
type Book struct {
	mu       sync.Mutex
	keeper   *Keeper
	list     []history.Summary // of those that are stored and not in the keeper, the oldest first
	changes  uint64            // counts up with each change
	dirty    map[uint64]uint64 // what the file does not have, with the change; 0: the totals
	rebooted *started          // what Started said before Load had been
	loaded   bool
}

type started struct {
	day, seen time.Time
	rebooted  bool
	why       string
}

// New makes an empty book.
func New() *Book { return &Book{keeper: NewKeeper(), dirty: make(map[uint64]uint64)} }

// Load takes up what is stored; the store calls it.
func (b *Book) Load(tx *bolt.Tx, _ func(string) bool) error {
	var totals storedTotals
	var all []history.Outage
	bad := 0
	if bucket := tx.Bucket(bucketName); bucket != nil {
		if raw := bucket.Get(totalsKey); raw != nil && (json.Unmarshal(raw, &totals) != nil || totals.Version > version) {
			bad++
			totals = storedTotals{}
		}
		_ = bucket.ForEach(func(k, v []byte) error {
			if len(k) != 8 {
				return nil
			}
			totals.Last = max(totals.Last, binary.BigEndian.Uint64(k))
			o, err := parse(v)
			if err != nil {
				bad++
				return nil
			}
			// A line is enough of all but the newest.
			if len(all) >= keptWhole {
				all[len(all)-keptWhole] = short(all[len(all)-keptWhole])
			}
			all = append(all, o)
			return nil
		})
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	cut := max(0, len(all)-keptWhole)
	b.list = nil
	for i := range all[:cut] {
		b.list = append(b.list, all[i].Summary())
	}
	var before []*history.Outage
	for i := range all[cut:] {
		before = append(before, &all[cut+i])
	}
	before = append(before, b.keeper.Recent()...)
	b.keeper.Restore(totals.Totals, totals.Last, all[cut:])
	b.file(before)
	clear(b.dirty)
	b.mark(append(b.keeper.Open(), b.keeper.Recent()...))
	b.loaded = true
	if s := b.rebooted; s != nil {
		b.rebooted = nil
		b.keeper.Started(s.day, s.seen, s.rebooted, s.why)
	}
	if bad > 0 {
		return fmt.Errorf("%d entries of the history cannot be read: they are kept, and not shown", bad)
	}
	return nil
}

// keptWhole is how many of the newest outages are taken up with their stories.
const keptWhole = 4

func short(o history.Outage) history.Outage {
	o.Moments, o.Curve = nil, nil
	return o
}

func parse(raw []byte) (history.Outage, error) {
	var s storedOutage
	if err := json.Unmarshal(raw, &s); err != nil {
		return history.Outage{}, err
	}
	if s.Version > version {
		return history.Outage{}, errors.New("of a newer release")
	}
	return s.Outage, nil
}

func keyOf(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// Changes hands over what the file does not have; the store calls it.
func (b *Book) Changes(all bool) (write func(*bolt.Tx) error, done func(error)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.dirty) == 0 && !all || !b.loaded {
		return nil, nil
	}
	dirty := maps.Clone(b.dirty)
	puts := make(map[uint64][]byte)
	whole := append(b.keeper.Open(), b.keeper.Recent()...)
	for _, o := range whole {
		if _, ok := dirty[o.N]; !ok && !all {
			continue
		}
		raw, err := json.Marshal(storedOutage{version, *o})
		if err == nil {
			puts[o.N] = raw
		}
	}
	totals, err := json.Marshal(storedTotals{version, b.keeper.Last(), b.keeper.Totals()})
	var forgotten []uint64
	for len(b.list) > 0 && len(b.list)+len(whole) > MaxOutages {
		forgotten = append(forgotten, b.list[0].N)
		b.list = slices.Delete(b.list, 0, 1)
	}
	write = func(tx *bolt.Tx) error {
		bucket, e := tx.CreateBucketIfNotExists(bucketName)
		if e = errors.Join(e, err); e != nil {
			return e
		}
		for n, raw := range puts {
			if e := bucket.Put(keyOf(n), raw); e != nil {
				return e
			}
		}
		for _, n := range forgotten {
			if e := bucket.Delete(keyOf(n)); e != nil {
				return e
			}
		}
		return bucket.Put(totalsKey, totals)
	}
	return write, func(err error) {
		b.mu.Lock()
		defer b.mu.Unlock()
		if err != nil {
			return
		}
		for n, change := range dirty {
			if b.dirty[n] == change {
				delete(b.dirty, n)
			}
		}
	}
}

// mark notes that the file does not have outages as they are. With mu.
func (b *Book) mark(changed []*history.Outage) {
	b.changes++
	for _, o := range changed {
		b.dirty[o.N] = b.changes
	}
	b.dirty[0] = b.changes
}

// Follow notes a step. It does not wait.
func (b *Book) Follow(s Step) {
	b.mu.Lock()
	defer b.mu.Unlock()
	before := b.keeper.Recent()
	changed := b.keeper.Follow(s)
	b.file(before)
	if changed = append(changed, b.keeper.Open()...); len(changed) > 0 {
		b.mark(changed)
	}
}

// file keeps a line of the outages that the keeper lets go of. With mu.
func (b *Book) file(before []*history.Outage) {
	for _, o := range before {
		there := func(other *history.Outage) bool { return other.N == o.N }
		if !slices.ContainsFunc(append(b.keeper.Open(), b.keeper.Recent()...), there) {
			b.list = append(b.list, o.Summary())
		}
	}
}

// Told notes what became of a message, and reports whether that is something to
// store.
func (b *Book) Told(id uint64, d history.Delivery) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	changed := b.keeper.Told(id, d)
	if len(changed) > 0 {
		b.mark(changed)
	}
	return len(changed) > 0
}

// Started notes a start of the daemon; see Keeper.
func (b *Book) Started(day, seen time.Time, rebooted bool, why string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.loaded {
		b.rebooted = &started{day, seen, rebooted, why} // the disk is slow
	}
	if changed := b.keeper.Started(day, seen, rebooted, why); len(changed) > 0 {
		b.mark(changed)
	}
}

// Forget ends the outage of a UPS that is followed no more.
func (b *Book) Forget(name string, day time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	before := b.keeper.Recent()
	if changed := b.keeper.Forget(name, day); len(changed) > 0 {
		b.file(before)
		b.mark(changed)
	}
}

// History is a line for each outage, and the totals.
func (b *Book) History() history.History {
	b.mu.Lock()
	defer b.mu.Unlock()
	h := history.History{Totals: b.keeper.Totals(), Outages: slices.Clone(b.list)}
	for _, o := range append(b.keeper.Recent(), b.keeper.Open()...) {
		h.Outages = append(h.Outages, o.Summary())
	}
	slices.SortStableFunc(h.Outages, func(x, y history.Summary) int { return int(int64(x.N - y.N)) })
	return h
}

// ErrNone says that no outage has a number.
var ErrNone = errors.New("no outage has this number")

// A Reader reads the state file; it is the store's.
type Reader interface {
	View(ctx context.Context, f func(*bolt.Tx) error) error
}

// Outage is one with its story: from memory, or read from the file. The error is
// ErrNone, or that of the file.
func (b *Book) Outage(ctx context.Context, n uint64, file Reader) (o history.Outage, err error) {
	b.mu.Lock()
	for _, one := range append(b.keeper.Open(), b.keeper.Recent()...) {
		if one.N == n {
			o = clone(one)
		}
	}
	b.mu.Unlock()
	if o.N != 0 {
		return o, nil
	}
	var found history.Outage // the file may be read on when ctx has ended
	err = file.View(ctx, func(tx *bolt.Tx) (err error) {
		var raw []byte
		if bucket := tx.Bucket(bucketName); bucket != nil {
			raw = bucket.Get(keyOf(n))
		}
		if raw == nil {
			return ErrNone
		}
		found, err = parse(raw)
		return err
	})
	if err != nil {
		return history.Outage{}, err
	}
	return found, nil
}

// clone is a copy that nobody changes.
func clone(o *history.Outage) history.Outage {
	c := *o
	c.Moments, c.Curve, c.Messages = slices.Clone(o.Moments), slices.Clone(o.Curve), slices.Clone(o.Messages)
	for i := range c.Messages {
		c.Messages[i].Ends = slices.Clone(c.Messages[i].Ends)
	}
	if o.Shutdown != nil {
		s := *o.Shutdown
		c.Shutdown = &s
	}
	return c
}
