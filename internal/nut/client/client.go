// Package client follows a UPS that another host serves, by the protocol of RFC
// 9271: the other host runs ecnutd or NUT's upsd. It is upsmon's secondary as
// far as the wire is concerned: it logs in, so that the other host waits for
// this one in a shutdown, asks for all variables again and again, and stays
// logged in until its context ends. A login that is refused is tried again each
// minute, beside the connection that goes on asking.
package client

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"ecnutd/internal/host"
	"ecnutd/internal/nut/parseconf"
	"ecnutd/ups"
)

// A Server is where the UPS is and who asks.
type Server struct {
	Address  string // host:port
	UPS      string // its name there
	User     string
	Password func() (string, error) // asked for at each login
	Security Security

	dialer func(context.Context) (net.Conn, error) // of tests; nil: TCP
}

// A Pace is how often to ask, how long to wait for an answer, and how long after
// a login that is refused to try the next.
type Pace struct {
	Poll, PollOnBattery, Patience, LoginAgain time.Duration
}

// What is taken of an answer: far more than a UPS has.
const (
	mostLine  = 4096 // bytes
	mostLines = 2000
)

// Errors of the other host.
var (
	// ErrStale says that the other host answers and has no word of the UPS.
	ErrStale = errors.New("the other host has lost its UPS")
	// ErrLogin says that the other host does not let the user log in. The UPS
	// is followed all the same, but the other host will not wait for this one.
	ErrLogin = errors.New("the other host refuses the login, and will not wait for this host in a shutdown")
)

// An Observer is told what comes of following a UPS, from one goroutine.
type Observer struct {
	// Heard gets every answer.
	Heard func(ups.Snapshot, ups.Variables)
	// Trouble is what goes wrong while the connection stands: ErrStale, each
	// time.
	Trouble func(error)
	// Login is what came of a login: nil, or ErrLogin and why, at each try.
	Login func(error)
}

// Follow asks the server until ctx ends or the connection is lost, and then
// returns why.
func (s Server) Follow(ctx context.Context, p Pace, o Observer) error {
	c, err := s.dial(ctx, p.Patience)
	if err != nil {
		return err
	}
	defer func() { c.close() }()
	err = c.logIn(s)
	if err != nil && !errors.Is(err, ErrLogin) {
		return err
	}
	o.Login(err)
	var logins <-chan login
	if err != nil {
		trying, stop := context.WithCancel(ctx)
		var left func()
		logins, left = s.tryLogins(trying, p)
		defer left()
		defer stop()
	}
	for readings := 1; ctx.Err() == nil; {
		pause := p.Poll
		vars, err := c.variables(s.UPS)
		switch {
		case errors.Is(err, ErrStale):
			o.Trouble(err)
		case err != nil:
			return err
		default:
			snap := vars.Snapshot()
			snap.Readings, snap.ChargeReadings = readings, readings
			readings++
			o.Heard(snap, vars)
			if snap.Status.Has(ups.OnBattery) {
				pause = p.PollOnBattery
			}
		}
		for t := time.NewTimer(pause); t != nil; {
			select {
			case l := <-logins:
				o.Login(l.err)
				if l.err == nil {
					// From now on the connection that is logged in asks.
					c.bye()
					c.close()
					c = l.client
				}
				continue
			case <-t.C:
			case <-ctx.Done():
				t.Stop()
			}
			t = nil
		}
	}
	c.bye()
	return ctx.Err()
}

// A login is one that was tried: a connection that is logged in, or why not.
type login struct {
	client *client
	err    error
}

// tryLogins logs in over connections of their own until one is let in or ctx
// ends; left waits for the end.
func (s Server) tryLogins(ctx context.Context, p Pace) (logins <-chan login, left func()) {
	results, ended := make(chan login), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			t := time.NewTimer(p.LoginAgain)
			select {
			case <-t.C:
			case <-ctx.Done():
				t.Stop()
				return
			}
			c, err := s.dial(ctx, p.Patience)
			if err == nil {
				if err = c.logIn(s); err != nil {
					c.bye()
					c.close()
				}
			}
			if err != nil && !errors.Is(err, ErrLogin) {
				err = fmt.Errorf("%w: %w", ErrLogin, err) // it was not to be had
			}
			select {
			case results <- login{c, err}:
			case <-ctx.Done():
				if err == nil {
					c.close()
				}
				return
			}
			if err == nil {
				return
			}
		}
	}()
	return results, func() { <-ended }
}

// CheckLogin logs in and out again. The error is that the other host cannot be
// reached, does not encrypt as is asked for, or ErrLogin.
func (s Server) CheckLogin(ctx context.Context, patience time.Duration) error {
	c, err := s.dial(ctx, patience)
	if err != nil {
		return err
	}
	defer c.close()
	if err := c.logIn(s); err != nil {
		return err
	}
	c.bye()
	return nil
}

// Read asks for all variables once, without a login.
func (s Server) Read(ctx context.Context, patience time.Duration) (ups.Variables, error) {
	c, err := s.dial(ctx, patience)
	if err != nil {
		return nil, err
	}
	defer c.close()
	return c.variables(s.UPS)
}

