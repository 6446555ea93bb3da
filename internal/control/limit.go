package control

import (
	"fmt"
	"net"
	"net/http"
	"sync"
)

// How many connections there may be at once. One member of the group must
// neither use up the daemon's memory nor keep the administrator out.
const (
	maxConns     = 16
	keptForRoot  = 8 // of them
	maxConnsUser = 4 // of one user who is not root
)

// A limiter accepts connections within these bounds. One beyond them is told
// so, and closed.
type limiter struct {
	net.Listener

	mu     sync.Mutex
	all    int
	others int         // of users who are not root
	users  map[int]int // of each of them
}

func limit(l net.Listener) *limiter { return &limiter{Listener: l, users: make(map[int]int)} }

// A conn is an accepted connection of a peer.
type conn struct {
	net.Conn
	who     Peer
	release func()
}

// Close closes the connection and makes room.
func (c *conn) Close() error {
	c.release()
	return c.Conn.Close()
}

// Accept returns the next connection that there is room for.
func (l *limiter) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		who := peerOf(c)
		if l.admit(who) {
			return &conn{c, who, sync.OnceFunc(func() { l.leave(who) })}, nil
		}
		// It fits the buffer of a fresh socket, so nobody is waited for.
		const body = `{"error":"too many are asking the daemon at once; try again"}` + "\n"
		_, _ = fmt.Fprintf(c, "HTTP/1.1 %d Service Unavailable\r\nContent-Type: application/json\r\n%s: %d\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
			http.StatusServiceUnavailable, VersionHeader, Version, len(body), body)
		_ = c.Close()
	}
}

// admit takes a connection of a peer into account, if there is room.
func (l *limiter) admit(who Peer) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	root := who.known && who.UID == 0
	if l.all >= maxConns || !root && (l.others >= maxConns-keptForRoot || l.users[who.UID] >= maxConnsUser) {
		return false
	}
	l.all++
	if !root {
		l.others++
		l.users[who.UID]++
	}
	return true
}

// leave is the end of a connection.
func (l *limiter) leave(who Peer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all--
	if who.known && who.UID == 0 {
		return
	}
	l.others--
	if l.users[who.UID]--; l.users[who.UID] == 0 {
		delete(l.users, who.UID)
	}
}
