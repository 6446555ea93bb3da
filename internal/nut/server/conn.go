package server

import (
	"bufio"
	"context"
	"crypto/tls"
	"net"
	"net/netip"
	"time"

	"golang.org/x/time/rate"

	"ecnutd/internal/nut/parseconf"
)

const (
	mostBytes     = 4096             // of a request
	writeTime     = 10 * time.Second // a client that takes longer to read is cut off
	handshakeTime = 10 * time.Second
	bufferSize    = 2048
)

// A conn is a client.
type conn struct {
	net.Conn
	session   *session
	ctx       context.Context // ends with the connection
	cancel    context.CancelFunc
	encrypted bool      // guarded by Server.mu
	asked     time.Time // the last request; guarded by Server.mu
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
	c := &conn{Conn: nc, asked: now, session: &session{server: s, address: addressOf(nc), since: now}}
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
	own := rate.NewLimiter(s.each, requestsBurst)
	for encrypt := false; ; encrypt = true {
		if encrypt && !s.encrypt(ctx, c) {
			return
		}
		if again := s.talk(ctx, c, own); !again {
			return
		}
	}
}

// talk answers requests. It returns true where the client has asked for TLS.
func (s *Server) talk(ctx context.Context, c *conn, own *rate.Limiter) (encrypt bool) {
	r, w := bufio.NewReaderSize(c, bufferSize), bufio.NewWriterSize(c, bufferSize)
	var scanner parseconf.Scanner
	if !s.await(c) {
		return false
	}
	for {
		b, err := r.ReadByte()
		if err != nil {
			return false
		}
		line, ok := scanner.Next(b)
		if !ok {
			if scanner.Size() >= mostBytes {
				_, _ = w.WriteString(errArgument + "\n") // nobody may be there to read it
				w.Flush()
				return false
			}
			continue
		}
		if own.Wait(ctx) != nil || s.requests.Wait(ctx) != nil {
			return false
		}
		text, n := c.session.respond(ctx, line.Words)
		if _, err := w.WriteString(text); err != nil {
			return false
		}
		if r.Buffered() == 0 || n != goOn {
			if w.Flush() != nil {
				return false
			}
		}
		switch {
		case n == hangUp:
			return false
		case n == startTLS:
			// What came in clear text behind STARTTLS may be somebody else's.
			return r.Buffered() == 0
		case !s.await(c):
			return false
		}
	}
}

// await gives the client its time for the next request.
func (s *Server) await(c *conn) bool {
	now := time.Now()
	s.mu.Lock()
	c.asked = now
	s.mu.Unlock()
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
		places := map[netip.Prefix]int{}
		for other := range s.conns {
			places[network(other.session.address)]++
		}
		var victim *conn
		for other := range s.conns {
			switch {
			case other.session.login != "":
			case victim == nil:
				victim = other
			default:
				a, b := places[network(other.session.address)], places[network(victim.session.address)]
				if a > b || a == b && other.asked.Before(victim.asked) {
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
		delete(s.conns, victim)
		victim.cancel()
	}
	s.conns[c] = true
	return true
}

// leave takes a client off the list.
func (s *Server) leave(c *conn) {
	c.Close()
	s.logOut(c.session)
	s.mu.Lock()
	delete(s.conns, c)
	s.mu.Unlock()
}