// dial connects, and encrypts where that is asked for.
func (s Server) dial(ctx context.Context, patience time.Duration) (*client, error) {
	connect := s.dialer
	if connect == nil {
		tcp := net.Dialer{Timeout: patience}
		connect = func(ctx context.Context) (net.Conn, error) { return tcp.DialContext(ctx, "tcp", s.Address) }
	}
	conn, err := connect(ctx)
	if err != nil {
		return nil, fmt.Errorf("the host with the UPS cannot be reached: %w", err)
	}
	c := &client{conn: conn, r: bufio.NewReaderSize(conn, mostLine), patience: patience}
	// Nothing is waited for any more when ctx ends.
	c.stop = context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Now()) })
	if err := c.encrypt(ctx, s); err != nil {
		c.close()
		return nil, host.CleanError(err) // it may name what stands in the certificate
	}
	return c, nil
}

// A client is the conversation.
type client struct {
	conn     net.Conn
	r        *bufio.Reader
	patience time.Duration
	stop     func() bool
}

// close ends the connection.
func (c *client) close() {
	c.stop()
	c.conn.Close()
}

// bye is a word of farewell, so that the other host need not wait for a timeout.
func (c *client) bye() {
	_ = c.conn.SetDeadline(time.Now().Add(time.Second)) // it may be gone
	_, _ = c.conn.Write([]byte("LOGOUT\n"))
}

func (c *client) send(request string) error {
	err := c.conn.SetDeadline(time.Now().Add(c.patience))
	if err == nil {
		_, err = c.conn.Write([]byte(request + "\n"))
	}
	return lost(err)
}

// line reads the words of a line. An error that the other host says in words is
// an answer.
func (c *client) line() ([]string, error) {
	var scanner parseconf.Scanner
	for {
		b, err := c.r.ReadByte()
		if err != nil {
			return nil, lost(err)
		}
		if l, ok := scanner.Next(b); ok {
			return l.Words, nil
		}
		if scanner.Size() > mostLine {
			return nil, errors.New("the other host sends a line that does not end; is it a server of NUT?")
		}
	}
}

func lost(err error) error {
	if err == nil {
		return nil
	}
	return host.CleanError(fmt.Errorf("the connection to the host with the UPS is lost: %w", err))
}

// logIn says who asks. Everything but the connection may fail and is then one
// ErrLogin.
func (c *client) logIn(s Server) error {
	password, err := s.Password()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrLogin, err)
	}
	if strings.ContainsFunc(password, func(r rune) bool { return r < ' ' || r > '~' }) {
		return fmt.Errorf("%w: the password has characters that NUT's protocol does not carry, such as accents", ErrLogin)
	}
	for _, request := range []string{"USERNAME " + quote(s.User), "PASSWORD " + quote(password), "LOGIN " + quote(s.UPS)} {
		if err := c.send(request); err != nil {
			return err
		}
		words, err := c.line()
		if err != nil {
			return err
		}
		if len(words) == 0 || words[0] != "OK" {
			verb, _, _ := strings.Cut(request, " ")
			return fmt.Errorf("%w: it answers %q to %s; does it have the user %s with this password, and with the role secondary?", ErrLogin, shorten(strings.Join(words, " ")), verb, s.User)
		}
	}
	return nil
}

func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", "", "\r", "").Replace(s) + `"`
}

func shorten(s string) string {
	if len(s) > 60 {
		s = s[:60]
	}
	return s
}

// variables asks for all variables. Numbers that cannot be are left out.
func (c *client) variables(name string) (ups.Variables, error) {
	if err := c.send("LIST VAR " + quote(name)); err != nil {
		return nil, err
	}
	words, err := c.line()
	switch {
	case err != nil:
		return nil, err
	case slices.Equal(words, []string{"ERR", "DATA-STALE"}), slices.Equal(words, []string{"ERR", "DRIVER-NOT-CONNECTED"}):
		return nil, fmt.Errorf("%w (%s)", ErrStale, words[1])
	case slices.Equal(words, []string{"ERR", "UNKNOWN-UPS"}):
		return nil, fmt.Errorf("%w: it knows no UPS called %s", ErrStale, name)
	case len(words) < 4 || words[0] != "BEGIN" || words[1] != "LIST" || words[2] != "VAR":
		return nil, fmt.Errorf("the other host answers %q; is it a server of NUT?", shorten(strings.Join(words, " ")))
	}
	vars := ups.Variables{}
	for range mostLines {
		words, err := c.line()
		switch {
		case err != nil:
			return nil, err
		case len(words) > 0 && words[0] == "END":
			if vars["ups.status"] == "" {
				return nil, fmt.Errorf("%w (it says no status)", ErrStale) // as upsmon takes it
			}
			return vars.Plausible(), nil
		case len(words) == 4 && words[0] == "VAR":
			vars[host.Clean(words[2])] = host.Clean(strings.ToValidUTF8(words[3], "?"))
		}
	}
	return nil, errors.New("the other host sends a list that does not end")
}
