package server

import (
	"crypto/tls"
	"fmt"
	"slices"
	"sync"
	"time"
)

// lookAgain is how often the files of a certificate are looked at, when a client
// asks for TLS: one that was renewed is taken without a reload.
const lookAgain = time.Minute

// A Certificate is that of the server: two files in PEM. They are read again
// now and then, and a pair that cannot be used leaves the one before in use.
type Certificate struct {
	file, key string

	mu     sync.Mutex // of what follows
	pair   *tls.Certificate
	looked time.Time
	fault  error
}

// LoadCertificate reads a certificate, with those that it is signed by behind
// it, and its key. The error is that they cannot be read or do not fit.
func LoadCertificate(file, key string) (*Certificate, error) {
	c := &Certificate{file: file, key: key, looked: time.Now()}
	pair, err := c.load()
	if err != nil {
		return nil, err
	}
	c.pair = pair
	return c, nil
}

func (c *Certificate) load() (*tls.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(c.file, c.key)
	if err != nil {
		return nil, fmt.Errorf("the certificate %s and the key %s cannot be used together: %w", c.file, c.key, err)
	}
	return &pair, nil
}

// now is the pair in use.
func (c *Certificate) now() *tls.Certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := time.Now(); now.Sub(c.looked) >= lookAgain {
		c.looked = now
		pair, err := c.load()
		if c.fault = err; err == nil {
			c.pair = pair
		}
	}
	return c.pair
}

// Config has the certificate shown to clients.
func (c *Certificate) Config() *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.now(), nil },
	}
}

// Fault is why the files that lie there now cannot be used, nil while they can:
// then an older pair goes on.
func (c *Certificate) Fault() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.fault
}

// Until is when the certificate ends that is in use.
func (c *Certificate) Until() time.Time { return c.now().Leaf.NotAfter }

// Names are the names and the addresses that the certificate holds for.
func (c *Certificate) Names() []string {
	leaf := c.now().Leaf
	names := slices.Clone(leaf.DNSNames)
	for _, ip := range leaf.IPAddresses {
		names = append(names, ip.String())
	}
	return names
}

// HoldsFor reports whether a client that knows this host by a name, or an
// address, would take the certificate for its own.
func (c *Certificate) HoldsFor(name string) bool { return c.now().Leaf.VerifyHostname(name) == nil }
