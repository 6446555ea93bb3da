package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"ecnutd/hid"
	"ecnutd/internal/host"
)

// rivals are programs that read a UPS and shut a host down, by the names of
// their processes, and how each is stopped. Two of a kind must not decide over
// one host.
var rivals = map[string]struct{ who, stop string }{
	"usbhid-ups": {"a driver of NUT", stopNUT},
	"nutdrv_qx":  {"a driver of NUT", stopNUT},
	"upsd":       {"the server of NUT", stopNUT},
	"upsmon":     {"the monitor of NUT", stopNUT},
	"apcupsd":    {"the daemon for UPSs of APC", "sudo systemctl disable --now apcupsd"},
	"upowerd":    {"the power daemon of desktops", "sudo systemctl mask --now upower"},
}

// stopNUT stops NUT, also for the next boot: nut.target starts the others even
// where they are disabled (NUT 2.8 of Debian 12).
const stopNUT = "sudo systemctl disable --now nut.target nut-monitor.service nut-server.service nut-driver.target nut-driver-enumerator.path"

// A process is one that is looked at because of its name or what it has open.
type process struct {
	pid   int
	name  string
	nodes []string // of the UPS, that it has open
}

// processes lists those below proc that are rivals or have one of the nodes
// open. hidden is how many would not show what they have open, as they do to
// anybody but root.
func processes(proc string, nodes []string) (list []process, hidden int) {
	entries, _ := os.ReadDir(proc)
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		dir := filepath.Join(proc, e.Name())
		comm, _ := os.ReadFile(filepath.Join(dir, "comm"))
		p := process{pid: pid, name: strings.TrimSpace(string(comm))}
		fds, err := os.ReadDir(filepath.Join(dir, "fd"))
		if os.IsPermission(err) {
			hidden++
		}
		for _, fd := range fds {
			to, err := os.Readlink(filepath.Join(dir, "fd", fd.Name()))
			if err == nil && slices.Contains(nodes, to) && !slices.Contains(p.nodes, to) {
				p.nodes = append(p.nodes, to)
			}
		}
		if _, rival := rivals[p.name]; rival || len(p.nodes) > 0 {
			list = append(list, p)
		}
	}
	return list, hidden
}

// refuseBesideNUT refuses to decide over a host that NUT decides over too.
func refuseBesideNUT(proc string) error {
	list, _ := processes(proc, nil)
	for _, p := range list {
		if rival := rivals[p.name]; rival.stop == stopNUT {
			return fmt.Errorf("%s is running (%s, process %d), and two programs must not decide over one host: stop it first with %s; ecnutd changes nothing of NUT's", rival.who, p.name, p.pid, rival.stop)
		}
	}
	return nil
}

// checkReaders judges the processes. The daemon itself may read the UPS.
func checkReaders(list []process, hidden int) (found []host.Finding) {
	for _, p := range list {
		rival, known := rivals[p.name]
		what := fmt.Sprintf("process %d (%s)", p.pid, p.name)
		open := strings.Join(p.nodes, ", ")
		switch {
		case p.name == "ecnutd":
		case p.name == "upowerd" && open == "":
			// It runs on many hosts that it has no UPS to read on.
		case known && open != "":
			found = append(found, host.Bad(what, rival.who+" has "+open+" open", rival.stop))
		case known:
			found = append(found, host.Bad(what, rival.who+" runs too: two programs would decide over this host", rival.stop))
		default:
			found = append(found, host.Bad(what, "it has "+open+" open, and may take reports away or command the UPS", fmt.Sprintf("find out what it is for: ps -fp %d", p.pid)))
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
			nodes = append(nodes, location(info).Node())
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
