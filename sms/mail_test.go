package sms

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"ecnutd/sms/smstest"
)

// smtpd starts Debian's aiosmtpd, as scripts/smtp unpacks it, and returns its port,
// its certificate authority and the folder of the mails that it has taken.
func smtpd(t *testing.T, mode string) (port int, caFile, folder string) {
	t.Helper()
	library, err := filepath.Abs("../bin/smtp/usr/lib/python3/dist-packages")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(library); err != nil {
		t.Skip("no mail server: scripts/smtp unpacks one into bin/smtp")
	}
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("no python3")
	}
	dir := t.TempDir()
	folder = filepath.Join(dir, "mails")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	ca, cert, key, err := smstest.Certificate()
	if err != nil {
		t.Fatal(err)
	}
	for name, pem := range map[string][]byte{"ca.pem": ca, "cert.pem": cert, "key.pem": key} {
		if err := os.WriteFile(filepath.Join(dir, name), pem, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(dir, "port")
	cmd := exec.CommandContext(t.Context(), "python3", "-W", "ignore", "testdata/smtpd.py", library, mode, file, folder, filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"))
	var said strings.Builder
	cmd.Stderr = &said
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	t.Cleanup(func() { _ = cmd.Process.Kill(); <-ended })
	for range 6000 {
		if text, err := os.ReadFile(file); err == nil {
			port, err = strconv.Atoi(string(text))
			if err != nil {
				t.Fatal(err)
			}
			return port, filepath.Join(dir, "ca.pem"), folder
		}
		select {
		case <-ended:
			t.Fatalf("the mail server ended: %s", said.String())
		case <-time.After(10 * time.Millisecond):
		}
	}
	t.Fatal("the mail server does not start")
	return 0, "", ""
}

func account(port int, ca string, encryption Encryption, to string) Mail {
	return Mail{
		Name: "post", Host: "localhost", Port: port, Encryption: encryption, User: "ups", Password: NewSecret("tiger"),
		From: "Onduleur <ups@example.net>", To: to, CAFile: ca,
		Now: func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600)) },
	}
}

func deliver(t *testing.T, m Mail, n Notice) error {
	t.Helper()
	r, err := NewMail(m)
	if err != nil {
		t.Fatal(err)
	}
	return r.Send(t.Context(), n)
}

// TestMail: what a real server takes is a mail that says what was meant, over
// STARTTLS and over TLS.
func TestMail(t *testing.T) {
	for _, encryption := range []Encryption{StartTLS, TLS} {
		t.Run(string(encryption), func(t *testing.T) {
			port, ca, folder := smtpd(t, string(encryption))
			text := "Coupure à 03:04 : « batterie » 80 %\n.\nfin = " + strings.Repeat("long ", 300)
			n := Notice{Text: text, ID: "0123456789abcdef", Title: "nas : coupure", Priority: Urgent}
			for range 2 { // a repetition
				if err := deliver(t, account(port, ca, encryption, "you@example.net"), n); err != nil {
					t.Fatal(err)
				}
			}
			var ids []string
			for _, name := range []string{"1.eml", "2.eml"} {
				f, err := os.Open(filepath.Join(folder, name))
				if err != nil {
					t.Fatal(err)
				}
				defer f.Close()
				m, err := netmail.ReadMessage(f)
				if err != nil {
					t.Fatal(err)
				}
				ids = append(ids, m.Header.Get("Message-ID"))
				subject, err := (&mime.WordDecoder{}).DecodeHeader(m.Header.Get("Subject"))
				if err != nil || subject != "nas : coupure" {
					t.Errorf("subject %q (%v)", subject, err)
				}
				date, err := m.Header.Date()
				if want := time.Date(2026, 1, 2, 2, 4, 5, 0, time.UTC); err != nil || !date.Equal(want) {
					t.Errorf("date %v, want %v (%v)", date, want, err)
				}
				kind, parameters, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
				if err != nil || kind != "text/plain" || parameters["charset"] != "utf-8" {
					t.Errorf("content type %q %v (%v)", kind, parameters, err)
				}
				body, err := io.ReadAll(quotedprintable.NewReader(m.Body))
				if got := strings.ReplaceAll(string(body), "\r\n", "\n"); err != nil || got != text+"\n" {
					t.Errorf("body %q (%v)", got, err)
				}
				if from := m.Header.Get("From"); from != `"Onduleur" <ups@example.net>` || m.Header.Get("To") != "<you@example.net>" || m.Header.Get("Importance") != "high" {
					t.Errorf("headers %v", m.Header)
				}
			}
			if ids[0] == "" || ids[0] != ids[1] || !strings.HasSuffix(ids[0], "@example.net>") {
				t.Errorf("Message-IDs %q", ids)
			}
		})
	}
}

