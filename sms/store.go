package sms

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"ecnutd/internal/durable"
	"ecnutd/internal/request"
)

// The buckets: one of ours at the top, and in it the entries that wait and
// those that got nowhere. Keys are sequence numbers, big-endian, so that the
// order of keys is the order of entries.
var (
	topBucket  = []byte("sms")
	waitBucket = []byte("queue")
	lostBucket = []byte("refused")
)

// entryVersion is the version of the form in which entries are stored. The first
// release wrote none, in the same form; an older form is read for ever.
const entryVersion = 2

// A storedEntry is an entry in its stored form.
type storedEntry struct {
	Version int `json:"version"`
	Entry
}

// Load takes up what a store has of messages; it is what the store calls. What was
// queued before comes after it.
func (o *Outbox) Load(tx *bolt.Tx, _ func(bucket string) bool) error {
	entries, sequence, newer, err := load(tx)
	if err != nil {
		return fmt.Errorf("sms: cannot read the outbox: %w", err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.renumber(sequence)
	if newer > 0 {
		o.newer = fmt.Errorf("sms: %d stored messages are of a newer release, in a form that this one does not know: they are kept, and not sent", newer)
		o.opts.Log.Error(o.newer.Error())
	}
	o.takeUp(entries)
	o.broadcast()
	return nil
}

// load reads everything. Entries that cannot be read come back with the
// verdict Unreadable and what is left of them; those of a later release are
// counted only: they stay where they are.
func load(tx *bolt.Tx) (entries []Entry, sequence uint64, newer int, err error) {
	top := tx.Bucket(topBucket)
	if top == nil {
		return nil, 0, 0, nil
	}
	sequence = top.Sequence()
	for _, name := range [][]byte{waitBucket, lostBucket} {
		b := top.Bucket(name)
		if b == nil {
			continue
		}
		err := b.ForEach(func(k, v []byte) error {
			e, ok := decode(k, v)
			if !ok && len(k) != 8 {
				return nil // not ours, and no number to file it under
			}
			sequence = max(sequence, e.Seq)
			if e.Verdict == ofNewer {
				newer++
				return nil
			}
			e.Here = time.Now()
			entries = append(entries, e)
			return nil
		})
		if err != nil {
			return nil, 0, 0, err
		}
	}
	return entries, sequence, newer, nil
}

// A change is what has become of an entry: a value to keep, or none.
type change struct {
	seq  uint64
	keep *Entry
}

// apply writes changes inside a transaction, and the highest number given out.
func apply(tx *bolt.Tx, changes []change, last uint64) error {
	top, err := tx.CreateBucketIfNotExists(topBucket)
	if err != nil {
		return err
	}
	wait, err := top.CreateBucketIfNotExists(waitBucket)
	if err != nil {
		return err
	}
	lost, err := top.CreateBucketIfNotExists(lostBucket)
	if err != nil {
		return err
	}
	for _, c := range changes {
		k := key(c.seq)
		if err := errors.Join(remove(wait, k), remove(lost, k)); err != nil {
			return err
		}
		if c.keep == nil {
			continue
		}
		b := wait
		if c.keep.Verdict != "" {
			b = lost
		}
		if err := b.Put(k, encode(*c.keep)); err != nil {
			return err
		}
	}
	return top.SetSequence(max(last, top.Sequence()))
}

// remove deletes a key, even if somebody has put a bucket there.
func remove(b *bolt.Bucket, k []byte) error {
	if b.Bucket(k) != nil {
		return b.DeleteBucket(k)
	}
	return b.Delete(k)
}

func key(seq uint64) []byte { return binary.BigEndian.AppendUint64(nil, seq) }

// encode is the stored form of an entry: JSON, sealed.
func encode(e Entry) []byte {
	e.Unsaved = false
	value, err := json.Marshal(storedEntry{entryVersion, e})
	if err != nil {
		panic(err) // no field can fail
	}
	return durable.Seal(value)
}

// ofNewer is the verdict on a stored entry of a later release. It is never
// stored.
const ofNewer Verdict = "of a newer release"

// decode reads an entry. Of a damaged one it returns what can be shown, of one
// of a later release the number and the verdict ofNewer.
func decode(k, v []byte) (Entry, bool) {
	var e storedEntry
	if len(k) == 8 {
		seq := binary.BigEndian.Uint64(k)
		if value, err := durable.Unseal(v); err == nil {
			var head struct {
				Version int `json:"version"`
			}
			if json.Unmarshal(value, &head) == nil && head.Version > entryVersion {
				return Entry{Seq: seq, Verdict: ofNewer}, false
			}
			if json.Unmarshal(value, &e) == nil && e.Seq == seq && e.Text != "" {
				return e.Entry, true
			}
		}
		return Entry{Seq: seq, ID: seq, Verdict: Unreadable, Text: request.OneLine(string(v[:min(len(v), 4096)])),
			LastError: "the stored entry is damaged: this is what is left of it"}, false
	}
	return Entry{}, false
}
