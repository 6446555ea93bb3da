package folder

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// somebody is a user of whom there is no other use.
const somebody = 54321

// theirs is a folder of somebody else: really, where root runs the test, or one
// that everybody can write to.
func theirs(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "theirs")
	must(t, os.Mkdir(dir, 0o755))
	if os.Geteuid() == 0 {
		must(t, os.Chown(dir, somebody, somebody))
	} else {
		must(t, os.Chmod(dir, 0o777))
	}
	return dir
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestOpenFile: what is opened in a folder of one's own, and in one of somebody else.
func TestOpenFile(t *testing.T) {
	for name, c := range map[string]struct {
		plant        func(dir string) error // makes dir/x, and dir/y that it may lead to
		own, foreign error                  // what opening dir/x says
	}{
		"a file":      {func(d string) error { return os.WriteFile(d+"/x", []byte("x"), 0o600) }, nil, nil},
		"nothing":     {func(string) error { return nil }, fs.ErrNotExist, fs.ErrNotExist},
		"a link":      {func(d string) error { return link(d, d+"/y") }, nil, ErrPlanted},
		"near link":   {func(d string) error { return link(d, "y") }, nil, ErrPlanted},
		"link to /":   {func(d string) error { return os.Symlink("/", d+"/x") }, ErrNotPlain, ErrPlanted},
		"circle":      {func(d string) error { return os.Symlink("x", d+"/x") }, unix.ELOOP, ErrPlanted},
		"second name": {func(d string) error { return errors.Join(os.WriteFile(d+"/y", nil, 0o600), os.Link(d+"/y", d+"/x")) }, nil, ErrPlanted},
		"a FIFO":      {func(d string) error { return unix.Mkfifo(d+"/x", 0o666) }, ErrNotPlain, ErrNotPlain},
		"a folder":    {func(d string) error { return os.Mkdir(d+"/x", 0o700) }, ErrNotPlain, ErrNotPlain},
		"a device":    {func(d string) error { return os.Symlink("/dev/null", d+"/x") }, ErrNotPlain, ErrPlanted},
	} {
		own, foreign := t.TempDir(), theirs(t)
		for dir, want := range map[string]error{own: c.own, foreign: c.foreign} {
			must(t, c.plant(dir))
			f, err := OpenFile(dir+"/x", os.O_RDWR, 0)
			if !errors.Is(err, want) || want == nil && err != nil {
				t.Errorf("%s in %s: %v, want %v", name, filepath.Base(dir), err, want)
			}
			if err == nil {
				f.Close()
			} else if where := (*fs.PathError)(nil); !errors.As(err, &where) || !filepath.IsAbs(where.Path) {
				t.Errorf("%s: %v does not say where", name, err)
			}
		}
	}
}

func link(dir, to string) error {
	return errors.Join(os.WriteFile(dir+"/y", nil, 0o600), os.Symlink(to, dir+"/x"))
}

// TestThirdParty: a file of somebody to whom the folder does not belong either.
func TestThirdParty(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("it takes root to have files of others")
	}
	dir := theirs(t)
	for uid, want := range map[int]error{0: nil, somebody: nil, somebody + 1: ErrPlanted} {
		path := filepath.Join(dir, "x")
		must(t, os.WriteFile(path, nil, 0o600))
		must(t, os.Chown(path, uid, -1))
		if _, err := Read(path, 1); !errors.Is(err, want) || want == nil && err != nil {
			t.Errorf("a file of user %d: %v, want %v", uid, err, want)
		}
	}
}

// TestWay: a folder on the way is a link.
func TestWay(t *testing.T) {
	for dir, want := range map[string]error{t.TempDir(): nil, theirs(t): ErrPlanted} {
		real := t.TempDir()
		must(t, os.WriteFile(filepath.Join(real, "x"), []byte("x"), 0o600))
		must(t, os.Symlink(real, filepath.Join(dir, "way")))
		if _, err := Read(filepath.Join(dir, "way/x"), 1); !errors.Is(err, want) || want == nil && err != nil {
			t.Errorf("read: %v, want %v", err, want)
		}
		if err := Write(filepath.Join(dir, "way/y"), nil, 0o600); !errors.Is(err, want) || want == nil && err != nil {
			t.Errorf("write: %v, want %v", err, want)
		}
		if d, err := Make(filepath.Join(dir, "way/new"), 0o700); !errors.Is(err, want) || want == nil && err != nil {
			t.Errorf("make: %v, want %v", err, want)
		} else if err == nil {
			d.Close()
		}
	}
}

// TestWrite: what is written is whole or not there, replaces a link and not what it
// leads to, and belongs to the owner of the folder.
func TestWrite(t *testing.T) {
	dir, root := theirs(t), t.TempDir()
	victim := filepath.Join(root, "victim")
	must(t, os.WriteFile(victim, []byte("as it was"), 0o600))
	must(t, os.Symlink(victim, filepath.Join(dir, "x")))
	must(t, Write(filepath.Join(dir, "x"), []byte("new"), 0o640))
	st, err := os.Lstat(filepath.Join(dir, "x"))
	must(t, err)
	text, _ := Read(filepath.Join(dir, "x"), 10)
	before, _ := os.ReadFile(victim)
	if string(text) != "new" || string(before) != "as it was" || st.Mode() != 0o640 {
		t.Errorf("there is %q, %s, and %q behind the link", text, st.Mode(), before)
	}
	var sys unix.Stat_t
	must(t, unix.Stat(filepath.Join(dir, "x"), &sys))
	if os.Geteuid() == 0 && (sys.Uid != somebody || sys.Gid != somebody) {
		t.Errorf("it belongs to %d:%d", sys.Uid, sys.Gid)
	}
	if err := Write(filepath.Join(dir, "not/there"), nil, 0o600); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
	entries, _ := os.ReadDir(dir)
	if len(entries) != 1 {
		t.Errorf("left %v", entries)
	}
	must(t, os.Mkdir(filepath.Join(dir, "folder"), 0o700))
	if err := Write(filepath.Join(dir, "folder"), nil, 0o600); err == nil {
		t.Error("a folder was replaced by a file")
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 2 {
		t.Errorf("left %v", entries)
	}
}

// TestTruncate: a file that is not opened keeps what it holds.
func TestTruncate(t *testing.T) {
	dir := theirs(t)
	path := filepath.Join(dir, "x")
	must(t, os.WriteFile(path, []byte("text"), 0o600))
	must(t, os.Link(path, path+"2"))
	if _, err := OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600); !errors.Is(err, ErrPlanted) {
		t.Errorf("a second name: %v", err)
	}
	if text, _ := os.ReadFile(path); string(text) != "text" {
		t.Errorf("it holds %q", text)
	}
	must(t, os.Remove(path+"2"))
	f, err := OpenFile(path, os.O_RDWR|os.O_TRUNC, 0)
	must(t, err)
	f.Close()
	if text, _ := os.ReadFile(path); len(text) > 0 {
		t.Errorf("it holds %q", text)
	}
}
