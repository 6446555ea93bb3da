package folder

import (
	"io/fs"
	"os"
	"path/filepath"
)

// OpenFile opens the regular file at a path, as Folder.OpenFile does.
func OpenFile(path string, flag int, perm fs.FileMode) (f *os.File, err error) {
	err = in(path, func(d *Folder, name string) error {
		f, err = d.OpenFile(name, flag, perm)
		return err
	})
	return f, err
}

// Write writes the file at a path, whole or not at all.
func Write(path string, text []byte, perm fs.FileMode) error {
	return in(path, func(d *Folder, name string) error { return d.Write(name, text, perm) })
}

// Note writes the file at a path, whole or not at all, and does not wait for the
// disk.
func Note(path string, text []byte, perm fs.FileMode) error {
	return in(path, func(d *Folder, name string) error { return d.Note(name, text, perm) })
}

// Read reads the file at a path, up to most bytes.
func Read(path string, most int64) (text []byte, err error) {
	err = in(path, func(d *Folder, name string) error {
		text, err = d.Read(name, most)
		return err
	})
	return text, err
}

// Remove removes the file at a path, a link itself.
func Remove(path string) error {
	return in(path, func(d *Folder, name string) error { return d.Remove(name) })
}

// Rename gives the file at a path another name in its folder.
func Rename(path, next string) error {
	return in(path, func(d *Folder, name string) error { return d.Rename(name, next) })
}

// Mode is the kind and the rights of what is at a path, a link itself.
func Mode(path string) (mode fs.FileMode, err error) {
	err = in(path, func(d *Folder, name string) error {
		mode, err = d.Mode(name)
		return err
	})
	return mode, err
}

// Follows says why the link at a path is not followed, and nil where it is, or none
// is there.
func Follows(path string) error {
	return in(path, func(d *Folder, name string) error {
		mode, err := d.Mode(name)
		if err == nil && mode&fs.ModeSymlink != 0 {
			_, err = d.follow(name, maxLinks)
		}
		return err
	})
}

// in does something in the folder of a path.
func in(path string, do func(d *Folder, name string) error) error {
	d, err := Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer d.Close()
	return do(d, filepath.Base(path))
}
