package hidraw

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestOpenRefusesWhatIsNoHidrawNode(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "ups")
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	// /dev/null is character device 1:3, of the driver mem.
	h := host{t.TempDir()}
	mustMake(t, filepath.Join(h.root, "sys/dev/char/1:3"))
	mustLink(t, "../../../class/mem", filepath.Join(h.root, "sys/dev/char/1:3/subsystem"))
	for path, words := range map[string]string{
		file:        "a file",
		link:        file, // the message names what the link leads to
		dir:         "a directory",
		"/dev/null": "kernel's mem subsystem",
	} {
		dev, err := h.open(path)
		if err == nil {
			dev.Close()
			t.Errorf("%s was opened", path)
			continue
		}
		if !strings.Contains(err.Error(), words) || !strings.Contains(err.Error(), "ecnutd devices") {
			t.Errorf("%s: %v", path, err)
		}
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
			t.Errorf("%s: an error to wait on: %v", path, err)
		}
	}
}

func TestOpenMissing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hidraw0")
	_, err := Open(path)
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v", err)
	}
}

// TestOpenWithoutRights opens a node as a user without rights. No driver
// serves the node's number, which only root would find out.
func TestOpenWithoutRights(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root, to make a device node")
	}
	const nobody = 65534
	dir := t.TempDir()
	for d := dir; d != os.TempDir() && d != "/"; d = filepath.Dir(d) {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	node := filepath.Join(dir, "hidraw0")
	if err := syscall.Mknod(node, syscall.S_IFCHR|0o640, 250<<8|250); err != nil {
		t.Skipf("no device node can be made here: %v", err)
	}
	mustMode(t, node, 0o640)
	result := make(chan error)
	go func() {
		// The file system's idea of the user belongs to the thread; it ends
		// with this goroutine, since it stays locked.
		runtime.LockOSThread()
		syscall.RawSyscall(syscall.SYS_SETFSUID, nobody, 0, 0)
		_, err := Open(node)
		result <- err
	}()
	err := <-result
	var access *AccessError
	if !errors.As(err, &access) {
		t.Fatalf("got %v", err)
	}
	if access.Path != node || access.Owner != "root" || access.Mode.Perm() != 0o640 || !errors.Is(err, fs.ErrPermission) {
		t.Errorf("got %+v", access)
	}
}

// mustMode gives a file its mode, whatever the umask.
func mustMode(t *testing.T, path string, mode fs.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func TestAccessError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hidraw3")
	if err := os.WriteFile(path, nil, 0o640); err != nil {
		t.Fatal(err)
	}
	mustMode(t, path, 0o640)
	denied := &fs.PathError{Op: "open", Path: path, Err: syscall.EACCES}
	e := newAccessError(path, denied)
	if e.Path != path || e.Mode.Perm() != 0o640 || e.Owner == "" || e.Group == "" {
		t.Errorf("got %+v", e)
	}
	if os.Geteuid() == 0 && (e.Owner != "root" || e.Group != "root") {
		t.Errorf("owner %s:%s instead of root:root", e.Owner, e.Group)
	}
	for _, words := range []string{
		path, e.Owner + ":" + e.Group, "0640",
		"ecnutd udev print | sudo tee /etc/udev/rules.d/60-ecnutd.rules",
		"sudo udevadm control --reload", "sudo udevadm trigger", "group ecnutd", "as root",
	} {
		if !strings.Contains(e.Error(), words) {
			t.Errorf("%q is not in: %v", words, e)
		}
	}
	// A device policy is not cured by a udev rule.
	policy := newAccessError(path, &fs.PathError{Op: "open", Path: path, Err: syscall.EPERM})
	if s := policy.Error(); !strings.Contains(s, "DeviceAllow") || strings.Contains(s, "udevadm") {
		t.Errorf("device policy: %v", s)
	}
	if s := newAccessError(path+"/no", denied).Error(); !strings.Contains(s, path+"/no") || strings.Contains(s, "mode") {
		t.Errorf("without a file to look at: %v", s)
	}
}

func TestRetry(t *testing.T) {
	dev := new(Device)
	denied := &AccessError{Err: syscall.EACCES}
	broken := errors.New("broken")
	absent := &fs.PathError{Op: "open", Path: "/dev/hidraw0", Err: syscall.ENOENT}
	for name, c := range map[string]struct {
		errs  []error // of the first attempts; after them it opens
		every error   // of all attempts, instead
		took  time.Duration
		want  error
	}{
		"opens at once":     {},
		"group comes late":  {errs: []error{absent, denied, denied}, took: 300 * time.Millisecond},
		"other error":       {errs: []error{denied, broken}, took: 100 * time.Millisecond, want: broken},
		"never any rights":  {every: denied, took: 2 * time.Second, want: fs.ErrPermission},
		"never there":       {every: absent, took: 2 * time.Second, want: fs.ErrNotExist},
		"ready at the last": {errs: append(make20(denied), nil), took: 2 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start, attempt := time.Now(), 0
				got, err := retry(t.Context(), func() (*Device, error) {
					attempt++
					if c.every != nil {
						return nil, c.every
					}
					if attempt <= len(c.errs) && c.errs[attempt-1] != nil {
						return nil, c.errs[attempt-1]
					}
					return dev, nil
				})
				if !errors.Is(err, c.want) || (c.want == nil) != (got == dev) {
					t.Errorf("got %v, %v", got, err)
				}
				if took := time.Since(start); took != c.took {
					t.Errorf("took %v instead of %v", took, c.took)
				}
			})
		})
	}
}

func make20(err error) []error {
	errs := make([]error, 20)
	for i := range errs {
		errs[i] = err
	}
	return errs
}

func TestRetryEndsWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 250*time.Millisecond)
		defer cancel()
		start := time.Now()
		_, err := retry(ctx, func() (*Device, error) { return nil, &AccessError{Err: syscall.EACCES} })
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, fs.ErrPermission) {
			t.Errorf("got %v", err)
		}
		if took := time.Since(start); took != 250*time.Millisecond {
			t.Errorf("took %v", took)
		}
	})
}
