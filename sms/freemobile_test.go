package sms

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ecnutd/sms/smstest"
)

// secretKey has every character that one of the encodings changes.
const secretKey = "k3y &#+%/\"é?="

// spellings are the forms in which the key could show, made by hand.
var spellings = []string{
	secretKey, "k3y%20%26%23%2B%25%2F%22%C3%A9%3F%3D", "k3y+%26%23%2B%25%2F%22%C3%A9%3F%3D", `k3y \u0026#+%/\"é?=`, "k3y", "k3",
}

// noSecret fails the test if a text holds the key in any spelling.
func noSecret(t *testing.T, where, text string) {
	t.Helper()
	for _, s := range spellings {
		if strings.Contains(text, s) {
			t.Errorf("%s holds the secret: %s", where, text)
		}
	}
}

// newGatewayServer is a stand-in whose CA stands in a file.
func newGatewayServer(t *testing.T) (*smstest.Gateway, string) {
	t.Helper()
	g, err := smstest.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, g.CA(), 0o600); err != nil {
		t.Fatal(err)
	}
	return g, file
}

// newFree is a route to a stand-in.
func newFree(t *testing.T, endpoint, caFile string) Route {
	t.Helper()
	r, err := NewFreeMobile(FreeMobile{Name: "free", User: "12345678", Password: NewSecret(secretKey), Endpoint: endpoint, CAFile: caFile})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestFreeMobileBytes: the wire form is that of RFC 3986, and what is decoded
// from it is what was sent. A line break is %0D there (the gateway cuts a text
// at %0A).
func TestFreeMobileBytes(t *testing.T) {
	g, ca := newGatewayServer(t)
	r := newFree(t, g.URL(), ca)
	for text, wire := range map[string]string{
		"a b":            "a%20b",
		"&#+%":           "%26%23%2B%25",
		`"it's" <x>`:     "%22it%27s%22%20%3Cx%3E",
		"Secteur coupé":  "Secteur%20coup%C3%A9",
		"🔋 41 %":         "%F0%9F%94%8B%2041%20%25",
		"one\ntwo":       "one%0Dtwo",
		"-_.~!*()/?=:;@": "-_.~%21%2A%28%29%2F%3F%3D%3A%3B%40",
		"%0D%20+":        "%250D%2520%2B",
	} {
		if err := r.Send(t.Context(), Notice{Text: text}); err != nil {
			t.Fatal(err)
		}
		requests := g.Requests()
		got := requests[len(requests)-1]
		if want := "user=12345678&pass=k3y%20%26%23%2B%25%2F%22%C3%A9%3F%3D&msg=" + wire; got.RawQuery != want {
			t.Errorf("%q:\ngot  %s\nwant %s", text, got.RawQuery, want)
		}
		if want := strings.ReplaceAll(text, "\n", "\r"); got.Text != want {
			t.Errorf("%q arrived as %q", text, got.Text)
		}
		if got.Method != "GET" || got.Header.Get("Referer") != "" {
			t.Errorf("request is %s with %v", got.Method, got.Header)
		}
	}
}

// TestFreeMobileOutcomes: each answer has its kind and a sentence, and neither
// secret nor query is in it.
func TestFreeMobileOutcomes(t *testing.T) {
	g, ca := newGatewayServer(t)
	r := newFree(t, g.URL(), ca)
	for _, c := range []struct {
		behaviour smstest.Behaviour
		kind      error
		says      string
	}{
		{200, nil, ""},
		{400, ErrRefused, "check user and password"},
		{402, ErrTooMany, "later"},
		{403, ErrRefused, "Notifications par SMS"},
		{500, nil, "out of order"},
		{503, nil, "503"},
		{204, nil, "204"}, // nobody ever saw Free Mobile say so: not a delivery
		{404, nil, "check the endpoint"},
		{414, ErrRefused, "too long"},
		{smstest.CutBefore, nil, "cut the connection"},
		{smstest.CutAfter, nil, "cut the connection"},
		{smstest.WrongCertificate, nil, "nobody trusted has signed"},
		{smstest.Redirect, nil, "redirects to elsewhere.invalid"},
		{smstest.Garbage, nil, "no usable answer from 127.0.0.1"},
		{smstest.Hang, nil, "did not answer in time"},
	} {
		g.Behave(func(int) smstest.Behaviour { return c.behaviour })
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		if c.behaviour == smstest.Hang {
			ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
		}
		err := r.Send(ctx, Notice{Text: "text"})
		cancel()
		if c.says == "" {
			if err != nil {
				t.Errorf("%d: %v", c.behaviour, err)
			}
			continue
		}
		if err == nil {
			t.Errorf("%d counts as delivered", c.behaviour)
			continue
		}
		if !strings.Contains(err.Error(), c.says) || !strings.HasPrefix(err.Error(), "free: ") {
			t.Errorf("%d: %q does not say %q", c.behaviour, err, c.says)
		}
		for _, kind := range []error{ErrRefused, ErrTooMany} {
			if errors.Is(err, kind) != (kind == c.kind) {
				t.Errorf("%d: is %v: %t", c.behaviour, kind, errors.Is(err, kind))
			}
		}
		noSecret(t, "error", fmt.Sprintf("%v %+v %#v", err, err, err))
		for _, private := range []string{"12345678", "pass=", "msg=", "sendmsg", "?"} {
			if strings.Contains(strings.ReplaceAll(err.Error(), "Notifications par SMS", ""), private) {
				t.Errorf("%d: error holds %q: %s", c.behaviour, private, err)
			}
		}
	}
}

// TestNoServer: nobody listens, the name is unknown, the certificates are not
// there.
func TestNoServer(t *testing.T) {
	g, ca := newGatewayServer(t)
	url := g.URL()
	empty := filepath.Join(t.TempDir(), "empty.pem")
	os.WriteFile(empty, []byte("nothing"), 0o600)
	for _, c := range []struct{ file, says string }{
		{filepath.Join(t.TempDir(), "absent.pem"), "cannot read the certificates"},
		{empty, "no certificate in"},
	} {
		err := newFree(t, url, c.file).Send(t.Context(), Notice{Text: "text"})
		if err == nil || !strings.Contains(err.Error(), c.says) || errors.Is(err, ErrRefused) {
			t.Errorf("%s: %v", c.file, err)
		}
	}
	// The system's certificates do not know the stand-in.
	if err := newFree(t, url, "").Send(t.Context(), Notice{Text: "text"}); err == nil {
		t.Error("a certificate of nobody is trusted")
	}
	g.Close()
	err := newFree(t, url, ca).Send(t.Context(), Notice{Text: "text"})
	if err == nil || !strings.Contains(err.Error(), "refuses connections") {
		t.Errorf("closed: %v", err)
	}
	noSecret(t, "error", err.Error())
}

// TestFreeMobileSettings: what cannot work is refused before the outage.
func TestFreeMobileSettings(t *testing.T) {
	for _, c := range []struct {
		f    FreeMobile
		says string
	}{
		{FreeMobile{Password: NewSecret("x")}, "user is missing"},
		{FreeMobile{User: "1"}, "password is missing"},
		{FreeMobile{User: "1", Password: NewSecret("\n")}, "password is missing"},
		{FreeMobile{User: "1", Password: NewSecret("x"), Endpoint: "http://smsapi.free-mobile.fr/sendmsg"}, "has to begin with https://"},
		{FreeMobile{User: "1", Password: NewSecret("x"), Endpoint: "smsapi.free-mobile.fr"}, "no host name"},
		{FreeMobile{User: "1", Password: NewSecret("x"), Endpoint: "https://u:" + secretKey + "@h/"}, ""},
	} {
		_, err := NewFreeMobile(c.f)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: %v", c.f, err)
		} else {
			noSecret(t, "error", err.Error())
		}
	}
}

