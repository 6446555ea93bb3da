package hidraw

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"strconv"
	"syscall"

	"ecnutd/hid"
)

// Cure is the shell line that gives group ecnutd the nodes of its UPSs.
const Cure = "ecnutd udev print | sudo tee /etc/udev/rules.d/60-ecnutd.rules && sudo udevadm control --reload && sudo udevadm trigger"

// An AccessError is a node that is there and may not be opened.
type AccessError struct {
	Path  string
	Owner string // user name, or number where it has no name; empty when unknown
	Group string // the same for the group
	Mode  fs.FileMode
	Err   error // the system's error, which wraps fs.ErrPermission
}

func newAccessError(path string, err error) *AccessError {
	e := &AccessError{Path: path, Err: err}
	st, statErr := os.Stat(path)
	if statErr != nil {
		return e
	}
	e.Mode = st.Mode()
	if sys, ok := st.Sys().(*syscall.Stat_t); ok {
		e.Owner, e.Group = userName(sys.Uid), groupName(sys.Gid)
	}
	return e
}

// Error names the node, its owner and mode, and the ways out.
func (e *AccessError) Error() string {
	if e.Owner == "" {
		return fmt.Sprintf("hidraw: %s may not be opened, nor looked at: is the path right, and may this user enter its directory? (%v)", e.Path, e.Err)
	}
	found := fmt.Sprintf("hidraw: %s may not be opened: it belongs to %s:%s with mode %04o", e.Path, e.Owner, e.Group, e.Mode.Perm())
	// EPERM, unlike EACCES, is not about the mode: a device policy forbids it,
	// and no udev rule helps.
	if errors.Is(e.Err, syscall.EPERM) {
		return found + ", but it is the device policy of this container or service that forbids it: allow it char-hidraw (systemd: DeviceAllow=char-hidraw rw)"
	}
	return found + "; give it to group ecnutd with: " + Cure + " (and be in that group), or run this as root"
}

// Unwrap returns the system's error, which wraps fs.ErrPermission, and
// hid.ErrNotAllowed.
func (e *AccessError) Unwrap() []error { return []error{e.Err, hid.ErrNotAllowed} }

// userName and groupName answer for root without a look-up, which may go to a
// directory server.
func userName(id uint32) string {
	number := strconv.FormatUint(uint64(id), 10)
	if id == 0 {
		return "root"
	}
	if u, err := user.LookupId(number); err == nil {
		return u.Username
	}
	return number
}

func groupName(id uint32) string {
	number := strconv.FormatUint(uint64(id), 10)
	if id == 0 {
		return "root"
	}
	if g, err := user.LookupGroupId(number); err == nil {
		return g.Name
	}
	return number
}
