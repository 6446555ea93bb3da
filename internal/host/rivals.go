package host

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
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

	// Genuine reports that it runs a program that only root can have put there,
	// as root or as the user of NUT, in the namespaces of this host: it is what
	// its name says. A process of any user can have any name, and one of a
	// container guards that container.
	Genuine bool
}

// A Host says where processes are looked for, and who may be a genuine one.
type Host struct {
	Proc   string // the folder of the processes, "/proc"
	Owners []int  // user ids that NUT runs as: 0 and that of user nut
}

// ThisHost is the host that this process runs on.
func ThisHost() Host {
	h := Host{Proc: "/proc", Owners: []int{0}}
	if u, err := user.Lookup("nut"); err == nil {
		if uid, err := strconv.Atoi(u.Uid); err == nil {
			h.Owners = append(h.Owners, uid)
		}
	}
	return h
}

// programFolders are where packages put the programs of NUT; root alone writes
// there.
var programFolders = []string{"/lib/nut", "/usr/lib/nut", "/usr/libexec/nut", "/sbin", "/usr/sbin", "/bin", "/usr/bin"}

// Processes lists those that are Rivals or have one of the nodes open. hidden is
// how many would not show what they have open, as they do to anybody but root.
func (h Host) Processes(nodes []string) (list []Process, hidden int) {
	entries, _ := os.ReadDir(h.Proc)
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		dir := filepath.Join(h.Proc, e.Name())
		comm, _ := os.ReadFile(filepath.Join(dir, "comm"))
		p := Process{PID: pid, Name: Clean(strings.TrimSpace(string(comm)))}
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
			p.Genuine = h.genuine(dir, p.Name)
			list = append(list, p)
		}
	}
	return list, hidden
}

// genuine reports whether the process in dir is what its name says. Where that
// cannot be read it is not: whoever is unsure must not be kept from guarding.
func (h Host) genuine(dir, name string) bool {
	var st unix.Stat_t
	if unix.Stat(dir, &st) != nil || !slices.Contains(h.Owners, int(st.Uid)) {
		return false
	}
	for _, ns := range []string{"ns/pid", "ns/mnt"} {
		ours, err := os.Readlink(filepath.Join(h.Proc, "self", ns))
		if err != nil {
			return false
		}
		if its, err := os.Readlink(filepath.Join(dir, ns)); err != nil || its != ours {
			return false
		}
	}
	exe, err := os.Readlink(filepath.Join(dir, "exe"))
	exe = strings.TrimSuffix(exe, " (deleted)") // an upgrade replaced it
	return err == nil && slices.Contains(programFolders, filepath.Dir(exe)) && filepath.Base(exe) == name
}

// BesideNUT looks whether NUT decides over this host too. refuse is an error
// where that is certain: its monitor runs, which shuts this host down, or a
// driver of it has one of the nodes of the UPSs open. doubt says in a sentence
// what only looks like it, "" where nothing does: the daemon starts then, since
// two guards are better than none.
func (h Host) BesideNUT(nodes []string) (doubt string, refuse error) {
	list, _ := h.Processes(nodes)
	for _, p := range list {
		rival := Rivals[p.Name]
		if rival.Stop != StopNUT {
			continue
		}
		if p.Genuine && (p.Name == "upsmon" || len(p.Nodes) > 0) {
			return "", fmt.Errorf("%s is running (%s, process %d), and two programs must not decide over one host: stop it first with %s; ecnutd changes nothing of NUT's", rival.Who, p.Name, p.PID, rival.Stop)
		}
		if doubt == "" {
			doubt = fmt.Sprintf("process %d is called %s, as %s is, but it cannot be seen to watch this UPS or to shut this host down; ecnutd guards this host beside it. If it is NUT's, stop it: %s", p.PID, p.Name, rival.Who, rival.Stop)
		}
	}
	return doubt, nil
}
