package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"ecnutd/sms/smstest"
)

// BenchmarkMemory builds the daemon as it is released and measures how much
// memory it has resident: idle, and after a message over TLS with all the
// system's certificates loaded for it. Most of it is pages of the program
// itself, which the kernel drops when it wants to; what the program allocated is anon.
func BenchmarkMemory(b *testing.B) {
	dir := b.TempDir()
	binary := released(b, singlePages(b))
	gateway, err := smstest.New()
	if err != nil {
		b.Fatal(err)
	}
	defer gateway.Close()
	system, _ := os.ReadFile("/etc/ssl/certs/ca-certificates.crt")
	config := fmt.Sprintf(`
ups: {eaton: {}}
state: %[1]s/state.db
control: %[1]s/control.sock
messages:
  routes: {phone: {free_mobile: {user: "12345678", password: thesecret, endpoint: "%[2]s", ca_file: %[1]s/ca.pem}}}
`, dir, gateway.URL())
	for name, data := range map[string][]byte{"ca.pem": append(system, gateway.CA()...), "config.yaml": []byte(config)} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		daemon := exec.Command(binary, "run", "--simulate", "--send", "--config", filepath.Join(dir, "config.yaml"))
		if err := daemon.Start(); err != nil {
			b.Fatal(err)
		}
		time.Sleep(15 * time.Second) // the daemon rests then
		idle := settled(b, daemon.Process.Pid)
		if out, err := exec.Command(binary, "fsd", "--config", filepath.Join(dir, "config.yaml")).CombinedOutput(); err != nil {
			b.Fatalf("%v: %s", err, out)
		}
		for len(gateway.Requests()) == 0 {
			time.Sleep(50 * time.Millisecond)
		}
		after := settled(b, daemon.Process.Pid)
		_ = daemon.Process.Kill()
		_ = daemon.Wait()
		_ = os.Remove(filepath.Join(dir, "state.db"))
		b.ReportMetric(idle["RssAnon"], "idle-anon-MB")
		b.ReportMetric(idle["VmRSS"], "idle-MB")
		b.ReportMetric(after["RssAnon"], "after-anon-MB")
		b.ReportMetric(after["VmRSS"], "after-MB")
	}
	b.ReportMetric(0, "ns/op")
}

// singlePages is a folder on a tmpfs, which has the pages of a program one by one: a disk
// may have them in folios of any size, which the kernel maps whole, and the same program
// then has twice the memory of the time before. It is any folder where there is none.
func singlePages(b *testing.B) string {
	dir, err := os.MkdirTemp("/dev/shm", "ecnutd-bench-*")
	if err != nil {
		return b.TempDir()
	}
	b.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// released builds the program as it is released.
func released(b *testing.B, dir string) string {
	b.Helper()
	binary := filepath.Join(dir, "ecnutd")
	build := exec.Command("go", "build", "-trimpath", "-tags", "nethttpomithttp2,netgo,osusergo", "-ldflags", "-s -w", "-o", binary, ".")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	return binary
}

var memoryLine = regexp.MustCompile(`(?m)^(VmRSS|RssAnon):\s+(\d+) kB$`)

// settled is the memory of a process in MB (10⁶ bytes), after a few seconds
// for things to come to rest.
func settled(b *testing.B, pid int) map[string]float64 {
	b.Helper()
	time.Sleep(4 * time.Second)
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	found := make(map[string]float64)
	for _, m := range memoryLine.FindAllSubmatch(bytes.TrimSpace(status), -1) {
		kib, err := strconv.ParseFloat(string(m[2]), 64)
		if err != nil {
			b.Fatal(err)
		}
		found[string(m[1])] = kib * 1024 / 1e6
	}
	return found
}
