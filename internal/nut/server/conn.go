package server

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"ecnutd/internal/nut/parseconf"
)

const (
	mostBytes     = 4096             // of a request
	writeTime     = 10 * time.Second // a client that takes longer to read is cut off
	handshakeTime = 10 * time.Second
	readBuffer    = 512
	keptBuffer    = 4 << 10 // answers that are longer have a buffer of their own
)

// A conn is a client.
type conn struct {
	net.Conn
	session   *session
	network   netip.Prefix
	places    *int            // of this network; guarded by Server.mu
	ctx       context.Context // ends with the connection
	cancel    context.CancelFunc
	encrypted bool         // guarded by Server.mu
	asked     atomic.Int64 // the last request, in nanoseconds since 1970
}

// Write writes within writeTime, or fails.
func (c *conn) Write(p []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(writeTime)); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}

// welcome gives a new client a place; nil where there is none.
func (s *Server) welcome(ctx context.Context, nc net.Conn) *conn {
	now := time.Now()
	c := &conn{Conn: nc, session: &session{server: s, address: addressOf(nc), since: now}}
	c.asked.Store(now.UnixNano())
	c.network = network(c.session.address)
	c.ctx, c.cancel = context.WithCancel(ctx)
	context.AfterFunc(c.ctx, func() { nc.Close() })
	if !s.admit(c) {
		c.cancel()
		return nil
	}
	return c
}

// serve talks to a client until one of them ends it.
func (s *Server) serve(c *conn) {
	ctx := c.ctx
	defer c.cancel()
	defer s.leave(c)
	for encrypt := false; ; encrypt = true {
		if encrypt && !s.encrypt(ctx, c) {
			return
		}
		if again := s.talk(ctx, c); !again {
			return
		}
	}
}

// talk answers requests. It returns true where the client has asked for TLS.
func (s *Server) talk(ctx context.Context, c *conn) (encrypt bool) {
	t := &talk{server: s, conn: c, r: bufio.NewReaderSize(c, readBuffer), requests: 1}
	for {
		if t.requests > 0 && !s.await(c) {
			return false
		}
		if _, err := t.r.Peek(1); err != nil {
			return false
		}
		measure, err := s.gate.enter(ctx)
		if err != nil {
			return false
		}
		var begun, took time.Duration
		if measure {
			begun = worked()
		}
		n, ok := t.turn(ctx)
		if measure {
			took = worked() - begun
		}
		s.gate.leave(t.requests, t.bytes, took)
		switch {
		case !ok, n == hangUp:
			return false
		case n == startTLS:
			// What came in clear text behind STARTTLS may be somebody else's.
			return t.r.Buffered() == 0
		}
	}
}

// A talk is a conversation on the level of bytes.
type talk struct {
	server  *Server
	conn    *conn
	r       *bufio.Reader
	scanner parseconf.Scanner
	// Of the last turn. One without a whole request gives the client no more
	// time.
	requests, bytes int
}

// buffers are for the answers of a turn.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// turn answers what has come, up to the greatest length of a turn. ok is false
// where the connection is at its end.
func (t *talk) turn(ctx context.Context) (n next, ok bool) {
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	out := (*buffer)[:0]
	ok, t.requests = true, 0
	for ok && n == goOn && t.requests < turnRequests && len(out) < turnBytes && t.r.Buffered() > 0 {
		out, n, ok = t.answer(ctx, out)
	}
	t.bytes = len(out)
	if len(out) > 0 {
		_, err := t.conn.Write(out)
		ok = ok && err == nil
	}
	if cap(out) > keptBuffer {
		out = nil
	}
	*buffer = out
	return n, ok
}

// answer takes a request from what has come, or a part of one, and appends the
// answer.
func (t *talk) answer(ctx context.Context, out []byte) (_ []byte, n next, ok bool) {
	have, _ := t.r.Peek(t.r.Buffered()) // it is there
	if end := bytes.IndexByte(have, '\n'); end >= 0 && t.scanner.Size() == 0 {
		if answer := t.server.backend.View().quick(bytes.TrimSuffix(have[:end], []byte{'\r'})); answer != nil {
			_, _ = t.r.Discard(end + 1) // it is there
			t.requests++
			return append(out, answer...), goOn, true
		}
	}
	for i, b := range have {
		line, whole := t.scanner.Next(b)
		switch {
		case whole:
			_, _ = t.r.Discard(i + 1) // it is there
			t.requests++
			text, n := t.conn.session.respond(ctx, line.Words)
			return append(out, text...), n, true
		case t.scanner.Size() >= mostBytes:
			return append(out, errArgument+"\n"...), hangUp, false
		}
	}
	_, _ = t.r.Discard(len(have)) // it is there
	return out, goOn, true
}

// await gives the client its time for the next request.
func (s *Server) await(c *conn) bool {
	now := time.Now()
	c.asked.Store(now.UnixNano())
	return c.SetReadDeadline(now.Add(s.settings.Load().Idle)) == nil
}

// encrypt goes on over TLS.
func (s *Server) encrypt(ctx context.Context, c *conn) bool {
	settings := s.settings.Load()
	if settings.TLS == nil {
		return false // it was there when the client was told OK
	}
	secure := tls.Server(c.Conn, settings.TLS)
	ctx, cancel := context.WithTimeout(ctx, handshakeTime)
	defer cancel()
	if err := secure.HandshakeContext(ctx); err != nil {
		s.log.Debug("network: no TLS", "address", c.session.address, "reason", err)
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c.Conn, c.encrypted = secure, true
	return true
}

func addressOf(c net.Conn) netip.Addr {
	if a, err := netip.ParseAddrPort(c.RemoteAddr().String()); err == nil {
		return a.Addr().Unmap()
	}
	return netip.Addr{}
}

// admit gives a client a place. Where all are taken, one who has not logged in
// makes room: of the network with the most places the one who has been silent
// longest. So a flood from one host displaces itself.
func (s *Server) admit(c *conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	most := s.settings.Load().MaxConnections
	for len(s.conns) >= most {
		var victim *conn
		for other := range s.conns {
			switch {
			case other.session.login != "":
			case victim == nil:
				victim = other
			default:
				a, b := *other.places, *victim.places
				if a > b || a == b && other.asked.Load() < victim.asked.Load() {
					victim = other
				}
			}
		}
		if now := time.Now(); now.Sub(s.full) > time.Minute {
			s.full = now
			s.log.Warn("network: all places are taken (max_connections)", "places", most, "address", c.session.address)
		}
		if victim == nil {
			return false
		}
		s.remove(victim)
		victim.cancel()
	}
	s.conns[c] = true
	if c.places = s.places[c.network]; c.places == nil {
		c.places = new(int)
		s.places[c.network] = c.places
	}
	*c.places++
	return true
}

// remove takes a client's place away. Server.mu is held.
func (s *Server) remove(c *conn) {
	if !s.conns[c] {
		return
	}
	delete(s.conns, c)
	if *c.places--; *c.places == 0 {
		delete(s.places, c.network)
	}
}

// leave takes a client off the list.
func (s *Server) leave(c *conn) {
	c.Close()
	s.logOut(c.session)
	s.mu.Lock()
	s.remove(c)
	s.mu.Unlock()
}
