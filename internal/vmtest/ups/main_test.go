package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"ecnutd/hid"
	"ecnutd/internal/sim"
	"ecnutd/internal/sim/usbredir"
)

// opened is a UPS in its cupboard, and a handle on it.
func opened(t *testing.T) (*cupboard, hid.Device) {
	t.Helper()
	u, err := sim.New("")
	if err != nil {
		t.Fatal(err)
	}
	dev, err := u.Open()
	if err != nil {
		t.Fatal(err)
	}
	return &cupboard{u: u, began: time.Now()}, dev
}

// TestCommands: each command does to the UPS what it says, and what is no
// command is answered with what would be one.
func TestCommands(t *testing.T) {
	c, dev := opened(t)
	// Report 01 is PresentStatus, 06 charge and runtime (bytes of the recorded
	// Protection Station 800: on mains 25, discharging 30).
	get := func(id uint8) string {
		buf := make([]byte, 16)
		n, err := dev.GetFeature(id, buf)
		if err != nil {
			return "refused"
		}
		return fmt.Sprintf("% x", buf[:n])
	}
	for _, step := range []struct{ line, says, report string }{
		{"state", "plugged in: true, output: true\nok", "01 25 00 00"},
		{"cut", "ok", "01 30 00 00"},
		{"charge 60", "ok", "06 3c"},
		{"restore", "ok", "01 25 00 00"},
		{"stall 06", "ok", "refused"},
		{"clear Stall", "ok", "06 3c"},
		{"load 120", "ok", ""},
		{"fault overload", "ok", ""},
		{"low", "ok", "06 0a"},
		{"charge", "error: it is: charge PERCENT", ""},
		{"charge much", `error: "much" is no percentage`, ""},
		{"cut now", "error: it is: cut", ""},
		{"stall zz", `error: "zz" is no report id in hex`, ""},
		{"fault Fire", `error: there is no fault "Fire"; there are Silence Stall`, ""},
		{"clear Fire", `error: there is no fault "Fire"`, ""},
		{"cutt", `error: there is no command "cutt"; help lists them`, ""},
		{"help", "charge PERCENT ", ""},
		{"unplug", "ok", "refused"},
		{"state", "plugged in: false", ""},
		{"plug", "ok", ""},
		{"state", "plugged in: true", ""},
		{"silence", "ok", ""},
	} {
		var out strings.Builder
		c.converse(strings.NewReader("\n"+step.line+"\n"), &out)
		if !strings.HasPrefix(out.String(), step.says) {
			t.Errorf("%s: says %q, want %q", step.line, out.String(), step.says)
		}
		if step.report == "" {
			continue
		}
		id := uint8(1)
		if strings.HasPrefix(step.report, "06") || strings.HasPrefix(step.line, "stall") {
			id = 6
		}
		if got := get(id); !strings.HasPrefix(got, step.report) {
			t.Errorf("%s: report %02x is %s, want %s", step.line, id, got, step.report)
		}
	}
}

// TestLog has every control transfer and report in order of time, with bounds.
func TestLog(t *testing.T) {
	c, dev := opened(t)
	c.note(usbredir.Control{At: c.began, RequestType: 0x80, Request: 6, Value: 0x0100, Length: 64, OK: true})
	for _, id := range []uint8{6, 0x77} {
		_, _ = dev.GetFeature(id, make([]byte, 16)) // 77 is refused
	}
	c.note(usbredir.Control{At: time.Now(), RequestType: 0xa1, Request: 1, Value: 0x0377, Length: 4})
	lines, err := c.log(nil)
	if err != nil || len(lines) != 4 {
		t.Fatalf("%q, %v", lines, err)
	}
	for i, want := range []string{
		`^0\.000 control 80 06 value 0100 index 0000 length 64$`, `^0\.\d{3} GET 06 64 49 02 00 00$`, `^0\.\d{3} GET 77 failed$`,
		`^0\.\d{3} control a1 01 value 0377 index 0000 length 4 failed$`,
	} {
		if !regexp.MustCompile(want).MatchString(lines[i]) {
			t.Errorf("line %d is %q, want %s", i, lines[i], want)
		}
	}
	for range maxControls {
		c.note(usbredir.Control{})
	}
	if n := len(c.controls); n > maxControls {
		t.Errorf("%d control transfers are kept", n)
	}
}

// TestRun: the two sockets are there, commands from both reach one UPS, and
// the end of the context ends it.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	in, typed := io.Pipe()
	defer typed.Close()
	go func() {
		ended <- run(ctx, "", filepath.Join(dir, "usb"), filepath.Join(dir, "control"), in, io.Discard)
	}()
	dial := func(name string) net.Conn {
		for {
			if conn, err := net.Dial("unix", filepath.Join(dir, name)); err == nil {
				return conn
			}
			select {
			case err := <-ended:
				t.Fatal(err)
			case <-time.After(time.Millisecond):
			}
		}
	}
	if _, err := io.WriteString(typed, "unplug\n"); err != nil {
		t.Fatal(err)
	}
	dial("usb").Close()
	conn := dial("control")
	defer conn.Close()
	for r := bufio.NewReader(conn); ; {
		fmt.Fprintln(conn, "state")
		line, err := r.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(line, "plugged in: false") {
			break
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := run(t.Context(), "nobody's", "", "", in, io.Discard); err == nil {
		t.Error("an unknown model")
	}
}
