package systemd

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// tool skips a test on a system that has no such program.
func tool(t *testing.T, name string) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skipf("no %s here (on Debian: apt-get install systemd)", name)
	}
}

// put writes all files of systemd into a folder, with a program that exists.
func put(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for _, f := range Files() {
		text := strings.ReplaceAll(f.Text, Program, "/bin/true")
		if err := os.WriteFile(filepath.Join(dir, f.Name), []byte(text), f.Mode); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestUnitsVerify: systemd reads every line of every unit without a word.
func TestUnitsVerify(t *testing.T) {
	tool(t, "systemd-analyze")
	dir := put(t)
	for _, unit := range []string{Service, ShutdownPath, ShutdownSocket, ShutdownService, GuardService} {
		out, err := exec.Command("systemd-analyze", "verify", "--man=no", filepath.Join(dir, unit)).CombinedOutput()
		if err != nil || len(out) > 0 {
			t.Errorf("%s: %v\n%s", unit, err, out)
		}
	}
}

// TestServiceSecurity: the exposure of the service is 1.5 at most. What is left
// is inherent: the network, netlink, and the nodes of the UPS.
func TestServiceSecurity(t *testing.T) {
	tool(t, "systemd-analyze")
	out, err := exec.Command("systemd-analyze", "security", "--offline=true", "--threshold=15", "--no-pager", filepath.Join(put(t), Service)).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestUsers: the file makes a user and a group that own nothing and log in
// nowhere.
func TestUsers(t *testing.T) {
	tool(t, "systemd-sysusers")
	root := t.TempDir()
	conf := filepath.Join(root, "usr/lib/sysusers.d")
	for _, dir := range []string{conf, filepath.Join(root, "etc")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(conf, "ecnutd.conf"), []byte(sysusers), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("systemd-sysusers", "--root="+root).CombinedOutput()
	if err != nil {
		t.Skipf("systemd-sysusers does not work here: %v\n%s", err, out)
	}
	passwd, _ := os.ReadFile(filepath.Join(root, "etc/passwd"))
	if !regexp.MustCompile(`(?m)^ecnutd:[x!*]*:[0-9]+:[0-9]+:UPS monitoring:/var/lib/ecnutd:/usr/sbin/nologin$`).Match(passwd) {
		t.Errorf("passwd has\n%s", passwd)
	}
	group, _ := os.ReadFile(filepath.Join(root, "etc/group"))
	if !regexp.MustCompile(`(?m)^ecnutd:`).Match(group) || !regexp.MustCompile(`(?m)^ecnutd-status:`).Match(group) {
		t.Errorf("group has\n%s", group)
	}
}

// TestUnitsAgree: what one file writes and another waits for is one path, and
// what must outlive the service is not removed with it.
func TestUnitsAgree(t *testing.T) {
	order := values(shutdownPath, "PathExists")
	if len(order) != 2 || !strings.HasPrefix(order[0], "/run/ecnutd/") || order[1] != order[0]+".undo" {
		t.Fatalf("the path unit waits for %v", order)
	}
	if got := values(service, "ExecStart"); !slices.Equal(got, []string{Program, "run", "--request-shutdown", order[0]}) {
		t.Errorf("the service runs %v", got)
	}
	if got := values(shutdownService, "ExecStart"); !slices.Equal(got, []string{Program, "shutdown-helper", "--request", order[0], "--status", "/run/ecnutd-shutdown/status.json"}) {
		t.Errorf("the shutdown service runs %v", got)
	}
	// The flag of the late stage is in the runtime directory.
	if got := values(service, "RuntimeDirectoryPreserve"); !slices.Equal(got, []string{"yes"}) {
		t.Errorf("RuntimeDirectoryPreserve is %v: the flag would go with the service", got)
	}
	// Where an order is taken is a folder of root, made when nothing is amiss yet: a
	// service that makes one does not start where /run takes nothing.
	for key, want := range map[string]string{"ListenStream": "/run/ecnutd-shutdown/order", "DirectoryMode": "0755", "SocketUser": "ecnutd", "SocketMode": "0600"} {
		if got := values(shutdownSocket, key); !slices.Equal(got, []string{want}) {
			t.Errorf("%s of the socket is %v, want %s", key, got, want)
		}
	}
	if got := values(shutdownService, "RuntimeDirectory"); got != nil {
		t.Errorf("RuntimeDirectory of the shutdown service is %v", got)
	}
	// The daemon has it started, so that it needs no place in sockets.target.
	for _, key := range []string{"Wants", "After"} {
		if got := values(service, key); !slices.Contains(got, ShutdownSocket) || !slices.Contains(got, ShutdownPath) {
			t.Errorf("%s is %v", key, got)
		}
	}
	// A flag or an order counts for the boot that wrote it, and the daemon has to
	// know the same one as root's helper.
	if got := values(service, "Environment"); !slices.Equal(got, []string{"ECNUTD_BOOT_ID=%b"}) {
		t.Errorf("Environment is %v", got)
	}
	// Of two services that conflict neither is started at boot (seen with systemd
	// 252), so nothing may conflict; NUT is looked for when its services had their
	// turn.
	if got := values(service, "Conflicts"); got != nil {
		t.Errorf("it conflicts with %v", got)
	}
	if got := NUT(); !slices.Contains(got, "nut-monitor.service") || !slices.Contains(got, "nut-driver.target") {
		t.Errorf("started after %v of NUT", got)
	}
}
