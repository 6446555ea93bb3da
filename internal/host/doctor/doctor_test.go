package doctor

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"ecnutd/config"
	"ecnutd/hid/usb"
	"ecnutd/internal/host"
	"ecnutd/internal/host/hosttest"
	"ecnutd/internal/host/shutdown"
	"ecnutd/internal/systemd"
)

// verdict is a finding as a person reads it.
func verdict(f host.Finding) string {
	switch {
	case !f.OK:
		return fmt.Sprintf("BAD   %s: %s\n      fix: %s\n", f.What, f.Problem, f.Fix)
	case f.Fix != "":
		return fmt.Sprintf("look  %s: %s\n", f.What, f.Fix)
	}
	return fmt.Sprintf("ok    %s\n", f.What)
}

func wantVerdict(t *testing.T, f host.Finding, start string, words ...string) {
	t.Helper()
	got := verdict(f)
	if !strings.HasPrefix(got, start) {
		t.Errorf("want %s, got %s", start, got)
	}
	for _, w := range words {
		if !strings.Contains(got, w) {
			t.Errorf("no %q in %s", w, got)
		}
	}
}

// TestReaders: whoever decides over the host too is found by his name, and
// whoever has the UPS open by what he has open.
func TestReaders(t *testing.T) {
	proc := t.TempDir()
	hosttest.Tree(t, proc, map[string]string{
		"10/comm": "upsmon\n", "10/fd/0": "-> /dev/null",
		"10/exe": "-> /usr/sbin/upsmon", "10/ns/pid": "-> pid:[1]", "10/ns/mnt": "-> mnt:[1]",
		"self/ns/pid": "-> pid:[1]", "self/ns/mnt": "-> mnt:[1]",
		"17/comm": "upsd\n", "17/exe": "-> /home/eve/upsd", "17/ns/pid": "-> pid:[1]", "17/ns/mnt": "-> mnt:[1]",
		"11/comm": "usbhid-ups\n", "11/fd/3": "-> /dev/bus/usb/001/005", "11/fd/4": "-> /dev/bus/usb/001/005",
		"12/comm": "upowerd\n", "12/fd/3": "-> socket:[1]",
		"13/comm": "ecnutd\n", "13/fd/7": "-> /dev/hidraw0",
		"14/comm": "cat\n", "14/fd/3": "-> /dev/hidraw0",
		"15/comm": "bash\n", "15/fd/0": "-> /dev/pts/0",
		"self/comm": "upsmon\n",
		"16/comm":   "upowerd\n", "16/fd/5": "-> /dev/usb/hiddev0",
	})
	here := host.Host{Proc: proc, Owners: []int{os.Getuid()}}
	list, hidden := here.Processes([]string{"/dev/hidraw0", "/dev/bus/usb/001/005", "/dev/usb/hiddev0"})
	found := checkReaders(list, hidden)
	if len(found) != 5 {
		t.Fatalf("got %v", found)
	}
	wantVerdict(t, found[0], "BAD   process 10 (upsmon): the monitor of NUT runs too", "fix: sudo systemctl disable --now nut.target nut-monitor")
	wantVerdict(t, found[1], "BAD   process 11 (usbhid-ups): a driver of NUT has /dev/bus/usb/001/005 open\n")
	wantVerdict(t, found[2], "BAD   process 14 (cat): it has /dev/hidraw0 open", "ps -fp 14")
	wantVerdict(t, found[3], "BAD   process 16 (upowerd):", "hiddev0", "mask --now upower")
	wantVerdict(t, found[4], "look  process 17 (upsd): it is called as the server of NUT is", "ps -fp 17")
	wantVerdict(t, checkReaders(nil, 0)[0], "ok    no other program")
	wantVerdict(t, checkReaders(nil, 3)[0], "look  no other program", "3 processes")
}

func TestDoctorJudges(t *testing.T) {
	bound := func(driver string) host.Finding {
		return checkBinding(usb.Report{Location: usb.Location{Bus: 1, Address: 5}, Driver: driver})
	}
	wantVerdict(t, bound("usbhid"), "ok    kernel driver of the UPS at 001/005")
	wantVerdict(t, bound("usbfs"), "BAD", "another program", "nut-driver")
	wantVerdict(t, bound(""), "BAD", "modprobe usbhid")
	wantVerdict(t, bound("cypress"), "BAD", "cypress")

	wantVerdict(t, judgeClock(0, 0, nil), "ok")
	wantVerdict(t, judgeClock(timeError, 0, nil), "BAD", "set-ntp")
	wantVerdict(t, judgeClock(0, unix.STA_UNSYNC, nil), "BAD")
	wantVerdict(t, judgeClock(-1, 0, errors.New("not allowed")), "ok") // nobody can tell

	absent := Daemon{Err: errors.New("no daemon is running (x)"), Absent: true}
	for name, c := range map[string]struct {
		s    Daemon
		want string
	}{
		"well":      {Daemon{Links: []Link{{UPS: "a", State: "up"}}}, "ok    daemon: runs, and reads its UPSs\n"},
		"none":      {absent, "BAD   daemon: no daemon is running (x)\n      fix: sudo systemctl enable --now ecnutd"},
		"not ours":  {Daemon{Err: errors.New("may not be opened")}, "BAD   daemon: may not be opened\n      fix: run this as root"},
		"link lost": {Daemon{Links: []Link{{"a", "lost", "gone"}}}, "BAD   daemon, UPS a: link lost: gone"},
		"dry":       {Daemon{DryRun: true}, "BAD   daemon: it is on a dry run"},
		"a fault":   {Daemon{Faults: []string{"no disk"}}, "BAD   daemon: no disk"},
		"refused":   {Daemon{Refused: 2}, "BAD   messages: 2 got nowhere"},
		"messages":  {Daemon{Waiting: 1}, "look  messages: 1 wait: ecnutd sms queue"},
	} {
		c.s.Version = "1.0"
		var all string
		for _, f := range checkDaemon(c.s, "1.0") {
			all += verdict(f)
		}
		if !strings.HasPrefix(all, c.want) {
			t.Errorf("%s: got %s", name, all)
		}
	}
	old := checkDaemon(Daemon{Version: "0.9"}, "1.0")
	wantVerdict(t, old[0], "BAD   daemon: it is version 0.9 and this is 1.0", "restart")
}

