package control

import (
	"fmt"
	"net"
	"net/http"
	"sync"
)

// How many connections there may be at once, and how many of them beside that may be
// streams. One member of the group must neither use up the daemon's memory nor keep
// the administrator out.
const (
	maxConns     = 16
	keptForRoot  = 8 // of them
	maxConnsUser = 4 // of one user who is not root
)

// A limiter accepts connections within these bounds. One beyond them is told
// so, and closed.
type limiter struct {
	net.Listener

	requests, streams room
}

// A room is what there is place for at once.
type room struct {
	mu     sync.Mutex
	all    int
	others int         // of users who are not root
	users  map[int]int // of each of them
}

func limit(l net.Listener) *limiter { return &limiter{Listener: l} }

// A conn is an accepted connection of a peer.
type conn struct {
	net.Conn
	who     Peer
	streams *room

	mu      sync.Mutex
	release func()
}

// becomeStream moves the connection from the requests to the streams, and reports
// whether there is room for it.
func (c *conn) becomeStream() bool {
	release, ok := c.streams.admit(c.who)
	if !ok {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.release()
	c.release = release
	return true
}

// Close closes the connection and makes room.
func (c *conn) Close() error {
	c.mu.Lock()
	c.release()
	c.mu.Unlock()
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
		if release, ok := l.requests.admit(who); ok {
			return &conn{Conn: c, who: who, streams: &l.streams, release: release}, nil
		}
		// It fits the buffer of a fresh socket, so nobody is waited for.
		const body = `{"error":"too many are asking the daemon at once; try again"}` + "\n"
		_, _ = fmt.Fprintf(c, "HTTP/1.1 %d Service Unavailable\r\nContent-Type: application/json\r\n%s: %d\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
			http.StatusServiceUnavailable, VersionHeader, Version, len(body), body)
		_ = c.Close()
	}
}

// admit takes a connection of a peer into account, if there is room. release is its
// end, and may be called more than once.
func (r *room) admit(who Peer) (release func(), ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	root := who.known && who.UID == 0
	if r.all >= maxConns || !root && (r.others >= maxConns-keptForRoot || r.users[who.UID] >= maxConnsUser) {
		return nil, false
	}
	r.all++
	if !root {
		if r.users == nil {
			r.users = make(map[int]int)
		}
		r.others++
		r.users[who.UID]++
	}
	return sync.OnceFunc(func() { r.leave(who) }), true
}

// leave is the end of a connection.
func (r *room) leave(who Peer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all--
	if who.known && who.UID == 0 {
		return
	}
	r.others--
	if r.users[who.UID]--; r.users[who.UID] == 0 {
		delete(r.users, who.UID)
	}
}
