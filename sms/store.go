package sms

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/crc32"
	"slices"

	bolt "go.etcd.io/bbolt"

	"ecnutd/internal/durable"
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

// A store keeps entries in a database that it shares with others.
type store struct {
	db    *durable.DB
	newer int // entries of a later release, found by load: they stay where they are
}

// load reads everything. Entries that cannot be read come back with the
// verdict Unreadable and what is left of them; those of a later release are
// counted only.
func (s *store) load() (entries []Entry, sequence uint64, err error) {
	s.newer = 0
	err = s.db.View(func(tx *bolt.Tx) error {
		top := tx.Bucket(topBucket)
		if top == nil {
			return nil
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
				if e.Verdict == ofNewer {
					s.newer++
					sequence = max(sequence, e.Seq)
					return nil
				}
				entries = append(entries, e)
				sequence = max(sequence, e.Seq)
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return entries, sequence, err
}

// insert writes new entries inside a transaction. number gives out as many
// sequence numbers as asked for, above the one given.
func insert(tx *bolt.Tx, entries []Entry, number func(floor uint64) uint64) error {
	top, err := tx.CreateBucketIfNotExists(topBucket)
	if err != nil {
		return err
	}
	b, err := top.CreateBucketIfNotExists(waitBucket)
	if err != nil {
		return err
	}
	first := number(top.Sequence())
	for i := range entries {
		entries[i].Seq, entries[i].ID = first+uint64(i), first
		if err := b.Put(key(entries[i].Seq), encode(entries[i])); err != nil {
			return err
		}
	}
	return top.SetSequence(first + uint64(len(entries)) - 1)
}

// A change is what has become of an entry: a value to keep, or none.
type change struct {
	seq  uint64
	keep *Entry
}

// apply writes changes in one transaction.
func (s *store) apply(changes []change) error {
	return s.db.Update(func(tx *bolt.Tx) error {
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
			if c.seq > top.Sequence() {
				if err := top.SetSequence(c.seq); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// remove deletes a key, even if somebody has put a bucket there.
func remove(b *bolt.Bucket, k []byte) error {
	if b.Bucket(k) != nil {
		return b.DeleteBucket(k)
	}
	return b.Delete(k)
}

func key(seq uint64) []byte { return binary.BigEndian.AppendUint64(nil, seq) }

// encode is the stored form of an entry: a checksum, because a flipped bit in
// the text would go unnoticed otherwise, and JSON.
func encode(e Entry) []byte {
	e.Unsaved = false
	value, err := json.Marshal(storedEntry{entryVersion, e})
	if err != nil {
		panic(err) // no field can fail
	}
	return slices.Concat(binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(value)), value)
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
		if len(v) > 4 && crc32.ChecksumIEEE(v[4:]) == binary.BigEndian.Uint32(v) {
			var head struct {
				Version int `json:"version"`
			}
			if json.Unmarshal(v[4:], &head) == nil && head.Version > entryVersion {
				return Entry{Seq: seq, Verdict: ofNewer}, false
			}
			if json.Unmarshal(v[4:], &e) == nil && e.Seq == seq && e.Text != "" {
				return e.Entry, true
			}
		}
		return Entry{Seq: seq, ID: seq, Verdict: Unreadable, Text: oneLine(string(v[:min(len(v), 4096)])),
			LastError: "the stored entry is damaged: this is what is left of it"}, false
	}
	return Entry{}, false
}
