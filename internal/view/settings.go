package view

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"reflect"
	"sync"
	"time"

	"ecnutd/config/strict"
	"ecnutd/internal/address"
	"ecnutd/internal/credential"
	"ecnutd/internal/password"
)

// Settings are what view.yaml says. The zero file is a working one: the page on
// loopback, no MQTT.
type Settings struct {
	// Control is the socket of the daemon.
	Control string `key:"control,path"`
	// Data is the folder of the recordings; "" for that of systemd
	// (STATE_DIRECTORY).
	Data string `key:"data,path"`
	// Listen is where the page is served.
	Listen string `key:"listen"`
	// Hosts are names under which the page is asked for beside localhost.
	Hosts []string `key:"hosts"`
	// User and PasswordFile protect the page: the first line of the file is a hash
	// of `ecnutd password`.
	User         string `key:"user"`
	PasswordFile string `key:"password_file,path"`
	// Certificate and Key serve it over TLS.
	Certificate string `key:"certificate,path"`
	Key         string `key:"key,path"`
	// BehindProxy says that a proxy on this way does TLS.
	BehindProxy bool `key:"behind_proxy"`

	MQTT MQTT `key:"mqtt"`
}

// MQTT is the broker that is told.
type MQTT struct {
	Broker       string `key:"broker"` // mqtt://HOST:1883 or mqtts://HOST:8883; "": none is told
	User         string `key:"user"`
	PasswordFile string `key:"password_file,path"`
	CAFile       string `key:"ca_file,path"` // certificates to trust instead of the system's
	Prefix       string `key:"prefix"`       // of Home Assistant's discovery
}

// DefaultSettings are those of an empty file.
func DefaultSettings() Settings {
	return Settings{Control: "/run/ecnutd/control.sock", Listen: "127.0.0.1:8493", User: "ecnutd", MQTT: MQTT{Prefix: "homeassistant"}}
}

// maxFile bounds a file of settings, in bytes.
const maxFile = 64 << 10

// ReadSettings reads a file. One that is not there is an empty one where it may be.
func ReadSettings(path string, mayLack bool) (Settings, error) {
	s := DefaultSettings()
	raw, err := os.ReadFile(path)
	switch {
	case mayLack && errors.Is(err, os.ErrNotExist):
		return s, nil
	case err != nil:
		return s, err
	case len(raw) > maxFile:
		return s, fmt.Errorf("%s is longer than %d KiB", path, maxFile>>10)
	}
	return ParseSettings(raw, path)
}

// ParseSettings reads settings. The errors are all there are, with their places.
func ParseSettings(raw []byte, name string) (Settings, error) {
	s := DefaultSettings()
	root, err := strict.Document(raw, name)
	if err != nil {
		return s, err
	}
	r := &strict.Reader{File: name, Spots: map[string]strict.Spot{}, Forms: plain{}}
	if root != nil {
		if at := (strict.Place{Node: root}); r.Plain(at) {
			r.Block(at, reflect.ValueOf(&s).Elem())
		}
	}
	if len(r.Errs) > 0 {
		return s, r.Errs
	}
	for _, wrong := range s.wrong() {
		spot := r.Spots[wrong.Key]
		wrong.File, wrong.Line, wrong.Column = name, spot.Line, spot.Column
		r.Errs = append(r.Errs, wrong)
	}
	if len(r.Errs) > 0 {
		return s, r.Errs
	}
	return s, nil
}

// plain has no forms beyond blocks, lists and plain values.
type plain struct{}

func (plain) Own(strict.Place, any, strict.Key) bool { return false }
func (plain) Named(reflect.Type) bool                { return false }
func (plain) Begin(any, string, strict.Place)        {}
func (plain) Make(any)                               {}

