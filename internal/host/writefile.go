package host

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"
)

// MayWrite refuses a file that is there (unless force says to replace it), and
// anything that is no plain file in any case: replacing a device node or a link
// would do away with it.
func MayWrite(path string, force bool) error {
	st, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return MayCreate(filepath.Dir(path))
	case err != nil:
		return err
	case !st.Mode().IsRegular():
		return fmt.Errorf("%s is there and is no plain file: choose another name", path)
	case !force:
		return fmt.Errorf("%s is there already: choose another name, or replace it with --force", path)
	}
	return nil
}

// WriteFile makes a file appear whole or not at all, where MayWrite has no
// objection.
func WriteFile(path string, text []byte, force bool) error {
	if err := MayWrite(path, force); err != nil {
		return err
	}
	return renameio.WriteFile(path, text, 0o644, renameio.WithTempDir(filepath.Dir(path)))
}
