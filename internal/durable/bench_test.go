package durable

import (
	"encoding/binary"
	"path/filepath"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"
)

// BenchmarkLook is what is paid ahead of every transaction for never showing
// bbolt a damaged file: with the state of one UPS alone, and with a thousand
// messages that wait.
func BenchmarkLook(b *testing.B) {
	for name, messages := range map[string]int{"state": 0, "1000 messages": 1000} {
		b.Run(name, func(b *testing.B) {
			d, err := Open(b.Context(), filepath.Join(b.TempDir(), "db"))
			if err != nil {
				b.Fatal(err)
			}
			defer d.Close()
			err = d.Update(func(tx *bolt.Tx) error {
				s, err := tx.CreateBucket([]byte("monitor"))
				if err != nil {
					return err
				}
				if err := s.Put([]byte("state"), []byte(strings.Repeat("x", 3000))); err != nil {
					return err
				}
				q, err := tx.CreateBucket([]byte("queue"))
				for n := range messages {
					if err := q.Put(binary.BigEndian.AppendUint64(nil, uint64(n)), []byte(strings.Repeat("m", 400))); err != nil {
						return err
					}
				}
				return err
			})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if !d.sound() {
					b.Fatal("not sound")
				}
			}
		})
	}
}
