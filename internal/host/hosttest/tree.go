// Package hosttest makes what tests take for a host: folders of files such as those
// below /sys and /proc.
package hosttest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Tree writes files below a root, by their names there. A text that begins with "-> "
// is a link to what follows.
func Tree(t *testing.T, root string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if to, ok := strings.CutPrefix(text, "-> "); ok {
			if err := os.Symlink(to, path); err != nil {
				t.Fatal(err)
			}
		} else if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
