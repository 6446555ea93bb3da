package sms

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"net/smtp"
	"net/textproto"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"ecnutd/internal/request"
)

// Encryption is how the connection to a mail server is encrypted.
type Encryption string

// The ways to encrypt it.
const (
	StartTLS Encryption = "starttls" // the server is asked to, and has to
	TLS      Encryption = "tls"      // from the first byte on
	Clear    Encryption = "off"
)

// mailPorts are the ports where none is given (RFC 6409, RFC 8314, RFC 5321).
var mailPorts = map[Encryption]int{StartTLS: 587, TLS: 465, Clear: 25}

// Mail is a mailbox that is reached through a mail server.
type Mail struct {
	Name       string
	Host       string
	Port       int        // 0: the usual one of the encryption
	Encryption Encryption // StartTLS by default
	User       string     // "" where the server takes mail without
	Password   Secret
	From, To   string // addresses, one each
	CAFile     string // PEM; trusted instead of the system's certificates
	Limit      Limit  // one mail of any length by default
	Now        func() time.Time
}

type mail struct {
	m        Mail
	from, to *netmail.Address
	tls      request.Client
}

// NewMail checks an account and makes a route of it. It opens nothing.
func NewMail(m Mail) (Route, error) {
	if m.Name == "" {
		m.Name = "mail"
	}
	r := &mail{m: m, tls: request.Client{CAFile: m.CAFile, Secrets: []Secret{m.Password}}}
	if err := r.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", m.Name, err)
	}
	return r, nil
}

// check looks at the account, and fills in what was left out.
func (r *mail) check() (err error) {
	m := &r.m
	if m.Encryption == "" {
		m.Encryption = StartTLS
	}
	if m.Port == 0 {
		m.Port = mailPorts[m.Encryption]
	}
	if m.Now == nil {
		m.Now = time.Now
	}
	if m.Limit.Length <= 0 { // a mail has no limit that a text could reach
		m.Limit = Limit{Length: 100000, Parts: 1}
	}
	switch {
	case m.Host == "":
		return errors.New("the host of the mail server is missing")
	case mailPorts[m.Encryption] == 0:
		return fmt.Errorf("%q is no way to encrypt a connection: starttls, tls or off", m.Encryption)
	case m.User == "" && m.Password.Reveal() != "":
		return errors.New("there is a password and no user")
	case m.User != "" && m.Password.Reveal() == "":
		return errors.New("there is a user and no password")
	case m.User != "" && m.Encryption == Clear && !loopback(m.Host):
		return errors.New("the password would go in clear: encrypt the connection (starttls or tls)")
	}
	if r.from, err = mailAddress(m.From); err != nil {
		return fmt.Errorf("from %w", err)
	}
	if r.to, err = mailAddress(m.To); err != nil {
		return fmt.Errorf("to %w", err)
	}
	return nil
}

// mailAddress reads one address, with or without a name.
func mailAddress(text string) (*netmail.Address, error) {
	a, err := netmail.ParseAddress(text)
	if err != nil {
		return nil, fmt.Errorf("is not one address: write you@example.net, and a route for each recipient")
	}
	if strings.ContainsFunc(a.Address, func(c rune) bool { return c > '~' || c <= ' ' }) {
		return nil, errors.New("has letters beyond ASCII, which few mail servers take")
	}
	return a, nil
}

// loopback reports whether a host is this one.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (r *mail) Name() string { return r.m.Name }

func (r *mail) Limit() Limit { return r.m.Limit }

// String keeps the account out of whatever prints the route.
func (r *mail) String() string { return "mail route " + r.m.Name }

// Send hands a mail to the server.
func (r *mail) Send(ctx context.Context, n Notice) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort(r.m.Host, strconv.Itoa(r.m.Port)))
	if err != nil {
		return r.broken(ctx, err)
	}
	defer conn.Close()
	// What hangs ends with ctx.
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	pool, err := r.tls.Pool()
	if err != nil {
		return fail(r.m.Name, nil, "%s", err)
	}
	secure := &tls.Config{ServerName: r.m.Host, RootCAs: pool, MinVersion: tls.VersionTLS12}
	if r.m.Encryption == TLS {
		conn = tls.Client(conn, secure)
	}
	c, err := smtp.NewClient(conn, r.m.Host)
	if err != nil {
		return r.failed(ctx, "does not take mail now", err)
	}
	defer c.Close()
	return r.talk(ctx, c, secure, n)
}

