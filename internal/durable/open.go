package durable

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	bolt "go.etcd.io/bbolt"
	"golang.org/x/sys/unix"
)

// ErrLocked is what Open answers where another process has the file open, for
// longer than its context.
var ErrLocked = errors.New("another process has the file open")

// lockPause is how long Open waits before it tries a lock again.
const lockPause = 50 * time.Millisecond

// lock opens a file for writing, as often as it takes until nobody else has it
// open or ctx ends.
func lock(ctx context.Context, path string) (*os.File, error) {
	for {
		f, err := tryLock(path)
		if !errors.Is(err, unix.EWOULDBLOCK) {
			return f, err
		}
		select {
		case <-time.After(lockPause):
		case <-ctx.Done():
			return nil, fmt.Errorf("%s: %w", path, ErrLocked)
		}
	}
}

// tryLock opens and locks the file that stands at a path now. EWOULDBLOCK means
// that it is somebody else's, or was replaced meanwhile.
func tryLock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o640)
	if err != nil {
		return nil, err
	}
	return locked(f, path, unix.LOCK_EX)
}

// locked locks an open file, in the way that bbolt does: on the same open file
// it is given the lock again. It closes the file where it fails.
func locked(f *os.File, path string, kind int) (*os.File, error) {
	if err := unix.Flock(int(f.Fd()), kind|unix.LOCK_NB); err != nil {
		f.Close()
		return nil, err
	}
	mine, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, err
	}
	there, err := os.Stat(path)
	if err != nil || !os.SameFile(mine, there) {
		f.Close()
		return nil, unix.EWOULDBLOCK
	}
	if !mine.Mode().IsRegular() {
		f.Close()
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	return f, nil
}

// openBolt has bbolt open a file that is locked already and was looked through.
func openBolt(path string, f *os.File, readOnly bool) (db *bolt.DB, err error) {
	err = guard(func() error {
		db, err = bolt.Open(path, 0o640, &bolt.Options{
			Timeout: time.Second, ReadOnly: readOnly,
			OpenFile: func(string, int, os.FileMode) (*os.File, error) { return f, nil },
		})
		return err
	})
	return db, err
}

// look reads a file that is open.
func look(f *os.File) (find, error) {
	st, err := f.Stat()
	if err != nil {
		return find{}, err
	}
	if st.Size() == 0 {
		return find{top: new(bucket)}, nil // bbolt begins it
	}
	return inspect(f, st.Size()), nil
}

// replace puts a new file with what was found in the place of a damaged one, in
// one step: at every instant there is a file at the path. The damaged one keeps
// a name of its own.
func replace(path string, found find) (*Recovery, error) {
	fresh := path + ".new"
	if err := os.Remove(fresh); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	if err := build(fresh, found.top); err != nil {
		os.Remove(fresh)
		return nil, fmt.Errorf("a new file cannot be made: %w", err)
	}
	like(path, fresh)
	aside, err := setAside(path)
	if err != nil {
		os.Remove(fresh)
		return nil, err
	}
	if err := os.Rename(fresh, path); err != nil {
		return nil, err
	}
	syncFolder(path)
	return &Recovery{Reason: found.fault, Aside: aside, Older: found.older == isOlder, MaybeOlder: found.older == maybeOlder, Damaged: found.damaged}, nil
}

// build makes a file of what was found.
func build(path string, top *bucket) error {
	f, err := lock(context.Background(), path)
	if err != nil {
		return err
	}
	db, err := openBolt(path, f, false)
	if err != nil {
		f.Close()
		return err
	}
	d := &DB{path: path, file: f, bolt: db}
	err = guard(func() error {
		return db.Update(func(tx *bolt.Tx) error {
			for _, i := range top.items {
				if string(i.key) == string(ownBucket) {
					continue
				}
				b, err := tx.CreateBucketIfNotExists(i.key)
				if err != nil {
					continue // no name that bbolt knows
				}
				if err := fill(b, i.bucket); err != nil {
					return err
				}
			}
			return writeSums(tx)
		})
	})
	return errors.Join(err, d.Close())
}

// fill copies a bucket. What bbolt does not take, a key that stood in it twice as
// value and as bucket for example, is left out.
func fill(to *bolt.Bucket, from *bucket) error {
	if err := to.SetSequence(from.sequence); err != nil {
		return err
	}
	for _, i := range from.items {
		if i.bucket == nil {
			_ = to.Put(i.key, i.value)
			continue
		}
		if inner, err := to.CreateBucketIfNotExists(i.key); err == nil {
			if err := fill(inner, i.bucket); err != nil {
				return err
			}
		}
	}
	return nil
}

// setAside gives a damaged file a second name, which it keeps.
func setAside(path string) (string, error) {
	base := path + ".broken-" + time.Now().UTC().Format("20060102T150405Z")
	aside := base
	for n := 2; ; n++ {
		err := os.Link(path, aside)
		if err == nil {
			return aside, nil
		}
		if errors.Is(err, os.ErrExist) && n < 100 {
			aside = fmt.Sprintf("%s-%d", base, n)
			continue
		}
		if errors.Is(err, os.ErrExist) {
			return "", err
		}
		// A file system without links: for an instant there is no file.
		return aside, os.Rename(path, aside)
	}
}

// like gives a new file the owner and the rights of the old one, as far as that
// is allowed.
func like(old, fresh string) {
	st, err := os.Stat(old)
	if err != nil {
		return
	}
	_ = os.Chmod(fresh, st.Mode().Perm())
	if owner, ok := st.Sys().(*syscall.Stat_t); ok {
		_ = os.Chown(fresh, int(owner.Uid), int(owner.Gid))
	}
}

// syncFolder has the names in a file's folder survive a power cut.
func syncFolder(path string) {
	if d, err := os.Open(filepath.Dir(path)); err == nil {
		_ = d.Sync()
		d.Close()
	}
}
