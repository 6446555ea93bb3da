package hidraw

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"ecnutd/hid"
)

// A host is where the kernel shows its devices: sys and dev under root.
type host struct{ root string }

// thisHost is the host this process runs on.
var thisHost = host{"/"}

// class is the directory of a node's entry in sysfs.
func (h host) class(node string) string {
	return filepath.Join(h.root, "sys/class/hidraw", filepath.Base(node))
}

// describe completes info from sysfs: what the kernel says of the HID device
// and of the USB device above it. Sysfs goes before hidapi, which loses
// strings that are not ASCII. What is not found stays as it was.
func (h host) describe(info hid.Info) hid.Info {
	dir, err := filepath.EvalSymlinks(filepath.Join(h.class(info.Node), "device"))
	if err != nil {
		return info
	}
	uevent := readUevent(filepath.Join(dir, "uevent"))
	if name := hid.Printable(uevent["HID_NAME"]); name != "" {
		info.Name = name
	}
	if serial := hid.Printable(uevent["HID_UNIQ"]); serial != "" {
		info.Serial = serial
	}
	info.Phys = hid.Printable(uevent["HID_PHYS"])
	if bus, vendor, product, ok := parseID(uevent["HID_ID"]); ok {
		info.Bus, info.Vendor, info.Product = bus, vendor, product
	}
	usb, ok := usbDevice(dir)
	if !ok {
		return info
	}
	info.USBBus, _ = readNumber(filepath.Join(usb, "busnum"), 10)
	info.USBAddress, _ = readNumber(filepath.Join(usb, "devnum"), 10)
	if bcd, ok := readNumber(filepath.Join(usb, "bcdDevice"), 16); ok {
		info.Release = uint16(bcd)
	}
	for file, field := range map[string]*string{
		"manufacturer": &info.Manufacturer,
		"product":      &info.ProductName,
		"serial":       &info.Serial,
	} {
		if text, err := os.ReadFile(filepath.Join(usb, file)); err == nil {
			*field = hid.Printable(string(text))
		}
	}
	return info
}

// usbDevice finds the USB device above a HID device: the nearest directory
// upwards that has a bus number. One made by uhid has none.
func usbDevice(dir string) (string, bool) {
	// The interface lies between the two; a few levels more cost nothing.
	for range 4 {
		dir = filepath.Dir(dir)
		if _, ok := readNumber(filepath.Join(dir, "busnum"), 10); ok {
			return dir, true
		}
	}
	return "", false
}

// parseID reads HID_ID: bus, vendor and product, "0003:00000463:0000FFFF".
func parseID(id string) (bus int, vendor, product uint16, ok bool) {
	parts := strings.Split(id, ":")
	if len(parts) != 3 {
		return 0, 0, 0, false
	}
	var n [3]uint16
	for i, p := range parts {
		v, err := strconv.ParseUint(p, 16, 16)
		if err != nil {
			return 0, 0, 0, false
		}
		n[i] = uint16(v)
	}
	return int(n[0]), n[1], n[2], true
}

// readUevent reads the key=value lines of a uevent file; none where there is
// no such file.
func readUevent(path string) map[string]string {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	values := make(map[string]string)
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "="); ok {
			values[key] = value
		}
	}
	return values
}

// readNumber reads a file that holds one number of at most 16 bits.
func readNumber(path string, base int) (int, bool) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseUint(strings.TrimSpace(string(text)), base, 16)
	return int(n), err == nil
}

// subsystem names the kernel subsystem of a character device; empty where
// sysfs does not tell.
func (h host) subsystem(st fs.FileInfo) string {
	sys, ok := st.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	// Major and minor number are packed as in the C library's makedev.
	rdev := uint64(sys.Rdev)
	major := rdev>>8&0xfff | rdev>>32&^0xfff
	minor := rdev&0xff | rdev>>12&^0xff
	link, err := os.Readlink(filepath.Join(h.root, "sys/dev/char", fmt.Sprintf("%d:%d", major, minor), "subsystem"))
	if err != nil {
		return ""
	}
	return filepath.Base(link)
}

// gone tells whether an opened device has left: its node or its entry in
// sysfs is no more. The kernel does not give the number of a node away while
// it is held open, so a newcomer cannot be mistaken for it. Where sysfs is
// hidden the node alone counts.
func (h host) gone(node string) bool {
	if missing(filepath.Join(h.root, node)) {
		return true
	}
	entry := h.class(node)
	return missing(entry) && !missing(filepath.Dir(entry))
}

// Left tells of a device that was open once whether it has gone since: its node
// is no more, or belongs to one that was plugged in later. The kernel counts
// the addresses of a bus up, so that the same device at the same port has
// another one.
func Left(info hid.Info) bool { return thisHost.left(info) }

func (h host) left(info hid.Info) bool {
	if h.gone(info.Node) {
		return true
	}
	now := h.describe(hid.Info{Node: info.Node})
	return now.USBBus != 0 && info.USBBus != 0 && (now.USBBus != info.USBBus || now.USBAddress != info.USBAddress)
}

func missing(path string) bool {
	_, err := os.Lstat(path)
	return errors.Is(err, fs.ErrNotExist)
}
