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

	"ecnutd/internal/folder"
)

// ErrLocked is what Open answers where another process has the file open, for
// longer than its context.
var ErrLocked = errors.New("another process has the file open")

// lockPause is how long Open waits before it tries a lock again.
const lockPause = 50 * time.Millisecond

// lock opens a file for writing, as often as it takes until nobody else has it
// open or ctx ends.
func lock(ctx context.Context, in *folder.Folder, name string) (*os.File, error) {
	for {
		f, err := tryLock(in, name)
		if !errors.Is(err, unix.EWOULDBLOCK) {
			return f, err
		}
		select {
		case <-time.After(lockPause):
		case <-ctx.Done():
			return nil, fmt.Errorf("%s: %w", filepath.Join(in.Path(), name), ErrLocked)
		}
	}
}

// tryLock opens and locks the file that has a name now. EWOULDBLOCK means
// that it is somebody else's, or was replaced meanwhile.
func tryLock(in *folder.Folder, name string) (*os.File, error) {
	f, err := in.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o640)
	if err != nil {
		return nil, err
	}
	return locked(f, in, name, unix.LOCK_EX)
}

// locked locks an open file, in the way that bbolt does: on the same open file
// it is given the lock again. It closes the file where it fails.
func locked(f *os.File, in *folder.Folder, name string, kind int) (*os.File, error) {
	if err := unix.Flock(int(f.Fd()), kind|unix.LOCK_NB); err != nil {
		f.Close()
		return nil, err
	}
	if !in.Same(f, name) {
		f.Close()
		return nil, unix.EWOULDBLOCK
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
func replace(in *folder.Folder, name string, damaged *os.File, found find) (*Recovery, error) {
	fresh := name + ".new"
	if err := in.Remove(fresh); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	if err := build(in, fresh, damaged, found.top); err != nil {
		_ = in.Remove(fresh)
		return nil, fmt.Errorf("a new file cannot be made: %w", err)
	}
	aside, err := setAside(in, name)
	if err != nil {
		_ = in.Remove(fresh)
		return nil, err
	}
	if err := in.Rename(fresh, name); err != nil {
		return nil, err
	}
	_ = in.Sync() // where folders cannot be synced nothing more can be done
	return &Recovery{Reason: found.fault, Aside: filepath.Join(in.Path(), aside), Older: found.older == isOlder, MaybeOlder: found.older == maybeOlder, Damaged: found.damaged}, nil
}

// build makes a file of what was found.
func build(in *folder.Folder, name string, damaged *os.File, top *bucket) error {
	f, err := lock(context.Background(), in, name)
	if err != nil {
		return err
	}
	like(damaged, f)
	path := filepath.Join(in.Path(), name)
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
func setAside(in *folder.Folder, name string) (string, error) {
	base := name + ".broken-" + time.Now().UTC().Format("20060102T150405Z")
	aside := base
	for n := 2; ; n++ {
		err := in.Link(name, aside)
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
		return aside, in.Rename(name, aside)
	}
}

// like gives a new file the owner and the rights of the old one, as far as that
// is allowed.
func like(old, fresh *os.File) {
	st, err := old.Stat()
	if err != nil {
		return
	}
	_ = fresh.Chmod(st.Mode().Perm())
	if owner, ok := st.Sys().(*syscall.Stat_t); ok {
		_ = fresh.Chown(int(owner.Uid), int(owner.Gid))
	}
}
