package usb

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"strconv"
	"syscall"

	"github.com/google/gousb"
)

// An Error says why a device could not be used on the USB level.
type Error struct {
	Node   string // "/dev/bus/usb/001/005"
	Reason string // what is wrong, in words
	Fix    string // what to do about it; may be empty
	Err    error  // what libusb or the context said
}

// Error puts node, reason, remedy and cause into one line.
func (e *Error) Error() string {
	s := fmt.Sprintf("usb: %s: %s", e.Node, e.Reason)
	if e.Fix != "" {
		s += "; " + e.Fix
	}
	if e.Err != nil {
		s += " (" + e.Err.Error() + ")"
	}
	return s
}

// Unwrap returns what libusb or the context said.
func (e *Error) Unwrap() error { return e.Err }

// Remedies.
const (
	fixRights  = "give it to group ecnutd with: ecnutd udev print | sudo tee /etc/udev/rules.d/60-ecnutd.rules && sudo udevadm control --reload && sudo udevadm trigger (and be in that group), or run this as root"
	fixPolicy  = "allow this container or service the device (systemd: DeviceAllow=char-usb_device rw)"
	fixAbsent  = "look with `ecnutd devices` where the UPS is now: its address changes whenever it is plugged in"
	fixLibrary = "check that /dev/bus/usb exists and may be read, and that libusb-1.0-0 is installed"
	fixSilent  = "leave it alone for a minute; when it stays like this, unplug its USB cable and plug it in again"
)

// explain makes an *Error of what went wrong while doing something, what, at
// node.
func explain(node, what string, err error) error {
	if err == nil {
		return nil
	}
	if ready := (*Error)(nil); errors.As(err, &ready) {
		return ready
	}
	e := &Error{Node: node, Err: err}
	switch {
	case errors.Is(err, gousb.ErrorAccess), errors.Is(err, fs.ErrPermission):
		e.Reason, e.Fix = denied(node, os.Geteuid() == 0)
	case errors.Is(err, gousb.ErrorNoDevice), errors.Is(err, errNoDevice):
		e.Reason, e.Fix = "no device is there", fixAbsent
	case errors.Is(err, gousb.ErrorTimeout), errors.Is(err, context.DeadlineExceeded):
		e.Reason, e.Fix = what+": no answer in time", fixSilent
	case errors.Is(err, gousb.ErrorInterrupted), errors.Is(err, context.Canceled):
		e.Reason = what + ": interrupted"
	case errors.Is(err, gousb.ErrorBusy):
		e.Reason, e.Fix = what+": another program holds the device", "find it with `ecnutd doctor`, and stop it"
	case errors.Is(err, gousb.ErrorPipe):
		e.Reason = what + ": the device refuses"
	default:
		e.Reason = what + ": failed"
	}
	return e
}

// errNoDevice says that libusb lists nothing at the location.
var errNoDevice = errors.New("nothing is listed at this address")

// denied explains why a node may not be opened, by root or somebody else.
func denied(node string, root bool) (reason, fix string) {
	st, err := os.Stat(node)
	if err != nil {
		return "access is denied", fixRights
	}
	sys, ok := st.Sys().(*syscall.Stat_t)
	if !ok {
		return "access is denied", fixRights
	}
	reason = fmt.Sprintf("access is denied: it belongs to %s:%s with mode %04o", userName(sys.Uid), groupName(sys.Gid), st.Mode().Perm())
	// libusb says the same for EACCES and EPERM. When root is refused it is not
	// the mode.
	if root {
		return reason + ", and root is refused all the same", fixPolicy
	}
	return reason, fixRights
}

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
