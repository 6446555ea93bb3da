package control

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAdmit: half of the room is for root, and one user has four places.
func TestAdmit(t *testing.T) {
	l := &room{}
	admitted := func(uid, n int) (in int) {
		for range n {
			if _, ok := l.admit(PeerOf(uid, 1)); ok {
				in++
			}
		}
		return in
	}
	for _, c := range []struct{ uid, tries, want int }{
		{1000, 3000, 4}, {1001, 3000, 4}, {1002, 3000, 0}, // 8 for all who are not root
		{0, 3000, 8}, {0, 1, 0},
	} {
		if got := admitted(c.uid, c.tries); got != c.want {
			t.Errorf("user %d: %d of %d, want %d", c.uid, got, c.tries, c.want)
		}
	}
	l.leave(PeerOf(1000, 1))
	if got := admitted(1002, 3); got != 1 {
		t.Errorf("after one has left: %d", got)
	}
	l.leave(PeerOf(0, 1))
	if got := admitted(1000, 3); got != 0 {
		t.Errorf("the place of root was given to a user")
	}
	if got := admitted(0, 3); got != 1 {
		t.Errorf("root: %d", got)
	}
}

// TestManyConnections: a flood of connections is answered and closed; those that
// were there before are served, and the daemon holds no more of them than it may.
func TestManyConnections(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- Serve(ctx, l, nil) }()
	room := maxConns // the tests may run as root
	if os.Getuid() != 0 {
		room = maxConnsUser
	}
	var held []net.Conn
	for range room {
		c, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, c)
	}
	for range 100 {
		c, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		said, err := io.ReadAll(c)
		if err != nil || !strings.HasPrefix(string(said), "HTTP/1.1 503 ") || !strings.Contains(string(said), "too many are asking") {
			t.Fatalf("%q, %v", said, err)
		}
		c.Close()
	}
	fmt.Fprint(held[0], "GET /v1/nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	if said, err := io.ReadAll(held[0]); err != nil || !strings.HasPrefix(string(said), "HTTP/1.1 404 ") {
		t.Errorf("%q, %v", said, err)
	}
	for _, c := range held {
		c.Close()
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
