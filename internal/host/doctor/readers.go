package doctor

import (
	"fmt"
	"path/filepath"
	"strings"

	"ecnutd/hid"
	"ecnutd/internal/host"
)

// checkReaders judges the processes. The daemon itself may read the UPS.
func checkReaders(list []host.Process, hidden int) (found []host.Finding) {
	for _, p := range list {
		rival, known := host.Rivals[p.Name]
		what := fmt.Sprintf("process %d (%s)", p.PID, p.Name)
		open := strings.Join(p.Nodes, ", ")
		switch {
		case p.Name == "ecnutd":
		case p.Name == "upowerd" && open == "":
			// It runs on many hosts that it has no UPS to read on.
		case known && open != "":
			found = append(found, host.Bad(what, rival.Who+" has "+open+" open", rival.Stop))
		case known:
			found = append(found, host.Bad(what, rival.Who+" runs too: two programs would decide over this host", rival.Stop))
		default:
			found = append(found, host.Bad(what, "it has "+open+" open, and may take reports away or command the UPS", fmt.Sprintf("find out what it is for: ps -fp %d", p.PID)))
		}
	}
	if len(found) == 0 {
		f := host.Good("no other program reads the UPS")
		if hidden > 0 {
			f.Fix = fmt.Sprintf("run this as root: %d processes do not show what they have open", hidden)
		}
		found = append(found, f)
	}
	return found
}

// nodesOf are all nodes through which programs reach the UPSs: hidraw, usb and
// hiddev, which UPower and old drivers use.
func nodesOf(sys string, devices []hid.Info) (nodes []string) {
	for _, info := range devices {
		nodes = append(nodes, info.Node)
		if info.USBBus != 0 {
			nodes = append(nodes, usbNode(info))
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
