package service

import (
	"net"
	"time"

	systemd "github.com/coreos/go-systemd/v22/daemon"

	"ecnutd/internal/daemon"
	"ecnutd/internal/daemon/thishost"
	"ecnutd/internal/host"
)

// A serviceManager is systemd, which wants to know that the daemon is alive, and how
// it is. Without systemd nothing is told. Its methods are called in one goroutine, but
// for Rested.
type serviceManager struct {
	daemon.Unheard
	socket string        // where it listens; "" without systemd
	every  time.Duration // its watchdog's; 0: none
	last   time.Time
	conn   *net.UnixConn // kept: the watchdog is fed for years
}

// Alive feeds the watchdog.
func (m *serviceManager) Alive() {
	if m.every > 0 && time.Since(m.last) > m.every/3 && m.tell(systemd.SdNotifyWatchdog) {
		m.last = time.Now()
	}
}

// Status is shown by systemctl status.
func (m *serviceManager) Status(line string) { m.tell("STATUS=" + host.OneLine(line)) }

// Rested gives memory back.
func (m *serviceManager) Rested() { thishost.Rest() }

// tell sends a notification, and reports whether systemd has it: after an error on a
// connection of before by a new one.
func (m *serviceManager) tell(state string) bool {
	if m.socket == "" {
		return false
	}
	for range 2 {
		fresh := m.conn == nil
		if fresh {
			conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: m.socket, Net: "unixgram"})
			if err != nil {
				return false
			}
			m.conn = conn
		}
		_, err := m.conn.Write([]byte(state))
		if err == nil {
			return true
		}
		_ = m.conn.Close()
		m.conn = nil
		if fresh {
			return false
		}
	}
	return false
}
