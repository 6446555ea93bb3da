package client

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"
)

// A Mode is whether the connection is encrypted (STARTTLS).
type Mode string

// The modes.
const (
	// Off: all goes over the wire in clear, the password too.
	Off Mode = "off"
	// Try: encrypted where the other host can. Somebody on the wire can have it
	// go on in clear.
	Try Mode = "try"
	// Require: encrypted, by a certificate that holds for the host's name, or
	// not at all.
	Require Mode = "require"
)

// Security is how the connection is encrypted. The zero Security is Off.
type Security struct {
	Mode   Mode
	Config *tls.Config // for Try and Require
}

// NewSecurity makes a Security. ca are certificates in PEM that the other host's
// has to be signed by, nil for those that this host trusts; try checks the other
// host's certificate only where ca is given. certificate and key are files in
// PEM with which this host says who it is, "" for none. The error is that one of
// these cannot be used.
func NewSecurity(mode Mode, ca []byte, certificate, key string) (Security, error) {
	if mode == Off || mode == "" {
		return Security{}, nil
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: mode == Try && ca == nil}
	if ca != nil {
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(ca) {
			return Security{}, errors.New("ca_file holds no certificate in PEM")
		}
	}
	if certificate != "" {
		pair, err := tls.LoadX509KeyPair(certificate, key)
		if err != nil {
			return Security{}, fmt.Errorf("the certificate for the other host cannot be used: %w", err)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return Security{mode, c}, nil
}

// ErrTLS says that the connection is not encrypted as is asked for.
var ErrTLS = errors.New("the connection to the host with the UPS cannot be encrypted")

// encrypt goes on over TLS, where that is asked for.
func (c *client) encrypt(ctx context.Context, s Server) error {
	if s.Security.Mode == Off || s.Security.Mode == "" {
		return nil
	}
	if err := c.send("STARTTLS"); err != nil {
		return err
	}
	words, err := c.line()
	switch {
	case err != nil:
		return err
	case slices.Equal(words, []string{"OK", "STARTTLS"}):
	case len(words) > 0 && words[0] == "ERR" && s.Security.Mode == Try:
		return nil
	default:
		return fmt.Errorf("%w (tls: require): it answers %q to STARTTLS; does its server have a certificate?", ErrTLS, shorten(strings.Join(words, " ")))
	}
	if c.r.Buffered() > 0 {
		// What came in clear behind the answer may be somebody else's.
		return fmt.Errorf("%w: something was said in clear before the handshake", ErrTLS)
	}
	config := s.Security.Config.Clone()
	if config.ServerName == "" {
		host, _, err := net.SplitHostPort(s.Address)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrTLS, err)
		}
		config.ServerName, _, _ = strings.Cut(host, "%") // a zone is no part of a certificate
	}
	secure := tls.Client(c.conn, config)
	handshake, cancel := context.WithTimeout(ctx, c.patience)
	defer cancel()
	if err := c.conn.SetDeadline(time.Now().Add(c.patience)); err != nil {
		return lost(err)
	}
	if err := secure.HandshakeContext(handshake); err != nil {
		return fmt.Errorf("%w: %w", ErrTLS, err)
	}
	c.conn, c.r = secure, bufio.NewReaderSize(secure, mostLine)
	return nil
}
