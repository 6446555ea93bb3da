package shutdown

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ecnutd/config"
)

const thisBoot = "11111111-2222-3333-4444-555555555555"

// A helped is a helper in a folder of its own, in a world whose shutdown
// command is a wait, and whose systemd says what the test wants.
type helped struct {
	*Helper
	t     *testing.T
	dir   string
	begun time.Time
	log   journal

	mu      sync.Mutex    // of what follows, once the helper runs: see world
	takes   time.Duration // of the command
	fail    int           // so many of the first runs fail
	starts  []time.Duration
	atWork  int // commands at work now
	most    int // most at once
	undone  []time.Duration
	undoErr error

	pending Pending // what systemd says
	what    string
	silent  bool // it does not answer
	none    bool // there is no systemd
}

func newHelped(t *testing.T) *helped {
	t.Helper()
	h := &helped{t: t, dir: t.TempDir(), begun: time.Now()}
	c := config.Minimal("ups")
	c.PowerDownFlag = filepath.Join(h.dir, "killpower")
	h.Helper = &Helper{
		Log:     slog.New(slog.NewTextHandler(&h.log, nil)),
		Request: filepath.Join(h.dir, "shutdown"), Status: filepath.Join(h.dir, "status.json"),
		Boot: thisBoot, Now: h.now, Config: c,
		Start: h.start, Adopt: func(int, uint64) *Running { return nil },
		Ask: func(context.Context) (Pending, string, error) {
			h.mu.Lock()
			defer h.mu.Unlock()
			// What stands there in the meantime is read by others.
			if s, err := ReadStatus(h.Status, thisBoot, h.now()); err == nil && h.atWork > 0 && len(h.starts) == s.Command.Runs && s.Command.Ended == 0 && s.Command.Failed == "" && s.CommandEnded() {
				t.Errorf("the command is at work, and is said to have ended: %+v", s)
			}
			switch {
			case h.none:
				return NotPending, "", ErrNoSystemd
			case h.silent:
				return NotPending, "", errors.New("no answer")
			}
			return h.pending, h.what, nil
		},
		Undo: func(context.Context) error {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.undone = append(h.undone, h.now())
			if h.undoErr == nil && h.pending == Scheduled {
				h.pending = NotPending
			}
			return h.undoErr
		},
	}
	return h
}

// now is an hour after the boot and on.
func (h *helped) now() time.Duration { return time.Hour + time.Since(h.begun) }

func (h *helped) start(config.Command) (*Running, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.starts = append(h.starts, h.now())
	h.atWork++
	h.most = max(h.most, h.atWork)
	ended := make(chan error, 1)
	fails := len(h.starts) <= h.fail
	time.AfterFunc(h.takes, func() {
		h.mu.Lock()
		h.atWork--
		h.mu.Unlock()
		if fails {
			ended <- errors.New("no")
			return
		}
		ended <- nil
	})
	return &Running{PID: 100 + len(h.starts), Start: 1, Ended: ended}, nil
}

// world changes or looks at the world while the helper runs.
func (h *helped) world(f func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f()
}

// ran is when the command was begun.
func (h *helped) ran() (starts []time.Duration) {
	h.world(func() { starts = slices.Clone(h.starts) })
	return starts
}

