package client

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"context"

	"ecnutd/internal/nut/server"
	"ecnutd/internal/nut/server/nuttest"
	"ecnutd/ups"
)

// A backend is a daemon with one UPS.
type backend struct{ view *server.View }

func (b backend) View() *server.View                                    { return b.view }
func (backend) Order(context.Context, server.Order) server.Outcome      { return server.Failed }
func (backend) ForceShutdown(context.Context, string, server.Who) error { return errors.New("no") }
func (backend) LoginsChanged()                                          {}

// serving runs a server of ours with a TLS configuration until the test ends.
func serving(t *testing.T, config *tls.Config) (srv *server.Server, address string) {
	t.Helper()
	user, err := server.NewUser("second", "sec", server.Secondary, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	view := server.NewView("0", []server.UPS{{Name: "eaton", State: server.Current, Variables: ups.Variables{"ups.status": "OL"}}})
	srv = server.New(backend{view}, server.Settings{MaxConnections: 9, Idle: time.Minute, Users: []server.User{user}, TLS: config}, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { srv.Accept(ctx, l, &wg) })
	t.Cleanup(func() {
		cancel()
		l.Close()
		wg.Wait()
	})
	return srv, l.Addr().String()
}

func secret() (string, error) { return "sec", nil }

// TestSecurity: who is let in, encrypted or not, by what is asked for and what
// the other host has.
func TestSecurity(t *testing.T) {
	authority, stranger := nuttest.NewAuthority(t), nuttest.NewAuthority(t)
	signed := func(a *nuttest.Authority, names ...string) (config *tls.Config, cert, key string) {
		cert, key = a.Sign(t, t.TempDir(), time.Now().Add(time.Hour), names...)
		c, err := server.LoadCertificate(cert, key)
		if err != nil {
			t.Fatal(err)
		}
		return c.Config(), cert, key
	}
	good, _, _ := signed(authority, "127.0.0.1")
	elsewhere, _, _ := signed(authority, "nas.example")
	strange, _, _ := signed(stranger, "127.0.0.1")
	mutual := good.Clone()
	mutual.ClientAuth, mutual.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
	mutual.ClientCAs.AppendCertsFromPEM(authority.PEM)
	_, cert, key := signed(authority, "second.example")
	for _, tc := range []struct {
		name      string
		host      *tls.Config
		mode      Mode
		ca        []byte
		cert, key string
		encrypted bool
		err       bool
	}{
		{"off", good, Off, nil, "", "", false, false},
		{"try", good, Try, authority.PEM, "", "", true, false},
		{"try, and the host has no TLS", nil, Try, authority.PEM, "", "", false, false},
		{"try, whoever it is", strange, Try, nil, "", "", true, false},
		{"try, and it is another one", strange, Try, authority.PEM, "", "", false, true},
		{"require", good, Require, authority.PEM, "", "", true, false},
		{"require, and the host has no TLS", nil, Require, authority.PEM, "", "", false, true},
		{"require, and it is another one", strange, Require, authority.PEM, "", "", false, true},
		{"require, by the system's authorities", good, Require, nil, "", "", false, true},
		{"require, and another name", elsewhere, Require, authority.PEM, "", "", false, true},
		{"with a certificate of ours", mutual, Require, authority.PEM, cert, key, true, false},
		{"without one that is wanted", mutual, Require, authority.PEM, "", "", false, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			srv, address := serving(t, tc.host)
			security, err := NewSecurity(tc.mode, tc.ca, tc.cert, tc.key)
			if err != nil {
				t.Fatal(err)
			}
			s := Server{Address: address, UPS: "eaton", User: "second", Password: secret, Security: security}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			heard, encrypted := false, false
			err = s.Follow(ctx, pace, Observer{Heard: func(ups.Snapshot, ups.Variables) {
				heard = true
				if list := srv.Clients(); len(list) == 1 {
					encrypted = list[0].TLS
				}
				cancel()
			}, Trouble: func(err error) { t.Error(err) }, Login: func(err error) {
				if err != nil {
					t.Error(err)
				}
			}})
			if heard == tc.err || encrypted != tc.encrypted {
				t.Errorf("heard %t, encrypted %t, %v", heard, encrypted, err)
			}
			if tc.err && err == nil {
				t.Error("no error")
			}
			if _, err := s.Read(t.Context(), pace.Patience); (err != nil) != tc.err {
				t.Errorf("read: %v", err)
			}
		})
	}
	for name, f := range map[string]func() (Security, error){
		"no certificate in it": func() (Security, error) { return NewSecurity(Require, []byte("hello"), "", "") },
		"a key of another one": func() (Security, error) {
			_, _, other := signed(stranger, "x")
			return NewSecurity(Require, nil, cert, other)
		},
	} {
		if _, err := f(); err == nil {
			t.Error(name)
		}
	}
}

// TestSaidInClear: what somebody puts behind the answer to STARTTLS is not taken
// for a part of the conversation.
func TestSaidInClear(t *testing.T) {
	s := to(serve(t, "OK STARTTLS\n"+list, "OK\n"))
	s.Security, _ = NewSecurity(Require, nil, "", "")
	if _, err := s.Read(t.Context(), time.Second); !errors.Is(err, ErrTLS) {
		t.Error(err)
	}
}

// TestUpsdTLS: Debian's upsd with a certificate that Debian's own tools made is
// followed over TLS, and not where its certificate is somebody else's.
func TestUpsdTLS(t *testing.T) {
	nut := nuttest.Find(t)
	certutil := nut.File("usr/bin/certutil")
	if _, err := os.Stat(certutil); err != nil {
		t.Skip("no certutil: scripts/nut unpacks it")
	}
	db := t.TempDir()
	run := func(args ...string) []byte {
		cmd := nut.Command(t.Context(), db, "certutil", args...)
		cmd.Path, cmd.Args[0] = certutil, certutil
		out, err := cmd.Output()
		if err != nil {
			var exit *exec.ExitError
			if errors.As(err, &exit) {
				err = fmt.Errorf("%w: %s", err, exit.Stderr)
			}
			t.Fatal(err)
		}
		return out
	}
	noise := filepath.Join(db, "noise")
	if err := os.WriteFile(noise, []byte(strings.Repeat("a certificate of a test ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	run("-N", "-d", db, "--empty-password")
	run("-S", "-x", "-d", db, "-z", noise, "-n", "upsd", "-s", "CN=upsd", "-t", "CTu,Cu,Cu", "-v", "12", "--extSAN", "ip:127.0.0.1")
	pem := run("-L", "-d", db, "-n", "upsd", "-a")
	nut.UpsdConf = fmt.Sprintf("CERTPATH %s\nCERTIDENT upsd \"\"\n", db)
	address := nut.Upsd(t, "[second]\npassword = sec\nupsmon slave\n", nuttest.Driver{Name: "eaton", Lines: []string{`SETINFO ups.status "OL"`}})
	security, err := NewSecurity(Require, pem, "", "")
	if err != nil {
		t.Fatal(err)
	}
	s := Server{Address: address, UPS: "eaton", User: "second", Password: secret, Security: security}
	if err := s.CheckLogin(t.Context(), pace.Patience); err != nil {
		t.Error(err)
	}
	s.Security, _ = NewSecurity(Require, nuttest.NewAuthority(t).PEM, "", "")
	if err := s.CheckLogin(t.Context(), pace.Patience); !errors.Is(err, ErrTLS) {
		t.Errorf("with the certificate of another one: %v", err)
	}
}
