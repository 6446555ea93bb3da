package host

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Rivals are programs that read a UPS and shut a host down, by the names of
// their processes, and how each is stopped. Two of a kind must not decide over
// one host.
var Rivals = map[string]struct{ Who, Stop string }{
	"usbhid-ups": {"a driver of NUT", StopNUT},
	"nutdrv_qx":  {"a driver of NUT", StopNUT},
	"upsd":       {"the server of NUT", StopNUT},
	"upsmon":     {"the monitor of NUT", StopNUT},
	"apcupsd":    {"the daemon for UPSs of APC", "sudo systemctl disable --now apcupsd"},
	"upowerd":    {"the power daemon of desktops", "sudo systemctl mask --now upower"},
}

// StopNUT stops NUT, also for the next boot: nut.target starts the others even
// where they are disabled (NUT 2.8 of Debian 12).
const StopNUT = "sudo systemctl disable --now nut.target nut-monitor.service nut-server.service nut-driver.target nut-driver-enumerator.path"

// A Process is one that is looked at because of its name or what it has open.
type Process struct {
	PID   int
	Name  string
	Nodes []string // of the UPS, that it has open
}

// Processes lists those below proc that are Rivals or have one of the nodes
// open. hidden is how many would not show what they have open, as they do to
// anybody but root.
func Processes(proc string, nodes []string) (list []Process, hidden int) {
	entries, _ := os.ReadDir(proc)
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		dir := filepath.Join(proc, e.Name())
		comm, _ := os.ReadFile(filepath.Join(dir, "comm"))
		p := Process{PID: pid, Name: strings.TrimSpace(string(comm))}
		fds, err := os.ReadDir(filepath.Join(dir, "fd"))
		if os.IsPermission(err) {
			hidden++
		}
		for _, fd := range fds {
			to, err := os.Readlink(filepath.Join(dir, "fd", fd.Name()))
			if err == nil && slices.Contains(nodes, to) && !slices.Contains(p.Nodes, to) {
				p.Nodes = append(p.Nodes, to)
			}
		}
		if _, rival := Rivals[p.Name]; rival || len(p.Nodes) > 0 {
			list = append(list, p)
		}
	}
	return list, hidden
}

// RefuseBesideNUT refuses to decide over a host that NUT decides over too.
func RefuseBesideNUT(proc string) error {
	list, _ := Processes(proc, nil)
	for _, p := range list {
		if rival := Rivals[p.Name]; rival.Stop == StopNUT {
			return fmt.Errorf("%s is running (%s, process %d), and two programs must not decide over one host: stop it first with %s; ecnutd changes nothing of NUT's", rival.Who, p.Name, p.PID, rival.Stop)
		}
	}
	return nil
}