// A journal is a log that is read while it is written.
type journal struct {
	mu   sync.Mutex
	text strings.Builder
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

func (h *helped) order(boot string, at time.Duration) {
	h.t.Helper()
	if err := WriteOrder(h.Request, Flag{Boot: boot, Reason: "battery low"}, at); err != nil {
		h.t.Fatal(err)
	}
}

// undo orders to undo the shutdown.
func (h *helped) undo(drop bool) {
	h.t.Helper()
	if err := WriteOrder(UndoRequest(h.Request), Flag{Boot: thisBoot, Reason: "mains is back", DropFlag: drop}, h.now()); err != nil {
		h.t.Fatal(err)
	}
}

// said is what the helper says now.
func (h *helped) said() Status {
	h.t.Helper()
	s, err := ReadStatus(h.Status, thisBoot, h.now())
	if err != nil {
		h.t.Errorf("at %s: %v", h.now(), err)
	}
	return s
}

// run runs the helper beside the test, which says when it has ended.
func (h *helped) run(ctx context.Context) (ended chan error) {
	ended = make(chan error, 1)
	over := make(chan struct{})
	go func() {
		defer close(over)
		ended <- h.Run(ctx)
	}()
	h.t.Cleanup(func() { <-over }) // its last word, before the folder goes
	synctest.Wait()
	return ended
}

func (h *helped) left() (names []string) {
	h.t.Helper()
	entries, err := os.ReadDir(h.dir)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// TestHelper: an order of this boot that is fresh is carried out, once, and
// nothing else ever is. Whatever lay there is gone afterwards, or systemd would
// find it again at once.
func TestHelper(t *testing.T) {
	for name, c := range map[string]struct {
		put  func(*helped)
		ran  int
		left []string
		said string
	}{
		"an order":       {func(h *helped) { h.order(thisBoot, h.now()-time.Second) }, 1, []string{"killpower", "status.json"}, "battery low"},
		"no order":       {func(*helped) {}, 0, nil, "there is no order"},
		"an old order":   {func(h *helped) { h.order(thisBoot, h.now()-OrderFresh-time.Second) }, 0, nil, "2m1s old"},
		"of the future":  {func(h *helped) { h.order(thisBoot, h.now()+time.Second) }, 0, nil, "counts no more"},
		"another boot's": {func(h *helped) { h.order("another", h.now()) }, 0, nil, "of another boot"},
		"of nobody": {func(h *helped) {
			if err := os.WriteFile(h.Request, []byte("poweroff\n"), 0o644); err != nil {
				h.t.Fatal(err)
			}
		}, 0, nil, "is not a flag that ecnutd wrote"},
		"taken by a helper that was killed": {func(h *helped) {
			h.order(thisBoot, h.now()-OrderFresh-time.Second)
			if err := os.Rename(h.Request, h.Request+".taken"); err != nil {
				h.t.Fatal(err)
			}
		}, 1, []string{"killpower", "status.json"}, "battery low"},
		"taken long ago": {func(h *helped) {
			h.order(thisBoot, h.now()-takenFresh-time.Second)
			if err := os.Rename(h.Request, h.Request+".taken"); err != nil {
				h.t.Fatal(err)
			}
		}, 0, nil, "there is no order"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHelped(t)
				c.put(h)
				if err := h.Run(t.Context()); err != nil {
					t.Error(err)
				}
				if left := h.left(); len(h.ran()) != c.ran || !slices.Equal(left, c.left) || !strings.Contains(h.log.String(), c.said) {
					t.Errorf("ran at %v, left %v, said\n%s", h.ran(), left, &h.log)
				}
			})
		})
	}
}

// TestHelperTriesAgain: a command that fails is tried until it does not, and
// the flag says which shutdown this is.
func TestHelperTriesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHelped(t)
		h.world(func() { h.fail = 3 })
		h.order(thisBoot, h.now())
		if err := h.Run(t.Context()); err != nil || len(h.ran()) != 4 {
			t.Errorf("%v, ran at %v", err, h.ran())
		}
		if took := h.ran()[3] - h.ran()[0]; took < 3*orderPause || took > 3*(orderPause+statusEvery) {
			t.Errorf("the fourth run came %s after the first", took)
		}
		found := ReadFlag(h.Config.PowerDownFlag, thisBoot)
		if found.State != FlagCounts || found.Flag.Reason != "battery low" {
			t.Errorf("the flag: %+v", found)
		}
	})
}

// TestHelperUnderWay: the shutdown ends whoever has begun it. That is no
// failure, and leaves no order.
func TestHelperUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHelped(t)
		h.world(func() { h.takes, h.pending, h.what = time.Hour, ByJob, "poweroff.target" })
		ctx, cancel := context.WithCancel(t.Context())
		h.order(thisBoot, h.now())
		ended := h.run(ctx)
		time.Sleep(3 * time.Second)
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if left := h.left(); strings.Contains(h.log.String(), "FAILED") || !slices.Equal(left, []string{"killpower", "status.json"}) {
			t.Errorf("left %v, said\n%s", left, &h.log)
		}
		time.Sleep(time.Hour)
	})
}

