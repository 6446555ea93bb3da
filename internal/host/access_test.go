package host

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAccess: what root can read and another user cannot, by the bits of
// chmod(1) alone.
func TestAccess(t *testing.T) {
	root := t.TempDir()
	for _, dir := range []string{filepath.Dir(root), root} {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	stranger := Identity{Name: "somebody", UID: 54321, GIDs: []int{54321}}
	member := Identity{Name: "member", UID: 54321, GIDs: []int{1, os.Getegid()}}
	file := func(name string, dirMode, mode os.FileMode, text string) string {
		dir := filepath.Join(root, strings.ReplaceAll(name, " ", "-"))
		path := filepath.Join(dir, "file")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		for p, m := range map[string]os.FileMode{path: mode, dir: dirMode} {
			if err := os.Chmod(p, m); err != nil {
				t.Fatal(err)
			}
		}
		return path
	}
	for _, c := range []struct {
		name      string
		dir, mode os.FileMode
		text      string
		id        Identity
		read, run string // the error has this in it, "" for none
	}{
		{"open", 0o755, 0o755, "#!/bin/sh\n", stranger, "", ""},
		{"root's script", 0o755, 0o740, "#!/bin/sh\n", stranger, "may not read", "may not run"},
		{"of the group", 0o755, 0o750, "#!/bin/sh\n", member, "", ""},
		{"script that cannot be read", 0o755, 0o711, "#!/bin/sh\n", stranger, "may not read", "may not read"},
		{"program that cannot be read", 0o755, 0o711, "\x7fELF", stranger, "may not read", ""},
		{"closed folder", 0o750, 0o755, "#!/bin/sh\n", stranger, "may not enter", "may not enter"},
		{"not executable", 0o755, 0o644, "#!/bin/sh\n", stranger, "", "may not run"},
		{"group has less than others", 0o755, 0o704, "x", member, "may not read", "may not run"},
		{"root", 0o700, 0o600, "x", Identity{UID: 0}, "", ""},
	} {
		path := file(c.name, c.dir, c.mode, c.text)
		for want, err := range map[string]error{c.read: c.id.MayRead(path), "run:" + c.run: c.id.MayRun(path)} {
			want = strings.TrimPrefix(want, "run:")
			if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %q", c.name, err, want)
			}
		}
	}
	link := filepath.Join(root, "link")
	closed := file("behind a link", 0o700, 0o644, "x")
	if err := os.Symlink(closed, link); err != nil {
		t.Fatal(err)
	}
	if err := stranger.MayRead(link); err == nil || !strings.Contains(err.Error(), "may not enter") {
		t.Errorf("through a link: %v", err)
	}
	if err := stranger.MayWrite(root); err == nil || !strings.Contains(err.Error(), "may not write into") {
		t.Errorf("a folder: %v", err)
	}
}
