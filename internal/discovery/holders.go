package discovery

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"ecnutd/hid"
	"ecnutd/hid/power/family"
	"ecnutd/hid/usb"
	"ecnutd/internal/host"
)

// NodesOf are all nodes through which programs reach these devices: hidraw, usb
// and hiddev, which UPower and old drivers use. sys is where sysfs is mounted.
func NodesOf(sys string, devices []hid.Info) (nodes []string) {
	for _, info := range devices {
		nodes = append(nodes, info.Node)
		if info.USBBus != 0 {
			nodes = append(nodes, Location(info).Node())
		}
		hidDevice, err := filepath.EvalSymlinks(filepath.Join(sys, "class/hidraw", filepath.Base(info.Node), "device"))
		if err != nil {
			continue
		}
		old, _ := filepath.Glob(filepath.Join(filepath.Dir(hidDevice), "usbmisc", "hiddev*"))
		for _, dir := range old {
			nodes = append(nodes, "/dev/usb/"+filepath.Base(dir))
		}
	}
	return nodes
}

// OnUSB are the UPSs of the families that USB has, also those without a hidraw
// node, which another program has taken from the kernel's driver.
func OnUSB() []usb.Report {
	return usb.Attached(func(vendor, product uint16) bool {
		return slices.ContainsFunc(IDs(), func(id family.ID) bool { return id.Vendor == vendor && id.Product == product })
	})
}

// Nodes are all nodes through which the UPSs of this host can be reached.
func Nodes() []string {
	found, _ := Attached() // the USB nodes are known without
	nodes := NodesOf("/sys", found)
	for _, r := range OnUSB() {
		if node := r.Location.Node(); !slices.Contains(nodes, node) {
			nodes = append(nodes, node)
		}
	}
	return nodes
}

// NoneAttached is the error for a host without a UPS that can be opened. It is
// ErrNoneAttached, unless a UPS is on USB and has no hidraw node: then it names
// the program that holds it, as far as this process may see that.
func NoneAttached() error { return noneAttached(OnUSB(), host.ThisHost()) }

func noneAttached(attached []usb.Report, h host.Host) error {
	for _, r := range attached {
		node := r.Location.Node()
		switch r.Driver {
		case "usbhid":
			continue // its hidraw node is about to come
		case "":
			return hid.Mark(fmt.Errorf("the UPS at %s is on USB and has no hidraw node: no driver of the kernel has it; sudo modprobe usbhid, then unplug its cable and plug it in again", node), hid.ErrAbsent)
		}
		who := "another program, which only root can see"
		fix := "`sudo ecnutd doctor` names it"
		list, _ := h.Processes([]string{node})
		for _, p := range list {
			if !slices.Contains(p.Nodes, node) {
				continue
			}
			who = fmt.Sprintf("process %d (%s)", p.PID, p.Name)
			fix = fmt.Sprintf("stop it, then unplug the cable of the UPS and plug it in again; ps -fp %d shows what it is", p.PID)
			if rival, known := host.Rivals[p.Name]; known {
				who = strings.Join([]string{rival.Who, who}, ", ")
				fix = "stop it: " + rival.Stop
			}
			break
		}
		return hid.Mark(fmt.Errorf("the UPS at %s is on USB and has no hidraw node: %s has taken it from the kernel; %s", node, who, fix), hid.ErrAbsent)
	}
	return ErrNoneAttached
}
