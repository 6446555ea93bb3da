package hidraw

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"syscall"
	"time"

	"github.com/pilebones/go-udev/netlink"
)

// DefaultRescan is how often Watch says "look again" without a reason: a net
// for events that were lost, and the only source where there are none.
const DefaultRescan = 30 * time.Second

// Watch tells when it is worth calling Enumerate again: when the kernel
// reports that a hidraw device came, went or changed, when it says that
// reports were lost, and every so often in any case (DefaultRescan when every
// is not positive). A reader that is slow finds one value waiting, never more.
//
// It listens before it returns, so nothing is missed by calling Watch first
// and Enumerate then. Where the kernel's events cannot be had, as in most
// containers, the net remains. The channel is closed when ctx ends.
func Watch(ctx context.Context, every time.Duration) <-chan struct{} {
	return merge(ctx, uevents(ctx, "hidraw"), every)
}

// merge passes events on and adds the net.
func merge(ctx context.Context, events <-chan struct{}, every time.Duration) <-chan struct{} {
	if every <= 0 {
		every = DefaultRescan
	}
	look := make(chan struct{}, 1)
	go func() {
		defer close(look)
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case _, ok := <-events:
				if !ok {
					events = nil // no more events: the net alone
					continue
				}
			case <-tick.C:
			}
			signal(look)
		}
	}()
	return look
}

// signal leaves a value for the reader, unless one is waiting.
func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// uevents listens to the kernel until ctx ends. The channel is closed when
// there is nothing to listen to, or no longer.
func uevents(ctx context.Context, subsystem string) <-chan struct{} {
	events := make(chan struct{}, 1)
	socket, err := connect()
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

// connect opens the socket of kernel events. As an os.File it is read by the
// runtime's poller: no thread waits in it, and closing it ends a read. The
// monitor of the netlink package does neither, so only its connection and its
// parser are used.
func connect() (*os.File, error) {
	var conn netlink.UEventConn
	// The package makes a socket that programs started meanwhile would
	// inherit; the lock keeps them back until it is marked.
	syscall.ForkLock.RLock()
	err := conn.Connect(netlink.KernelEvent)
	if err == nil {
		syscall.CloseOnExec(conn.Fd)
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, err
	}
	if err := syscall.SetNonblock(conn.Fd, true); err != nil {
		conn.Close()
		return nil, err
	}
	return os.NewFile(uintptr(conn.Fd), "kernel events"), nil
}

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
		case errors.Is(err, syscall.ENOBUFS):
			signal(events) // the kernel had to drop some: look
		case err != nil:
			return
		case concerns(buf[:n], subsystem):
			signal(events)
		}
	}
}

// concerns tells whether a kernel event is about the subsystem. One that the
// parser does not understand counts when it names it: to look once too often
// costs nothing.
func concerns(message []byte, subsystem string) bool {
	// The parser's bounds rely on a zero byte; the kernel always sends one,
	// another privileged program need not.
	if !bytes.Contains(message, []byte{0}) {
		return false
	}
	e, err := netlink.ParseUEvent(message)
	if err != nil {
		return bytes.Contains(message, []byte("\x00SUBSYSTEM="+subsystem+"\x00"))
	}
	return e.Env["SUBSYSTEM"] == subsystem
}
