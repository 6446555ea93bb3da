package thishost

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"time"

	bolterrors "go.etcd.io/bbolt/errors"

	"ecnutd/internal/durable"
)

// Disk is the file system of this host.
type Disk struct{ Log *slog.Logger }

// Open opens the database at path and makes its folder. One that is broken is
// moved aside, never deleted, and a new one begun.
func (d Disk) Open(path string) (db *durable.DB, aside string, damage, err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, "", nil, err
	}
	db, err = durable.Open(path)
	if err != nil && broken(path, err) {
		to := fmt.Sprintf("%s.broken-%s", path, time.Now().UTC().Format("20060102T150405Z"))
		if moved := os.Rename(path, to); moved == nil {
			aside, damage = to, err
			db, err = durable.Open(path)
		}
	}
	if err != nil {
		return nil, aside, damage, err
	}
	if err := giveAway(path); err != nil {
		d.Log.Warn("the state file belongs to root, and the service cannot write to it: chown it like its folder", "file", path, "reason", err)
	}
	return db, aside, damage, nil
}

// giveAway has a file belong to the owner of its folder, where root has made
// it: whoever runs the daemon by hand must not lock the service out.
func giveAway(path string) error {
	folder, err := os.Stat(filepath.Dir(path))
	if err != nil {
		return err
	}
	file, err := os.Stat(path)
	if err != nil {
		return err
	}
	owner, ok := folder.Sys().(*syscall.Stat_t)
	now, ok2 := file.Sys().(*syscall.Stat_t)
	if !ok || !ok2 || now.Uid != 0 || owner.Uid == 0 {
		return nil
	}
	return os.Chown(path, int(owner.Uid), int(owner.Gid))
}

// broken tells a damaged file from one that may not be opened, or is in use.
func broken(path string, err error) bool {
	if errors.Is(err, durable.ErrDamaged) {
		return true
	}
	// What the system says is about the disk or the rights.
	if _, ok := errors.AsType[syscall.Errno](err); ok || errors.Is(err, bolterrors.ErrTimeout) {
		return false
	}
	st, statErr := os.Stat(path)
	return statErr == nil && st.Mode().IsRegular()
}