// TestLongScript: a script that stops guests for five minutes is left alone
// with its work, is never begun a second time though orders come in, and that
// it is still at work is told each minute.
func TestLongScript(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHelped(t)
		h.world(func() { h.takes = 5 * time.Minute })
		h.order(thisBoot, h.now())
		ended := h.run(t.Context())
		for minute := range 5 {
			if s := h.said(); s.Pending != ByCommand || s.CommandEnded() {
				t.Errorf("in minute %d: %+v", minute, s)
			}
			h.order(thisBoot, h.now()) // again, whatever comes
			time.Sleep(time.Minute)
		}
		time.Sleep(2 * statusEvery)
		if s := h.said(); s.Pending != NotPending || !s.CommandEnded() || s.Command.Runs != 1 {
			t.Errorf("afterwards: %+v", s)
		}
		if n := strings.Count(h.log.String(), "still at work"); n < 4 || n > 5 {
			t.Errorf("told %d times\n%s", n, &h.log)
		}
		// The daemon gives it again, now that nothing is pending.
		time.Sleep(3 * time.Minute)
		h.world(func() { h.takes = 0 })
		h.order(thisBoot, h.now())
		time.Sleep(2 * statusEvery)
		if s := h.said(); len(h.ran()) != 2 || h.most != 1 || s.Command.Runs != 2 || !s.CommandEnded() {
			t.Errorf("ran at %v, %d at once: %+v", h.ran(), h.most, s)
		}
		h.undo(true)
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// TestScheduledAndTakenBack: shutdown +10 returns at once and the shutdown is
// pending; after shutdown -c nothing is.
func TestScheduledAndTakenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHelped(t)
		h.world(func() { h.pending, h.what = Scheduled, "poweroff" })
		h.order(thisBoot, h.now())
		ended := h.run(t.Context())
		for range 9 {
			time.Sleep(time.Minute)
			if s := h.said(); s.Pending != Scheduled || s.What != "poweroff" || !s.CommandEnded() {
				t.Errorf("%+v", s)
			}
		}
		h.order(thisBoot, h.now())
		time.Sleep(2 * statusEvery)
		if len(h.ran()) != 1 {
			t.Errorf("given again while one is scheduled: %v", h.ran())
		}
		h.world(func() { h.pending = NotPending }) // somebody calls it off
		time.Sleep(2 * statusEvery)
		if s := h.said(); s.Pending != NotPending || !s.CommandEnded() {
			t.Errorf("%+v", s)
		}
		// Mains is back: it is undone, and the flag goes only when that is said.
		h.undo(false)
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if s := h.said(); !s.Undone || !s.Final || len(h.undone) != 1 {
			t.Errorf("%+v, undone at %v", s, h.undone)
		}
		if left := h.left(); !slices.Equal(left, []string{"killpower", "status.json"}) {
			t.Errorf("left %v", left)
		}
		time.Sleep(time.Minute)
		if s := h.said(); !s.Undone { // a last word does not grow old
			t.Errorf("%+v", s)
		}
		h.undo(true) // systemd starts a helper for it
		if err := h.Run(t.Context()); err != nil {
			t.Error(err)
		}
		if left := h.left(); !slices.Equal(left, []string{"status.json"}) {
			t.Errorf("left %v", left)
		}
	})
}

// TestHangingStopJob: a service that does not stop keeps the shutdown pending
// for as long as it takes; it is not undone, and the flag stays.
func TestHangingStopJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHelped(t)
		h.world(func() { h.pending, h.what = ByJob, "poweroff.target" })
		h.order(thisBoot, h.now())
		ended := h.run(t.Context())
		time.Sleep(20 * time.Minute)
		if s := h.said(); s.Pending != ByJob || !s.CommandEnded() {
			t.Errorf("%+v", s)
		}
		h.undo(true)
		synctest.Wait()
		time.Sleep(3 * statusEvery)
		if s := h.said(); s.Undone || !strings.Contains(s.UndoFault, "poweroff.target") {
			t.Errorf("%+v", s)
		}
		if left := h.left(); !slices.Contains(left, "killpower") || slices.Contains(left, "shutdown.undo") {
			t.Errorf("left %v", left)
		}
		h.world(func() { h.pending = NotPending })
		h.undo(true)
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if s := h.said(); !s.Undone || s.UndoFault != "" {
			t.Errorf("%+v", s)
		}
	})
}

