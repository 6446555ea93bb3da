package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"ecnutd/config"
	"ecnutd/hid/usb"
	"ecnutd/internal/systemd"
	"ecnutd/sms"
	"ecnutd/udev"
)

// checkBinding judges the driver that holds a UPS on USB.
func checkBinding(r usb.Report) finding {
	what := "kernel driver of the UPS at " + r.Location.String()
	switch r.Driver {
	case "usbhid":
		return finding{What: what + ": usbhid", OK: true}
	case "usbfs":
		return finding{what, false, "another program has taken it from the kernel, so it has no hidraw node", stopNUT + ", then unplug the UPS and plug it in again"}
	case "":
		return finding{what, false, "none, so it has no hidraw node", "sudo modprobe usbhid, then unplug the UPS and plug it in again"}
	}
	return finding{what, false, r.Driver + " and not usbhid, so it has no hidraw node", "find out why " + r.Driver + " takes it, and unbind it"}
}

// checkPrograms are the findings of the configuration on this host, without
// those on secrets, which checkSecrets looks at with the daemon's eyes.
func checkPrograms(c *config.Config) (list []finding) {
	places := c.SecretPlaces()
	for _, f := range c.OnHost() {
		if !slices.ContainsFunc(places, func(p config.SecretPlace) bool { return p.Key == f.Key }) {
			list = append(list, finding{f.Key, false, f.Msg, "install the program, or correct " + f.Key})
		}
	}
	return list
}

// checkSecrets looks whether the daemon's user may read the files of secrets,
// and whether the credentials are in their folder.
func checkSecrets(places []config.SecretPlace, folder string) (list []finding) {
	uid, gid := daemonUser()
	for _, p := range places {
		switch {
		case p.File != "":
			list = append(list, checkSecretFile(p.Key, p.File, uid, gid))
		default:
			path := filepath.Join(folder, p.Credential)
			what := "secret " + p.Key + ", credential " + p.Credential
			_, err := os.Stat(path)
			switch {
			case err == nil:
				list = append(list, finding{What: what, OK: true})
			case errors.Is(err, fs.ErrPermission):
				list = append(list, finding{What: what, OK: true, Fix: "run this as root to look at it"})
			default:
				list = append(list, finding{what, false, "there is no " + path, "sudo install -m 600 /dev/null " + path + ", write the secret into it, sudo systemctl restart ecnutd"})
			}
		}
	}
	return list
}

func checkSecretFile(key, path string, uid, gid int) finding {
	what := "secret " + key + ", " + path
	fix := fmt.Sprintf("sudo chown root:%s %s && sudo chmod 640 %s", udev.Group, path, path)
	st, err := os.Stat(path)
	if err != nil {
		return finding{what, false, firstLine(err), "write the secret into it, then " + fix}
	}
	sys, ok := st.Sys().(*syscall.Stat_t)
	mode := st.Mode().Perm()
	switch {
	case mode&0o004 != 0:
		return finding{what, false, "everybody on this host can read it", fix}
	case !ok || uid < 0 || int(sys.Uid) == uid && mode&0o400 != 0 || int(sys.Gid) == gid && mode&0o040 != 0:
		return finding{What: what, OK: true}
	}
	return finding{what, false, "the daemon's user may not read it", fix}
}

// daemonUser is the user that the service runs as; -1 where there is none.
func daemonUser() (uid, gid int) {
	u, err := user.Lookup(udev.Group)
	if err != nil {
		return -1, -1
	}
	uid, err1 := strconv.Atoi(u.Uid)
	gid, err2 := strconv.Atoi(u.Gid)
	if err1 != nil || err2 != nil {
		return -1, -1
	}
	return uid, gid
}

// reachTime bounds the look at a gateway.
const reachTime = 10 * time.Second

// checkGateways looks whether the gateways can be reached, all at once. No
// message is sent.
func checkGateways(ctx context.Context, routes []config.Route) []finding {
	list := make([]finding, len(routes))
	var wg sync.WaitGroup
	for i, r := range routes {
		wg.Go(func() { list[i] = checkGateway(ctx, r) })
	}
	wg.Wait()
	return list
}

func checkGateway(ctx context.Context, r config.Route) finding {
	what := "route " + r.Name
	address, ca := "", ""
	switch {
	case r.FreeMobile != nil:
		address, ca = r.FreeMobile.Endpoint, r.FreeMobile.CAFile
	case r.HTTP != nil:
		address, ca = r.HTTP.URL, r.HTTP.CAFile
	default:
		return finding{What: what, OK: true, Fix: "only a message shows whether it works: sudo ecnutd sms send --route " + r.Name + " \"a test\""}
	}
	ctx, cancel := context.WithTimeout(ctx, reachTime)
	defer cancel()
	host, err := sms.Reach(ctx, address, ca)
	if err != nil {
		return finding{what, false, firstLine(err), "see whether this host gets there at all: getent hosts " + cmp.Or(host, r.Name) + "; ip route"}
	}
	return finding{What: what + ": " + host + " answers", OK: true}
}

// checkClock looks whether the kernel takes its clock for right.
func checkClock() finding {
	var t unix.Timex
	state, err := unix.Adjtimex(&t)
	return judgeClock(state, int(t.Status), err)
}

const timeError = 5 // TIME_ERROR of adjtimex(2)

