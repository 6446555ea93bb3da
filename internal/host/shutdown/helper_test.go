package shutdown

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ecnutd/config"
	"ecnutd/internal/host"
)

const thisBoot = "11111111-2222-3333-4444-555555555555"

// A helped is a helper in a folder of its own, whose shutdown is a count.
type helped struct {
	*Helper
	dir  string
	ran  int
	fail int // so many of the first runs fail
	log  bytes.Buffer
}

func newHelped(t *testing.T) *helped {
	t.Helper()
	h := &helped{dir: t.TempDir()}
	c := config.Minimal("ups")
	c.PowerDownFlag = filepath.Join(h.dir, "killpower")
	h.Helper = &Helper{
		Log:     slog.New(slog.NewTextHandler(&h.log, nil)),
		Request: filepath.Join(h.dir, "shutdown"),
		Boot:    thisBoot, Now: func() time.Duration { return time.Hour }, Config: c,
		Command: func(config.Command) error {
			if h.ran++; h.ran <= h.fail {
				return errors.New("no")
			}
			return nil
		},
	}
	return h
}

func (h *helped) order(t *testing.T, boot string, at time.Duration) {
	t.Helper()
	if err := WriteOrder(h.Request, boot, "battery low", at); err != nil {
		t.Fatal(err)
	}
}

func (h *helped) left(t *testing.T) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(h.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// TestShutdownHelper: an order of this boot that is fresh is carried out, once,
// and nothing else ever is. Whatever lay there is gone afterwards, or systemd
// would find it again at once.
func TestShutdownHelper(t *testing.T) {
	for name, c := range map[string]struct {
		put  func(*testing.T, *helped)
		ran  int
		left []string
		said string
	}{
		"an order":       {func(t *testing.T, h *helped) { h.order(t, thisBoot, time.Hour-time.Second) }, 1, []string{"killpower"}, "battery low"},
		"no order":       {func(*testing.T, *helped) {}, 0, nil, "there is no order"},
		"an old order":   {func(t *testing.T, h *helped) { h.order(t, thisBoot, time.Hour-OrderFresh-time.Second) }, 0, nil, "2m1s old"},
		"of the future":  {func(t *testing.T, h *helped) { h.order(t, thisBoot, time.Hour+time.Second) }, 0, nil, "counts no more"},
		"another boot's": {func(t *testing.T, h *helped) { h.order(t, "another", time.Hour) }, 0, nil, "of another boot"},
		"of nobody": {func(t *testing.T, h *helped) {
			if err := os.WriteFile(h.Request, []byte("poweroff\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}, 0, nil, "is not a flag that ecnutd wrote"},
		"taken by a helper that was killed": {func(t *testing.T, h *helped) {
			h.order(t, thisBoot, time.Hour-OrderFresh-time.Second)
			if err := os.Rename(h.Request, h.Request+".taken"); err != nil {
				t.Fatal(err)
			}
		}, 1, []string{"killpower"}, "battery low"},
		"taken long ago": {func(t *testing.T, h *helped) {
			h.order(t, thisBoot, time.Hour-takenFresh-time.Second)
			if err := os.Rename(h.Request, h.Request+".taken"); err != nil {
				t.Fatal(err)
			}
		}, 0, nil, "there is no order"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHelped(t)
			c.put(t, h)
			if err := h.Run(t.Context()); err != nil {
				t.Error(err)
			}
			if left := h.left(t); h.ran != c.ran || !slices.Equal(left, c.left) || !strings.Contains(h.log.String(), c.said) {
				t.Errorf("ran %d times, left %v, said\n%s", h.ran, left, &h.log)
			}
		})
	}
}

// TestShutdownHelperTriesAgain: a command that fails is tried until it does
// not, and the flag says which shutdown this is.
func TestShutdownHelperTriesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHelped(t)
		h.fail = 3
		h.order(t, thisBoot, time.Hour)
		begun := time.Now()
		if err := h.Run(t.Context()); err != nil || h.ran != 4 || time.Since(begun) != 3*orderPause {
			t.Errorf("%v, ran %d times in %s", err, h.ran, time.Since(begun))
		}
		found := ReadFlag(h.Config.PowerDownFlag, thisBoot)
		if found.State != FlagCounts || found.Flag.Reason != "battery low" {
			t.Errorf("the flag: %+v", found)
		}
	})
}

// TestShutdownHelperUnderWay: the shutdown ends whoever has begun it. That is
// no failure, and leaves no order.
func TestShutdownHelperUnderWay(t *testing.T) {
	h := newHelped(t)
	ctx, cancel := context.WithCancel(t.Context())
	h.Command = func(config.Command) error { cancel(); return errors.New("signal: terminated") }
	h.order(t, thisBoot, time.Hour)
	if err := h.Run(ctx); err != nil {
		t.Error(err)
	}
	if left := h.left(t); strings.Contains(h.log.String(), "FAILED") || !slices.Equal(left, []string{"killpower"}) {
		t.Errorf("left %v, said\n%s", left, &h.log)
	}
}

// TestOrderUntilTaken: the daemon orders anew while nobody takes the order, and
// tries the command itself.
func TestOrderUntilTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		var log bytes.Buffer
		x := &Orderer{Log: slog.New(slog.NewTextHandler(&log, nil)), Request: filepath.Join(dir, "shutdown"), Boot: thisBoot, Command: Run}
		tried := filepath.Join(dir, "tried")
		c := config.Command{Shell: "echo once >>" + tried + "; exit 1"}
		done := make(chan struct{})
		go func() { defer close(done); x.Order(t.Context(), c, "battery low") }()
		time.Sleep(orderPause + time.Second)
		synctest.Wait()
		if order, there, _ := ReadOrder(x.Request, thisBoot, host.BootTime(), OrderFresh); !there || order.Reason != "battery low" {
			t.Errorf("the order: %+v", order)
		}
		if got, _ := os.ReadFile(tried); string(got) != "once\n" {
			t.Errorf("the command was tried: %q", got)
		}
		if !strings.Contains(log.String(), "nobody has taken the order within 10s") {
			t.Errorf("said\n%s", &log)
		}
		time.Sleep(orderPause) // ordered anew
		synctest.Wait()
		if err := os.Remove(x.Request); err != nil {
			t.Error(err)
		}
		<-done
	})
}