// TestSecretIsNotPrinted: nor is what holds one.
func TestSecretIsNotPrinted(t *testing.T) {
	s := NewSecret(secretKey + "\r\n")
	if !s.Equal(NewSecret(secretKey)) || s.Equal(NewSecret("other")) || s.Equal(Secret{}) {
		t.Error("Equal is wrong")
	}
	settings := FreeMobile{Name: "free", User: "1", Password: s}
	route := newFree(t, "", "")
	gateway, err := NewGateway(Gateway{Name: "g", URL: "https://h/{{secret|url}}", Body: "{{text}}", Secret: s})
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	for _, v := range []any{s, &s, settings, &settings, route, gateway, []any{settings, route}, map[string]any{"a": gateway}} {
		logger.Info("x", "v", v)
		encoded, _ := json.Marshal(v)
		for _, text := range []string{fmt.Sprint(v), fmt.Sprintf("%+v", v), fmt.Sprintf("%#v", v), fmt.Sprintf("%q", v), fmt.Sprintf("%x", v), string(encoded)} {
			noSecret(t, fmt.Sprintf("%T", v), text)
			if strings.Contains(text, fmt.Sprintf("%x", secretKey)) {
				t.Errorf("%T: %%x shows it", v)
			}
		}
	}
	noSecret(t, "log", log.String())
}
