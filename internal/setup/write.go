package setup

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"time"

	"github.com/google/renameio/v2"

	"ecnutd/config"
	"ecnutd/internal/folder"
)

// Before is what stands in the place of the configuration.
type Before struct {
	Text   string
	Ours   bool // setup, or the package, wrote it as it is: nothing of anybody's is lost
	Answer Answers
}

// Look reads what stands in the place of the configuration: nothing, a file of ours,
// or one that somebody has edited.
func Look(path string) (Before, error) {
	path, err := filepath.Abs(path) // the file names its secret by a whole path
	if err != nil {
		return Before{}, err
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Before{Ours: true}, nil
	}
	if err != nil {
		return Before{}, err
	}
	b := Before{Text: string(text), Ours: string(text) == config.Initial}
	c, _, err := config.Parse(text, path)
	if err != nil || b.Ours {
		return b, nil
	}
	var whole bool
	b.Answer, whole = From(c, filepath.Dir(path))
	b.Ours = whole && (b.Answer.File(true) == b.Text || b.Answer.File(false) == b.Text)
	return b, nil
}

// Write puts a file in its place, whole or not at all, for root to write and the
// group of the daemon to read. What was there is kept beside it where keep is set;
// its new name is returned.
func Write(path, text string, keep bool, group string, now time.Time) (kept string, err error) {
	if err := folder.Ensure(filepath.Dir(path), 0o755); err != nil {
		return "", err
	}
	if _, err := os.Lstat(path); err == nil && keep {
		kept = path + ".before-" + now.UTC().Format("20060102T150405Z")
		old, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		if err := place(kept, old, group); err != nil {
			return "", err
		}
	}
	return kept, place(path, []byte(text), group)
}

// place writes a file for the daemon to read, and for nobody else.
func place(path string, text []byte, group string) error {
	t, err := renameio.NewPendingFile(path, renameio.WithTempDir(filepath.Dir(path)), renameio.WithPermissions(0o600), renameio.IgnoreUmask())
	if err != nil {
		return err
	}
	defer func() { _ = t.Cleanup() }() // nothing is left of one that is in place
	if _, err := t.Write(text); err != nil {
		return err
	}
	if g, err := user.LookupGroup(group); err == nil && os.Geteuid() == 0 {
		gid, err := strconv.Atoi(g.Gid)
		if err != nil {
			return fmt.Errorf("group %s: %w", group, err)
		}
		if err := t.Chown(0, gid); err != nil {
			return err
		}
	}
	if err := t.Chmod(0o640); err != nil {
		return err
	}
	return t.CloseAtomicallyReplace()
}

// exists reports whether a file of a secret is there already.
func exists(path string) bool {
	if path == "" {
		return false
	}
	_, err := os.Stat(path)
	return err == nil
}
