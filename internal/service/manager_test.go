package service

import (
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestManagerKeepsItsSocket: what is told arrives from one address, the watchdog is fed
// once in a third of its time, and a manager that was started again is found again.
func TestManagerKeepsItsSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notify")
	listen := func() *net.UnixConn {
		c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	said := func(c *net.UnixConn) string {
		_ = c.SetReadDeadline(time.Now().Add(time.Minute))
		buf := make([]byte, 100)
		n, err := c.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		return string(buf[:n])
	}
	server := listen()
	m := &serviceManager{socket: path, every: 3 * time.Hour}
	m.Alive()
	kept := m.conn
	m.Alive() // it has been fed
	m.Status("all is\nwell")
	if a, b := said(server), said(server); a != "WATCHDOG=1" || b != "STATUS=all is / well" || m.conn != kept || kept == nil {
		t.Errorf("said %q, %q", a, b)
	}
	m.last = time.Now().Add(-time.Hour - time.Second)
	m.Alive()
	if a := said(server); a != "WATCHDOG=1" {
		t.Errorf("said %q", a)
	}
	_ = server.Close()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	m.Status("nobody listens")
	server = listen()
	defer server.Close()
	m.Status("again")
	if a := said(server); a != "STATUS=again" {
		t.Errorf("said %q", a)
	}
	m.last = time.Time{}
	(&serviceManager{every: time.Hour}).Alive() // without systemd
}
