package console

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"ecnutd/internal/sim"
)

// TestCommands: each command does to the UPS what it says, and what is no
// command is answered with what would be one.
func TestCommands(t *testing.T) {
	u, err := sim.New("")
	if err != nil {
		t.Fatal(err)
	}
	dev, err := u.Open()
	if err != nil {
		t.Fatal(err)
	}
	c := New(u, nil)
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
		c.Converse(strings.NewReader("\n"+step.line+"\n"), &out)
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

// TestServe: a socket takes commands of several at once, and the end of the context
// ends them all.
func TestServe(t *testing.T) {
	u, err := sim.New("")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { New(u, nil).Serve(ctx, l); close(ended) }()
	var conns []net.Conn
	for range 2 {
		conn, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conns = append(conns, conn)
		fmt.Fprintln(conn, "unplug")
		if line, err := bufio.NewReader(conn).ReadString('\n'); err != nil || line != "ok\n" {
			t.Errorf("%q, %v", line, err)
		}
	}
	stop()
	<-ended
	for _, conn := range conns {
		if _, err := conn.Read(make([]byte, 1)); err == nil {
			t.Error("a connection outlives the console")
		}
	}
}