// wrong is what cannot be, or must not.
func (s *Settings) wrong() (list strict.Errors) {
	fail := func(key, format string, args ...any) {
		list = append(list, strict.Error{Key: key, Msg: fmt.Sprintf(format, args...)})
	}
	listen, err := s.address()
	switch {
	case err != nil:
		fail("listen", "%v", err)
	case listen.Addr().IsLoopback():
	case s.PasswordFile == "":
		fail("listen", "%s is reached from other hosts: set password_file (a hash of `ecnutd password`), or listen on 127.0.0.1", s.Listen)
	case s.Certificate == "" && !s.BehindProxy:
		fail("listen", "%s is reached from other hosts, and passwords would travel in clear: set certificate and key, or behind_proxy where a proxy does TLS", s.Listen)
	}
	if (s.Certificate == "") != (s.Key == "") {
		fail("certificate", "certificate and key belong together")
	}
	if s.MQTT.Broker != "" {
		if u, err := s.MQTT.url(); err != nil {
			fail("mqtt.broker", "%v", err)
		} else if u.Scheme == "mqtt" && s.MQTT.PasswordFile != "" && !loopback(u.Hostname()) {
			fail("mqtt.broker", "the password would travel in clear: write mqtts://%s", u.Host)
		}
	}
	return list
}

func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

func (s *Settings) address() (netip.AddrPort, error) {
	if _, port, err := net.SplitHostPort(s.Listen); err != nil || port == "" || port == "0" {
		return netip.AddrPort{}, fmt.Errorf("%q names no port: write 127.0.0.1:8493", s.Listen)
	}
	return address.ParseListen(s.Listen)
}

// Open begins to listen, over TLS where that is set.
func (s *Settings) Open() (net.Listener, error) {
	addr, err := s.address()
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", addr.String())
	if err != nil || s.Certificate == "" {
		return l, err
	}
	pair := newPair(s.Certificate, s.Key)
	if _, err := pair.get(nil); err != nil {
		l.Close()
		return nil, fmt.Errorf("certificate: %w", err)
	}
	return tls.NewListener(l, &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: pair.get}), nil
}

// A pair is a certificate that is read again when its file has changed.
type pair struct {
	certificate, key string
	read             time.Time
	known            *tls.Certificate
	mu               sync.Mutex
}

func newPair(certificate, key string) *pair {
	return &pair{certificate: certificate, key: key}
}

func (p *pair) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	st, err := os.Stat(p.certificate)
	if err == nil && p.known != nil && st.ModTime().Equal(p.read) {
		return p.known, nil
	}
	c, errPair := tls.LoadX509KeyPair(p.certificate, p.key)
	if errPair != nil {
		if p.known != nil {
			return p.known, nil // half of a new pair: the old one goes on
		}
		return nil, errPair
	}
	p.known = &c
	if err == nil {
		p.read = st.ModTime()
	}
	return p.known, nil
}

// Verifier is what compares the password of the page; nil: none is asked for.
func (s *Settings) Verifier() (password.Verifier, error) {
	if s.PasswordFile == "" {
		return nil, nil
	}
	hash, err := credential.FirstLine(s.PasswordFile)
	if err != nil {
		return nil, err
	}
	if !password.Hashed(hash) {
		return nil, fmt.Errorf("%s holds a password in clear: write the hash that `ecnutd password` prints", s.PasswordFile)
	}
	return password.NewVerifier(hash)
}

func (m *MQTT) url() (*url.URL, error) {
	u, err := url.Parse(m.Broker)
	if err != nil || u.Host == "" || u.Scheme != "mqtt" && u.Scheme != "mqtts" || u.User != nil {
		return nil, errors.New("a broker is mqtt://HOST:1883 or mqtts://HOST:8883, with user and password in keys of their own")
	}
	if u.Port() == "" {
		u.Host = net.JoinHostPort(u.Hostname(), map[string]string{"mqtt": "1883", "mqtts": "8883"}[u.Scheme])
	}
	return u, nil
}

// Connection is how the broker is reached, with its password.
func (m *MQTT) Connection() (broker *url.URL, trust *tls.Config, secret string, err error) {
	if broker, err = m.url(); err != nil {
		return nil, nil, "", err
	}
	trust = &tls.Config{MinVersion: tls.VersionTLS12, ServerName: broker.Hostname()}
	if m.CAFile != "" {
		pem, err := os.ReadFile(m.CAFile)
		if err != nil {
			return nil, nil, "", err
		}
		trust.RootCAs = x509.NewCertPool()
		if !trust.RootCAs.AppendCertsFromPEM(pem) {
			return nil, nil, "", fmt.Errorf("%s holds no certificate", m.CAFile)
		}
	}
	if m.PasswordFile != "" {
		secret, err = credential.FirstLine(m.PasswordFile)
	}
	return broker, trust, secret, err
}
