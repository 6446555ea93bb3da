package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"

	"ecnutd/internal/history"
	"ecnutd/ups"
)

// A fake is a daemon with one UPS that answers what it is told to.
type fake struct {
	err    error // for everything
	hangs  bool  // until ctx ends
	orders []Order
	who    Peer
	lines  chan Line // of every stream
}

func (f *fake) is(ctx context.Context) error {
	if f.hangs {
		<-ctx.Done()
		return ctx.Err()
	}
	return f.err
}

func (f *fake) Status(ctx context.Context) (Status, error) {
	return Status{Version: "1.2.3", Phase: "watching", UPS: []Supply{{Name: "eaton", Link: LinkUp}}}, f.is(ctx)
}
func (f *fake) Variables(ctx context.Context) (map[string]Reading, error) {
	return map[string]Reading{"eaton": {LinkUp, ups.Variables{"ups.status": "OL"}}}, f.is(ctx)
}
func (f *fake) Ground(ctx context.Context, _ string) (ups.Ground, error) {
	return ups.Ground{Line: true, LowFlag: true}, f.is(ctx)
}
func (f *fake) Fields(ctx context.Context, name string) ([]Field, error) {
	return []Field{{Path: name + ".Path"}}, f.is(ctx)
}
func (f *fake) Commands(ctx context.Context, name string) ([]Command, error) {
	return []Command{{Name: "beeper.mute", Description: name}}, f.is(ctx)
}
func (f *fake) Settings(ctx context.Context, name string) ([]Setting, error) {
	return []Setting{{Name: "battery.charge.low", Description: name}}, f.is(ctx)
}
func (f *fake) History(ctx context.Context) (history.History, error) {
	return history.History{Totals: history.Totals{Outages: 3}, Outages: []history.Summary{{N: 3, UPS: "eaton"}}}, f.is(ctx)
}
func (f *fake) Outage(ctx context.Context, n uint64) (history.Outage, error) {
	return history.Outage{N: n, UPS: "eaton"}, f.is(ctx)
}
func (f *fake) Stream(ctx context.Context) (<-chan Line, error) { return f.lines, f.is(ctx) }
func (f *fake) Now(ctx context.Context) (Snapshot, error) {
	s, err := f.Status(ctx)
	return Snapshot{Status: s}, err
}
func (f *fake) Command(ctx context.Context, who Peer, o Order) (Ordered, error) {
	f.orders, f.who = append(f.orders, o), who
	return Ordered{Name: o.Name, Outcome: OutcomeDone, Done: true}, f.is(ctx)
}
func (f *fake) Set(ctx context.Context, who Peer, o Order) (Ordered, error) {
	f.orders, f.who = append(f.orders, o), who
	return Ordered{Name: o.Name, Outcome: OutcomeRefused}, f.is(ctx)
}
func (f *fake) ForceShutdown(ctx context.Context, who Peer, r FSD) (Begun, error) {
	f.orders, f.who = append(f.orders, Order{Name: "fsd", Value: r.Reason}), who
	return Begun{DryRun: true}, f.is(ctx)
}
func (f *fake) Maintain(ctx context.Context, who Peer, m Maintenance) (Maintained, error) {
	f.orders, f.who = append(f.orders, Order{Name: "maintain", Value: fmt.Sprint(m.Seconds)}), who
	return Maintained{Why: m.Why}, f.is(ctx)
}
func (f *fake) Send(ctx context.Context, who Peer, t Text) (Queued, error) {
	f.orders, f.who = append(f.orders, Order{Name: t.Text, Value: strings.Join(t.Routes, ",")}), who
	return Queued{42}, f.is(ctx)
}
func (f *fake) Drop(ctx context.Context, who Peer, id uint64) (Dropped, error) {
	f.orders, f.who = append(f.orders, Order{Name: "drop", Value: fmt.Sprint(id)}), who
	return Dropped{id}, f.is(ctx)
}

// serve has a backend answer on a socket, until the test ends.
func serve(t *testing.T, b Backend) *Client {
	t.Helper()
	path := filepath.Join(t.TempDir(), "control.sock")
	l, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- Serve(ctx, l, b) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the server ended: %v", err)
		}
	})
	return NewClient(path)
}

