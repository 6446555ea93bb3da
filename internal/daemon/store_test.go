package daemon

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// TestStoreBreaksLater: the disk loses the state file under a running daemon.
// It decides on, messages go out, and a new file takes the place of the damaged
// one, which is kept.
func TestStoreBreaksLater(t *testing.T) {
	for name, harm := range map[string]func(path string) error{
		"cut to nothing":       func(path string) error { return os.Truncate(path, 0) },
		"cut behind the roots": func(path string) error { return os.Truncate(path, 8192) },
		"overwritten": func(path string) error {
			f, err := os.OpenFile(path, os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			junk := make([]byte, 1<<16)
			for i := range junk {
				junk[i] = byte(i*7 + 3)
			}
			if _, err := f.WriteAt(junk, 0); err != nil {
				return err
			}
			return f.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, "")
			r.start()
			r.heard()
			for i := range 3 {
				if i == 1 { // something was stored by now
					if err := harm(filepath.Join(r.dir, "state.db")); err != nil {
						t.Fatal(err)
					}
				}
				r.unit.CutMains()
				r.waitEvent("ONBATT")
				r.eventually("the message", func() bool { return len(r.gateway.Texts()) >= 2*i+1 })
				r.unit.RestoreMains()
				r.waitEvent("ONLINE")
				r.eventually("the message", func() bool { return len(r.gateway.Texts()) >= 2*i+2 })
			}
			if s, err := r.client().Status(t.Context()); err != nil || !strings.Contains(strings.Join(s.Faults, "\n"), "damaged") {
				t.Errorf("status tells %v (%v)", s.Faults, err)
			}
			// A disk of this machine that is busy for a second is told too.
			failed := strings.Count(r.log.String(), "cannot be stored") - strings.Count(r.log.String(), "the disk does not answer")
			if n := strings.Count(r.log.String(), "set aside"); n != 1 || failed != 0 {
				t.Errorf("the damage is told %d times:\n%s", n, r.log)
			}
			if aside, err := filepath.Glob(filepath.Join(r.dir, "state.db.broken-*")); len(aside) != 1 || err != nil {
				t.Errorf("set aside: %q (%v)", aside, err)
			}
		})
	}
}

// TestNoRoomForStore: a disk that is full from the start, fills up later, or is
// read-only. Messages go out, the fault is told, and what is there stays there.
func TestNoRoomForStore(t *testing.T) {
	for _, c := range []struct {
		name, options string
		fill          func(t *testing.T, dir string)
		later         bool
		says          string
	}{
		{"full", "size=64k", fill, false, "no space left"},
		{"fills up", "size=64k", fill, true, "no space left"},
		{"read-only", "size=64k", func(t *testing.T, dir string) {
			if err := unix.Mount("", dir, "", unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
				t.Fatal(err)
			}
		}, false, "read-only file system"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, "")
			disk := filepath.Join(r.dir, "disk")
			if err := os.Mkdir(disk, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := unix.Mount("tmpfs", disk, "tmpfs", 0, c.options); err != nil {
				t.Skipf("no file system of one's own here (it takes root): %v", err)
			}
			t.Cleanup(func() { _ = unix.Unmount(disk, unix.MNT_DETACH) })
			r.config.State = filepath.Join(disk, "state.db")
			if !c.later {
				c.fill(t, disk)
			}
			r.start()
			r.heard()
			if c.later {
				c.fill(t, disk)
			}
			for i := range 20 { // in 64 kB there is some room at first
				r.unit.CutMains()
				r.waitEvent("ONBATT")
				r.unit.RestoreMains()
				r.waitEvent("ONLINE")
				r.eventually("the messages", func() bool { return len(r.gateway.Texts()) >= 2*i+2 })
				if strings.Contains(r.log.String(), "cannot be stored") {
					break
				}
			}
			if s, err := r.client().Status(t.Context()); err != nil || !strings.Contains(strings.Join(s.Faults, "\n"), c.says) {
				t.Errorf("status tells %q (%v)", s.Faults, err)
			}
			if !strings.Contains(r.log.String(), c.says) || strings.Contains(r.log.String(), "set aside") {
				t.Errorf("the log:\n%s", r.log)
			}
		})
	}
}

// fill leaves no room in a folder's file system.
func fill(t *testing.T, dir string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "ballast"), make([]byte, 1<<20), 0o600); err == nil {
		t.Fatal("1 MB went into 64 kB")
	}
}

// TestStateByRoot: a daemon that root has run by hand leaves a state file that
// the service can open; in a folder of root's it stays root's.
func TestStateByRoot(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root, to be root")
	}
	for _, uid := range []int{0, 65534} {
		dir := t.TempDir()
		if err := os.Chown(dir, uid, uid); err != nil {
			t.Skip(err)
		}
		path := filepath.Join(dir, "state.db")
		storeAt(path, "boot").close()
		st, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := st.Sys().(*syscall.Stat_t); int(got.Uid) != uid || int(got.Gid) != uid {
			t.Errorf("in a folder of %d it belongs to %d:%d", uid, got.Uid, got.Gid)
		}
	}
}
