// Package folder opens files in folders that somebody else can write to, without
// being led elsewhere. Root works in the folders of the daemon's user (the state,
// the order to shut down, the flag), who can put a link to any file of the host
// where root expects its own, a FIFO that never answers, or a device.
//
// A path is walked folder by folder, each held open. A folder is safe that belongs
// to root or to the user of this process and that nobody else can write to: links
// in it are followed, as whoever put them there could do all this anyway. In every
// other folder no link is followed, and a file is opened only if it is a regular
// file, has one name, and belongs to root, to this user or to the owner of the
// folder. All this is asked of what is open, and what root makes there is given to
// the owner of the folder by its descriptor.
package folder

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

var (
	// ErrPlanted says that something in a folder of somebody else is not what is
	// opened there: a link, a file with several names, or one of a third party.
	ErrPlanted = errors.New("nobody but its owner follows what stands there; remove it")

	// ErrNotPlain says that a path is a folder, a device, a FIFO or a socket.
	ErrNotPlain = errors.New("it is not a regular file")
)

// A Folder is an open folder.
type Folder struct {
	path  string
	fd    int // O_PATH: one may enter folders that one may not read
	owner owner
	safe  bool // only root and the user of this process can write to it
}

type owner struct{ uid, gid int }

// maxLinks is how many links a path may lead through, as in the kernel.
const maxLinks = 40

// Open opens the folder at a path.
func Open(path string) (*Folder, error) { return walk(path, 0, maxLinks) }

// Make opens the folder at a path, and makes what is missing of it, with these
// rights, whatever the umask is. What root makes in a folder of somebody else is
// given to that user.
func Make(path string, perm fs.FileMode) (*Folder, error) { return walk(path, perm, maxLinks) }

// Ensure makes what is missing of a path of folders, as Make does.
func Ensure(path string, perm fs.FileMode) error {
	made, err := Make(path, perm)
	if err != nil {
		return err
	}
	return made.Close()
}

// walk opens one folder after the other, from the root down, and follows as many
// links as are left. Where perm is not 0 it makes the folders that are missing.
func walk(path string, perm fs.FileMode, links int) (*Folder, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	at, err := slash()
	if err != nil {
		return nil, err
	}
	for rest := components(abs); len(rest) > 0; {
		name := rest[0]
		st, err := at.stat(name)
		if errors.Is(err, fs.ErrNotExist) && perm != 0 {
			if err = at.mkdir(name, perm); err == nil {
				st, err = at.stat(name)
			}
		}
		if err != nil {
			at.Close()
			return nil, at.failed("open", name, err)
		}
		next := at
		if st.Mode&unix.S_IFMT == unix.S_IFLNK {
			var to string
			if to, err = at.follow(name, links); err == nil {
				links--
				next, err = slash()
				rest = append(components(to), rest[1:]...)
			}
		} else {
			next, err = at.enter(name)
			rest = rest[1:]
		}
		at.Close()
		if err != nil {
			return nil, err
		}
		at = next
	}
	return at, nil
}

// components are the names of a path that begins with a slash.
func components(path string) []string {
	return strings.FieldsFunc(filepath.Clean(path), func(r rune) bool { return r == filepath.Separator })
}

const openFolder = unix.O_PATH | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_CLOEXEC

// slash opens the root of the file system.
func slash() (*Folder, error) {
	fd, err := retry(func() (int, error) { return unix.Open("/", openFolder, 0) })
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: "/", Err: err}
	}
	return judge("/", fd)
}

// enter opens a folder in this one.
func (d *Folder) enter(name string) (*Folder, error) {
	fd, err := retry(func() (int, error) { return unix.Openat(d.fd, name, openFolder, 0) })
	if err != nil {
		return nil, d.failed("open", name, err)
	}
	return judge(filepath.Join(d.path, name), fd)
}

// retry calls again what a signal has interrupted.
func retry(f func() (int, error)) (int, error) {
	for {
		n, err := f()
		if err != unix.EINTR {
			return n, err
		}
	}
}

// judge looks whose an open folder is.
func judge(path string, fd int) (*Folder, error) {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		unix.Close(fd)
		return nil, &fs.PathError{Op: "stat", Path: path, Err: err}
	}
	d := &Folder{path: path, fd: fd, owner: owner{int(st.Uid), int(st.Gid)}}
	d.safe = trusted(d.owner.uid) && st.Mode&0o022 == 0
	return d, nil
}

// trusted reports whether a user can do what this process does, and more.
func trusted(uid int) bool { return uid == 0 || uid == os.Geteuid() }

// stat looks at what stands in the folder by a name, and follows no link.
func (d *Folder) stat(name string) (st unix.Stat_t, err error) {
	err = unix.Fstatat(d.fd, name, &st, unix.AT_SYMLINK_NOFOLLOW)
	return st, err
}

// follow is where a link in this folder leads, as a path; an error where none is
// followed.
func (d *Folder) follow(name string, links int) (string, error) {
	switch {
	case links <= 0:
		return "", d.failed("open", name, unix.ELOOP)
	case !d.safe:
		return "", d.failed("open", name, fmt.Errorf("it is a link in a folder that %s: %w", d.others(), ErrPlanted))
	}
	buf := make([]byte, unix.PathMax)
	n, err := unix.Readlinkat(d.fd, name, buf)
	if err != nil {
		return "", d.failed("open", name, err)
	}
	to := string(buf[:n])
	if !filepath.IsAbs(to) {
		to = filepath.Join(d.path, to)
	}
	return to, nil
}

// others says who else can write to a folder.
func (d *Folder) others() string {
	if trusted(d.owner.uid) {
		return "others can write to"
	}
	return fmt.Sprintf("user %d can write to", d.owner.uid)
}

// failed is an error of this package with its path.
func (d *Folder) failed(op, name string, err error) error {
	if wrapped := (*fs.PathError)(nil); errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	return &fs.PathError{Op: op, Path: filepath.Join(d.path, name), Err: err}
}

// Path is the path of the folder, without links.
func (d *Folder) Path() string { return d.path }

// Close lets go of the folder.
func (d *Folder) Close() error { return unix.Close(d.fd) }
