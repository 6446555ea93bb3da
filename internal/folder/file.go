package folder

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// OpenFile opens the regular file of a name in the folder; flag and perm are those
// of os.OpenFile. It never waits for the other end of a FIFO.
func (d *Folder) OpenFile(name string, flag int, perm fs.FileMode) (*os.File, error) {
	return d.open(name, flag, perm, maxLinks)
}

func (d *Folder) open(name string, flag int, perm fs.FileMode, links int) (*os.File, error) {
	st, err := d.stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && flag&os.O_CREATE != 0:
		return d.create(name, flag, perm)
	case err != nil:
		return nil, d.failed("open", name, err)
	case st.Mode&unix.S_IFMT == unix.S_IFLNK:
		to, err := d.follow(name, links)
		if err != nil {
			return nil, err
		}
		other, err := walk(filepath.Dir(to), 0, links-1)
		if err != nil {
			return nil, err
		}
		defer other.Close()
		return other.open(filepath.Base(to), flag, perm, links-1)
	case st.Mode&unix.S_IFMT != unix.S_IFREG:
		return nil, d.failed("open", name, ErrNotPlain) // opening a device may do something
	}
	// What a file held is gone only when it is known whose it is.
	f, err := d.openat(name, flag&^(os.O_CREATE|os.O_EXCL|os.O_TRUNC)|unix.O_NONBLOCK, 0)
	if err == nil && flag&os.O_EXCL != 0 {
		f.Close()
		err = fs.ErrExist
	}
	if err != nil {
		return nil, d.failed("open", name, err)
	}
	err = d.check(f)
	if err == nil && flag&os.O_TRUNC != 0 {
		err = f.Truncate(0)
	}
	if err != nil {
		f.Close()
		return nil, d.failed("open", name, err)
	}
	return f, nil
}

func (d *Folder) openat(name string, flag int, perm fs.FileMode) (*os.File, error) {
	fd, err := retry(func() (int, error) {
		return unix.Openat(d.fd, name, flag|unix.O_NOFOLLOW|unix.O_CLOEXEC, uint32(perm.Perm()))
	})
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), filepath.Join(d.path, name)), nil
}

// create makes a file that is not there, and gives it to the owner of the folder.
func (d *Folder) create(name string, flag int, perm fs.FileMode) (*os.File, error) {
	f, err := d.openat(name, flag|os.O_CREATE|os.O_EXCL, perm)
	if err == nil {
		if err = d.give(f); err != nil {
			f.Close()
			_ = d.Remove(name)
		}
	}
	if err != nil {
		return nil, d.failed("create", name, err)
	}
	return f, nil
}

// check looks at what is open.
func (d *Folder) check(f *os.File) error {
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil {
		return err
	}
	switch {
	case st.Mode&unix.S_IFMT != unix.S_IFREG:
		return ErrNotPlain
	case d.safe:
		return nil
	case !trusted(int(st.Uid)) && int(st.Uid) != d.owner.uid:
		return fmt.Errorf("it belongs to user %d, in a folder that %s: %w", st.Uid, d.others(), ErrPlanted)
	case st.Nlink != 1:
		return fmt.Errorf("it has other names besides, in a folder that %s: %w", d.others(), ErrPlanted)
	}
	return nil
}

// give has a file that root has open belong to the owner of its folder: whoever
// works here by hand must not lock out whose folder it is.
func (d *Folder) give(f *os.File) error {
	if os.Geteuid() != 0 || d.owner.uid <= 0 {
		return nil
	}
	return f.Chown(d.owner.uid, d.owner.gid)
}

