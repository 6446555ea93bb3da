package control

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os/user"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"ecnutd/internal/folder"
)

// Listen opens the socket at a path. One that a dead daemon left is replaced,
// one of a living daemon is not.
func Listen(path string) (net.Listener, error) {
	in, err := folder.Make(filepath.Dir(path), 0o755)
	if err != nil {
		return nil, fmt.Errorf("the control socket: %w", err)
	}
	defer in.Close()
	name := filepath.Base(path)
	if mode, err := in.Mode(name); err == nil && mode&fs.ModeSocket == 0 {
		return nil, fmt.Errorf("the control socket: %s is there and is not a socket", path)
	}
	if conn, err := net.DialTimeout("unix", path, time.Second); err == nil {
		conn.Close()
		return nil, fmt.Errorf("another daemon is running: it answers on %s", path)
	}
	if err := in.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the control socket: %w", err)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("the control socket: %w", err)
	}
	if err := in.ShareSocket(name, 0o660, -1); err != nil {
		l.Close()
		return nil, fmt.Errorf("the control socket: %w", err)
	}
	return l, nil
}

// StatusGroup is the group whose members may look at the UPSs through the control
// socket, and nothing else: it owns no node and no secret.
const StatusGroup = "ecnutd-status"

// Share gives the socket at a path to StatusGroup. The caller has to be in that
// group, or root.
func Share(path string) error {
	g, err := user.LookupGroup(StatusGroup)
	if err != nil {
		return fmt.Errorf("only root may ask the daemon: there is no group %s (sudo systemd-sysusers): %w", StatusGroup, err)
	}
	gid, err := strconv.Atoi(g.Gid)
	if err == nil {
		err = share(path, gid)
	}
	if err != nil {
		return fmt.Errorf("only root may ask the daemon: the control socket cannot be given to group %s: %w", StatusGroup, err)
	}
	return nil
}

func share(path string, gid int) error {
	in, err := folder.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer in.Close()
	return in.ShareSocket(filepath.Base(path), 0o660, gid)
}

// A Peer is who is on the other end of a connection. The zero value is
// somebody of whom nothing is known.
type Peer struct {
	UID, PID int
	known    bool
}

// PeerOf is a peer that the kernel has told of, for those who have no socket.
func PeerOf(uid, pid int) Peer { return Peer{uid, pid, true} }

// mayAct reports whether a peer may do more than look: root and the daemon's
// own user may.
func (p Peer) mayAct(daemon int) bool { return p.known && (p.UID == 0 || p.UID == daemon) }

type peerKey struct{}

// peerOf asks the kernel who connected.
func peerOf(c net.Conn) (p Peer) {
	u, ok := c.(*net.UnixConn)
	if !ok {
		return p
	}
	raw, err := u.SyscallConn()
	if err != nil {
		return p
	}
	_ = raw.Control(func(fd uintptr) {
		if cred, err := unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED); err == nil {
			p = PeerOf(int(cred.Uid), int(cred.Pid))
		}
	})
	return p
}
