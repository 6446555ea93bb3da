package host

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// OnlyRootWrites refuses a file that somebody else could have written or
// replaced. The user that this process runs as is as good as root.
func OnlyRootWrites(path string) error {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	for _, p := range []string{path, filepath.Dir(path)} {
		st, err := os.Stat(p)
		if err != nil {
			return err
		}
		sys, ok := st.Sys().(*syscall.Stat_t)
		if !ok || sys.Uid != 0 && int(sys.Uid) != os.Geteuid() {
			return fmt.Errorf("%s does not belong to root (sudo chown root %s)", p, p)
		}
		if st.Mode().Perm()&0o022 != 0 && st.Mode()&fs.ModeSticky == 0 {
			return fmt.Errorf("%s can be written by others than root (sudo chmod go-w %s)", p, p)
		}
	}
	return nil
}

// MayCreate says beforehand what creating a file in dir would say at the end.
func MayCreate(dir string) error {
	st, err := os.Stat(dir)
	switch {
	case err != nil:
		return err
	case !st.IsDir():
		return fmt.Errorf("%s is not a directory", dir)
	}
	if err := unix.Faccessat(unix.AT_FDCWD, dir, unix.W_OK|unix.X_OK, unix.AT_EACCESS); err != nil {
		return fmt.Errorf("no file can be made in %s: %w", dir, err)
	}
	return nil
}

// StaysMounted reports whether a folder is still there when all that can be
// unmounted has been: it is on the root file system, or below /run.
func StaysMounted(dir string) bool {
	var here, root unix.Stat_t
	if to, err := filepath.EvalSymlinks(dir); err == nil {
		dir = to
	}
	if dir == "/run" || strings.HasPrefix(dir, "/run/") {
		return true
	}
	if unix.Stat(dir, &here) != nil || unix.Stat("/", &root) != nil {
		return false
	}
	return here.Dev == root.Dev
}
