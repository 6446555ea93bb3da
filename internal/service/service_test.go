package service

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"ecnutd/config"
	"ecnutd/internal/discovery"
	"ecnutd/internal/host"
	"ecnutd/internal/host/shutdown"
)

// TestSecondDaemon: where another process has the lock of the flag or of the
// control socket, no daemon comes up beside it, and it touches nothing: neither
// the state nor the flag, which would be rubbish to it.
func TestSecondDaemon(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	if err := os.WriteFile(in("killpower"), []byte("the other's"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, other := range map[string]struct{ control, flag string }{
		"the same flag":   {"", in("killpower")},
		"the same socket": {in("control.sock"), ""},
	} {
		release, missing, err := shutdown.OneDaemon(other.control, other.flag)
		if err != nil || missing != nil {
			t.Fatal(err, missing)
		}
		c := config.Minimal("eaton")
		c.State, c.Control, c.PowerDownFlag = in("state.db"), in("control.sock"), in("killpower")
		s := &Service{Config: c, Log: slog.New(slog.DiscardHandler), Source: &discovery.Source{Model: discovery.DefaultModel}}
		if err := s.Run(t.Context()); !errors.Is(err, host.ErrLocked) {
			t.Errorf("%s: %v", name, err)
		}
		release()
		if _, err := os.Stat(in("state.db")); err == nil {
			t.Errorf("%s: the state was touched", name)
		}
		if text, _ := os.ReadFile(in("killpower")); string(text) != "the other's" {
			t.Errorf("%s: the flag says %q", name, text)
		}
	}
}
