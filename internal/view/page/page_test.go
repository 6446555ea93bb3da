package page

import (
	"context"
	"encoding/xml"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"ecnutd/internal/control"
	"ecnutd/internal/history"
	"ecnutd/internal/texts"
	"ecnutd/internal/view"
	"ecnutd/internal/view/archive"
	"ecnutd/monitor"
	"ecnutd/monitor/forecast"
	"ecnutd/ups"
)

// noon is when the tests look.
var noon = time.Date(2026, 10, 5, 12, 0, 0, 0, time.UTC)

type source struct {
	mu      sync.Mutex
	now     view.Now
	past    history.History
	outages map[uint64]history.Outage
	changes chan struct{}
}

func (s *source) Now() view.Now {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}
func (s *source) Changes() (<-chan struct{}, func())               { return s.changes, func() {} }
func (s *source) History(context.Context) (history.History, error) { return s.past, nil }
func (s *source) Outage(_ context.Context, n uint64) (history.Outage, error) {
	if o, ok := s.outages[n]; ok {
		return o, nil
	}
	return history.Outage{}, errors.New("there is no such outage")
}

func is(n int) *int { return &n }

// onBattery is a host whose battery will be low in eight minutes.
func onBattery() *source {
	curve := []history.Point{{T: 0, Charge: is(100)}, {T: 600, Charge: is(60)}}
	o := history.Outage{N: 7, UPS: "eaton", Begin: noon.Add(-48 * time.Hour), End: noon.Add(-47 * time.Hour), Lasted: 600, Lowest: is(60), Curve: curve}
	return &source{
		now: view.Now{Connected: true, Snapshot: &control.Snapshot{
			Status: control.Status{
				Phase:  "watching",
				UPS:    []control.Supply{{Name: "eaton", Description: `<b>"onduleur"</b>`, Link: control.LinkUp, Line: "battery", Status: "OB DISCHRG", Since: noon.Add(-2 * time.Minute), Charge: is(64), Runtime: is(585)}},
				Coming: []control.Coming{{At: noon.Add(8 * time.Minute), Prospect: forecast.Prospect{Kind: forecast.Shutdown, About: true, Why: &monitor.Reason{Code: monitor.LowOnBattery}}}},
				Routes: []control.Route{{Name: "mobile", Delivered: noon.Add(-time.Minute)}},
			},
			Variables: map[string]control.Reading{"eaton": {Link: control.LinkUp, Variables: ups.Variables{"battery.charge": "64", "input.voltage": "0.0"}}},
		}},
		past:    history.History{Outages: []history.Summary{o.Summary()}},
		outages: map[uint64]history.Outage{7: o},
		changes: make(chan struct{}),
	}
}

