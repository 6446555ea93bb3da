package sms

import (
	"encoding/binary"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	bolt "go.etcd.io/bbolt"
)

// summed is the stored form of a JSON text.
func summed(raw []byte) []byte {
	return slices.Concat(binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(raw)), raw)
}

// TestEntriesOfFirstRelease: entries that the first release wrote (testdata,
// commit 268c37d, without their checksum) are read for ever.
func TestEntriesOfFirstRelease(t *testing.T) {
	at := time.Date(2026, 3, 1, 2, 11, 0, 0, time.UTC)
	waiting := Entry{
		Seq: 7, ID: 6, Part: 2, Route: "free", Text: "mains lost: charge 94 %", At: at, Queued: at.Add(time.Second), Urgent: true,
		Attempts: 3, LastError: "no route to host", RefusedByMain: true,
	}
	refused := waiting
	refused.Seq, refused.Verdict, refused.Via, refused.Ended = 8, Refused, "modem", at.Add(time.Minute)
	for name, want := range map[string]Entry{"entry-1.json": waiting, "refused-1.json": refused} {
		raw, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		got, ok := decode(key(want.Seq), summed(raw))
		if diff := cmp.Diff(want, got); !ok || diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if !strings.HasPrefix(string(encode(want)[4:]), `{"version":2,`) {
			t.Errorf("written as %s", encode(want)[4:])
		}
	}
}

// TestEntryOfNewerRelease: an entry in a form that is not known yet is neither
// sent nor changed nor overwritten, and its number is not given out again.
func TestEntryOfNewerRelease(t *testing.T) {
	file := filepath.Join(t.TempDir(), "db")
	raw := summed([]byte(`{"version":3,"seq":9,"to":["free"],"words":"mains lost"}`))
	atFile(t, file, func(tx *bolt.Tx) error {
		top, err := tx.CreateBucketIfNotExists(topBucket)
		if err != nil {
			return err
		}
		b, err := top.CreateBucketIfNotExists(waitBucket)
		if err != nil {
			return err
		}
		return b.Put(key(9), raw)
	})
	s := openStore(t, file)
	o := newOutbox(t, s, quiet(), newFake("free"))
	if waiting, lost := o.Pending(), o.Refused(); len(waiting)+len(lost) > 0 {
		t.Errorf("taken up: %v, %v", waiting, lost)
	}
	if fault := o.Fault(); fault == nil || !strings.Contains(fault.Error(), "newer release") {
		t.Errorf("the fault is %v", fault)
	}
	if id := queue(t, o, "another"); id <= 9 {
		t.Errorf("the next message has the number %d", id)
	}
	if err := s.Close(time.Minute); err != nil {
		t.Fatal(err)
	}
	var kept []byte
	atFile(t, file, func(tx *bolt.Tx) error {
		kept = append(kept, tx.Bucket(topBucket).Bucket(waitBucket).Get(key(9))...)
		return nil
	})
	if string(kept) != string(raw) {
		t.Errorf("it became %q", kept)
	}
}
