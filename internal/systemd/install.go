package systemd

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/renameio/v2"

	"ecnutd/internal/folder"
)

// NUT are the units of NUT, which ecnutd.service is started after.
func NUT() []string {
	return slices.DeleteFunc(values(service, "After"), func(unit string) bool { return !strings.HasPrefix(unit, "nut-") })
}

// maxFile bounds what is read in the place of a file, in bytes.
const maxFile = 64 << 10

// Now is the text that stands in the place of a file below root; "" and false
// where there is none.
func (f File) Now(root string) (text string, there bool, err error) {
	file, err := os.Open(filepath.Join(root, f.Path))
	if errors.Is(err, fs.ErrNotExist) {
		return "", false, nil
	}
	if err != nil {
		return "", false, err
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, maxFile))
	return string(raw), true, err
}

// Install writes a file to its place below root, whole or not at all, and tells
// whether it was not there as it is.
func (f File) Install(root string) (written bool, err error) {
	to := filepath.Join(root, f.Path)
	text, there, err := f.Now(root)
	if err != nil {
		return false, err
	}
	if st, err := os.Stat(to); there && err == nil && text == f.Text && st.Mode().Perm() == f.Mode {
		return false, nil
	}
	if err := folder.Ensure(filepath.Dir(to), 0o755); err != nil {
		return false, err
	}
	err = renameio.WriteFile(to, []byte(f.Text), f.Mode, renameio.WithTempDir(filepath.Dir(to)), renameio.IgnoreUmask())
	return err == nil, err
}

// Remove deletes a file from its place below root and tells whether it was
// there.
func (f File) Remove(root string) (removed bool, err error) {
	err = os.Remove(filepath.Join(root, f.Path))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
