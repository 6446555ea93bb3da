package sms

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ecnutd/sms/smstest"
)

// awkward has what breaks badly built requests.
const awkward = "Côté \"A\" & 'B' #1 + 41 % 🔋\n{{secret}} \\ end?"

// TestGatewayTwilio: a form with basic authentication, as Twilio's Messages
// resource wants it.
func TestGatewayTwilio(t *testing.T) {
	g, ca := newGatewayServer(t)
	r, err := NewGateway(Gateway{
		Name: "twilio", URL: g.URL(), CAFile: ca, Secret: NewSecret("AC1:" + secretKey),
		Headers: map[string]string{"Authorization": "Basic {{secret|base64}}"},
		Body:    "To=%2B33600000000&From=%2B33700000000&Body={{text|url}}",
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Send(t.Context(), Notice{Text: awkward}); err != nil {
		t.Fatal(err)
	}
	got := g.Requests()[0]
	form, err := url.ParseQuery(string(got.Body))
	if err != nil {
		t.Fatal(err)
	}
	if form.Get("Body") != awkward || form.Get("To") != "+33600000000" {
		t.Errorf("form: %v", form)
	}
	req := http.Request{Header: got.Header}
	if user, pass, _ := req.BasicAuth(); user != "AC1" || pass != secretKey {
		t.Errorf("credentials %s:%s", user, pass)
	}
	if got.Method != "POST" || got.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
		t.Errorf("%s %v", got.Method, got.Header)
	}
}

// TestGatewayJSON: text and secret as JSON strings.
func TestGatewayJSON(t *testing.T) {
	g, ca := newGatewayServer(t)
	r, err := NewGateway(Gateway{
		Name: "json", Method: "put", URL: g.URL() + "?k={{secret|url}}", CAFile: ca, Secret: NewSecret(secretKey), LineBreak: "\r\n",
		Headers: map[string]string{"content-type": "application/json"},
		Body:    `{"message": {{text|json}}, "key": {{ secret|json }}}`,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Send(t.Context(), Notice{Text: awkward}); err != nil {
		t.Fatal(err)
	}
	got := g.Requests()[0]
	var body map[string]string
	if err := json.Unmarshal(got.Body, &body); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"message": strings.ReplaceAll(awkward, "\n", "\r\n"), "key": secretKey}
	if diff := cmp.Diff(want, body); diff != "" {
		t.Error(diff)
	}
	if q, _ := url.ParseQuery(got.RawQuery); q.Get("k") != secretKey || got.Method != "PUT" {
		t.Errorf("%s %s", got.Method, got.RawQuery)
	}
}

// TestGatewayOutcomes: statuses, and a gateway that says no with a 200, echoing
// what it was sent.
func TestGatewayOutcomes(t *testing.T) {
	status, echo := 200, ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(status)
		w.Write([]byte(echo + strings.Repeat(" x", 10000)))
	}))
	defer server.Close()
	r, err := NewGateway(Gateway{Name: "ovh", URL: server.URL + "/?password={{secret|url}}&message={{text|url}}", Secret: NewSecret(secretKey), Expect: `^OK`})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		status int
		echo   string
		kind   error
		says   string
	}{
		{200, "OK 42", nil, ""},
		{299, "OK 42", nil, ""},
		{200, "KO no credit " + secretKey, nil, "KO no credit ***"},
		{200, "KO " + base64.StdEncoding.EncodeToString([]byte(secretKey)), nil, "KO ***"},
		{400, "k3y%20%26%23%2B%25%2F%22%C3%A9%3F%3D\nis wrong", ErrRefused, "*** is wrong"},
		{401, strings.Repeat("x", 298) + secretKey, ErrRefused, "401"}, // the limit of an error falls into it
		{401, strings.Repeat("x", 290) + url.QueryEscape(secretKey), ErrRefused, "401"},
		{429, "", ErrTooMany, "429"},
		{502, "", nil, "502"},
		{307, "", nil, "redirects nowhere"},
	} {
		status, echo = c.status, c.echo
		err := r.Send(t.Context(), Notice{Text: "text"})
		if c.says == "" {
			if err != nil {
				t.Errorf("%d: %v", c.status, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.says) || c.kind != nil && !errors.Is(err, c.kind) || c.kind == nil && (errors.Is(err, ErrRefused) || errors.Is(err, ErrTooMany)) {
			t.Errorf("%d: %v", c.status, err)
		}
		noSecret(t, "error", err.Error())
		if len(err.Error()) > 600 {
			t.Errorf("%d: %d bytes of error", c.status, len(err.Error()))
		}
	}
}

// TestGatewaySettings: what cannot work is refused when it is configured, in
// words that name the place.
func TestGatewaySettings(t *testing.T) {
	ok := Gateway{Name: "g", URL: "https://h/{{text|url}}", Secret: NewSecret(secretKey)}
	for _, c := range []struct {
		change func(*Gateway)
		says   string
	}{
		{func(g *Gateway) { g.Name = "" }, "needs a name"},
		{func(g *Gateway) { g.URL = "https://h/{{texte|url}}" }, "the url has {{texte|url}}: here one may write {{text|url}}, {{secret|url}}"},
		{func(g *Gateway) { g.URL = "https://h/{{text}}" }, "the url has {{text}}"},
		{func(g *Gateway) { g.URL = "https://h/{{text|html}}" }, `no filter "html", only base64, json, mime, url`},
		{func(g *Gateway) { g.URL = "https://h/{{text" }, "the url has a {{ without }}"},
		{func(g *Gateway) { g.URL = "https://{{text|url}}/" }, "placeholder in its host"},
		{func(g *Gateway) { g.URL = "https://h:{{secret|url}}/{{text|url}}" }, "the url"},
		{func(g *Gateway) { g.URL = "ftp://h/{{text|url}}" }, "has to begin with https:// or http://"},
		{func(g *Gateway) { g.URL = "https://h/" }, "appears nowhere"},
		{func(g *Gateway) { g.Body = "{{text|json}} {{user}}" }, "the body has {{user}}"},
		{func(g *Gateway) { g.Headers = map[string]string{"X": "{{text}}"} }, "the header X has {{text}}"},
		{func(g *Gateway) { g.Headers = map[string]string{"X Y": "a"} }, "HTTP does not allow"},
		{func(g *Gateway) { g.Headers = map[string]string{"X": "a\nb"} }, "HTTP does not allow"},
		{func(g *Gateway) { g.Method = "G E T" }, "no HTTP method"},
		{func(g *Gateway) { g.Expect = "(" }, "no regular expression"},
		{func(g *Gateway) { g.Secret, g.URL = Secret{}, "https://h/{{secret|url}}{{text|url}}" }, "there is none"},
		{func(g *Gateway) {
			g.Headers, g.Body = map[string]string{"Content-Type": "application/json"}, `{"a": "{{text|json}}"}`
		}, "bring their own quotes"},
	} {
		g := ok
		c.change(&g)
		_, err := NewGateway(g)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("want %q, got %v", c.says, err)
		} else {
			noSecret(t, "error", err.Error())
		}
	}
	if _, err := NewGateway(ok); err != nil {
		t.Error(err)
	}
}

// FuzzTemplate: a template is refused or filled in, and what is filled in is
// not read as a template again.
func FuzzTemplate(f *testing.F) {
	f.Add("a {{text|url}} b", "{{secret}}")
	f.Fuzz(func(t *testing.T, source, text string) {
		tpl, err := parseTemplate(source, "text", "text|url", "text|json", "secret|base64")
		if err != nil {
			return
		}
		got := tpl.fill(Notice{Text: text}, NewSecret(secretKey))
		if strings.Contains(got, secretKey) && !strings.Contains(source+text, secretKey) {
			t.Fatalf("%q filled with %q is %q", source, text, got)
		}
	})
}

// TestPoolFile: what is trusted can be a bundle of several.
func TestPoolFile(t *testing.T) {
	g, _ := newGatewayServer(t)
	other, _ := newGatewayServer(t)
	bundle := filepath.Join(t.TempDir(), "bundle.pem")
	os.WriteFile(bundle, append(other.CA(), g.CA()...), 0o600)
	for _, gw := range []*smstest.Gateway{g, other} {
		if err := newFree(t, gw.URL(), bundle).Send(t.Context(), Notice{Text: "x"}); err != nil {
			t.Error(err)
		}
	}
}