// TestDoctorSecrets: a secret is for the daemon to read, and for nobody else.
func TestDoctorSecrets(t *testing.T) {
	dir := t.TempDir()
	if err := errors.Join(os.Chmod(filepath.Dir(dir), 0o755), os.Chmod(dir, 0o755)); err != nil {
		t.Fatal(err)
	}
	uid, gid := os.Getuid(), os.Getgid()
	for _, c := range []struct {
		mode     os.FileMode
		uid, gid int
		want     string
	}{
		{0o640, uid, gid, "ok"}, {0o640, uid + 1, gid, "ok"}, {0o600, uid + 1, gid, "BAD"}, {0o640, uid + 1, gid + 1, "BAD"},
		{0o644, uid, gid, "BAD"}, {0o600, uid, gid + 1, "ok"}, {0o600, -1, -1, "ok"},
	} {
		path := filepath.Join(dir, "secret")
		if err := errors.Join(os.WriteFile(path, []byte("tiger"), 0o600), os.Chmod(path, c.mode)); err != nil {
			t.Fatal(err)
		}
		f := checkSecretFile("messages.routes.m.url", path, host.Identity{Name: "daemon", UID: c.uid, GIDs: []int{c.gid}}, c.uid >= 0)
		wantVerdict(t, f, c.want)
		if strings.Contains(verdict(f), "tiger") {
			t.Error("it is shown")
		}
	}
	wantVerdict(t, checkSecretFile("k", filepath.Join(dir, "none"), host.Identity{}, false), "BAD", "no such file", "install -m 640 -g ecnutd")
	list := checkSecrets([]config.SecretPlace{{Key: "k", Credential: "secret"}, {Key: "k", Credential: "none"}}, dir)
	wantVerdict(t, list[0], "ok")
	wantVerdict(t, list[1], "BAD", filepath.Join(dir, "none"))
}

// TestDoctorUnits: the unit that systemd uses is looked at: one in /etc hides
// the package's.
func TestDoctorUnits(t *testing.T) {
	root := t.TempDir()
	for _, f := range checkUnits(root) {
		wantVerdict(t, f, "BAD", "it is not installed")
	}
	files := make(map[string]string)
	for _, f := range systemd.Files() {
		files["lib/systemd/system/"+f.Name] = f.Text
	}
	hosttest.Tree(t, root, files)
	for _, f := range checkUnits(root) {
		wantVerdict(t, f, "ok    unit /lib/systemd/system/ecnutd")
	}
	hosttest.Tree(t, root, map[string]string{
		"etc/systemd/system/" + systemd.Service:      "[Service]\n",
		"etc/systemd/system/" + systemd.ShutdownPath: "-> /dev/null",
	})
	list := checkUnits(root)
	wantVerdict(t, list[0], "BAD   unit /etc/systemd/system/ecnutd.service: it is not that of this version")
	wantVerdict(t, list[1], "BAD   unit /etc/systemd/system/ecnutd-shutdown.path: it is masked", "unmask")
}

// TestDoctorLastCut tells what came of it, with the way to see more.
func TestDoctorLastCut(t *testing.T) {
	dir := t.TempDir()
	wantVerdict(t, checkLastCut(dir), "look  last cut of the output: there was none yet")
	r := shutdown.Record{Boot: "x", Reason: "battery low", UPS: []shutdown.Killed{{UPS: "eaton", Armed: true}}}
	for _, c := range []struct {
		change func()
		want   string
	}{
		{func() {}, "ok    last cut"},
		{func() { r.UPS[0].Armed, r.UPS[0].Text = false, "silent" }, "BAD   last cut"},
		{func() { r.Pending, r.UPS = true, nil }, "ok    last cut"},
	} {
		c.change()
		if err := r.Keep(dir); err != nil {
			t.Fatal(err)
		}
		wantVerdict(t, checkLastCut(dir), c.want, "battery low")
	}
	hosttest.Tree(t, dir, map[string]string{shutdown.RecordName: "{"})
	wantVerdict(t, checkLastCut(dir), "BAD", "rm ")
}
