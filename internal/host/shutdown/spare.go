package shutdown

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"ecnutd/internal/folder"
	"ecnutd/internal/host"
)

// Where /run takes nothing (it is full, read-only, or out of inodes) root's helper
// keeps the flag and its word elsewhere, and the late stage and the daemon look
// there too. Everybody can write to /dev/shm, so that only what belongs to root
// counts there (package folder).
const (
	spareFolder = "/dev/shm"
	spareFlag   = "ecnutd-killpower"

	// DefaultSpareStatus is where the helper says what it knows, where it cannot do
	// so at DefaultStatus.
	DefaultSpareStatus = spareFolder + "/ecnutd-shutdown.json"
)

// SpareFlags are where the flag stands where it could not be written in its place:
// in the memory of the host, else beside the state, a file.
func SpareFlags(state string) []string {
	list := []string{filepath.Join(spareFolder, spareFlag)}
	if state != "" {
		list = append(list, filepath.Join(filepath.Dir(state), spareFlag))
	}
	return list
}

// diskTime is how long the helper waits for a disk before it shuts down.
const diskTime = time.Second

// WriteAnywhere writes the flag, and where its place takes nothing, in the first of
// the spare ones that takes it. It returns where that is, or why the place did not
// take it. A disk that does not answer is waited for a second.
func (p Place) WriteAnywhere(f Flag) (path string, err error) {
	for _, path := range append([]string{p.Flag}, p.Spares...) {
		failed := host.Within(diskTime, func() error { return writeFlag(path, f) })
		if failed == nil {
			return path, err
		}
		if err == nil {
			err = failed
		}
	}
	return "", err
}

// readySize is how long a prepared order is, in bytes: more than any order has, but
// for one with dozens of UPSs.
const readySize = 8 << 10

// ready is where an order is prepared that goes to path.
func ready(path string) string { return path + ".ready" }

// Prepare keeps room for orders at request, and for those to undo them, under other
// names: where nothing can be made any more, one of these is filled and renamed.
// systemd waits for the names of the orders, so that those cannot be kept ready.
func Prepare(request string) error {
	blank := make([]byte, readySize)
	for i := range blank {
		blank[i] = ' ' // zeros might take no room
	}
	for _, path := range []string{request, UndoRequest(request)} {
		if mode, err := folder.Mode(ready(path)); err == nil && mode.IsRegular() {
			continue
		}
		if err := folder.Note(ready(path), blank, 0o644); err != nil {
			return fmt.Errorf("no room is kept for an order to shut down: %w", err)
		}
	}
	return nil
}

// usePrepared fills what Prepare has kept and gives it the name of an order.
func usePrepared(path string, raw []byte) error {
	if len(raw) > readySize {
		return fmt.Errorf("the order is longer than what was kept for it, %d bytes", readySize)
	}
	text := make([]byte, readySize)
	for i := copy(text, raw); i < len(text); i++ {
		text[i] = ' '
	}
	f, err := folder.OpenFile(ready(path), os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(text, 0)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	return folder.Rename(ready(path), filepath.Base(path))
}
