package discovery

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"ecnutd/hid"
	"ecnutd/hid/hidraw"
	"ecnutd/hid/usb"
)

// Attached are the UPSs of the family that are attached to this host, in the
// order of their nodes. None of them is opened.
func Attached() ([]hid.Info, error) { return hidraw.Enumerate(Match) }

// candidates are also those that are served where a configuration names them.
func candidates() ([]hid.Info, error) {
	return hidraw.Enumerate(func(info hid.Info) bool { return Match(info) || other(info) })
}

// TheOnly refuses none and several. None is an error that wraps hid.ErrAbsent.
func TheOnly(found []hid.Info) (hid.Info, error) {
	switch len(found) {
	case 0:
		return hid.Info{}, NoneAttached()
	case 1:
		return found[0], nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d UPSs are attached; choose one with --device:", len(found))
	for _, info := range found {
		fmt.Fprintf(&b, "\n  --device %s  %s on USB %s", info.Node, info.Name, Location(info))
	}
	return hid.Info{}, errors.New(b.String())
}

// ErrNoneAttached is what everybody reads whose UPS is not found. It wraps
// hid.ErrAbsent.
var ErrNoneAttached = hid.Mark(fmt.Errorf(`no UPS of the Eaton family is attached.
  Is its USB cable plugged in? 'lsusb -d %04x:' lists it when it is.
  Does another program hold it? A running NUT driver takes the device away from
  the kernel: stop it with 'systemctl stop nut.target'.
  In a virtual machine or container, is the device passed through?
  Without a UPS, --simulate shows a simulated one and --replay a recorded one`, Families[0].IDs[0].Vendor), hid.ErrAbsent)

// Location is where a device is on USB; the zero value where it is not on USB.
func Location(info hid.Info) usb.Location {
	return usb.Location{Bus: info.USBBus, Address: info.USBAddress}
}

// Strings reads USB strings by index. An error says why some are missing; those
// that were read come with it.
type Strings = func(ctx context.Context, indexes []uint8) (map[uint8]string, error)

// Open opens a UPS and says how its USB strings are read. The caller closes the
// device, and may open it again when it was lost.
type Open func(ctx context.Context) (hid.Device, Strings, error)

// All are all HID devices of this host, UPSs or not.
func All() ([]hid.Info, error) { return hidraw.Enumerate(nil) }

// OpenNode opens the device at a node, at once.
func OpenNode(node string) (hid.Device, error) {
	dev, err := hidraw.Open(node)
	if err != nil {
		return nil, err // not a *hidraw.Device that is nil
	}
	return dev, nil
}

// openNode opens a real device. patient waits for one that just appeared, and
// that udev is still about to give to its group.
func openNode(ctx context.Context, node string, patient bool) (hid.Device, Strings, error) {
	open := hidraw.Open
	if patient {
		open = func(path string) (*hidraw.Device, error) { return hidraw.OpenWait(ctx, path) }
	}
	dev, err := open(node)
	if err != nil {
		return nil, nil, err // not a *hidraw.Device that is nil
	}
	return dev, overUSB(dev.Info()), nil
}

// overUSB reads the strings of a real device.
func overUSB(info hid.Info) Strings {
	return func(ctx context.Context, indexes []uint8) (map[uint8]string, error) {
		if info.USBBus == 0 {
			return nil, fmt.Errorf("%s is not on USB, so there are no USB strings to read", info.Node)
		}
		return usb.Strings(ctx, Location(info), indexes)
	}
}
