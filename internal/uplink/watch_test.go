package uplink

import (
	"context"
	"encoding/hex"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/mdlayher/netlink"
	"go.uber.org/goleak"
	"golang.org/x/sys/unix"
)

// datagram puts messages together by hand, on a little-endian host, and reads them
// as the library does.
func datagram(t testing.TB, messages ...string) []netlink.Message {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(strings.Join(messages, ""), " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := parse(b)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// parse is what netlink.Conn makes of the bytes of a datagram.
func parse(b []byte) ([]netlink.Message, error) {
	raw, err := syscall.ParseNetlinkMessage(b)
	var parsed []netlink.Message
	for _, r := range raw {
		parsed = append(parsed, netlink.Message{Header: netlink.Header{Length: r.Header.Len, Type: netlink.HeaderType(r.Header.Type)}, Data: r.Data})
	}
	return parsed, err
}

// Messages as rtnetlink(7) lays them out: length, type (16 = RTM_NEWLINK,
// 17 = RTM_DELLINK, 20 = RTM_NEWADDR), then the body.
const (
	eth0Up    = "20000000 1000 0000 00000000 00000000 0000 0100 02000000 43100100 ffffffff" // IFF_RUNNING = 0x40
	eth0Down  = "20000000 1000 0000 00000000 00000000 0000 0100 02000000 03100000 ffffffff"
	eth0Gone  = "20000000 1100 0000 00000000 00000000 0000 0100 02000000 02100000 ffffffff"
	loUp      = "20000000 1000 0000 00000000 00000000 0000 0403 01000000 49000100 ffffffff" // IFF_LOOPBACK = 8
	address   = "18000000 1400 0000 00000000 00000000 02 18 80 00 02000000"
	linkLocal = "18000000 1400 0000 00000000 00000000 0a 40 80 fd 02000000" // scope 253
	shortAddr = "14000000 1400 0000 00000000 00000000 02 18 80 00"
	shortLink = "1c000000 1000 0000 00000000 00000000 0000 0100 02000000 43100100"
)

// TestCameUp: only what is new counts.
func TestCameUp(t *testing.T) {
	links := make(linkState)
	for i, c := range []struct {
		messages []string
		want     bool
	}{
		{[]string{loUp}, false},
		{[]string{eth0Down}, false},
		{[]string{eth0Up}, true},
		{[]string{eth0Up}, false}, // the kernel repeats itself
		{[]string{eth0Down}, false},
		{[]string{loUp, eth0Up}, true},
		{[]string{eth0Gone}, false},
		{[]string{eth0Up}, true},
		{[]string{linkLocal}, false},
		{[]string{linkLocal, address}, true},
		{[]string{shortAddr}, false},
		{[]string{eth0Gone, shortLink}, false},
		{nil, false},
	} {
		if got := links.cameUp(datagram(t, c.messages...)); got != c.want {
			t.Errorf("datagram %d: %t", i, got)
		}
	}
}

func FuzzCameUp(f *testing.F) {
	for _, m := range []string{eth0Up, eth0Gone, address, shortAddr, shortLink} {
		b, _ := hex.DecodeString(strings.ReplaceAll(m, " ", ""))
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		messages, err := parse(b)
		if err != nil {
			return
		}
		links := make(linkState)
		links.cameUp(messages)
		if len(links) > maxLinks {
			t.Fatalf("%d links", len(links))
		}
	})
}

// TestManyLinks: containers that come and go for ever cost no more memory than
// maxLinks.
func TestManyLinks(t *testing.T) {
	links := make(linkState)
	for i := range int32(10 * maxLinks) {
		if !links.note(i, true) || len(links) > maxLinks {
			t.Fatalf("link %d, %d are kept", i, len(links))
		}
	}
}

// script is a socket that gives datagrams and errors in order, and then is
// closed.
type script []any

func (s *script) Receive() ([]netlink.Message, error) {
	if len(*s) == 0 {
		return nil, &netlink.OpError{Op: "receive", Err: os.NewSyscallError("recvmsg", net.ErrClosed)}
	}
	next := (*s)[0]
	*s = (*s)[1:]
	if err, ok := next.(error); ok {
		return nil, &netlink.OpError{Op: "receive", Err: err}
	}
	return next.([]netlink.Message), nil
}

func TestListen(t *testing.T) {
	up, lost, down := datagram(t, eth0Up), os.NewSyscallError("recvmsg", unix.ENOBUFS), datagram(t, eth0Down)
	for name, c := range map[string]struct {
		socket script
		want   int // tokens left for a reader that has not looked yet
		left   int // of the script
	}{
		"nothing":                      {nil, 0, 0},
		"an interface goes":            {script{down}, 0, 0},
		"one comes up":                 {script{down, up}, 1, 0},
		"many are one":                 {script{up, down, up, down, up}, 1, 0},
		"messages were dropped":        {script{lost}, 1, 0},
		"a malformed one is passed by": {script{unix.EINVAL, up}, 1, 0},
		"one that tells of an error":   {script{unix.EPERM, down}, 1, 0},
		"it stops at any other mishap": {script{os.NewSyscallError("recvmsg", unix.EBADF), up}, 0, 1},
	} {
		tokens := make(chan struct{}, 1)
		listen(&c.socket, tokens)
		if len(tokens) != c.want || len(c.socket) != c.left {
			t.Errorf("%s: %d tokens, %d not read", name, len(tokens), len(c.socket))
		}
	}
}

// TestWatch gives a real interface an address, in a network of its own; it needs
// the right to.
func TestWatch(t *testing.T) {
	runtime.LockOSThread() // and never unlocked: the thread ends with its network
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		t.Skipf("no right to a network of one's own: %v", err)
	}
	up := Watch(t.Context())
	// The kernel may have no other kind of interface: an address for the host
	// and for others on the loopback counts as well.
	if out, err := exec.Command("ip", "address", "add", "192.0.2.1/32", "dev", "lo").CombinedOutput(); err != nil {
		t.Skipf("no address can be given here: %v %s", err, out)
	}
	select {
	case _, open := <-up:
		if !open {
			t.Error("the kernel says nothing here")
		}
	case <-time.After(time.Minute):
		t.Error("an address came, and nothing was told")
	}
}

// TestWatchEnds: the end of the context ends the wait in the kernel, closes the
// channel and leaves nothing behind.
func TestWatchEnds(t *testing.T) {
	defer goleak.VerifyNone(t)
	ctx, cancel := context.WithCancel(t.Context())
	up := Watch(ctx)
	cancel()
	for range up {
	}
}
