package hidraw

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"syscall"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// uevents listens to the kernel until ctx ends. The channel is closed when
// there is nothing to listen to, or no longer.
func uevents(ctx context.Context, subsystem string) <-chan struct{} {
	events := make(chan struct{}, 1)
	socket, err := openUevents()
	if err != nil {
		close(events)
		return events
	}
	go func() {
		defer close(events)
		stop := context.AfterFunc(ctx, func() { socket.Close() })
		listen(socket, subsystem, events)
		stop()
		socket.Close()
	}()
	return events
}

// A ueventSocket gives one event of the kernel per Read. The messages have no
// netlink header, so netlink.Conn opens, binds and closes the socket, and the
// bytes are read past it, by the runtime's poller all the same: no thread waits
// in a Read, and Close ends it.
type ueventSocket struct {
	conn *netlink.Conn
	raw  syscall.RawConn
}

// kernelGroup is the multicast group that the kernel speaks to. In the other one
// udev repeats what the kernel said, in a format of its own.
const kernelGroup = 1

func openUevents() (*ueventSocket, error) {
	conn, err := netlink.Dial(unix.NETLINK_KOBJECT_UEVENT, &netlink.Config{Groups: kernelGroup})
	if err != nil {
		return nil, err
	}
	raw, err := conn.SyscallConn()
	if err != nil {
		conn.Close()
		return nil, err
	}
	return &ueventSocket{conn: conn, raw: raw}, nil
}

// Read waits for an event. One that is longer than p is cut.
func (s *ueventSocket) Read(p []byte) (n int, err error) {
	waited := s.raw.Read(func(fd uintptr) bool {
		n, _, err = unix.Recvfrom(int(fd), p, 0)
		return !errors.Is(err, unix.EAGAIN) && !errors.Is(err, unix.EINTR)
	})
	if waited != nil {
		return 0, waited
	}
	return max(n, 0), os.NewSyscallError("recvfrom", err)
}

func (s *ueventSocket) Close() error { return s.conn.Close() }

// maxUevent is more than the longest kernel event: 2 KiB of environment
// (UEVENT_BUFFER_SIZE) behind action and path.
const maxUevent = 8 << 10

// listen signals for every message about the subsystem, until the socket is
// closed or fails.
func listen(socket io.Reader, subsystem string, events chan<- struct{}) {
	buf := make([]byte, maxUevent)
	for {
		n, err := socket.Read(buf)
		switch {
		case errors.Is(err, unix.ENOBUFS):
			signal(events) // the kernel had to drop some: look
		case err != nil:
			return
		case concerns(buf[:n], subsystem):
			signal(events)
		}
	}
}

// concerns reports whether a kernel event is about the subsystem. An event is a
// header ("add@/devices/…") and the environment ("KEY=value"), each ended by a
// zero byte; the header and all that is not understood are passed over.
func concerns(message []byte, subsystem string) bool {
	_, rest, _ := bytes.Cut(message, []byte{0})
	for len(rest) > 0 {
		var entry []byte
		entry, rest, _ = bytes.Cut(rest, []byte{0})
		if value, ok := bytes.CutPrefix(entry, []byte("SUBSYSTEM=")); ok && string(value) == subsystem {
			return true
		}
	}
	return false
}
