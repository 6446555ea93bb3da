//go:build vm

package vmtest

import (
	"archive/tar"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// What a run works on.
var (
	image   string // the folder that scripts/vm-image built
	scratch string // of this run: the disk and the payload
	payload string // a disk with a tar file on it: our programs for the guest
	disk    string // the guest's disk, with the snapshot "installed"
)

// starters run on a thread that ends with the process.
var starters = make(chan func())

func TestMain(m *testing.M) {
	go func() {
		runtime.LockOSThread()
		for f := range starters {
			f()
		}
	}()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	fail := func(err error) int {
		fmt.Fprintln(os.Stderr, "vmtest:", err)
		return 1
	}
	out, err := exec.Command("../../scripts/vm-image").Output()
	if err != nil {
		if exit, ok := err.(*exec.ExitError); ok {
			err = fmt.Errorf("%w: %s", err, exit.Stderr)
		}
		return fail(err)
	}
	image = strings.TrimSpace(string(out))
	sweep()
	if scratch, err = os.MkdirTemp("", fmt.Sprintf("%s%d-", scratchPrefix, os.Getpid())); err != nil {
		return fail(err)
	}
	defer os.RemoveAll(scratch)
	if payload, err = pack(); err != nil {
		return fail(err)
	}
	return m.Run()
}

const scratchPrefix = "vmtest-"

// sweep removes what runs have left behind that were killed, or ended by go
// test's own timeout.
func sweep() {
	left, _ := filepath.Glob(filepath.Join(os.TempDir(), scratchPrefix+"*"))
	for _, dir := range left {
		number, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), scratchPrefix), "-")
		if pid, err := strconv.Atoi(number); err == nil && syscall.Kill(pid, 0) == syscall.ESRCH {
			os.RemoveAll(dir)
		}
	}
}

// payloadSize is fixed: a snapshot knows the size of its disks.
const payloadSize = 64 << 20

// pack builds the gateway stand-in and puts it on a disk with the .deb.
func pack() (string, error) {
	gateway := filepath.Join(scratch, "gateway")
	build := exec.Command("go", "build", "-ldflags", "-s -w", "-o", gateway, "./gateway")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	debs, _ := filepath.Glob("../../bin/ecnutd_*_amd64.deb")
	if len(debs) == 0 {
		return "", fmt.Errorf("bin/ has no ecnutd_*_amd64.deb: %w; run make vm-test, or make deb first", fs.ErrNotExist)
	}
	path := filepath.Join(scratch, "payload")
	f, err := os.Create(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	w := tar.NewWriter(f)
	files := map[string]string{"ecnutd.deb": newest(debs), "gateway": gateway}
	if from := packageBefore(); from != "" {
		files["ecnutd-before.deb"] = from
	}
	for _, from := range newestDriver() {
		files["nut-newest/"+filepath.Base(from)] = from
	}
	for name, from := range files {
		data, err := os.ReadFile(from)
		if err != nil {
			return "", err
		}
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(data))}); err != nil {
			return "", err
		}
		if _, err := w.Write(data); err != nil {
			return "", err
		}
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	return path, f.Truncate(payloadSize)
}

// newest is the file that was written last.
func newest(paths []string) string {
	best, when := "", int64(-1)
	for _, p := range paths {
		if info, err := os.Stat(p); err == nil && info.ModTime().UnixNano() > when {
			best, when = p, info.ModTime().UnixNano()
		}
	}
	return best
}

// ready is the disk of the running machine without our programs, with the
// snapshot "ready". It is kept beside the image, for this QEMU alone.
func ready(t testing.TB) string {
	t.Helper()
	version, err := exec.Command("qemu-system-x86_64", "--version").Output()
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(version)) // QEMU emulator version 7.2.22 …
	kept := filepath.Join(image, "ready-"+fields[3]+"-"+accel()[1]+".qcow2")
	if _, err := os.Stat(kept); err == nil {
		return kept
	}
	fresh := filepath.Join(scratch, "ready.qcow2")
	do(t, "qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", filepath.Join(image, "root.ext4"), fresh)
	m := start(t, fresh, "")
	m.until("systemctl is-system-running | grep -E 'running|degraded'")
	if failed := m.sh("systemctl --failed --plain --no-legend"); failed != "" {
		t.Fatalf("units that failed in the machine:\n%s", failed)
	}
	m.sh("sync")
	m.monitor("savevm ready")
	m.kill()
	do(t, "cp", fresh, kept+".new")
	if err := os.Rename(kept+".new", kept); err != nil {
		t.Fatal(err)
	}
	return kept
}

// TestReady makes the snapshot, where there is none.
func TestReady(t *testing.T) { ready(t) }

// installed makes the disk of this run, once: our .deb installed on the running
// machine, nothing configured, no UPS plugged in.
func installed(t testing.TB) {
	t.Helper()
	once.Do(func() {
		d := filepath.Join(scratch, "disk.qcow2")
		do(t, "cp", "--reflink=auto", "--sparse=always", ready(t), d)
		m := start(t, d, "ready")
		m.sameTime()
		// As a machine with more memory has it.
		m.sh("echo always >/sys/kernel/mm/transparent_hugepage/enabled")
		m.sh("mkdir /opt/vm && dd if=/dev/vdb bs=1M iflag=direct status=none | tar -x -C /opt/vm")
		m.sh("DEBIAN_FRONTEND=noninteractive dpkg -i /opt/vm/ecnutd.deb && sync")
		m.write("/etc/systemd/system/gateway.service", "[Service]\nExecStart=/opt/vm/gateway\n[Install]\nWantedBy=multi-user.target\n")
		// A host without NUT: its udev rule would take the USB node.
		m.sh("mv /lib/udev/rules.d/62-nut-usbups.rules /opt/vm/ && udevadm control --reload")
		m.sh("systemctl stop ecnutd.service && systemctl daemon-reload && rm -rf /var/lib/ecnutd/* && sync")
		m.monitor("savevm installed")
		m.kill()
		disk = d
	})
	if disk == "" {
		t.Skip("the machine could not be made: see the first scenario")
	}
}

var once sync.Once

func do(t testing.TB, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}