// TestThere: what a client asks reaches the backend, with who asks, and what that
// says comes back.
func TestThere(t *testing.T) {
	f := &fake{}
	c := serve(t, f)
	ctx := t.Context()
	if s, err := c.Status(ctx); err != nil || s.Version != "1.2.3" || s.UPS[0].Link != "up" {
		t.Errorf("status: %+v, %v", s, err)
	}
	if all, err := c.Variables(ctx); err != nil || all["eaton"].Variables["ups.status"] != "OL" {
		t.Errorf("variables: %+v, %v", all, err)
	}
	if g, err := c.Ground(ctx, "eaton"); err != nil || (g != ups.Ground{Line: true, LowFlag: true}) {
		t.Errorf("ground: %+v, %v", g, err)
	}
	// A name travels whatever letters it has.
	const odd = "a&b=c d"
	if got, err := c.Fields(ctx, odd); err != nil || got[0].Path != odd+".Path" {
		t.Errorf("fields: %+v, %v", got, err)
	}
	if got, err := c.Commands(ctx, odd); err != nil || got[0].Description != odd {
		t.Errorf("commands: %+v, %v", got, err)
	}
	if got, err := c.Settings(ctx, ""); err != nil || got[0].Description != "" {
		t.Errorf("settings: %+v, %v", got, err)
	}
	if got, err := c.Command(ctx, Order{UPS: "eaton", Name: "load.off", Value: "20", YesCut: true}); err != nil || !got.Done {
		t.Errorf("command: %+v, %v", got, err)
	}
	if got, err := c.Set(ctx, Order{Name: "battery.charge.low", Value: "30"}); err != nil || got.Done || got.Outcome != "refused" {
		t.Errorf("set: %+v, %v", got, err)
	}
	if got, err := c.ForceShutdown(ctx, "fire"); err != nil || !got.DryRun {
		t.Errorf("fsd: %+v, %v", got, err)
	}
	if got, err := c.Send(ctx, Text{"é\n<b>", []string{"mobile"}}); err != nil || got.ID != 42 {
		t.Errorf("send: %+v, %v", got, err)
	}
	if err := c.Drop(ctx, "7"); err != nil {
		t.Errorf("drop: %v", err)
	}
	want := []Order{{"eaton", "load.off", "20", true}, {Name: "battery.charge.low", Value: "30"}, {Name: "fsd", Value: "fire"}, {Name: "é\n<b>", Value: "mobile"}, {Name: "drop", Value: "7"}}
	if !reflect.DeepEqual(f.orders, want) {
		t.Errorf("the backend got %+v\nwant %+v", f.orders, want)
	}
	if f.who.UID != os.Getuid() || f.who.PID != os.Getpid() {
		t.Errorf("who asks is %+v, and this is %d of user %d", f.who, os.Getpid(), os.Getuid())
	}
}

// TestRefusals: an error is never an empty answer. It keeps its sentence and its
// sentinel on its way.
func TestRefusals(t *testing.T) {
	f := &fake{}
	c := serve(t, f)
	for _, err := range []error{
		WhichUPS("eaten", []string{"eaton", "other"}), Refuse(ErrNoSuch, "no message 7 waits"), Refuse(ErrUnreachable, "no link"),
		fmt.Errorf("wrapped: %w", Refuse(ErrBadRequest, "no text")), errors.New("something else"),
	} {
		f.err = err
		_, got := c.Commands(t.Context(), "")
		if got == nil || got.Error() != err.Error() {
			t.Errorf("%v came as %v", err, got)
		}
		for _, s := range sentinels {
			if errors.Is(got, s.err) != errors.Is(err, s.err) {
				t.Errorf("%v: is %q on one side alone", err, s.err)
			}
		}
	}
	if err := c.Drop(t.Context(), "no number"); !errors.Is(err, ErrNoSuch) {
		t.Errorf("a message without a number: %v", err)
	}
	if _, err := (call[none, none]{method: "GET", path: "/v1/nothing"}).ask(t.Context(), c, "", none{}); !errors.Is(err, ErrNoSuch) || !strings.Contains(err.Error(), "/v1/nothing") {
		t.Errorf("a request that there is not: %v", err)
	}
	if _, err := NewClient(filepath.Join(t.TempDir(), "x")).Status(t.Context()); !errors.Is(err, ErrNoDaemon) {
		t.Errorf("no daemon: %v", err)
	}
}

