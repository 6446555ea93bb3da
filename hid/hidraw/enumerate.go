package hidraw

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	gohid "github.com/sstallion/go-hid"

	"ecnutd/hid"
)

// Enumerate lists the HID devices with a hidraw node that match accepts (all
// of them when match is nil), sorted by the number of the node. None is
// opened: hidapi reads sysfs alone, so a node that may not be opened is listed
// too. No device is not an error.
func Enumerate(match func(hid.Info) bool) ([]hid.Info, error) { return thisHost.enumerate(match) }

func (h host) enumerate(match func(hid.Info) bool) ([]hid.Info, error) {
	entries, err := entries()
	if err != nil {
		return nil, err
	}
	seen := make(map[string]bool)
	var found []hid.Info
	for _, e := range entries {
		// hidapi lists a node once for each top-level usage, and one whose
		// node has no name yet with an empty path.
		if e.Node == "" || seen[e.Node] {
			continue
		}
		seen[e.Node] = true
		if info := h.describe(e); match == nil || match(info) {
			found = append(found, info)
		}
	}
	slices.SortFunc(found, byNode)
	return found, nil
}

// entries is what hidapi lists. The lock is not held while the caller's match
// runs.
func entries() ([]hid.Info, error) {
	global.Lock()
	defer global.Unlock()
	if err := initialise(); err != nil {
		return nil, fmt.Errorf("hidraw: starting hidapi: %w", err)
	}
	var list []hid.Info
	err := gohid.Enumerate(gohid.VendorIDAny, gohid.ProductIDAny, func(di *gohid.DeviceInfo) error {
		list = append(list, fromAPI(di))
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("hidraw: looking for devices: %w", err)
	}
	return list, nil
}

// busTypes are the bus types of linux/input.h by those of hidapi, which counts
// its own.
var busTypes = map[gohid.BusType]int{
	gohid.BusUSB:       hid.BusUSB,
	gohid.BusBluetooth: 0x05,
	gohid.BusI2C:       0x18,
	gohid.BusSPI:       0x1c,
}

func fromAPI(di *gohid.DeviceInfo) hid.Info {
	return hid.Info{
		Node:         di.Path,
		Name:         hid.Printable(di.MfrStr + " " + di.ProductStr),
		Bus:          busTypes[di.BusType],
		Vendor:       di.VendorID,
		Product:      di.ProductID,
		Manufacturer: hid.Printable(di.MfrStr),
		ProductName:  hid.Printable(di.ProductStr),
		Usage:        hid.Usage(di.UsagePage)<<16 | hid.Usage(di.Usage),
		Serial:       hid.Printable(di.SerialNbr),
		Release:      di.ReleaseNbr,
	}
}

// byNode puts hidraw10 behind hidraw9, and nodes of another name last.
func byNode(a, b hid.Info) int {
	return cmp.Or(cmp.Compare(nodeNumber(a.Node), nodeNumber(b.Node)), cmp.Compare(a.Node, b.Node))
}

func nodeNumber(node string) int {
	number, ok := strings.CutPrefix(filepath.Base(node), "hidraw")
	n, err := strconv.Atoi(number)
	if !ok || err != nil {
		return int(^uint(0) >> 1)
	}
	return n
}
