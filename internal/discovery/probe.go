package discovery

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"ecnutd/hid"
	"ecnutd/hid/hidraw"
	"ecnutd/hid/usb"
)

// A Place is where a device is on USB.
type Place = usb.Location

// Probe looks at a device on the USB level. The report comes with an error where
// not all could be seen; without a vendor nothing was.
func Probe(ctx context.Context, place Place) (usb.Report, error) { return usb.Probe(ctx, place) }

// PlaceOf is where the UPS with a node is; "": the only one that is attached.
func PlaceOf(node string) (Place, error) {
	if node == "" {
		found, err := Attached()
		if err != nil {
			return Place{}, err
		}
		info, err := TheOnly(found)
		return Location(info), err
	}
	found, err := hidraw.Enumerate(func(info hid.Info) bool { return info.Node == node })
	switch {
	case err != nil:
		return Place{}, err
	case len(found) == 0:
		return Place{}, hid.Mark(fmt.Errorf("there is no hidraw node %s; `ecnutd devices` lists the UPSs there are", node), hid.ErrAbsent)
	case found[0].USBBus == 0:
		return Place{}, fmt.Errorf("%s is not on USB", node)
	case !Match(found[0]):
		return Place{}, fmt.Errorf("%s is %s and no UPS of the family; --at looks at any device", node, found[0].Name)
	}
	return Location(found[0]), nil
}

// ParsePlace reads bus and address as a Place prints them. Both have three digits
// at most, as in /dev/bus/usb/001/005.
func ParsePlace(s string) (Place, error) {
	bus, address, ok := strings.Cut(s, "/")
	b, err1 := strconv.ParseUint(bus, 10, 16)
	a, err2 := strconv.ParseUint(address, 10, 16)
	if !ok || err1 != nil || err2 != nil || b < 1 || b > 999 || a < 1 || a > 127 {
		return Place{}, fmt.Errorf("%q: want bus and address as lsusb prints them, 001/005", s)
	}
	return Place{Bus: int(b), Address: int(a)}, nil
}
