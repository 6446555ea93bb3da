package host

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"ecnutd/internal/folder"
)

// An Identity is a user whose eyes root can look with.
type Identity struct {
	Name string
	UID  int
	GIDs []int
}

// IdentityOf is the identity of a user of this host. It is not ok where there is
// no such user, or it is the one who asks: who asks sees for itself.
func IdentityOf(name string) (id Identity, ok bool) {
	u, err := user.Lookup(name)
	if err != nil {
		return Identity{}, false
	}
	groups, err := u.GroupIds()
	if err != nil {
		groups = []string{u.Gid}
	}
	id = Identity{Name: name}
	if id.UID, err = strconv.Atoi(u.Uid); err != nil {
		return Identity{}, false
	}
	for _, g := range groups {
		if n, err := strconv.Atoi(g); err == nil {
			id.GIDs = append(id.GIDs, n)
		}
	}
	return id, id.UID != os.Geteuid()
}

// MayRead says why the identity could not read a file, nil where it can.
func (id Identity) MayRead(path string) error { return id.may(path, 4) }

// MayRun says why the identity could not run a program, nil where it can. A
// script has to be readable too.
func (id Identity) MayRun(path string) error {
	if err := id.may(path, 1); err != nil {
		return err
	}
	if isScript(path) {
		return id.may(path, 4)
	}
	return nil
}

// MayWrite says why the identity could not write into a folder, nil where it can.
func (id Identity) MayWrite(folder string) error { return id.may(folder, 3) }

func isScript(path string) bool {
	f, err := folder.OpenFile(path, os.O_RDONLY, 0)
	if err != nil {
		return false
	}
	defer f.Close()
	begin := make([]byte, 2)
	n, _ := f.Read(begin)
	return bytes.Equal(begin[:n], []byte("#!"))
}

// verbs name what rights are for.
var verbs = map[fs.FileMode]string{1: "run", 3: "write into", 4: "read"}

// may looks at a file and all folders above it, also those that links lead
// through.
func (id Identity) may(path string, want fs.FileMode) error {
	if id.UID == 0 {
		return nil
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	for _, p := range []string{path, real} {
		for _, folder := range folders(p) {
			if !id.grants(folder, 1) {
				return fmt.Errorf("the user %s may not enter %s (%s)", id.Name, folder, owned(folder))
			}
		}
	}
	if !id.grants(real, want) {
		return fmt.Errorf("the user %s may not %s %s (%s)", id.Name, verbs[want], real, owned(real))
	}
	return nil
}

// folders are those above a path, from the root down.
func folders(path string) (list []string) {
	for dir := filepath.Dir(filepath.Clean(path)); ; dir = filepath.Dir(dir) {
		list = append([]string{dir}, list...)
		if dir == "/" || dir == "." {
			return list
		}
	}
}

// grants reports whether the mode of a file gives the identity all these rights.
// What cannot be looked at, or has an access control list, is taken for granted:
// a finding has to be right.
func (id Identity) grants(path string, want fs.FileMode) bool {
	st, err := os.Stat(path)
	if err != nil {
		return errors.Is(err, fs.ErrPermission)
	}
	sys, ok := st.Sys().(*syscall.Stat_t)
	if !ok {
		return true
	}
	if n, err := unix.Getxattr(path, "system.posix_acl_access", nil); err == nil && n > 0 {
		return true
	}
	mode := st.Mode().Perm()
	switch {
	case int(sys.Uid) == id.UID:
		mode >>= 6
	case slices.Contains(id.GIDs, int(sys.Gid)):
		mode >>= 3
	}
	return mode&want == want
}

// owned is the mode and the owners of a file, as ls prints them.
func owned(path string) string {
	st, err := os.Stat(path)
	if err != nil {
		return "not there"
	}
	sys, ok := st.Sys().(*syscall.Stat_t)
	if !ok {
		return st.Mode().String()
	}
	who, whose := strconv.Itoa(int(sys.Uid)), strconv.Itoa(int(sys.Gid))
	if u, err := user.LookupId(who); err == nil {
		who = u.Username
	}
	if g, err := user.LookupGroupId(whose); err == nil {
		whose = g.Name
	}
	return strings.Join([]string{st.Mode().String(), who, whose}, " ")
}
