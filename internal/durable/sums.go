package durable

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc64"
	"net/url"

	bolt "go.etcd.io/bbolt"
)

// ownBucket is the bucket at the top that a DB keeps for itself.
var ownBucket = []byte("durable")

// sumsKey is where the sums of the last transaction stand, sealed.
var sumsKey = []byte("sums")

// sums tell what every bucket held when a transaction was committed. A page that
// the disk lost, with what stood there before, is as good as any other to bbolt;
// here it does not add up.
type sums struct {
	Tx      uint64            `json:"tx"`
	Buckets map[string]uint64 `json:"buckets"` // by path
}

var crcTable = crc64.MakeTable(crc64.ECMA)

// sumUp makes the sums of everything below a bucket, but for what is ours at the
// top.
func sumUp(top *bucket) map[string]uint64 {
	all := make(map[string]uint64)
	addSums(all, "", top, true)
	return all
}

func addSums(all map[string]uint64, path string, b *bucket, top bool) {
	h := crc64.New(crcTable)
	put := func(kind byte, bytes []byte) {
		h.Write(binary.BigEndian.AppendUint64([]byte{kind}, uint64(len(bytes))))
		h.Write(bytes)
	}
	put('s', binary.BigEndian.AppendUint64(nil, b.sequence))
	for _, i := range b.items {
		if top && string(i.key) == string(ownBucket) {
			continue
		}
		put('k', i.key)
		if i.bucket == nil {
			put('v', i.value)
			continue
		}
		put('b', nil)
		addSums(all, path+"/"+url.PathEscape(string(i.key)), i.bucket, false)
	}
	all[path] = h.Sum64()
}

// errSums is what is wrong with a tree that is not what was committed.
var errSums = errors.New("it is not what was stored")

// verify compares a tree with its sums, and marks the buckets that are not what
// was stored. A file of a release that made no sums passes.
func verify(top *bucket, tx uint64) error {
	own := top.find(ownBucket)
	if own == nil {
		return nil
	}
	want, ok := parseSums(own.bucket)
	if !ok || want.Tx != tx {
		for _, i := range top.items {
			i.bucket.damaged = true // nobody vouches for it
		}
		return fmt.Errorf("the sums: %w", errSums)
	}
	return compare(top, "", sumUp(top), want.Buckets)
}

func parseSums(own *bucket) (s sums, ok bool) {
	record := own.find(sumsKey)
	if record == nil {
		return sums{}, false
	}
	raw, err := Unseal(record.value)
	return s, err == nil && json.Unmarshal(raw, &s) == nil
}

// compare marks the buckets whose sums differ, and names the first.
func compare(b *bucket, path string, got, want map[string]uint64) error {
	var first error
	if got[path] != want[path] {
		b.damaged = true
		first = fmt.Errorf("bucket %q: %w", path, errSums)
	}
	for _, i := range b.items {
		if i.bucket == nil || path == "" && string(i.key) == string(ownBucket) {
			continue
		}
		if err := compare(i.bucket, path+"/"+url.PathEscape(string(i.key)), got, want); first == nil {
			first = err
		}
	}
	return first
}

// find returns an item by its key; nil if there is none.
func (b *bucket) find(key []byte) *item {
	for i := range b.items {
		if string(b.items[i].key) == string(key) {
			return &b.items[i]
		}
	}
	return nil
}

// writeSums notes what everything is at the end of a transaction.
func writeSums(tx *bolt.Tx) error {
	top := readTx(tx)
	raw, err := json.Marshal(sums{Tx: uint64(tx.ID()), Buckets: sumUp(top)})
	if err != nil {
		return err
	}
	own, err := tx.CreateBucketIfNotExists(ownBucket)
	if err != nil {
		return err
	}
	return own.Put(sumsKey, Seal(raw))
}

// readTx returns all that a transaction sees. Nothing is copied: it is good until
// the transaction ends or writes.
func readTx(tx *bolt.Tx) *bucket {
	top := new(bucket)
	_ = tx.ForEach(func(name []byte, b *bolt.Bucket) error {
		top.items = append(top.items, item{key: name, bucket: readBucket(b)})
		return nil
	})
	return top
}

func readBucket(from *bolt.Bucket) *bucket {
	b := &bucket{sequence: from.Sequence()}
	_ = from.ForEach(func(k, v []byte) error {
		i := item{key: k, value: v}
		if inner := from.Bucket(k); v == nil && inner != nil {
			i.bucket = readBucket(inner) // an empty value may be nil as well
		}
		b.items = append(b.items, i)
		return nil
	})
	return b
}
