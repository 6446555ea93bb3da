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
	"ecnutd/internal/sim/console"
	"ecnutd/internal/sim/usbredir"
)

// opened is a UPS with its console and the log of its control transfers, and a handle
// on it.
func opened(t *testing.T) (*console.Console, *controls, hid.Device) {
	t.Helper()
	u, err := sim.New("")
	if err != nil {
		t.Fatal(err)
	}
	dev, err := u.Open()
	if err != nil {
		t.Fatal(err)
	}
	seen := &controls{}
	return console.New(u, seen.entries), seen, dev
}

// TestLog has every control transfer and report in order of time, with bounds.
func TestLog(t *testing.T) {
	c, seen, dev := opened(t)
	seen.note(usbredir.Control{At: time.Now(), RequestType: 0x80, Request: 6, Value: 0x0100, Length: 64, OK: true})
	for _, id := range []uint8{6, 0x77} {
		_, _ = dev.GetFeature(id, make([]byte, 16)) // 77 is refused
	}
	seen.note(usbredir.Control{At: time.Now(), RequestType: 0xa1, Request: 1, Value: 0x0377, Length: 4})
	var out strings.Builder
	c.Converse(strings.NewReader("log\n"), &out)
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 5 || lines[4] != "ok" {
		t.Fatalf("%q", lines)
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
		seen.note(usbredir.Control{})
	}
	if n := len(seen.list); n > maxControls {
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