func judgeClock(state, status int, err error) finding {
	const what = "clock"
	if err == nil && (state == timeError || status&unix.STA_UNSYNC != 0) {
		return finding{what, false, "nobody keeps it right, so the times in messages may be wrong", "sudo apt-get install systemd-timesyncd && sudo timedatectl set-ntp true"}
	}
	return finding{What: what, OK: true}
}

// unitPlaces are where systemd looks for units, the first one wins.
var unitPlaces = []string{"/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"}

// checkUnits looks whether systemd has the units of this version.
func checkUnits(root string) (list []finding) {
	for _, f := range systemd.Files() {
		if !slices.Contains([]string{systemd.Service, systemd.ShutdownPath, systemd.ShutdownService}, f.Name) {
			continue
		}
		list = append(list, checkUnitFile(root, f))
	}
	return list
}

const fixUnits = "sudo ecnutd install, or reinstall the package ecnutd"

func checkUnitFile(root string, f systemd.File) finding {
	for _, dir := range unitPlaces {
		path := filepath.Join(dir, f.Name)
		if to, err := os.Readlink(filepath.Join(root, path)); err == nil && to == os.DevNull {
			return finding{"unit " + path, false, "it is masked", "sudo systemctl unmask " + f.Name}
		}
		text, err := os.ReadFile(filepath.Join(root, path))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return finding{"unit " + path, false, err.Error(), "run this as root"}
		case string(text) != f.Text:
			return finding{"unit " + path, false, "it is not that of this version", fixUnits + "; settings of yours belong into systemctl edit " + f.Name}
		}
		return finding{What: "unit " + path, OK: true}
	}
	return finding{"unit " + f.Name, false, "it is not installed", fixUnits}
}

// checkActive asks systemd whether the unit that carries a shutdown out waits
// for the order.
func checkActive(ctx context.Context, unit string) (finding, bool) {
	if _, err := os.Stat("/run/systemd/system"); err != nil {
		return finding{"systemd", false, "it does not run this host, and nothing else here starts the daemon and its hook", "start `ecnutd run` and `ecnutd killpower` by the means of this host"}, false
	}
	ctx, cancel := context.WithTimeout(ctx, reachTime)
	defer cancel()
	out, err := exec.CommandContext(ctx, "systemctl", "is-active", unit).Output()
	if err != nil {
		return finding{"unit " + unit, false, "it is " + cmp.Or(strings.TrimSpace(string(out)), "not active"), "sudo systemctl enable --now " + unit}, true
	}
	return finding{What: "unit " + unit + ": active", OK: true}, true
}

// checkDaemon judges what the daemon says of itself; err is why it does not.
func checkDaemon(s status, err error) (list []finding) {
	if err != nil {
		fix := "sudo systemctl enable --now ecnutd; journalctl -u ecnutd"
		if !errors.Is(err, errNoDaemon) {
			fix = "run this as root"
		}
		return []finding{{"daemon", false, firstLine(err), fix}}
	}
	if s.Version != buildVersion() {
		list = append(list, finding{"daemon", false, "it is version " + s.Version + " and this is " + buildVersion(), "sudo systemctl restart ecnutd"})
	}
	if s.DryRun {
		list = append(list, finding{"daemon", false, "it is on a dry run and shuts nothing down", "start it without --dry-run"})
	}
	for _, u := range s.UPS {
		if u.Link != "up" {
			list = append(list, finding{"daemon, UPS " + u.Name, false, "link " + u.Link + ": " + cmp.Or(u.Error, "it has not answered yet"), "see the lines above on node and driver; ecnutd probe"})
		}
	}
	for _, f := range s.Faults {
		list = append(list, finding{"daemon", false, f, "journalctl -u ecnutd"})
	}
	if n := len(s.Refused); n > 0 {
		list = append(list, finding{"messages", false, fmt.Sprintf("%d got nowhere", n), "ecnutd sms queue"})
	}
	if n := len(s.Waiting); n > 0 {
		list = append(list, finding{What: fmt.Sprintf("messages: %d wait", n), OK: true, Fix: "ecnutd sms queue"})
	}
	if len(list) == 0 {
		list = append(list, finding{What: "daemon: runs, and reads its UPSs", OK: true})
	}
	return list
}

// checkLastCut judges what came of the last order to cut the output.
func checkLastCut(dir string) finding {
	r, err := lastKillPower(dir)
	what := "last cut of the output"
	switch {
	case errors.Is(err, fs.ErrPermission):
		return finding{What: what, OK: true, Fix: "run this as root to see it"}
	case err != nil:
		return finding{what, false, firstLine(err), "sudo rm " + filepath.Join(dir, killRecordName)}
	case r == nil:
		return finding{What: what + ": there was none yet", OK: true, Fix: "prove it once: docs/shutdown.md, How to check"}
	case r.Pending || r.armed():
		return finding{What: what + ": " + r.String(), OK: true}
	}
	return finding{what, false, r.String(), "sudo ecnutd killpower --check"}
}

// checkSandboxFlag looks whether the daemon of the unit may write the flag
// itself; elsewhere the shutdown's helper writes it for it.
func checkSandboxFlag(path string) (finding, bool) {
	for _, dir := range []string{"/run/ecnutd/", "/var/lib/ecnutd/"} {
		if path == "" || strings.HasPrefix(path, dir) {
			return finding{}, false
		}
	}
	return finding{What: "flag " + path, OK: true, Fix: "the daemon's sandbox keeps it from there, and root writes it at the shutdown; power_down_flag: " + config.Minimal("").PowerDownFlag + " needs no second hand"}, true
}
