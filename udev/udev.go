// Package udev holds the rule that gives ecnutd the device nodes of its UPSs,
// and puts it in its place.
//
// A UPS has two nodes: /dev/hidrawN for reports, and /dev/bus/usb/BBB/DDD for
// the USB strings that hidraw does not give. Both belong to root until a rule
// says otherwise. The rule is for the ids of the family alone (a test keeps it
// equal to the table), so it opens no other device to anybody.
//
// udev reads rules from several directories. A file of the same name in an
// earlier one hides those in the later: what an administrator puts under /etc
// wins over what a package brings, and a link to /dev/null there switches the
// rule off.
package udev

import (
	_ "embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"

	"ecnutd/internal/folder"
)

// Rule is the text of the rule.
//
//go:embed 60-ecnutd.rules
var Rule string

// Name is the name of the rule's file, and Group the group that it names.
const (
	Name  = "60-ecnutd.rules"
	Group = "ecnutd"
)

// Path is where an administrator's rule belongs.
const Path = "/etc/udev/rules.d/" + Name

// places are where udev looks, the first one wins (udev(7)). On a system with
// a merged /usr the last two are one.
var places = []string{"/etc/udev/rules.d", "/run/udev/rules.d", "/usr/local/lib/udev/rules.d", "/usr/lib/udev/rules.d", "/lib/udev/rules.d"}

// maxRule is a bound on what is read in the rule's place, in bytes.
const maxRule = 64 << 10

// An Installed rule is the file that udev uses.
type Installed struct {
	Path   string // below the root; "" where there is none
	Text   string // "" where it is masked
	Masked bool   // it is a link to /dev/null
}

// Ours tells whether udev uses the rule of this program.
func (i Installed) Ours() bool { return i.Path != "" && !i.Masked && i.Text == Rule }

// Find looks for the file that udev uses on the system below root, "/" for
// this one. No file is not an error.
func Find(root string) (Installed, error) {
	for _, dir := range places {
		path := filepath.Join(dir, Name)
		found, err := read(filepath.Join(root, path))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return Installed{}, err
		}
		found.Path = path
		return found, nil
	}
	return Installed{}, nil
}

func read(path string) (Installed, error) {
	if to, err := os.Readlink(path); err == nil && to == os.DevNull {
		return Installed{Masked: true}, nil
	}
	st, err := os.Stat(path)
	if err != nil {
		return Installed{}, err
	}
	if !st.Mode().IsRegular() {
		return Installed{}, fmt.Errorf("%s is no plain file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return Installed{}, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxRule+1))
	switch {
	case err != nil:
		return Installed{}, err
	case len(text) > maxRule:
		return Installed{}, fmt.Errorf("%s is longer than %d KiB and no rule of ours", path, maxRule>>10)
	}
	return Installed{Text: string(text)}, nil
}

// Install writes the rule to Path below root, unless udev uses it already. It
// tells whether something was written. A masked rule is left alone, with an
// error: somebody meant it.
func Install(root string) (written bool, err error) {
	now, err := Find(root)
	switch {
	case err != nil:
		return false, err
	case now.Ours():
		return false, nil
	case now.Masked:
		return false, fmt.Errorf("%s is a link to /dev/null, which switches the rule off; remove it first if that is not meant", now.Path)
	}
	to := filepath.Join(root, Path)
	if err := folder.Ensure(filepath.Dir(to), 0o755); err != nil {
		return false, err
	}
	// udev reads the directory at any time: a rule must be whole.
	err = renameio.WriteFile(to, []byte(Rule), 0o644, renameio.WithTempDir(filepath.Dir(to)), renameio.IgnoreUmask())
	return err == nil, err
}

// Remove deletes the rule at Path below root and tells whether there was one.
// A package's rule stays: it goes with its package.
func Remove(root string) (removed bool, err error) {
	err = os.Remove(filepath.Join(root, Path))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