// TestFailingCommandIsNoPending: a command that fails at once and is tried
// every ten seconds has ended, all the time; it is undone like any other, and
// then it is not tried any more.
func TestFailingCommandIsNoPending(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHelped(t)
		h.world(func() { h.fail, h.takes = 1000, time.Second })
		h.order(thisBoot, h.now())
		ended := h.run(t.Context())
		time.Sleep(3 * time.Second)
		for range 60 {
			if s := h.said(); s.Pending != NotPending || !s.CommandEnded() || s.Command.Failed != "no" {
				t.Errorf("%+v", s)
			}
			time.Sleep(time.Second)
		}
		h.undo(false)
		if err := <-ended; err != nil {
			t.Error(err)
		}
		n := len(h.ran())
		time.Sleep(time.Minute)
		if len(h.ran()) != n {
			t.Error("it was tried again after it was undone")
		}
	})
}

// TestSystemdIsSilent: without an answer what was known counts for a minute,
// and then the command alone. Where there is no systemd it does from the start.
func TestSystemdIsSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHelped(t)
		h.world(func() { h.pending, h.what = Scheduled, "poweroff" })
		h.order(thisBoot, h.now())
		h.run(t.Context())
		time.Sleep(10 * time.Second)
		h.world(func() { h.silent = true })
		time.Sleep(blindAfter - 5*time.Second)
		if s := h.said(); s.Pending != Scheduled || s.Blind {
			t.Errorf("%+v", s)
		}
		time.Sleep(15 * time.Second)
		if s := h.said(); s.Pending != NotPending || !s.Blind {
			t.Errorf("%+v", s)
		}
		h.world(func() { h.silent, h.none = false, true })
		time.Sleep(15 * time.Second)
		if s := h.said(); s.Pending != NotPending || !s.Blind || !s.CommandEnded() {
			t.Errorf("%+v", s)
		}
	})
}

// TestHelperIsKilled: the next helper finds the command at work and does not
// begin a second one, though it has run for longer than any order is fresh; and
// one that has ended is not run again.
func TestHelperIsKilled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHelped(t)
		h.world(func() { h.takes = time.Hour })
		h.order(thisBoot, h.now())
		ctx, kill := context.WithCancel(t.Context())
		first := h.run(ctx)
		time.Sleep(20 * time.Minute)
		s := h.said()

		next := newHelped(t)
		next.begun = h.begun
		if err := writeStatus(next.Status, s); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(h.Request+".taken", next.Request+".taken"); err != nil {
			t.Fatal(err)
		}
		kill()
		<-first
		ended := make(chan error, 1)
		next.Adopt = func(pid int, ticks uint64) *Running {
			if pid != s.Command.PID || ticks != s.Command.Ticks || pid == 0 {
				t.Errorf("adopts %d %d", pid, ticks)
			}
			return &Running{PID: pid, Start: ticks, Ended: ended}
		}
		done := next.run(t.Context())
		time.Sleep(time.Minute)
		if got := next.said(); got.Pending != ByCommand || got.Command.Runs != 1 || len(next.ran()) > 0 {
			t.Errorf("%+v, ran at %v", got, next.ran())
		}
		ended <- ErrUnknownEnd
		time.Sleep(2 * statusEvery)
		got := next.said()
		if !got.CommandEnded() || got.Pending != NotPending || len(next.ran()) > 0 {
			t.Errorf("%+v, ran at %v", got, next.ran())
		}
		next.undo(true)
		if err := <-done; err != nil {
			t.Error(err)
		}
		if slices.Contains(next.left(), "killpower") {
			t.Error("the flag is still there")
		}
	})
}

