package sms

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"ecnutd/sms/smstest"
)

// TestMisbehaviour: the gateway misbehaves once and then no more. Nothing is
// lost; one thing arrives twice, where the answer was; a refusal is kept. And
// nothing that anybody can read holds the secret.
func TestMisbehaviour(t *testing.T) {
	g, ca := newGatewayServer(t)
	for b, want := range map[smstest.Behaviour]int{
		200: 1, 400: 0, 402: 1, 403: 0, 500: 1, smstest.Hang: 1, smstest.CutBefore: 1, smstest.CutAfter: 2,
		smstest.WrongCertificate: 1, smstest.Redirect: 1, smstest.Garbage: 1,
	} {
		first := true
		g.Behave(func(int) smstest.Behaviour {
			if first {
				first = false
				return b
			}
			return 200
		})
		var log lockedBuffer
		opts := Options{
			Every: -1, RetryMin: time.Millisecond, RetryMax: 10 * time.Millisecond, TooManyWait: time.Millisecond, Timeout: 500 * time.Millisecond,
			Log: slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		}
		if b != smstest.Hang {
			opts.Timeout = 10 * time.Second
		}
		file := filepath.Join(t.TempDir(), "db")
		o, stop := start(t, openStore(t, file), opts, newFree(t, g.URL(), ca))
		text := fmt.Sprintf("%s behaviour %d", awkward, b)
		queue(t, o, text)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		if err := o.Flush(ctx); err != nil {
			t.Errorf("%d: %v: %+v", b, err, o.Pending())
		}
		cancel()
		stop()
		got := 0
		for _, arrived := range g.Texts() {
			if arrived == strings.ReplaceAll(text, "\n", "\r") {
				got++
			}
		}
		if got != want || len(o.Refused()) != 1-min(want, 1) {
			t.Errorf("%d: arrived %d times, want %d; refused: %+v", b, got, want, o.Refused())
		}
		visible, err := json.Marshal([]any{o.Pending(), o.Refused(), o.Routes(), fmt.Sprint(o.Fault())})
		if err != nil {
			t.Fatal(err)
		}
		noSecret(t, "status", string(visible))
		noSecret(t, "log", log.String())
		if b != 200 && !strings.Contains(log.String(), "free: ") {
			t.Errorf("%d: the log does not tell what happened: %s", b, log.String())
		}
		for _, file := range []string{file, "/proc/self/cmdline", "/proc/self/environ"} {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			noSecret(t, file, string(b))
		}
	}
}

// A lockedBuffer takes a log from several goroutines.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
