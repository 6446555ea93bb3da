package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"ecnutd/config"
	"ecnutd/hid/usb"
	"ecnutd/internal/host"
	"ecnutd/internal/host/shutdown"
	"ecnutd/internal/request"
	"ecnutd/internal/systemd"
	"ecnutd/udev"
)

// checkBinding judges the driver that holds a UPS on USB.
func checkBinding(r usb.Report) host.Finding {
	what := "kernel driver of the UPS at " + r.Location.String()
	switch r.Driver {
	case "usbhid":
		return host.Good(what + ": usbhid")
	case "usbfs":
		return host.Bad(what, "another program has taken it from the kernel, so it has no hidraw node", host.StopNUT+", then unplug the UPS and plug it in again")
	case "":
		return host.Bad(what, "none, so it has no hidraw node", "sudo modprobe usbhid, then unplug the UPS and plug it in again")
	}
	return host.Bad(what, r.Driver+" and not usbhid, so it has no hidraw node", "find out why "+r.Driver+" takes it, and unbind it")
}

// checkPrograms are the findings of the configuration on this host, without
// those on secrets, which checkSecrets looks at with the daemon's eyes.
func checkPrograms(c *config.Config, eyes config.Eyes) (list []host.Finding) {
	places := c.SecretPlaces()
	for _, f := range c.OnHost(eyes) {
		if !slices.ContainsFunc(places, func(p config.SecretPlace) bool { return p.Key == f.Key }) {
			list = append(list, host.Bad(f.Key, f.Msg, "install what is missing, let the group "+udev.Group+" at it (chgrp, chmod), or correct "+f.Key))
		}
	}
	return list
}

// checkSecrets looks whether the daemon's user may read the files of secrets,
// and whether the credentials are in their folder.
func checkSecrets(places []config.SecretPlace, folder string) (list []host.Finding) {
	daemon, ok := host.IdentityOf(udev.Group)
	for _, p := range places {
		switch {
		case p.File != "":
			list = append(list, checkSecretFile(p.Key, p.File, daemon, ok))
		default:
			path := filepath.Join(folder, p.Credential)
			what := "secret " + p.Key + ", credential " + p.Credential
			_, err := os.Stat(path)
			switch {
			case err == nil:
				list = append(list, host.Good(what))
			case errors.Is(err, fs.ErrPermission):
				list = append(list, host.Look(what, "run this as root to look at it"))
			default:
				list = append(list, host.Bad(what, "there is no "+path, "sudo install -m 600 /dev/null "+path+", write the secret into it, sudo systemctl restart ecnutd"))
			}
		}
	}
	return list
}

// checkSecretFile looks at a file with the eyes of the daemon's user, if there is
// one.
func checkSecretFile(key, path string, daemon host.Identity, known bool) host.Finding {
	what := "secret " + key + ", " + path
	fix := fmt.Sprintf("sudo chown root:%s %s && sudo chmod 640 %s", udev.Group, path, path)
	st, err := os.Stat(path)
	if err != nil {
		return host.Bad(what, host.FirstLine(err), "sudo install -m 640 -g "+udev.Group+" /dev/null "+path+", and write the secret into its first line")
	}
	if st.Mode().Perm()&0o004 != 0 {
		return host.Bad(what, "everybody on this host can read it", fix)
	}
	if known {
		if err := daemon.MayRead(path); err != nil {
			return host.Bad(what, "the daemon's user may not read it: "+err.Error(), fix)
		}
	}
	return host.Good(what)
}

// reachTime bounds the look at a gateway.
const reachTime = 10 * time.Second

// checkGateways looks whether the gateways can be reached, all at once. No
// message is sent.
func checkGateways(ctx context.Context, routes []config.Route) []host.Finding {
	list := make([]host.Finding, len(routes))
	var wg sync.WaitGroup
	for i, r := range routes {
		wg.Go(func() { list[i] = checkGateway(ctx, r) })
	}
	wg.Wait()
	return list
}

func checkGateway(ctx context.Context, r config.Route) host.Finding {
	what := "route " + r.Name
	address, ca := "", ""
	switch {
	case r.FreeMobile != nil:
		address, ca = r.FreeMobile.Endpoint, r.FreeMobile.CAFile
	case r.HTTP != nil:
		address, ca = r.HTTP.URL, r.HTTP.CAFile
	default:
		return host.Look(what, "only a message shows whether it works: sudo ecnutd sms send --route "+r.Name+" \"a test\"")
	}
	ctx, cancel := context.WithTimeout(ctx, reachTime)
	defer cancel()
	name, err := request.Reach(ctx, address, ca)
	if err != nil {
		return host.Bad(what, host.FirstLine(err), "see whether this host gets there at all: getent hosts "+cmp.Or(name, r.Name)+"; ip route")
	}
	return host.Good(what + ": " + name + " answers")
}

// checkClock looks whether the kernel takes its clock for right.
func checkClock() host.Finding {
	var t unix.Timex
	state, err := unix.Adjtimex(&t)
	return judgeClock(state, int(t.Status), err)
}

const timeError = 5 // TIME_ERROR of adjtimex(2)

func judgeClock(state, status int, err error) host.Finding {
	const what = "clock"
	if err == nil && (state == timeError || status&unix.STA_UNSYNC != 0) {
		return host.Bad(what, "nobody keeps it right, so the times in messages may be wrong", "sudo apt-get install systemd-timesyncd && sudo timedatectl set-ntp true")
	}
	return host.Good(what)
}

// unitPlaces are where systemd looks for units, the first one wins.
var unitPlaces = []string{"/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"}

