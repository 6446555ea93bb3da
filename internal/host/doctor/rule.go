package doctor

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"ecnutd/hid"
	"ecnutd/hid/hidraw"
	"ecnutd/internal/host"
	"ecnutd/udev"
)

const fixInstall = "sudo ecnutd udev install"

// Rule looks at the udev rule below a root, "" for this system, and on this
// system also at what it did.
func (d *Doctor) Rule(root string) ([]host.Finding, error) {
	installed, err := udev.Find(cmp.Or(root, "/"))
	if err != nil {
		return nil, err
	}
	list := []host.Finding{checkRule(installed)}
	if root != "" {
		return list, nil
	}
	list = append(list, checkGroup())
	found, err := hidraw.Enumerate(d.isUPS)
	if err != nil {
		return nil, err
	}
	for _, info := range found {
		list = append(list, checkDevice(info)...)
	}
	if len(found) == 0 {
		list = append(list, noNodes)
	}
	return list, nil
}

var noNodes = host.Good("no UPS is attached, so there are no nodes to look at")

func checkRule(i udev.Installed) host.Finding {
	switch {
	case i.Path == "":
		return host.Bad("rule "+udev.Path, "it is not installed", fixInstall)
	case i.Masked:
		return host.Bad("rule "+i.Path, "it is a link to /dev/null, which switches the rule off", "sudo rm "+i.Path+" && "+fixInstall)
	case !i.Ours():
		return host.Bad("rule "+i.Path, "it is not this program's rule (`ecnutd udev install --dry-run` shows the difference)", fixInstall)
	}
	return host.Good("rule " + i.Path)
}

func checkGroup() host.Finding {
	what := "group " + udev.Group
	if udev.GroupExists() != nil {
		return host.Bad(what, "it does not exist, so udev ignores the rule", udev.CreateGroup+" && sudo udevadm control --reload && sudo udevadm trigger")
	}
	return host.Good(what)
}

// checkDevice looks at the two nodes of a UPS and at its power control.
func checkDevice(info hid.Info) []host.Finding {
	list := []host.Finding{checkNode(info.Node)}
	if info.USBBus == 0 {
		return list
	}
	list = append(list, checkNode(usbNode(info)))
	// The USB device stands a few levels above the HID device, which the
	// node's entry links to.
	dir, err := filepath.EvalSymlinks(filepath.Join("/sys/class/hidraw", filepath.Base(info.Node), "device"))
	for range 4 {
		if err != nil {
			break
		}
		dir = filepath.Dir(dir)
		if text, err := os.ReadFile(filepath.Join(dir, "power/control")); err == nil {
			if _, err := os.Stat(filepath.Join(dir, "busnum")); err == nil {
				return append(list, checkPower(info.Node, strings.TrimSpace(string(text))))
			}
		}
	}
	return list
}

func checkPower(node, control string) host.Finding {
	what := "power control of " + node
	if control != "on" {
		return host.Bad(what, fmt.Sprintf("it is %q, so the kernel may suspend the UPS", control), fixInstall)
	}
	return host.Good(what)
}

func checkNode(node string) host.Finding {
	what := "node " + node
	st, err := os.Stat(node)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return host.Bad(what, "it is not there", "unplug the USB cable of the UPS and plug it in again")
	case err != nil:
		return host.Bad(what, err.Error(), "run this as root")
	}
	group := "unknown"
	if sys, ok := st.Sys().(*syscall.Stat_t); ok {
		group = strconv.FormatUint(uint64(sys.Gid), 10)
		if g, err := user.LookupGroupId(group); err == nil {
			group = g.Name
		}
	}
	if group != udev.Group && aclGrants(node, udev.Group) {
		return host.Good(what)
	}
	return judgeNode(what, group, st.Mode().Perm())
}

// aclGrants tells whether a node's access control list lets a group read and
// write it.
func aclGrants(node, group string) bool {
	g, err := user.LookupGroup(group)
	if err != nil {
		return false
	}
	raw := make([]byte, 1024) // more than a hundred entries; udev's rules make five
	n, err := unix.Getxattr(node, "system.posix_acl_access", raw)
	return err == nil && grants(raw[:n], g.Gid)
}

// grants reads an access control list as the kernel gives it
// (linux/posix_acl_xattr.h): a version, then entries of tag, rights and id.
func grants(acl []byte, gid string) bool {
	const (
		version         = 2
		group, mask     = 0x08, 0x10
		readWrite       = 6
		header, oneSize = 4, 8
	)
	if len(acl) < header || binary.LittleEndian.Uint32(acl) != version {
		return false
	}
	named, masked := false, true // without a mask nothing is masked
	for acl = acl[header:]; len(acl) >= oneSize; acl = acl[oneSize:] {
		full := binary.LittleEndian.Uint16(acl[2:])&readWrite == readWrite
		switch binary.LittleEndian.Uint16(acl) {
		case group:
			named = named || full && strconv.FormatUint(uint64(binary.LittleEndian.Uint32(acl[4:])), 10) == gid
		case mask:
			masked = full
		}
	}
	return named && masked
}

func judgeNode(what, group string, mode fs.FileMode) host.Finding {
	switch {
	case group != udev.Group:
		if group == "nut" { // its rule comes later; ours then needs setfacl
			return host.Bad(what, "NUT's udev rule gives it to group nut", "sudo apt install acl && "+fixInstall+" && sudo udevadm trigger --subsystem-match=usb")
		}
		return host.Bad(what, fmt.Sprintf("it belongs to group %s and not to %s", group, udev.Group), fixInstall)
	case mode&0o060 != 0o060:
		return host.Bad(what, fmt.Sprintf("its mode %04o does not let the group read and write", mode), fixInstall)
	case mode&0o002 != 0:
		return host.Bad(what, fmt.Sprintf("its mode %04o lets everybody switch the UPS off", mode), fixInstall)
	}
	return host.Good(what)
}
