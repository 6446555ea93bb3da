package thishost

import (
	"context"
	"log/slog"
	"path/filepath"

	"ecnutd/internal/folder"
	"ecnutd/internal/store"
)

// Disk is the file system of this host.
type Disk struct{ Log *slog.Logger }

// Open opens the database at path and makes its folder. One that is damaged is
// replaced, and kept beside the new one. What root makes belongs to the owner of
// the folder: whoever runs the daemon by hand must not lock the service out.
func (d Disk) Open(ctx context.Context, path string) (store.Database, error) {
	in, err := folder.Make(filepath.Dir(path), 0o750)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	db, err := store.File(ctx, path)
	if err != nil {
		return nil, err
	}
	if err := in.Give(filepath.Base(path)); err != nil {
		d.Log.Warn("the state file belongs to root, and the service cannot write to it: chown it like its folder", "file", path, "reason", err)
	}
	return db, nil
}
