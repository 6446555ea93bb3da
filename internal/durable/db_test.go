package durable

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	bolt "go.etcd.io/bbolt"
)

func put(d *DB, value string) error {
	return d.Update(func(tx *bolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists([]byte("b"))
		if err != nil {
			return err
		}
		return b.Put([]byte("k"), []byte(value))
	})
}

// TestDamage: the file is cut while it is open. The first transaction finds
// out, and none of the later ones waits, though the first may have left a lock.
func TestDamage(t *testing.T) {
	for _, size := range []int64{0, 4096, 8192, 12288} {
		path := filepath.Join(t.TempDir(), "db")
		d, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := put(d, "x"); err != nil || d.Damaged() {
			t.Fatal(err)
		}
		if err := os.Truncate(path, size); err != nil {
			t.Fatal(err)
		}
		first := put(d, "y")
		if !errors.Is(first, ErrDamaged) || !d.Damaged() {
			t.Errorf("cut to %d bytes: %v", size, first)
		}
		for range 3 {
			if err := put(d, "z"); err != first {
				t.Errorf("cut to %d bytes, again: %v", size, err)
			}
		}
		if err := d.View(func(*bolt.Tx) error { return nil }); err != first {
			t.Errorf("cut to %d bytes, reading: %v", size, err)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
		if _, err := Open(path); size > 0 && err == nil {
			t.Errorf("cut to %d bytes and opened", size)
		}
	}
}

// TestErrorIsNoDamage: an error of a transaction says nothing about the file, and
// the next one runs.
func TestErrorIsNoDamage(t *testing.T) {
	d, err := Open(filepath.Join(t.TempDir(), "db"))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	undone := errors.New("undone")
	if err := d.Update(func(*bolt.Tx) error { return undone }); err != undone || d.Damaged() {
		t.Errorf("%v", err)
	}
	if err := put(d, "x"); err != nil {
		t.Error(err)
	}
	if Guard(nil) != nil {
		t.Error("a DB of nothing")
	}
}