// TestHelperEnds: when nothing has been pending for long the helper says its
// last word; it counts for ever in this boot.
func TestHelperEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHelped(t)
		h.order(thisBoot, h.now())
		begun := time.Now()
		if err := h.Run(t.Context()); err != nil {
			t.Error(err)
		}
		if took := time.Since(begun); took < idleTime || took > idleTime+time.Minute {
			t.Errorf("it watched for %s", took)
		}
		time.Sleep(24 * time.Hour)
		if s := h.said(); !s.Final || !s.CommandEnded() || s.Undone {
			t.Errorf("%+v", s)
		}
	})
}

// TestReadStatus: a word of another boot, of a later release or of long ago is
// no word.
func TestReadStatus(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sub", "status.json")
	if _, err := ReadStatus(path, thisBoot, time.Hour); !errors.Is(err, ErrNoStatus) {
		t.Errorf("no file: %v", err)
	}
	s := Status{Boot: thisBoot, Uptime: time.Hour, Pending: ByCommand, Command: CommandStatus{Runs: 1}}
	if err := writeStatus(path, s); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		boot string
		now  time.Duration
		want error
	}{
		{thisBoot, time.Hour, nil}, {thisBoot, time.Hour + StatusFresh, nil},
		{thisBoot, time.Hour + StatusFresh + 1, ErrSilent}, {thisBoot, time.Hour - 1, ErrSilent},
		{"another", time.Hour, ErrNoStatus}, {"", time.Hour, ErrNoStatus},
	} {
		got, err := ReadStatus(path, c.boot, c.now)
		if !errors.Is(err, c.want) || c.want == nil && (err != nil || got.Pending != ByCommand) {
			t.Errorf("boot %q at %s: %+v, %v, want %v", c.boot, c.now, got, err, c.want)
		}
	}
	for _, text := range []string{`{"version":2,"boot":"` + thisBoot + `","final":true}`, `{`, `[]`, strings.Repeat(" ", maxStatus+1) + "{}"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadStatus(path, thisBoot, time.Hour); !errors.Is(err, ErrNoStatus) {
			t.Errorf("%.40q: %v", text, err)
		}
	}
}

// TestOrderUntilTaken: the daemon orders anew while nobody takes the order, and
// tries the command itself, with the order taken back meanwhile.
func TestOrderUntilTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHelped(t)
		h.world(func() { h.fail, h.takes = 1, 3*time.Minute })
		o := &Orderer{Log: h.Log, Request: h.Request, Now: h.now, Start: h.start}
		there := func() bool {
			_, there, why := ReadOrder(h.Request, thisBoot, h.now(), OrderFresh)
			return there && why == ""
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			o.Order(t.Context(), config.Command{}, Flag{Boot: thisBoot, Reason: "battery low"})
		}()
		synctest.Wait()
		if !there() {
			t.Error("there is no order")
		}
		time.Sleep(orderPause + time.Second)
		if there() || len(h.ran()) != 1 || !strings.Contains(h.log.String(), "nobody has taken the order within 10s") {
			t.Errorf("an order: %t, ran at %v, said\n%s", there(), h.ran(), &h.log)
		}
		time.Sleep(3*time.Minute + orderPause) // it fails, and is ordered anew
		if !there() || strings.Count(h.log.String(), "still at work") < 2 {
			t.Errorf("an order: %t, said\n%s", there(), &h.log)
		}
		if err := os.Remove(h.Request); err != nil {
			t.Error(err)
		}
		<-done
		if len(h.ran()) != 1 {
			t.Errorf("ran at %v", h.ran())
		}
	})
}

// TestFailsButPending: a command that fails after it has scheduled a shutdown is
// not tried again until that is taken back.
func TestFailsButPending(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHelped(t)
		h.fail, h.pending, h.what = 1, Scheduled, "poweroff"
		h.order(thisBoot, h.now())
		h.run(t.Context())
		time.Sleep(5 * time.Minute)
		if ran := h.ran(); len(ran) != 1 {
			t.Errorf("ran at %v", ran)
		}
		h.world(func() { h.pending = NotPending })
		time.Sleep(3 * statusEvery)
		if ran := h.ran(); len(ran) != 2 {
			t.Errorf("ran at %v", ran)
		}
	})
}
