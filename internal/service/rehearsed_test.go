package service

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"ecnutd/config"
	"ecnutd/internal/discovery"
	"ecnutd/internal/routes"
	"ecnutd/sms"
)

// TestRehearsalIsMarked: a rehearsal sends nothing unless it was asked to, and
// then every text says what it is, in the language of the configuration and
// within the length of the route. Its heartbeat is never sent.
func TestRehearsalIsMarked(t *testing.T) {
	var mu sync.Mutex
	var got []string
	gateway := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		got = append(got, string(body))
	}))
	defer gateway.Close()
	for _, c := range []struct {
		language string
		send     bool
		want     []string
	}{
		{"en", false, nil},
		{"en", true, []string{"(trial) mains has failed"}},
		{"fr", true, []string{"(essai) mains has failed"}},
	} {
		got = nil
		text := fmt.Sprintf("ups: {eaton: {}}\nlanguage: %s\nmessages:\n  heartbeat: {url: %q, every: 1m}\n  routes: {g: {max_length: 100, http: {method: POST, url: %q, body: \"{{text}}\"}}}\n", c.language, gateway.URL, gateway.URL)
		conf, _, err := config.Parse([]byte(text), "f")
		if err != nil {
			t.Fatal(err)
		}
		var log strings.Builder
		s := Service{Config: conf, Log: slog.New(slog.NewTextHandler(&log, nil)), Source: &discovery.Source{}, DryRun: true, Send: c.send}
		messages := s.outside(t.Context()).Messages
		route, err := messages.Route(conf.Messages.Routes[0])
		if err != nil {
			t.Fatal(err)
		}
		if err := route.Send(t.Context(), sms.Notice{Text: "mains has failed"}); err != nil {
			t.Error(err)
		}
		if fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s, send %v: the gateway got %q, want %q", c.language, c.send, got, c.want)
		}
		if !c.send && !strings.Contains(log.String(), "mains has failed") {
			t.Errorf("what is not sent is not said either: %s", log.String())
		}
		if c.send {
			if limit := route.(sms.Limited).Limit(); limit.Length != 100-len("(trial) ") {
				t.Errorf("the text may be %d long", limit.Length)
			}
		}
		beat, err := messages.Heartbeat(conf.Messages.Heartbeat, func() bool { return true }, func(error) {})
		if err != nil {
			t.Fatal(err)
		}
		got = nil
		ctx, cancel := context.WithCancel(t.Context())
		beat(ctx) // a real one would go on until ctx ends
		cancel()
		if len(got) > 0 {
			t.Errorf("a heartbeat: %q", got)
		}
	}
}

// TestRehearsalDeliversNothing: what a rehearsal does not send is not told as
// delivered, in the log or as the last message of a route.
func TestRehearsalDeliversNothing(t *testing.T) {
	conf, _, err := config.Parse([]byte("ups: {eaton: {}}\nmessages: {routes: {a: {command: [/bin/false]}, b: {command: [/bin/false], fallback_for: a}}}\n"), "f")
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	s := Service{Config: conf, Log: slog.New(slog.NewTextHandler(&log, nil)), Source: &discovery.Source{}, DryRun: true}
	box, err := routes.Outbox(conf, s.outside(t.Context()).Messages.Route, sms.Options{Log: s.Log})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { box.Run(ctx) })
	if _, err := box.Queue(sms.Message{Text: "mains has failed", Urgent: true}); err != nil {
		t.Error(err)
	}
	if err := box.Flush(ctx); err != nil {
		t.Error(err)
	}
	cancel()
	wg.Wait()
	if text := log.String(); !strings.Contains(text, "does not send this message") || strings.Contains(text, "delivered") {
		t.Errorf("the log says %s", text)
	}
	for _, r := range box.Routes() {
		if !r.Delivered.IsZero() {
			t.Errorf("%s has delivered something", r.Name)
		}
	}
}
