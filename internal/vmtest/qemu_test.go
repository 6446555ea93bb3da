//go:build vm

package vmtest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience is how long anything may take before it counts as not happening:
// emulated, on a machine that does other things as well.
const patience = 3 * time.Minute

// A machine is a virtual one that runs.
type machine struct {
	t       testing.TB
	qemu    *exec.Cmd
	dir     string        // its sockets and its console
	off     chan struct{} // closed when QEMU has ended
	qmp     *lines
	lab     *lines   // a shell in the guest
	wire    net.Conn // what the gateway stand-in sends out
	console string
	plugs   int
}

// lines talks in lines.
type lines struct {
	net.Conn
	r *bufio.Reader
}

// ask sends a line and reads one.
func (l *lines) ask(line string) (string, error) {
	if err := l.SetDeadline(time.Now().Add(patience)); err != nil {
		return "", err
	}
	if _, err := fmt.Fprintln(l, line); err != nil {
		return "", err
	}
	return l.r.ReadString('\n')
}

// start starts QEMU on a disk. snapshot names the state to begin with; "" boots.
// It is ended with the test at the latest, and with this process in any case.
func start(t testing.TB, disk, snapshot string, devices ...string) *machine {
	t.Helper()
	dir, err := os.MkdirTemp(scratch, "vm") // short: the path of a socket is
	if err != nil {
		t.Fatal(err)
	}
	m := &machine{t: t, dir: dir, off: make(chan struct{}), console: filepath.Join(dir, "console")}
	t.Cleanup(func() { os.RemoveAll(dir) })
	ports := make(map[string]net.Listener)
	for _, name := range []string{"qmp", "lab", "wire"} {
		l, err := net.Listen("unix", filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		ports[name] = l
	}
	args := []string{
		"-M", "q35", "-m", "384", "-smp", "2", "-display", "none", "-nic", "none", "-nodefaults", "-no-user-config", "-no-reboot",
		"-kernel", filepath.Join(image, "vmlinux"), "-initrd", filepath.Join(image, "initrd.cpio"),
		"-append", "console=ttyS0 panic=-1 quiet", "-serial", "file:" + m.console,
		"-chardev", "socket,id=qmp,path=" + filepath.Join(dir, "qmp"), "-mon", "chardev=qmp,mode=control",
		"-drive", "file=" + disk + ",if=virtio,format=qcow2",
		"-drive", "file=" + payload + ",if=virtio,format=raw,readonly=on",
		"-device", "virtio-serial-pci",
		"-chardev", "socket,id=lab,path=" + filepath.Join(dir, "lab"), "-device", "virtserialport,chardev=lab,name=lab",
		"-chardev", "socket,id=wire,path=" + filepath.Join(dir, "wire"), "-device", "virtserialport,chardev=wire,name=wire",
		"-device", "qemu-xhci,id=hc",
	}
	args = append(args, accel()...)
	args = append(args, devices...)
	if snapshot != "" {
		args = append(args, "-loadvm", snapshot)
	}
	m.qemu = exec.Command("qemu-system-x86_64", args...)
	// A group of its own keeps the terminal's signals away; whatever ends this
	// process ends QEMU too.
	m.qemu.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	said := new(strings.Builder)
	m.qemu.Stdout, m.qemu.Stderr = said, said
	if err := startThread(m.qemu); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = m.qemu.Wait()
		close(m.off)
	}()
	t.Cleanup(func() {
		m.kill()
		for _, c := range []net.Conn{m.qmp, m.lab, m.wire} {
			if c != nil {
				c.Close()
			}
		}
		if t.Failed() {
			console, _ := os.ReadFile(m.console)
			t.Logf("console:\n%s\nQEMU:\n%s", console, said)
		}
	})
	accept := func(name string) net.Conn {
		ports[name].(*net.UnixListener).SetDeadline(time.Now().Add(patience))
		conn := make(chan net.Conn, 1)
		go func() {
			c, _ := ports[name].Accept()
			conn <- c
		}()
		select {
		case c := <-conn:
			if c != nil {
				return c
			}
		case <-m.off:
		}
		t.Fatalf("QEMU does not come up: %s", said)
		return nil
	}
	qmp := accept("qmp")
	m.qmp = &lines{qmp, bufio.NewReader(qmp)}
	lab := accept("lab")
	m.lab = &lines{lab, bufio.NewReader(lab)}
	m.wire = accept("wire")
	m.command("qmp_capabilities", nil)
	return m
}

// startThread starts a process from a thread that lives as long as this one:
// the death signal goes by the thread that started it.
func startThread(cmd *exec.Cmd) error {
	started := make(chan error)
	starters <- func() { started <- cmd.Start() }
	return <-started
}

// command has QEMU do something.
func (m *machine) command(name string, args map[string]any) json.RawMessage {
	m.t.Helper()
	if args == nil {
		args = map[string]any{}
	}
	text, _ := json.Marshal(map[string]any{"execute": name, "arguments": args})
	line, err := m.qmp.ask(string(text))
	for err == nil {
		var reply struct {
			Return json.RawMessage
			Error  *struct{ Desc string }
		}
		if err = json.Unmarshal([]byte(line), &reply); err != nil {
			break
		}
		switch {
		case reply.Error != nil:
			m.t.Fatalf("QEMU: %s: %s", name, reply.Error.Desc)
		case reply.Return != nil:
			return reply.Return
		}
		line, err = m.qmp.r.ReadString('\n') // the greeting, or an event
	}
	m.t.Fatalf("QEMU: %s: %v", name, err)
	return nil
}

// monitor gives a command to QEMU's monitor for people, which says something
// only when it fails.
func (m *machine) monitor(command string) {
	m.t.Helper()
	var said string
	_ = json.Unmarshal(m.command("human-monitor-command", map[string]any{"command-line": command}), &said)
	if said != "" {
		m.t.Fatalf("QEMU: %s: %s", command, said)
	}
}

// kill takes the power from the machine.
func (m *machine) kill() {
	_ = m.qemu.Process.Kill()
	<-m.off
}

// waitOff waits until the machine has switched itself off.
func (m *machine) waitOff() {
	m.t.Helper()
	select {
	case <-m.off:
	case <-time.After(patience):
		m.t.Fatal("the machine stays on")
	}
	if code := m.qemu.ProcessState.ExitCode(); code != 0 {
		m.t.Fatalf("QEMU ended with %d", code)
	}
}

// accel is the acceleration: none, unless it is asked for. On some hosts
// /dev/kvm is there and hangs.
func accel() []string {
	switch a := os.Getenv("VM_ACCEL"); a {
	case "", "tcg":
		return []string{"-accel", "tcg,thread=multi", "-cpu", "max"}
	default:
		return []string{"-accel", a, "-cpu", "host"}
	}
}
