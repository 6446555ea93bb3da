//go:build vm

package vmtest

import (
	"context"
	"encoding/base64"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ecnutd/internal/sim"
	"ecnutd/internal/sim/usbredir"
)

// try runs a shell script in the guest, as root, and returns what it says, both
// outputs together, and how it ends.
func (m *machine) try(script string) (out string, code int, err error) {
	line := fmt.Sprintf("echo %s | base64 -d >/run/lab.sh; timeout 300 sh /run/lab.sh </dev/null >/run/lab.out 2>&1; echo $? $(base64 -w0 </run/lab.out)",
		base64.StdEncoding.EncodeToString([]byte(script)))
	reply, err := m.lab.ask(line)
	if err != nil {
		return "", 0, fmt.Errorf("the guest does not answer: %w", err)
	}
	number, text, _ := strings.Cut(strings.TrimSpace(reply), " ")
	code, err = strconv.Atoi(number)
	if err != nil {
		return "", 0, fmt.Errorf("the guest answers %q", reply)
	}
	data, err := base64.StdEncoding.DecodeString(text)
	return string(data), code, err
}

// sh runs a shell script in the guest, which has to succeed.
func (m *machine) sh(script string) string {
	m.t.Helper()
	out, code, err := m.try(script)
	if err != nil {
		m.t.Fatal(err)
	}
	if code != 0 {
		m.t.Fatalf("in the guest:\n%s\nended with %d:\n%s", script, code, out)
	}
	return strings.TrimSpace(out)
}

// until waits for a script to succeed in the guest, and returns what it says.
func (m *machine) until(script string) string {
	m.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
		out, code, err := m.try(script)
		switch {
		case err != nil:
			m.t.Fatal(err)
		case code == 0:
			return strings.TrimSpace(out)
		case time.Now().After(end):
			journal, _, _ := m.try("journalctl -b -n 60 --no-pager -o short-monotonic; lsusb; ls -l /dev/hidraw*")
			m.t.Fatalf("in the guest this never came about:\n%s\n%s\njournal:\n%s", script, out, journal)
		}
	}
}

// write writes a file in the guest.
func (m *machine) write(path, text string) {
	m.t.Helper()
	m.sh(fmt.Sprintf("echo %s | base64 -d >%s", base64.StdEncoding.EncodeToString([]byte(text)), path))
}

// sameTime sets the guest's clock, which stood still in the snapshot.
func (m *machine) sameTime() {
	m.t.Helper()
	m.sh(fmt.Sprintf("date -s @%d", time.Now().Unix()))
}

// A cupboard has a UPS in it, and the socket through which QEMU reaches it.
type cupboard struct {
	*sim.UPS
	socket   string
	controls atomic.Int64 // control transfers so far
}

// newUPS puts up a UPS at rest. It lives as long as the test, whatever becomes
// of machines.
func newUPS(t testing.TB, model string, options ...sim.Option) *cupboard {
	t.Helper()
	u, err := sim.New(model, options...)
	if err != nil {
		t.Fatal(err)
	}
	c := &cupboard{UPS: u, socket: filepath.Join(t.TempDir(), "usb")}
	l, err := net.Listen("unix", c.socket)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				if err := usbredir.Serve(ctx, conn, u, func(usbredir.Control) { c.controls.Add(1) }); err != nil {
					t.Error(err)
				}
			}()
		}
	}()
	go func() { _ = u.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		l.Close()
		<-done
	})
	return c
}

// plug puts the cable of a UPS into the machine.
func (m *machine) plug(c *cupboard) {
	m.t.Helper()
	m.plugs++
	id := fmt.Sprintf("ups%d", m.plugs)
	m.command("chardev-add", map[string]any{"id": id, "backend": map[string]any{"type": "socket", "data": map[string]any{
		"server": false, "addr": map[string]any{"type": "unix", "data": map[string]any{"path": c.socket}},
	}}})
	m.command("device_add", map[string]any{"driver": "usb-redir", "chardev": id, "bus": "hc.0", "id": id + "-plug"})
}

// feeds has the machine depend on the output of a UPS: it is off in the moment
// that the output goes, whatever it was doing.
func (m *machine) feeds(c *cupboard, output chan<- bool) {
	c.OnOutput(func(on bool) {
		if !on {
			_ = m.qemu.Process.Kill() // it may be off already
		}
		output <- on
	})
}

// atBoot are the options by which a UPS is plugged in when the machine starts.
func (c *cupboard) atBoot() []string {
	return []string{"-chardev", "socket,id=ups0,path=" + c.socket, "-device", "usb-redir,chardev=ups0,bus=hc.0"}
}

// sets are the reports that were written to a UPS, in hex.
func (c *cupboard) sets() (sets []string) {
	for _, t := range c.Transfers() {
		if t.Kind == sim.Set && t.Err == nil {
			sets = append(sets, fmt.Sprintf("%x", t.Data))
		}
	}
	return sets
}

// gets is how many reports were asked for.
func (c *cupboard) gets() (n int) {
	for _, t := range c.Transfers() {
		if t.Kind == sim.Get {
			n++
		}
	}
	return n
}
