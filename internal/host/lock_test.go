package host

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLock: one at a time, and whoever comes second reads who the first is.
// flock(2) locks belong to the open file, so one process can try both.
func TestLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "control.sock.lock")
	release, err := Lock(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Lock(path); !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), fmt.Sprintf("process %d holds", os.Getpid())) {
		t.Errorf("the second: %v", err)
	}
	release()
	release, err = Lock(path)
	if err != nil {
		t.Fatalf("after the release: %v", err)
	}
	release()
	if _, err := Lock(filepath.Join(path, "x")); err == nil || errors.Is(err, ErrLocked) {
		t.Errorf("no folder: %v", err)
	}
	if err := os.Symlink("/dev/null", path+".link"); err != nil {
		t.Fatal(err)
	}
	if _, err := Lock(path + ".link"); err == nil {
		t.Error("a link was followed")
	}
}