// checkUnits looks whether systemd has the units of this version.
func checkUnits(root string) (list []host.Finding) {
	for _, f := range systemd.Files() {
		if !slices.Contains([]string{systemd.Service, systemd.ShutdownPath, systemd.ShutdownSocket, systemd.ShutdownService, systemd.GuardService}, f.Name) {
			continue
		}
		list = append(list, checkUnitFile(root, f))
	}
	return list
}

const fixUnits = "sudo ecnutd install, or reinstall the package ecnutd"

func checkUnitFile(root string, f systemd.File) host.Finding {
	for _, dir := range unitPlaces {
		path := filepath.Join(dir, f.Name)
		if to, err := os.Readlink(filepath.Join(root, path)); err == nil && to == os.DevNull {
			return host.Bad("unit "+path, "it is masked", "sudo systemctl unmask "+f.Name)
		}
		text, err := os.ReadFile(filepath.Join(root, path))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return host.Bad("unit "+path, err.Error(), "run this as root")
		case string(text) != f.Text:
			return host.Bad("unit "+path, "it is not that of this version", fixUnits+"; settings of yours belong into systemctl edit "+f.Name)
		}
		return host.Good("unit " + path)
	}
	return host.Bad("unit "+f.Name, "it is not installed", fixUnits)
}

// checkActive asks systemd whether the unit that carries a shutdown out waits
// for the order.
func checkActive(ctx context.Context, unit string) (host.Finding, bool) {
	if _, err := os.Stat("/run/systemd/system"); err != nil {
		return host.Bad("systemd", "it does not run this host, and nothing else here starts the daemon and its hook", "start `ecnutd run` and `ecnutd killpower` by the means of this host"), false
	}
	ctx, cancel := context.WithTimeout(ctx, reachTime)
	defer cancel()
	out, err := exec.CommandContext(ctx, "systemctl", "is-active", unit).Output()
	fix := "sudo systemctl enable --now "
	if unit == systemd.ShutdownSocket {
		fix = "sudo systemctl start " // the service has it started
	}
	if err != nil {
		return host.Bad("unit "+unit, "it is "+cmp.Or(strings.TrimSpace(string(out)), "not active"), fix+unit), true
	}
	return host.Good("unit " + unit + ": active"), true
}

// A Daemon is what the running daemon says of itself, as far as it is judged.
type Daemon struct {
	Err    error // why it says nothing; nil where it does
	Absent bool  // nobody answers on its socket

	Version string
	DryRun  bool
	Links   []Link
	Faults  []string
	Refused int // messages that got nowhere
	Waiting int // messages that wait
}

// A Link is how a UPS of the daemon is connected.
type Link struct {
	UPS   string
	State string // "up", or what is wrong
	Error string
}

// checkDaemon judges what the daemon says of itself. version is ours.
func checkDaemon(s Daemon, version string) (list []host.Finding) {
	if s.Err != nil {
		fix := "run this as root"
		if s.Absent {
			fix = "sudo systemctl enable --now ecnutd; journalctl -u ecnutd"
		}
		return []host.Finding{host.Bad("daemon", host.FirstLine(s.Err), fix)}
	}
	if s.Version != version {
		list = append(list, host.Bad("daemon", "it is version "+s.Version+" and this is "+version, "sudo systemctl restart ecnutd"))
	}
	if s.DryRun {
		list = append(list, host.Bad("daemon", "it is on a dry run and shuts nothing down", "start it without --dry-run"))
	}
	for _, l := range s.Links {
		if l.State != "up" {
			list = append(list, host.Bad("daemon, UPS "+l.UPS, "link "+l.State+": "+cmp.Or(l.Error, "it has not answered yet"), "see the lines above on node and driver; ecnutd probe"))
		}
	}
	for _, f := range s.Faults {
		list = append(list, host.Bad("daemon", f, "journalctl -u ecnutd"))
	}
	if s.Refused > 0 {
		list = append(list, host.Bad("messages", fmt.Sprintf("%d got nowhere", s.Refused), "ecnutd sms queue"))
	}
	if s.Waiting > 0 {
		list = append(list, host.Look(fmt.Sprintf("messages: %d wait", s.Waiting), "ecnutd sms queue"))
	}
	if len(list) == 0 {
		list = append(list, host.Good("daemon: runs, and reads its UPSs"))
	}
	return list
}

// checkLastCut judges what came of the last order to cut the output.
func checkLastCut(dir string) host.Finding {
	r, err := shutdown.LastRecord(dir)
	what := "last cut of the output"
	switch {
	case errors.Is(err, fs.ErrPermission):
		return host.Look(what, "run this as root to see it")
	case err != nil:
		return host.Bad(what, host.FirstLine(err), "sudo rm "+filepath.Join(dir, shutdown.RecordName))
	case r == nil:
		return host.Look(what+": there was none yet", "prove it once: docs/shutdown.md, How to check")
	case r.Pending || r.Armed():
		return host.Good(what + ": " + r.String())
	}
	return host.Bad(what, r.String(), "sudo ecnutd killpower --check")
}

// checkSandboxFlag looks whether the daemon of the unit may write the flag
// itself; elsewhere the shutdown's helper writes it for it.
func checkSandboxFlag(path string) (host.Finding, bool) {
	for _, dir := range []string{"/run/ecnutd/", "/var/lib/ecnutd/"} {
		if path == "" || strings.HasPrefix(path, dir) {
			return host.Finding{}, false
		}
	}
	return host.Look("flag "+path, "the daemon's sandbox keeps it from there, and root writes it at the shutdown; power_down_flag: "+config.Minimal("").PowerDownFlag+" needs no second hand"), true
}
