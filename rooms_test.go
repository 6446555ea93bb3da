package ecnutd

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRooms: a package that has grown beyond what one can overlook is taken
// apart. Lines of tests do not count.
func TestRooms(t *testing.T) {
	lines := make(map[string]int)
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		lines[filepath.Dir(path)] += bytes.Count(text, []byte("\n"))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	larger := map[string]int{
		"cmd/ecnutd":     3500, // a file for each command
		"internal/world": 3500, // what tests put around the daemon, and no part of a program
	}
	for dir, n := range lines {
		if n > max(3000, larger[dir]) {
			t.Errorf("%s has %d lines", dir, n)
		}
	}
	if len(lines) < 30 {
		t.Errorf("%d packages", len(lines))
	}
}