func newPage(t *testing.T, s *source, access Access) (http.Handler, *archive.Archive) {
	t.Helper()
	a, err := archive.Open(filepath.Join(t.TempDir(), "view.db"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	p := New(s, a, "srv", func() time.Time { return noon }, time.UTC)
	return p.Handler(access, http.NotFoundHandler()), a
}

func get(h http.Handler, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", path, nil)
	r.Host = "localhost:8493"
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
			continue
		}
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// TestIndex: the page says on top what status says, in the language of the browser;
// names of the configuration are text and never markup.
func TestIndex(t *testing.T) {
	h, _ := newPage(t, onBattery(), Access{})
	for language, c := range map[string][]string{
		"fr-FR,fr;q=0.9": {`<html lang="fr">`, "Sur batterie depuis 11:58.", "vers 12:08 (dans 8 min)", "Autonomie", "9 min 45 s", "dernier remis le"},
		"de":             {`<html lang="en">`, "On battery since 11:58.", "at about 12:08 (in 8 min)", "Runtime", "9 min 45 s", "last delivered"},
	} {
		w := get(h, "/", "Accept-Language", language)
		body := w.Body.String()
		for _, want := range append(c, `data-until="`, "&lt;b&gt;", `href="/outage/7"`, "10 min", "what=charge", "what=input") {
			if !strings.Contains(body, want) {
				t.Errorf("%s: %q is missing in\n%s", language, want, body)
			}
		}
		for _, never := range []string{"<b>", "what=load", "style=", "<script>", "onclick"} {
			if strings.Contains(body, never) {
				t.Errorf("%s: %q stands in the page", language, never)
			}
		}
	}
}

// TestNoDaemon: a daemon that does not answer is the first thing said, and no figure
// of before is.
func TestNoDaemon(t *testing.T) {
	s := onBattery()
	s.now.Connected, s.now.Error = false, "no daemon is running"
	h, _ := newPage(t, s, Access{})
	body := get(h, "/").Body.String()
	if !strings.Contains(body, texts.Page(ups.English).NoDaemon) || !strings.Contains(body, "no daemon is running") || strings.Contains(body, "64 %") {
		t.Errorf("%s", body)
	}
}

// TestPlots: every plot is well-formed SVG, in both themes, also where nothing is
// recorded; what is no plot is not found.
func TestPlots(t *testing.T) {
	h, a := newPage(t, onBattery(), Access{})
	for i := range 20 {
		at := noon.Add(time.Duration(i-20) * time.Hour)
		a.Hear(control.Line{Kind: control.LineSnapshot, At: at, Snapshot: &control.Snapshot{
			Status:    control.Status{UPS: []control.Supply{{Name: "eaton", Link: control.LinkUp, Status: "OL"}}},
			Variables: map[string]control.Reading{"eaton": {Link: control.LinkUp, Variables: ups.Variables{"battery.charge": []string{"100", "40"}[i%2]}}},
		}})
	}
	for _, path := range []string{
		"/plot.svg?ups=eaton&what=charge&span=day", "/plot.svg?ups=eaton&what=charge&span=year&theme=dark", "/plot.svg?ups=none&what=runtime&span=week",
		"/outage/7/plot.svg", "/outage/7/plot.svg?theme=dark",
	} {
		w := get(h, path)
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "image/svg+xml" {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
			continue
		}
		for d := xml.NewDecoder(strings.NewReader(w.Body.String())); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Errorf("%s: %v", path, err)
				break
			}
		}
	}
	for _, path := range []string{"/plot.svg?ups=eaton&what=at&span=day", "/plot.svg?ups=eaton&what=charge&span=aeon", "/outage/9", "/outage/x", "/outage/9/plot.svg", "/nothing"} {
		if w := get(h, path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if body := get(h, "/outage/7").Body.String(); !strings.Contains(body, "Outage 7 of eaton") || !strings.Contains(body, "Lowest charge 60 %") {
		t.Errorf("the outage: %s", body)
	}
}

// TestAccess: another name, another method and a wrong password are refused; every
// answer tells the browser to load nothing from elsewhere.
func TestAccess(t *testing.T) {
	compared := &counted{word: "geheim"}
	open, _ := newPage(t, onBattery(), Access{Hosts: []string{"ups.example"}})
	locked, _ := newPage(t, onBattery(), Access{User: "ecnutd", Password: compared})
	for name, c := range map[string]struct {
		h      http.Handler
		header []string
		want   int
	}{
		"localhost":         {open, nil, 200},
		"loopback":          {open, []string{"Host", "127.0.0.1:8493"}, 200},
		"loopback of six":   {open, []string{"Host", "[::1]:8493"}, 200},
		"a configured name": {open, []string{"Host", "UPS.example"}, 200},
		"another name":      {open, []string{"Host", "evil.example"}, 421},
		"another address":   {open, []string{"Host", "192.0.2.1"}, 421},
		"no password":       {locked, nil, 401},
		"a wrong one":       {locked, []string{"Authorization", "Basic ZWNudXRkOnh4"}, 401},
		"the right one":     {locked, []string{"Authorization", "Basic ZWNudXRkOmdlaGVpbQ=="}, 200},
	} {
		w := get(c.h, "/", c.header...)
		if w.Code != c.want {
			t.Errorf("%s: %d, want %d: %s", name, w.Code, c.want, w.Body)
		}
		if policy := w.Header().Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'self'") {
			t.Errorf("%s: the policy is %q", name, policy)
		}
		if len(w.Result().Cookies()) > 0 {
			t.Errorf("%s: a cookie", name)
		}
	}
	for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS"} {
		r := httptest.NewRequest(method, "/", nil)
		r.Host = "localhost"
		w := httptest.NewRecorder()
		open.ServeHTTP(w, r)
		if w.Code != http.StatusMethodNotAllowed {
			t.Errorf("%s: %d", method, w.Code)
		}
	}
	refused, before := 0, compared.n
	for range 100 {
		if w := get(locked, "/", "Authorization", "Basic ZWNudXRkOnh4"); w.Code == 401 {
			refused++
		}
	}
	// A comparison takes a tenth of a second of a processor: ten at once, and one a
	// second from then on.
	if refused != 100 || compared.n-before > 50 {
		t.Errorf("of 100 guesses %d were refused, after %d comparisons", refused, compared.n-before)
	}
	before = compared.n
	for range 100 {
		if w := get(locked, "/", "Authorization", "Basic ZWNudXRkOmdlaGVpbQ=="); w.Code != 200 {
			t.Fatalf("who was let in before is not while somebody guesses: %d", w.Code)
		}
	}
	if compared.n != before {
		t.Errorf("what was right was compared %d times more", compared.n-before)
	}
}

// counted is a password that counts how often it was compared.
type counted struct {
	word string
	n    int
}

func (c *counted) Matches(word string) bool { c.n++; return word == c.word }
func (*counted) Cheap() bool                { return false }
func (*counted) Cost() string               { return "test" }

// TestLive: the stream sends the live part at once, and again when something has
// changed; not when nothing has.
func TestLive(t *testing.T) {
	s := onBattery()
	s.changes = make(chan struct{})
	h, _ := newPage(t, s, Access{})
	server := httptest.NewServer(h)
	defer server.Close()
	resp, err := http.Get(server.URL + "/live")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	next := func() string {
		var b strings.Builder
		one := make([]byte, 1)
		for !strings.HasSuffix(b.String(), "\n\n") {
			if _, err := io.ReadFull(resp.Body, one); err != nil {
				t.Fatal(err)
			}
			b.Write(one)
		}
		return b.String()
	}
	if got := next(); !strings.HasPrefix(got, "event: live\n") || !strings.Contains(got, "On battery since") {
		t.Errorf("first: %s", got)
	}
	s.changes <- struct{}{} // nothing has changed
	mains := *s.now.Snapshot
	mains.Status.UPS = []control.Supply{{Name: "eaton", Link: control.LinkUp, Line: "mains", Status: "OL"}}
	s.changes <- struct{}{} // taken up again: the model of before is made and compared
	s.mu.Lock()
	s.now.Snapshot = &mains
	s.mu.Unlock()
	s.changes <- struct{}{}
	if got := next(); !strings.Contains(got, "On mains.") {
		t.Errorf("then: %s", got)
	}
}