// Give has the file of a name belong to the owner of the folder where root has made
// it.
func (d *Folder) Give(name string) error {
	f, err := d.OpenFile(name, os.O_RDONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil || st.Uid != 0 {
		return err
	}
	return d.give(f)
}

// mkdir makes a folder in this one.
func (d *Folder) mkdir(name string, perm fs.FileMode) error {
	if err := unix.Mkdirat(d.fd, name, uint32(perm.Perm())); err != nil {
		return err
	}
	if err := d.setMode(name, perm); err != nil {
		return err
	}
	if os.Geteuid() != 0 || d.owner.uid <= 0 {
		return nil
	}
	return unix.Fchownat(d.fd, name, d.owner.uid, d.owner.gid, unix.AT_SYMLINK_NOFOLLOW)
}

// setMode gives a folder that was just made its rights, whatever the umask is.
func (d *Folder) setMode(name string, perm fs.FileMode) error {
	fd, err := retry(func() (int, error) {
		return unix.Openat(d.fd, name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	})
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return err
	}
	if int(st.Uid) != os.Geteuid() {
		return ErrPlanted // another one stands in its place
	}
	return unix.Fchmod(fd, uint32(perm.Perm()))
}

// ShareSocket gives a socket of the folder these rights, and to a group; gid below
// zero leaves it to whose it is. Where it cannot be given to the group, that group
// alone may read and write it, by an access control list.
func (d *Folder) ShareSocket(name string, perm fs.FileMode, gid int) error {
	fd, err := retry(func() (int, error) {
		return unix.Openat(d.fd, name, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	})
	if err != nil {
		return d.failed("open", name, err)
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return d.failed("stat", name, err)
	}
	if st.Mode&unix.S_IFMT != unix.S_IFSOCK || !trusted(int(st.Uid)) {
		return d.failed("chmod", name, ErrPlanted)
	}
	// The kernel takes neither of these of such a descriptor but by this name.
	path := "/proc/self/fd/" + strconv.Itoa(fd)
	if gid >= 0 {
		err := unix.Fchownat(fd, "", -1, gid, unix.AT_EMPTY_PATH)
		if errors.Is(err, unix.EPERM) {
			// The sandbox of the service lets nothing be given away. An access control
			// list does as well.
			if list := unix.Setxattr(path, "system.posix_acl_access", groupMay(gid), 0); list == nil {
				return nil
			}
		}
		if err != nil {
			return d.failed("chown", name, err)
		}
	}
	if err := unix.Chmod(path, uint32(perm.Perm())); err != nil {
		return d.failed("chmod", name, err)
	}
	return nil
}

// groupMay is an access control list in the form of the kernel (posix_acl_xattr.h):
// the owner and the members of a group read and write, and nobody else does.
func groupMay(gid int) []byte {
	const (
		version                                = 2
		owner, ownersGroup, group, mask, other = 0x01, 0x04, 0x08, 0x10, 0x20
		none, readWrite                        = 0, 6
		nobody                                 = 0xffffffff
	)
	list := binary.LittleEndian.AppendUint32(nil, version)
	for _, e := range []struct {
		tag, perm uint16
		id        uint32
	}{{owner, readWrite, nobody}, {ownersGroup, none, nobody}, {group, readWrite, uint32(gid)}, {mask, readWrite, nobody}, {other, none, nobody}} {
		list = binary.LittleEndian.AppendUint16(list, e.tag)
		list = binary.LittleEndian.AppendUint16(list, e.perm)
		list = binary.LittleEndian.AppendUint32(list, e.id)
	}
	return list
}

// Same reports whether an open file is the one that has a name in the folder.
func (d *Folder) Same(f *os.File, name string) bool {
	var open unix.Stat_t
	there, err := d.stat(name)
	if err != nil || unix.Fstat(int(f.Fd()), &open) != nil {
		return false
	}
	return open.Dev == there.Dev && open.Ino == there.Ino
}

// Mode is the kind and the rights of what has a name in the folder, a link itself.
func (d *Folder) Mode(name string) (fs.FileMode, error) {
	st, err := d.stat(name)
	if err != nil {
		return 0, d.failed("stat", name, err)
	}
	mode := fs.FileMode(st.Mode & 0o777)
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG:
	case unix.S_IFDIR:
		mode |= fs.ModeDir
	case unix.S_IFLNK:
		mode |= fs.ModeSymlink
	case unix.S_IFSOCK:
		mode |= fs.ModeSocket
	case unix.S_IFIFO:
		mode |= fs.ModeNamedPipe
	default:
		mode |= fs.ModeDevice
	}
	return mode, nil
}

// Remove removes what has a name in the folder, a link itself, or an empty folder.
func (d *Folder) Remove(name string) error {
	err := unix.Unlinkat(d.fd, name, 0)
	if errors.Is(err, unix.EISDIR) {
		err = unix.Unlinkat(d.fd, name, unix.AT_REMOVEDIR)
	}
	if err != nil {
		return d.failed("remove", name, err)
	}
	return nil
}

// Rename gives a file of the folder another name in it.
func (d *Folder) Rename(old, next string) error {
	if err := unix.Renameat(d.fd, old, d.fd, next); err != nil {
		return d.failed("rename", old, err)
	}
	return nil
}

// Link gives a file of the folder a second name in it.
func (d *Folder) Link(old, next string) error {
	if err := unix.Linkat(d.fd, old, d.fd, next, 0); err != nil {
		return d.failed("link", old, err)
	}
	return nil
}

// Sync has the names in the folder survive a power cut.
func (d *Folder) Sync() error {
	f, err := d.openat(".", unix.O_DIRECTORY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// Write writes a file, whole or not at all, and in place of whatever has its name.
func (d *Folder) Write(name string, text []byte, perm fs.FileMode) error {
	return d.write(name, text, perm, (*os.File).Sync)
}

// Note writes a file as Write does, and does not wait for the disk: after a crash of
// the host there may be an empty one.
func (d *Folder) Note(name string, text []byte, perm fs.FileMode) error {
	return d.write(name, text, perm, func(*os.File) error { return nil })
}

func (d *Folder) write(name string, text []byte, perm fs.FileMode, sync func(*os.File) error) error {
	fresh := "." + name + "." + rand.Text()[:10]
	f, err := d.create(fresh, os.O_WRONLY, perm)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Chmod(perm) // whatever the umask is
	}
	if err == nil {
		err = sync(f)
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = d.Rename(fresh, name)
	}
	if err != nil {
		_ = d.Remove(fresh)
		return d.failed("write", name, err)
	}
	return nil
}

// Read reads the file of a name, up to most bytes.
func (d *Folder) Read(name string, most int64) ([]byte, error) {
	f, err := d.OpenFile(name, os.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, most))
}
