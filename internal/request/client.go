// Package request makes single HTTP requests that hold secrets: it keeps nothing in
// memory, follows nowhere, and says in plain words why there was no answer, without
// what nobody else may read.
package request

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	// httpTimeout bounds a whole request where the caller does not: name,
	// connection, TLS and answer. A gateway that is slower counts as silent.
	httpTimeout = 30 * time.Second
	// answerLimit is how much of an answer's body is read, in bytes.
	answerLimit = 4 << 10
	// poolLimit is how large a file of certificates may be, in bytes.
	poolLimit = 4 << 20
)

// debianCAs is where the package ca-certificates puts its certificates.
const debianCAs = "/etc/ssl/certs/ca-certificates.crt"

// A Client makes one HTTP request at a time and keeps nothing: the certificates
// of the system are several megabytes once parsed, and messages are rare.
type Client struct {
	CAFile  string   // trusted instead of the system's certificates
	Secrets []Secret // never in an error
}

// An Answer is what a server said.
type Answer struct {
	Code     int
	Body     []byte // the first 4 KiB
	Location string // where a redirect points: the host alone
	Cut      bool   // the body ended in an error
	// RetryAfter is how long the server wants to be left alone (RFC 9110 §10.2.3);
	// 0 where it does not say.
	RetryAfter time.Duration
}

// Do makes a request. Its errors say what happened and what to do about it, in
// words that fit after a route's name, without the URL.
func (c *Client) Do(ctx context.Context, req *http.Request) (Answer, error) {
	if _, bounded := ctx.Deadline(); !bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, httpTimeout)
		defer cancel()
	}
	transport := &http.Transport{
		Proxy:                  proxy,
		DisableKeepAlives:      true,
		MaxResponseHeaderBytes: 64 << 10,
		// HTTP/2 would cost memory and bring nothing for one request.
		TLSNextProto: map[string]func(string, *tls.Conn) http.RoundTripper{},
	}
	defer transport.CloseIdleConnections()
	if req.URL.Scheme == "https" {
		pool, err := c.Pool()
		if err != nil {
			return Answer{}, err
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	hc := &http.Client{
		Transport: transport,
		// A redirect would carry the secret to wherever it points.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := hc.Do(req.WithContext(ctx))
	if err != nil {
		return Answer{}, errors.New(OneLine(Hide(Explain(err, req.URL.Hostname()), c.Secrets...)))
	}
	defer resp.Body.Close()
	a := Answer{Code: resp.StatusCode}
	var readErr error
	a.Body, readErr = io.ReadAll(io.LimitReader(resp.Body, answerLimit))
	a.Cut = readErr != nil
	a.RetryAfter = retryAfter(resp.Header.Get("Retry-After"), time.Now())
	if to, err := resp.Location(); err == nil {
		a.Location = OneLine(Hide(to.Host, c.Secrets...))
	}
	return a, nil
}

// retryAfter reads the header of that name: seconds, or a date.
func retryAfter(header string, now time.Time) time.Duration {
	if n, err := strconv.Atoi(header); err == nil {
		return time.Duration(min(max(n, 0), 1<<30)) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}

// proxy is the one of the environment. A broken setting is told without its
// value, which may hold a password.
func proxy(req *http.Request) (*url.URL, error) {
	u, err := http.ProxyFromEnvironment(req)
	if err != nil {
		return nil, errors.New("HTTPS_PROXY or HTTP_PROXY is not an URL")
	}
	return u, nil
}

// Pool reads the certificates to trust, for one request: what crypto/x509
// reads by itself it keeps for ever. Nil leaves the search to crypto/x509,
// which knows where other systems than Debian have them.
func (c *Client) Pool() (*x509.CertPool, error) {
	file := c.CAFile
	if file == "" {
		file = os.Getenv("SSL_CERT_FILE")
	}
	if file == "" {
		if _, err := os.Stat(debianCAs); err != nil {
			return nil, nil
		}
		file = debianCAs
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("cannot read the certificates to trust (%w): repair ca_file, or install ca-certificates", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Size() > poolLimit {
		return nil, fmt.Errorf("%s is too large for a file of certificates to trust", file)
	}
	pem := make([]byte, info.Size())
	if _, err := io.ReadFull(f, pem); err != nil {
		return nil, fmt.Errorf("cannot read the certificates to trust: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("there is no certificate in %s: it has to hold them in PEM form", file)
	}
	return pool, nil
}

// Explain says in plain words why a request got no answer. Whatever net/http
// wraps around the cause goes: it holds the URL. What is left may still hold an
// echo of it, and be long.
func Explain(err error, host string) string {
	for {
		u, ok := errors.AsType[*url.Error](err)
		if !ok {
			break
		}
		err = u.Err
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		if dns.IsNotFound {
			return fmt.Sprintf("the name %s is not known: is it right, and is the network up?", host)
		}
		return fmt.Sprintf("the name %s could not be looked up: is the network up?", host)
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return fmt.Sprintf("%s has a certificate that nobody trusted has signed: somebody may be in between; check ca_file and the package ca-certificates", host)
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return fmt.Sprintf("the certificate is not one for %s: somebody may be in between, or the endpoint is wrong", host)
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired {
		return fmt.Sprintf("the certificate of %s is not valid at this time: check the clock of this host first", host)
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return fmt.Sprintf("%s does not speak TLS on that port: check the endpoint", host)
	}
	if timeout, ok := errors.AsType[net.Error](err); errors.Is(err, context.DeadlineExceeded) || ok && timeout.Timeout() {
		return fmt.Sprintf("%s did not answer in time", host)
	}
	switch {
	case errors.Is(err, context.Canceled):
		return fmt.Sprintf("the request to %s was broken off", host)
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Sprintf("%s refuses connections: check endpoint and port, or the gateway is down", host)
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return fmt.Sprintf("there is no way to %s: the network is down", host)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return fmt.Sprintf("%s cut the connection before it had answered", host)
	}
	return fmt.Sprintf("no usable answer from %s: %s", host, err)
}

// Endpoint checks an address that requests are sent to. Its errors do not
// repeat it: it may hold a secret.
func Endpoint(raw string, schemes ...string) (*url.URL, error) {
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return nil, errors.New("is not an URL")
	case u.Hostname() == "":
		return nil, errors.New("has no host name: write https://host/path")
	case u.User != nil:
		return nil, errors.New("has a user in front of the host: put the secret where it belongs")
	}
	for _, s := range schemes {
		if u.Scheme == s {
			return u, nil
		}
	}
	return nil, fmt.Errorf("has to begin with %s://", strings.Join(schemes, ":// or "))
}

// Unexpected is an answer that means nothing to a route.
func Unexpected(a Answer) error {
	if a.Code >= 300 && a.Code < 400 {
		where := "nowhere"
		if a.Location != "" {
			where = "to " + a.Location
		}
		return fmt.Errorf("the gateway redirects %s (%d), which is not followed: check the endpoint", where, a.Code)
	}
	if a.Code == http.StatusNotFound {
		return errors.New("there is nothing at that address (404): check the endpoint")
	}
	return fmt.Errorf("the gateway answered %d %s, which says nothing about the message", a.Code, http.StatusText(a.Code))
}
