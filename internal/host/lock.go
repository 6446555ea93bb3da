package host

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"ecnutd/internal/folder"
)

// ErrLocked says that another process has a lock.
var ErrLocked = errors.New("another process has it")

// Lock takes the lock at path, a file that is made where it is missing and
// stays. It is given up by release, or by the end of the process, however that
// comes about. The error wraps ErrLocked where another process has it, and
// names that process.
func Lock(path string) (release func(), err error) {
	f, err := folder.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	switch err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); {
	case errors.Is(err, unix.EWOULDBLOCK):
		defer f.Close()
		who := make([]byte, 32)
		n, _ := f.Read(who) // it may not have written it yet
		if pid := strings.TrimSpace(string(who[:n])); pid != "" {
			return nil, fmt.Errorf("%w: process %s holds %s", ErrLocked, pid, path)
		}
		return nil, fmt.Errorf("%w: %s", ErrLocked, path)
	case err != nil:
		f.Close()
		return nil, fmt.Errorf("locking %s: %w", path, err)
	}
	// For people; the lock holds without it.
	if f.Truncate(0) == nil {
		_, _ = fmt.Fprintf(f, "%d\n", os.Getpid())
	}
	return func() { f.Close() }, nil
}