// TestWhoMayAct goes through the whole table: the group may look, and no more;
// who is unknown may not act either. Every row is answered, with the version.
func TestWhoMayAct(t *testing.T) {
	f := &fake{lines: make(chan Line)}
	close(f.lines)
	h := Handler(f)
	me := os.Geteuid()
	for name, c := range map[string]struct {
		who  Peer
		acts bool
	}{
		"root":            {PeerOf(0, 1), true},
		"the daemon user": {PeerOf(me, 1), true},
		"the group":       {PeerOf(me+1, 1), false},
		"unknown":         {Peer{}, false},
	} {
		for _, row := range Table() {
			path := strings.NewReplacer("{id}", "7", "{n}", "7").Replace(row.Path)
			r := httptest.NewRequest(row.Method, path, nil)
			r = r.WithContext(context.WithValue(r.Context(), peerKey{}, c.who))
			w := httptest.NewRecorder()
			f.orders = nil
			h.ServeHTTP(w, r)
			want := http.StatusOK
			if row.Acts && !c.acts {
				want = http.StatusForbidden
			}
			if w.Code != want {
				t.Errorf("%s: %s %s is answered %d, want %d: %s", name, row.Method, path, w.Code, want, w.Body)
			}
			if got := w.Header().Get(VersionHeader); got != "1" {
				t.Errorf("%s %s: version %q", row.Method, path, got)
			}
			if !json.Valid(w.Body.Bytes()) || w.Body.Len() < 3 {
				t.Errorf("%s %s: %q", row.Method, path, w.Body)
			}
			if want != http.StatusOK && len(f.orders) > 0 {
				t.Errorf("%s: %s %s was done", name, row.Method, path)
			}
		}
	}
}

// TestTable: whatever changes something is a POST or a DELETE and for those who
// may act, and nothing else is.
func TestTable(t *testing.T) {
	seen := make(map[string]bool)
	for _, row := range Table() {
		if row.Acts != (row.Method != http.MethodGet) {
			t.Errorf("%s %s: acts is %v", row.Method, row.Path, row.Acts)
		}
		if seen[row.Method+row.Path] {
			t.Errorf("%s %s stands twice", row.Method, row.Path)
		}
		seen[row.Method+row.Path] = true
	}
}

// TestHangs: a daemon that does not come to answer is an answer after 10 s, and
// what is asked while it ends too.
func TestHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := httptest.NewRecorder()
		Handler(&fake{hangs: true}).ServeHTTP(w, httptest.NewRequest("GET", "/v1/status", nil).WithContext(t.Context()))
		if w.Code != http.StatusGatewayTimeout || !strings.Contains(w.Body.String(), "has not answered in time") {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := httptest.NewRecorder()
	Handler(&fake{hangs: true}).ServeHTTP(w, httptest.NewRequest("GET", "/v1/status", nil).WithContext(ctx))
	if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "the daemon ends") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// TestBadRequests: what is not understood is not done.
func TestBadRequests(t *testing.T) {
	f := &fake{}
	for _, body := range []string{"{", `{"name": 7}`, `[]`, strings.Repeat(" ", maxRequest) + `{"name": "load.off"}`} {
		r := httptest.NewRequest("POST", "/v1/command", strings.NewReader(body))
		r = r.WithContext(context.WithValue(r.Context(), peerKey{}, PeerOf(0, 1)))
		w := httptest.NewRecorder()
		Handler(f).ServeHTTP(w, r)
		if w.Code != http.StatusBadRequest || len(f.orders) > 0 {
			t.Errorf("%.20q: %d %s", body, w.Code, w.Body)
		}
	}
}

// TestNewerDaemon: one that speaks a later version is not guessed at; one that
// names none, as those did before there were any, is understood.
func TestNewerDaemon(t *testing.T) {
	for version, ok := range map[string]bool{"": true, "1": true, "2": false, "x": true} {
		path := filepath.Join(t.TempDir(), "s")
		l, err := Listen(path)
		if err != nil {
			t.Fatal(err)
		}
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if version != "" {
				w.Header().Set(VersionHeader, version)
			}
			fmt.Fprint(w, `{"version":"9","more":"than we know"}`)
		})}
		go func() { _ = server.Serve(l) }()
		s, err := NewClient(path).Status(t.Context())
		server.Close()
		if (err == nil) != ok || ok && s.Version != "9" {
			t.Errorf("version %q: %+v, %v", version, s, err)
		}
	}
}

// TestListen: a socket that is left over is replaced; a daemon that lives and a
// file of another kind are not.
func TestListen(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "sub", "control.sock")
	l, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	if st, err := os.Stat(path); err != nil || st.Mode().Perm() != 0o660 {
		t.Errorf("%v, %v", st, err)
	}
	if _, err := Listen(path); err == nil || !strings.Contains(err.Error(), "another daemon is running") {
		t.Errorf("a second daemon: %v", err)
	}
	l.Close()
	if again, err := Listen(path); err != nil {
		t.Errorf("after it has ended: %v", err)
	} else {
		again.Close()
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(file); err == nil || !strings.Contains(err.Error(), "not a socket") {
		t.Errorf("a file: %v", err)
	}
	if _, err := os.Stat(file); err != nil {
		t.Errorf("it was removed: %v", err)
	}
}
