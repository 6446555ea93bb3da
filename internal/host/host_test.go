package host

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestOnlyRootWrites: root runs what stands in the configuration, so nobody
// else may have written it.
func TestOnlyRootWrites(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "config.yaml")
	if err := os.WriteFile(path, nil, 0o640); err != nil {
		t.Fatal(err)
	}
	modes := func(folder, file os.FileMode) error {
		if err := errors.Join(os.Chmod(dir, folder), os.Chmod(path, file)); err != nil {
			t.Fatal(err)
		}
		return OnlyRootWrites(path)
	}
	for _, c := range []struct {
		folder, file os.FileMode
		ok           bool
	}{{0o755, 0o640, true}, {0o755, 0o660, false}, {0o755, 0o646, false}, {0o775, 0o640, false}, {0o777, 0o640, false}} {
		if err := modes(c.folder, c.file); (err == nil) != c.ok {
			t.Errorf("folder %04o, file %04o: %v", c.folder, c.file, err)
		}
	}
	if os.Geteuid() == 0 {
		if err := errors.Join(os.Chmod(dir, 0o755), os.Chmod(path, 0o640), os.Chown(path, 65534, 65534)); err != nil {
			t.Fatal(err)
		}
		if OnlyRootWrites(path) == nil {
			t.Error("a file of nobody's was taken")
		}
	}
	if OnlyRootWrites(filepath.Join(dir, "none")) == nil {
		t.Error("no file")
	}
}

// TestBootID: what systemd tells (sd-id128(3): 32 digits) is the same id as the
// kernel's text.
func TestBootID(t *testing.T) {
	t.Setenv(BootEnv, "8b74bd4a31f44f8c9c0d6f2a1b3c5d7e")
	if got := BootID(); got != "8b74bd4a-31f4-4f8c-9c0d-6f2a1b3c5d7e" {
		t.Errorf("got %s", got)
	}
	for _, nothing := range []string{"", "%b"} {
		t.Setenv(BootEnv, nothing)
		kernel, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
		if err != nil {
			t.Skip(err)
		}
		if got := BootID(); got != strings.TrimSpace(string(kernel)) {
			t.Errorf("%q: got %s", nothing, got)
		}
	}
}

// TestRun: a program that hangs is stopped, and one that fails says why.
func TestRun(t *testing.T) {
	err := Run(t.Context(), []string{"sleep", "60"}, nil, "", 10*time.Millisecond)
	if err == nil || !strings.Contains(err.Error(), "not done after 10ms") {
		t.Errorf("a program that hangs: %v", err)
	}
	if err := Run(t.Context(), []string{"sh", "-c", "echo it is broken; exit 3"}, nil, "", 0); err == nil || !strings.Contains(err.Error(), "exit status 3: it is broken") {
		t.Errorf("a program that fails: %v", err)
	}
}