// talk has the conversation with the server.
func (r *mail) talk(ctx context.Context, c *smtp.Client, secure *tls.Config, n Notice) error {
	if err := c.Hello(helloName()); err != nil {
		return r.failed(ctx, "refuses this host", err)
	}
	if r.m.Encryption == StartTLS {
		if ok, _ := c.Extension("STARTTLS"); !ok {
			return fail(r.m.Name, nil, "%s does not offer STARTTLS on port %d: check host, port and tls, or somebody is in between", r.m.Host, r.m.Port)
		}
		if err := c.StartTLS(secure); err != nil {
			return r.broken(ctx, err)
		}
	}
	if r.m.User != "" {
		auth, err := r.auth(c)
		if err != nil {
			return err
		}
		if err := c.Auth(auth); err != nil {
			return r.failed(ctx, "refuses user or password", err)
		}
	}
	if err := c.Mail(r.from.Address); err != nil {
		return r.failed(ctx, "refuses the sender "+r.from.Address, err)
	}
	if err := c.Rcpt(r.to.Address); err != nil {
		return r.failed(ctx, "refuses the recipient "+r.to.Address, err)
	}
	w, err := c.Data()
	if err != nil {
		return r.failed(ctx, "refuses the mail", err)
	}
	if _, err := w.Write(r.compose(n)); err != nil {
		return r.broken(ctx, err)
	}
	if err := w.Close(); err != nil { // here the server takes it, or does not
		return r.failed(ctx, "refuses the mail", err)
	}
	_ = c.Quit() // it has the mail, whatever it says now
	return nil
}

// auth is the way to log in that the server offers.
func (r *mail) auth(c *smtp.Client) (smtp.Auth, error) {
	_, offered := c.Extension("AUTH")
	ways := strings.Fields(strings.ToUpper(offered))
	switch {
	case slices.Contains(ways, "PLAIN"):
		return smtp.PlainAuth("", r.m.User, r.m.Password.Reveal(), r.m.Host), nil
	case slices.Contains(ways, "LOGIN"):
		return &loginAuth{r.m.User, r.m.Password.Reveal()}, nil
	}
	return nil, fail(r.m.Name, ErrRefused, "%s offers no login by password here (AUTH PLAIN or LOGIN): check host, port and tls, or leave user and password out", r.m.Host)
}

// loginAuth is AUTH LOGIN, which some servers offer alone. The connection is
// encrypted, or to this host: check saw to it.
type loginAuth struct{ user, password string }

// Start begins it.
func (a *loginAuth) Start(*smtp.ServerInfo) (string, []byte, error) { return "LOGIN", nil, nil }

// Next answers the two questions of the server.
func (a *loginAuth) Next(question []byte, more bool) ([]byte, error) {
	switch {
	case !more:
		return nil, nil
	case strings.HasPrefix(strings.ToLower(string(question)), "user"):
		return []byte(a.user), nil
	}
	return []byte(a.password), nil
}

// failed is what an answer of the server means: 5yz never, 4yz later (RFC 5321
// §4.2.1), and all else is no answer.
func (r *mail) failed(ctx context.Context, what string, err error) error {
	said, ok := errors.AsType[*textproto.Error](err)
	if !ok {
		return r.broken(ctx, err)
	}
	words := request.OneLine(request.Hide(said.Msg, r.tls.Secrets...))
	switch {
	case said.Code >= 500 && said.Code < 600:
		return fail(r.m.Name, ErrRefused, "%s %s (%d): %s", r.m.Host, what, said.Code, words)
	case said.Code == 450 || said.Code == 451:
		// 450 and 451 are what greylisting answers, and no fault of anybody's.
		return fail(r.m.Name, nil, "%s wants the mail later (%d): %s", r.m.Host, said.Code, words)
	}
	return fail(r.m.Name, nil, "%s %s for now (%d): %s", r.m.Host, what, said.Code, words)
}

// broken is a connection that failed.
func (r *mail) broken(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return fail(r.m.Name, nil, "%s", request.OneLine(request.Hide(request.Explain(err, r.m.Host), r.tls.Secrets...)))
}

// helloName is this host's name where it is one that a server can look up, as
// some ask for.
func helloName() string {
	name, err := os.Hostname()
	if err != nil || !strings.Contains(name, ".") || strings.ContainsFunc(name, func(c rune) bool { return c > '~' || c <= ' ' }) {
		return "localhost"
	}
	return name
}

// compose writes the mail (RFC 5322). A repetition has the Message-ID of the first:
// who gets both may drop one.
func (r *mail) compose(n Notice) []byte {
	_, domain, _ := strings.Cut(r.from.Address, "@")
	title := n.Title
	if title == "" {
		title = "ecnutd"
	}
	var b bytes.Buffer
	header := func(name, value string) { fmt.Fprintf(&b, "%s: %s\r\n", name, value) }
	header("From", r.from.String())
	header("To", r.to.String())
	header("Subject", mime.QEncoding.Encode("utf-8", title))
	header("Date", r.m.Now().Format(time.RFC1123Z))
	if n.ID != "" {
		header("Message-ID", "<"+n.ID+".ecnutd@"+domain+">")
	}
	if n.Priority >= High {
		header("Importance", "high")
	}
	header("Auto-Submitted", "auto-generated") // nobody's absence answers it (RFC 3834)
	header("MIME-Version", "1.0")
	header("Content-Type", "text/plain; charset=utf-8")
	header("Content-Transfer-Encoding", "quoted-printable")
	b.WriteString("\r\n")
	body := quotedprintable.NewWriter(&b)
	_, _ = body.Write([]byte(strings.ReplaceAll(n.Text, "\n", "\r\n") + "\r\n")) // into memory
	_ = body.Close()
	return b.Bytes()
}
