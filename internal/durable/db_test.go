package durable

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	bolt "go.etcd.io/bbolt"
	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"ecnutd/internal/folder"
)

func put(d *DB, value string) error {
	return d.Update(func(tx *bolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists([]byte("b"))
		if err != nil {
			return err
		}
		if value == "" {
			return b.Put([]byte("k"), nil)
		}
		return b.Put([]byte("k"), []byte(value))
	})
}

func get(t *testing.T, d *DB) (value string) {
	t.Helper()
	err := d.View(func(tx *bolt.Tx) error {
		if b := tx.Bucket([]byte("b")); b != nil {
			value = string(b.Get([]byte("k")))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func open(t *testing.T, path string) *DB {
	t.Helper()
	d, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// TestKeeps: what was stored is there after a restart, and nothing is told.
func TestKeeps(t *testing.T) {
	defer goleak.VerifyNone(t)
	path := filepath.Join(t.TempDir(), "db")
	d := open(t, path)
	if err := put(d, "x"); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	if err := put(d, "y"); !errors.Is(err, os.ErrClosed) {
		t.Errorf("a closed one: %v", err)
	}
	again := open(t, path)
	if v := get(t, again); v != "x" {
		t.Errorf("%q", v)
	}
	if r, times := again.Recovery(); r != nil || times != 0 {
		t.Errorf("%v", r)
	}
	again.Close()
}

// TestEmptyValue: a value of no bytes is one, and no bucket.
func TestEmptyValue(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	d := open(t, path)
	for range 2 {
		if err := put(d, ""); err != nil {
			t.Fatal(err)
		}
	}
	d.Close()
	d = open(t, path)
	if r, _ := d.Recovery(); r != nil || put(d, "x") != nil {
		t.Errorf("%v", r)
	}
}

// TestErrorIsNoDamage: an error of a transaction says nothing about the file, and
// the next one runs.
func TestErrorIsNoDamage(t *testing.T) {
	d := open(t, filepath.Join(t.TempDir(), "db"))
	undone := errors.New("undone")
	if err := d.Update(func(*bolt.Tx) error { return undone }); err != undone {
		t.Errorf("%v", err)
	}
	if err := put(d, "x"); err != nil {
		t.Error(err)
	}
	if r, _ := d.Recovery(); r != nil {
		t.Errorf("%v", r)
	}
}

// TestCut: the file is cut while it is open. The next transaction works, on a new
// file, and the cut one is kept.
func TestCut(t *testing.T) {
	for _, size := range []int64{0, 1, 4096, 8192, 12288} {
		dir := t.TempDir()
		path := filepath.Join(dir, "db")
		d := open(t, path)
		if err := put(d, "x"); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, size); err != nil {
			t.Fatal(err)
		}
		if err := put(d, "y"); err != nil {
			t.Errorf("cut to %d bytes: %v", size, err)
		}
		r, times := d.Recovery()
		if size > 0 && (r == nil || times != 1) {
			t.Fatalf("cut to %d bytes: told %v, %d times", size, r, times)
		}
		if v := get(t, d); v != "y" {
			t.Errorf("cut to %d bytes: %q", size, v)
		}
		if size == 0 {
			continue // nothing is left that could be kept
		}
		if st, err := os.Stat(r.Aside); err != nil || st.Size() != size {
			t.Errorf("cut to %d bytes: set aside %v (%v)", size, st, err)
		}
	}
}

// TestPanic: a file that fails within a transaction is let go of, and the
// transaction is run once more; one that always panics is an error.
func TestPanic(t *testing.T) {
	d := open(t, filepath.Join(t.TempDir(), "db"))
	if err := put(d, "x"); err != nil {
		t.Fatal(err)
	}
	for panics := 1; panics <= 2; panics++ {
		left := panics
		err := d.Update(func(tx *bolt.Tx) error {
			if left--; left >= 0 {
				panic("a page that nobody has looked at")
			}
			return tx.Bucket([]byte("b")).Put([]byte("k"), []byte("y"))
		})
		if errors.Is(err, ErrDamaged) != (panics == 2) {
			t.Errorf("%d panics: %v", panics, err)
		}
		if v := get(t, d); v != "y" {
			t.Errorf("%d panics: %q", panics, v)
		}
	}
}

// TestLocked: a file that is locked for a moment is waited for, and one that stays
// locked is an error of its own, at the end of the context.
func TestLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	first := open(t, path)
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		start := time.Now()
		if _, err := Open(ctx, path); !errors.Is(err, ErrLocked) || time.Since(start) < 5*time.Second {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
		time.AfterFunc(3*time.Second, func() { first.Close() })
		ctx, cancel = context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		start = time.Now()
		d, err := Open(ctx, path)
		if took := time.Since(start); err != nil || took < 3*time.Second || took > 4*time.Second {
			t.Fatalf("after %v: %v", took, err)
		}
		d.Close()
	})
}

// TestReplacedBySomebodyElse: whoever waits for the lock of a damaged file that its
// holder replaces gets the new one.
func TestReplacedBySomebodyElse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	first := open(t, path)
	if err := put(first, "x"); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := os.Rename(path, path+".old"); err != nil {
		t.Fatal(err)
	}
	in, err := folder.Open(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if _, err := locked(f, in, filepath.Base(path), unix.LOCK_EX); !errors.Is(err, unix.EWOULDBLOCK) {
		t.Errorf("a file that is not there any more: %v", err)
	}
}

// TestReadOnly: what stands on a file system that takes no writes can be read.
func TestReadOnly(t *testing.T) {
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("no file system of one's own here (it takes root): %v", err)
	}
	defer unix.Unmount(dir, unix.MNT_DETACH)
	path := filepath.Join(dir, "db")
	d := open(t, path)
	if err := put(d, "x"); err != nil {
		t.Fatal(err)
	}
	d.Close()
	remount := func(flags uintptr) {
		t.Helper()
		if err := unix.Mount("", dir, "", unix.MS_REMOUNT|flags, ""); err != nil {
			t.Fatal(err)
		}
	}
	remount(unix.MS_RDONLY)
	d = open(t, path)
	if v := get(t, d); v != "x" {
		t.Errorf("%q", v)
	}
	if err := put(d, "y"); !errors.Is(err, unix.EROFS) {
		t.Errorf("%v", err)
	}
	if v := get(t, d); v != "x" {
		t.Errorf("%q", v)
	}
	remount(0)
	if err := put(d, "y"); err != nil {
		t.Errorf("it takes writes again, and still: %v", err)
	}
	if v := get(t, d); v != "y" {
		t.Errorf("%q", v)
	}
}

// TestFull: a file system without room refuses, keeps what is there, and a damaged
// file on it is not lost.
func TestFull(t *testing.T) {
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=128k"); err != nil {
		t.Skipf("no file system of one's own here (it takes root): %v", err)
	}
	defer unix.Unmount(dir, unix.MNT_DETACH)
	path := filepath.Join(dir, "db")
	d := open(t, path)
	if err := put(d, "x"); err != nil {
		t.Fatal(err)
	}
	ballast := filepath.Join(dir, "ballast")
	os.WriteFile(ballast, make([]byte, 1<<20), 0o600) // fills what there is
	big := string(make([]byte, 1<<20))
	if err := put(d, big); !errors.Is(err, unix.ENOSPC) {
		t.Errorf("%v", err)
	}
	if v := get(t, d); v != "x" {
		t.Errorf("%d bytes", len(v))
	}
	// Now it is damaged, and there is no room for a new one.
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(make([]byte, 8192), 0); err != nil {
		t.Fatal(err)
	}
	f.Close()
	if err := put(d, "y"); !errors.Is(err, ErrDamaged) {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("the damaged file: %v", err)
	}
	os.Remove(ballast)
	if err := put(d, "z"); err != nil {
		t.Errorf("there is room again: %v", err)
	}
	if v := get(t, d); v != "z" {
		t.Errorf("%q", v)
	}
}
