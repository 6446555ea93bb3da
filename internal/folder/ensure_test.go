package folder

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestEnsure: every folder that is made has its mode under any umask, and one that is
// there keeps its own.
func TestEnsure(t *testing.T) {
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "etc"), 0o700); err != nil {
		t.Fatal(err)
	}
	before := syscall.Umask(0o077) // of the process: no test runs beside this one
	err := Ensure(filepath.Join(root, "etc/ecnutd/credentials"), 0o755)
	syscall.Umask(before)
	if err != nil {
		t.Fatal(err)
	}
	for path, mode := range map[string]os.FileMode{"etc": 0o700, "etc/ecnutd": 0o755, "etc/ecnutd/credentials": 0o755} {
		st, err := os.Stat(filepath.Join(root, path))
		if err != nil {
			t.Fatal(err)
		}
		if st.Mode().Perm() != mode {
			t.Errorf("%s has mode %o, want %o", path, st.Mode().Perm(), mode)
		}
	}
	file := filepath.Join(root, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Ensure(file, 0o755); err == nil {
		t.Error("a file passes for a folder")
	}
	if err := Ensure(filepath.Join(file, "below"), 0o755); err == nil {
		t.Error("a folder was made below a file")
	}
}
