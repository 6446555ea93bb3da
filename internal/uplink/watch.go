// Package uplink tells when this host may have got a way to others: an
// interface that came up, or an address that was given. Whoever waits for a
// network tries again then, instead of at its next turn.
package uplink

import (
	"context"
	"errors"
	"os"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// Watch gives a token whenever a network interface has come up or got an
// address; several in a row may be one. Where the kernel does not say (no
// AF_NETLINK in a sandbox) the channel is closed at once. It is closed when ctx
// ends.
func Watch(ctx context.Context) <-chan struct{} {
	up := make(chan struct{}, 1)
	conn, err := netlink.Dial(unix.NETLINK_ROUTE, &netlink.Config{Groups: groups})
	if err != nil {
		close(up)
		return up
	}
	go func() {
		defer close(up)
		stop := context.AfterFunc(ctx, func() { conn.Close() })
		listen(conn, up)
		stop()
		conn.Close()
	}()
	return up
}

// groups are what is listened to: links and addresses (rtnetlink(7)).
const groups = unix.RTMGRP_LINK | unix.RTMGRP_IPV4_IFADDR | unix.RTMGRP_IPV6_IFADDR

// A receiver gives the messages of one datagram after the other.
type receiver interface {
	Receive() ([]netlink.Message, error)
}

// listen leaves a token for every datagram that tells of a way out, until the
// receiver is closed or fails.
func listen(conn receiver, up chan<- struct{}) {
	links := make(linkState)
	for {
		messages, err := conn.Receive()
		switch {
		case err != nil && !passing(err):
			return
		case err != nil:
			// What was lost may have been the one.
		case !links.cameUp(messages):
			continue
		}
		select {
		case up <- struct{}{}:
		default:
		}
	}
}

// passing reports whether the socket can be read on after an error: the kernel
// dropped messages, or sent one that is malformed or tells of an error. Any other
// error of a system call is the end of the socket.
func passing(err error) bool {
	if errors.Is(err, unix.ENOBUFS) {
		return true
	}
	_, call := errors.AsType[*os.SyscallError](err)
	_, message := errors.AsType[unix.Errno](err)
	return message && !call
}
