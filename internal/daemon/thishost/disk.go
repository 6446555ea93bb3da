package thishost

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"

	"ecnutd/internal/store"
)

// Disk is the file system of this host.
type Disk struct{ Log *slog.Logger }

// Open opens the database at path and makes its folder. One that is damaged is
// replaced, and kept beside the new one.
func (d Disk) Open(ctx context.Context, path string) (store.Database, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, err
	}
	db, err := store.File(ctx, path)
	if err != nil {
		return nil, err
	}
	if err := giveAway(path); err != nil {
		d.Log.Warn("the state file belongs to root, and the service cannot write to it: chown it like its folder", "file", path, "reason", err)
	}
	return db, nil
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
