package thishost

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ecnutd/config"
	"ecnutd/internal/host"
	"ecnutd/internal/host/shutdown"
)

// TestUndoEndsTheTries: a command that failed is tried again, until the shutdown
// is undone: the host may be on mains by then.
func TestUndoEndsTheTries(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tries")
	p := &Power{Log: slog.New(slog.DiscardHandler), Boot: "b", pause: 20 * time.Millisecond}
	p.Off(config.Command{Argv: []string{"/bin/sh", "-c", "echo x >>" + file + "; exit 1"}}, shutdown.Flag{})
	tries := func() int {
		raw, _ := os.ReadFile(file)
		return strings.Count(string(raw), "x")
	}
	for deadline := time.Now().Add(time.Minute); tries() < 2; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("a command that failed is not tried again")
		}
	}
	p.giveUp()
	time.Sleep(200 * time.Millisecond) // one may be at work
	was := tries()
	time.Sleep(300 * time.Millisecond)
	if now := tries(); now != was {
		t.Errorf("%d tries after it was undone", now-was)
	}
}

// TestDiskStalls: a disk that does not answer keeps nobody from going down.
func TestDiskStalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun, thaws := time.Now(), make(chan struct{})
		err := host.Within(diskTime, func() error { <-thaws; return nil })
		if err == nil || time.Since(begun) != diskTime {
			t.Errorf("%v after %s", err, time.Since(begun))
		}
		close(thaws)
		if err := host.Within(diskTime, func() error { return os.ErrPermission }); err != os.ErrPermission {
			t.Errorf("a disk that answers: %v", err)
		}
	})
}
