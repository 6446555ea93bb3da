// Package smstest is a stand-in for an SMS gateway: a real HTTPS server on
// the loopback, with a certificate authority of its own, that misbehaves on
// request. A demonstration sends its messages here, and tests learn what a
// gateway can do to a message. Nothing leaves the host.
package smstest

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"
)

// A Behaviour is how the gateway treats a connection: with an HTTP status
// (200, 402, …), or in one of the ways below.
type Behaviour int

// Ways to misbehave.
const (
	Hang             Behaviour = -iota - 1 // reads the request and never answers
	CutBefore                              // cuts the connection before it reads anything
	CutAfter                               // takes the message and cuts the connection without an answer
	WrongCertificate                       // shows a certificate of another authority
	Redirect                               // points to another host
	Garbage                                // answers with what is not HTTP
)

// A Request is what reached the gateway.
type Request struct {
	Connection int // the number of its connection, from 1
	At         time.Time
	Method     string
	RawQuery   string // as it was on the wire, with the credentials
	User       string // the parameter "user"
	Text       string // the parameter "msg", decoded
	Header     http.Header
	Body       []byte
	Taken      bool // whether the gateway took the message
}

// A Gateway answers on the loopback until Close.
type Gateway struct {
	server   *http.Server
	listener net.Listener
	trusted  authority

	mu        sync.Mutex
	behave    func(connection int) Behaviour
	before    func(Request)
	after     func(Request)
	requests  []Request
	connected int
}

// New starts a gateway that takes every message.
func New() (*Gateway, error) {
	trusted, err := newAuthority("ecnutd stand-in")
	if err != nil {
		return nil, err
	}
	stranger, err := newAuthority("somebody else")
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	g := &Gateway{trusted: trusted, listener: l}
	secured := tls.NewListener(&listener{l, g}, &tls.Config{
		MinVersion: tls.VersionTLS12,
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			if hello.Conn.(*conn).behaviour == WrongCertificate {
				return &stranger.leaf, nil
			}
			return &trusted.leaf, nil
		},
	})
	g.server = &http.Server{
		Handler:           http.HandlerFunc(g.serve),
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          log.New(io.Discard, "", 0),
		TLSNextProto:      map[string]func(*http.Server, *tls.Conn, http.Handler){},
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, connKey{}, c.(*tls.Conn).NetConn())
		},
	}
	go g.server.Serve(secured)
	return g, nil
}

// URL is the endpoint.
func (g *Gateway) URL() string { return "https://" + g.listener.Addr().String() + "/sendmsg" }

// CA is the certificate of the gateway's authority, in PEM form.
func (g *Gateway) CA() []byte { return g.trusted.pem }

// Behave sets how connections are treated from now on; they are numbered from
// 1. Nil: every message is taken.
func (g *Gateway) Behave(how func(connection int) Behaviour) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.behave = how
}

// Observe sets what is called when a request has been read, and again when the
// gateway has made up its mind about it and is about to answer.
func (g *Gateway) Observe(read, decided func(Request)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.before, g.after = read, decided
}

// Requests is what was read so far, in order.
func (g *Gateway) Requests() []Request {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]Request(nil), g.requests...)
}

// Texts is what the gateway has taken so far, in order.
func (g *Gateway) Texts() []string {
	var texts []string
	for _, r := range g.Requests() {
		if r.Taken {
			texts = append(texts, r.Text)
		}
	}
	return texts
}

// Close ends the gateway and cuts its connections.
func (g *Gateway) Close() error { return g.server.Close() }

// serve answers one request.
func (g *Gateway) serve(w http.ResponseWriter, r *http.Request) {
	c := r.Context().Value(connKey{}).(*conn)
	body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	q := r.URL.Query()
	req := Request{
		Connection: c.number, At: time.Now(), Method: r.Method, RawQuery: r.URL.RawQuery,
		User: q.Get("user"), Text: q.Get("msg"), Header: r.Header.Clone(), Body: body,
		Taken: c.behaviour == http.StatusOK || c.behaviour == CutAfter,
	}
	g.mu.Lock()
	before, after := g.before, g.after
	g.mu.Unlock()
	if before != nil {
		before(req)
	}
	g.mu.Lock()
	g.requests = append(g.requests, req)
	g.mu.Unlock()
	if after != nil {
		after(req)
	}
	switch c.behaviour {
	case Hang:
		// Returning would answer 200, and a busy peer may yet read it.
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	case CutAfter:
		c.Close()
	case Redirect:
		w.Header().Set("Location", "https://elsewhere.invalid/sendmsg?"+r.URL.RawQuery)
		w.WriteHeader(http.StatusFound)
	case Garbage:
		if raw, _, err := w.(http.Hijacker).Hijack(); err == nil {
			io.WriteString(raw, "220 this is no HTTP, and this is your query: "+r.URL.RawQuery+"\r\n")
			raw.Close()
		}
	default:
		w.WriteHeader(int(c.behaviour))
	}
}

// connKey is the key of a connection in the context of its requests.
type connKey struct{}

// conn is a connection with what will happen to it.
type conn struct {
	net.Conn
	number    int
	behaviour Behaviour
}

// listener numbers connections and gives each its behaviour.
type listener struct {
	net.Listener
	gateway *Gateway
}

func (l *listener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		g := l.gateway
		g.mu.Lock()
		g.connected++
		number, behave := g.connected, g.behave
		g.mu.Unlock()
		b := Behaviour(http.StatusOK)
		if behave != nil {
			b = behave(number)
		}
		if b == CutBefore {
			c.Close()
			continue
		}
		return &conn{c, number, b}, nil
	}
}