// TestMailRefused: what a server says decides whether it is tried again: 5yz never,
// 4yz later (RFC 5321 §4.2.1); greylisting is told as what it is, and passes.
func TestMailRefused(t *testing.T) {
	port, ca, folder := smtpd(t, "starttls")
	wrong := account(port, ca, StartTLS, "you@example.net")
	wrong.Password = NewSecret("a wrong one")
	inClear := account(port, ca, Clear, "you@example.net")
	inClear.User, inClear.Password = "", Secret{}
	other := account(port, "", StartTLS, "you@example.net")
	hanging := account(port, ca, StartTLS, "hang@example.net")
	for name, c := range map[string]struct {
		mail    Mail
		refused bool
		words   string
	}{
		"wrong password":     {wrong, true, "refuses user or password (535)"},
		"no such recipient":  {account(port, ca, StartTLS, "nobody@example.net"), true, "refuses the recipient nobody@example.net (550): 5.1.1 no such user here"},
		"full":               {account(port, ca, StartTLS, "full@example.net"), false, "refuses the recipient full@example.net for now (452)"},
		"greylisting":        {account(port, ca, StartTLS, "grey@example.net"), false, "wants the mail later (451): 4.7.1 Greylisting"},
		"refused at the end": {account(port, ca, StartTLS, "spam@example.net"), true, "refuses the mail (554)"},
		"not encrypted":      {inClear, true, "(530)"},
		"whose certificate":  {other, false, "certificate that nobody trusted has signed"},
		"hangs":              {hanging, false, "did not answer in time"},
	} {
		r, err := NewMail(c.mail)
		if err != nil {
			t.Fatal(err)
		}
		ctx := t.Context()
		if name == "hangs" {
			// It answers all but the last question: how long it is given is no matter.
			short, cancel := context.WithTimeout(ctx, 3*time.Second)
			defer cancel()
			ctx = short
		}
		err = r.Send(ctx, Notice{Text: "x", ID: "1"})
		if err == nil || errors.Is(err, ErrRefused) != c.refused || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: refused %v, %v; want %v, %q", name, errors.Is(err, ErrRefused), err, c.refused, c.words)
		}
		if err != nil && (strings.Contains(err.Error(), "tiger") || strings.Contains(err.Error(), "a wrong one")) {
			t.Errorf("%s: the password is in %v", name, err)
		}
	}
	if err := deliver(t, account(port, ca, StartTLS, "grey@example.net"), Notice{Text: "x", ID: "1"}); err != nil {
		t.Errorf("the second try beside greylisting: %v", err)
	}
	if mails, _ := filepath.Glob(filepath.Join(folder, "*.eml")); len(mails) != 1 {
		t.Errorf("the server has taken %d mails, want the one of greylisting", len(mails))
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dead := listener.Addr().(*net.TCPAddr).Port
	listener.Close()
	if err := deliver(t, account(dead, ca, StartTLS, "you@example.net"), Notice{Text: "x"}); err == nil || errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "refuses connections") {
		t.Errorf("nobody there: %v", err)
	}
}

// TestMailInClear: a server of this host takes mail without a login.
func TestMailInClear(t *testing.T) {
	port, _, folder := smtpd(t, "off")
	m := account(port, "", Clear, "root@localhost")
	m.User, m.Password = "", Secret{}
	if err := deliver(t, m, Notice{Text: "x", ID: "1"}); err != nil {
		t.Fatal(err)
	}
	if mails, _ := filepath.Glob(filepath.Join(folder, "*.eml")); len(mails) != 1 {
		t.Errorf("%d mails", len(mails))
	}
}

// TestMailSettings: accounts that cannot work are refused before the first message.
func TestMailSettings(t *testing.T) {
	for words, change := range map[string]func(*Mail){
		"host of the mail server is missing": func(m *Mail) { m.Host = "" },
		"no way to encrypt":                  func(m *Mail) { m.Encryption = "ssl" },
		"a user and no password":             func(m *Mail) { m.Password = Secret{} },
		"a password and no user":             func(m *Mail) { m.User = "" },
		"would go in clear":                  func(m *Mail) { m.Encryption, m.Host = Clear, "mail.example.net" },
		"from is not one address":            func(m *Mail) { m.From = "ups" },
		"to is not one address":              func(m *Mail) { m.To = "a@example.net, b@example.net" },
		"letters beyond ASCII":               func(m *Mail) { m.To = "josé@example.net" },
	} {
		m := account(0, "", StartTLS, "you@example.net")
		change(&m)
		if _, err := NewMail(m); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("want %q, got %v", words, err)
		}
	}
}
