package sms

import (
	"context"
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// WatchNetwork gives a token whenever a network interface has come up or got an
// address; several in a row may be one. It is what Outbox.Kick waits for. Where
// the kernel does not tell (no AF_NETLINK in a sandbox) the channel is closed at
// once, and messages go out at their next try. It is closed when ctx ends.
func WatchNetwork(ctx context.Context) <-chan struct{} {
	up := make(chan struct{}, 1)
	f, err := openRouteSocket()
	if err != nil {
		close(up)
		return up
	}
	context.AfterFunc(ctx, func() { f.Close() })
	go func() {
		defer close(up)
		defer f.Close()
		buf := make([]byte, 16<<10)
		links := make(linkState)
		for {
			n, err := f.Read(buf)
			switch {
			case errors.Is(err, unix.ENOBUFS):
				// Messages were lost: one of them may have been the one.
			case err != nil:
				return
			case !links.cameUp(buf[:n]):
				continue
			}
			select {
			case up <- struct{}{}:
			default:
			}
		}
	}()
	return up
}

// openRouteSocket subscribes to links and addresses (rtnetlink(7)).
func openRouteSocket() (*os.File, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_ROUTE)
	if err != nil {
		return nil, err
	}
	groups := uint32(unix.RTMGRP_LINK | unix.RTMGRP_IPV4_IFADDR | unix.RTMGRP_IPV6_IFADDR)
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: groups}); err != nil {
		unix.Close(fd)
		return nil, err
	}
	return os.NewFile(uintptr(fd), "rtnetlink"), nil
}
