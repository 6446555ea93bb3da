package server

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"testing"
	"time"
)

// certificate is one for 127.0.0.1 that signs itself, and who trusts it.
func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

// TestSTARTTLS: the conversation goes on encrypted, and what was sent in clear
// behind the request is not taken for a part of it.
func TestSTARTTLS(t *testing.T) {
	s := settings(t)
	pair, pool := certificate(t)
	s.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	srv, address := start(t, newFake(), s)
	c := dial(t, address)
	if got := ask(t, c, "STARTTLS"); got != "OK STARTTLS\n" {
		t.Fatal(got)
	}
	secure := tls.Client(c.Conn, &tls.Config{RootCAs: pool, ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12})
	if err := secure.Handshake(); err != nil {
		t.Fatal(err)
	}
	inside := &client{secure, bufio.NewReader(secure)}
	for request, want := range map[string]string{"GET VAR eaton ups.status": "VAR eaton ups.status \"OL\"\n", "STARTTLS": "ERR ALREADY-SSL-MODE\n"} {
		if got := ask(t, inside, request); got != want {
			t.Errorf("%s: %s", request, got)
		}
	}
	for _, r := range []string{"USERNAME second", "PASSWORD sec", "LOGIN eaton"} {
		if got := ask(t, inside, r); got != "OK\n" {
			t.Errorf("%s: %s", r, got)
		}
	}
	if list := srv.Clients(); len(list) != 1 || !list[0].TLS || list[0].User != "second" {
		t.Errorf("clients %+v", list)
	}
	if got := ask(t, inside, "LOGOUT"); got != "OK Goodbye\n" {
		t.Error(got)
	}
	secure.Close()

	injected := dial(t, address)
	defer injected.Close()
	if _, err := io.WriteString(injected, "STARTTLS\nUSERNAME admin\n"); err != nil {
		t.Fatal(err)
	}
	if line, err := injected.r.ReadString('\n'); line != "OK STARTTLS\n" {
		t.Fatal(line, err)
	}
	_ = injected.SetReadDeadline(time.Now().Add(20 * time.Second))
	if line, err := injected.r.ReadString('\n'); err == nil || errors.Is(err, net.ErrClosed) || line != "" {
		t.Errorf("went on with %q, %v", line, err)
	}

	// Noise instead of a handshake ends the connection and nothing else.
	noise := dial(t, address)
	defer noise.Close()
	ask(t, noise, "STARTTLS")
	_, _ = io.WriteString(noise, "GET VAR eaton ups.status\n")
	_ = noise.SetReadDeadline(time.Now().Add(20 * time.Second))
	if answer, err := io.ReadAll(noise.r); len(answer) > 0 && answer[0] == 'V' {
		t.Errorf("answered in clear: %q, %v", answer, err)
	}
	if got := ask(t, dial(t, address), "NETVER"); got != "1.3\n" {
		t.Error(got)
	}
}
