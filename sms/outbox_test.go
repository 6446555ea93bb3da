package sms

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ecnutd/internal/store"
)

// A sent text, with the time since the test began.
type sent struct {
	After time.Duration
	Text  string
}

// A fake is a route that answers as it is told and notes what it was asked.
type fake struct {
	name   string
	limit  Limit
	start  time.Time
	takes  time.Duration
	mu     sync.Mutex
	answer func(n int, text string) error // n counts from 1
	asked  []sent
	took   []sent
}

func newFake(name string) *fake { return &fake{name: name, start: time.Now()} }

func (f *fake) Name() string { return f.name }

func (f *fake) Limit() Limit { return f.limit }

func (f *fake) Send(ctx context.Context, n Notice) error {
	text := n.Text
	f.mu.Lock()
	f.asked = append(f.asked, sent{time.Since(f.start), text})
	count, answer := len(f.asked), f.answer
	f.mu.Unlock()
	select {
	case <-time.After(f.takes):
	case <-ctx.Done():
		return fail(f.name, nil, "out of time")
	}
	if answer != nil {
		if err := answer(count, text); err != nil {
			return err
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.took = append(f.took, sent{time.Since(f.start), text})
	return nil
}

func (f *fake) texts() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var t []string
	for _, s := range f.took {
		t = append(t, s.Text)
	}
	return t
}

func (f *fake) requests() []sent {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]sent(nil), f.asked...)
}

func (f *fake) set(answer func(n int, text string) error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answer = answer
}

// down fails for ever, for a while.
func down(int, string) error { return errors.New("fake: the network is down") }

func refuse(int, string) error { return fail("fake", ErrRefused, "no such account") }

func tooMany(int, string) error { return fail("fake", ErrTooMany, "slower") }

// quiet are options without a log.
func quiet() Options { return Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil))} }

// openStore opens a store in a file of the test.
func openStore(t *testing.T, file string) *store.Store {
	t.Helper()
	s := store.Open(store.Options{Path: file, Open: store.File, Log: slog.New(slog.DiscardHandler)})
	if err := s.Fault(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close(time.Minute) })
	return s
}

// newOutbox makes an outbox that is a part of a store; nil: memory only.
func newOutbox(t *testing.T, s *store.Store, opts Options, routes ...Route) *Outbox {
	t.Helper()
	if s != nil {
		opts.Touch = s.Touch
	}
	o, err := NewOutbox(routes, opts)
	if err != nil {
		t.Fatal(err)
	}
	if s != nil {
		if err := s.Join(o); err != nil {
			t.Fatal(err)
		}
	}
	return o
}

// start makes an outbox and runs it until the test or stop ends.
func start(t *testing.T, s *store.Store, opts Options, routes ...Route) (o *Outbox, stop func()) {
	t.Helper()
	o = newOutbox(t, s, opts, routes...)
	return o, run(t, o)
}

func run(t *testing.T, o *Outbox) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { o.Run(ctx); close(done) }()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return stop
}

// queue queues a text about now.
func queue(t *testing.T, o *Outbox, texts ...string) (last uint64) {
	t.Helper()
	for _, text := range texts {
		id, err := o.Queue(Message{Text: text})
		if err != nil {
			t.Fatal(err)
		}
		last = id
	}
	return last
}

// wantTexts compares what a route took.
func wantTexts(t *testing.T, f *fake, want ...string) {
	t.Helper()
	synctest.Wait()
	if diff := cmp.Diff(want, f.texts()); diff != "" {
		t.Errorf("%s took: -want +got\n%s", f.name, diff)
	}
}

// TestRetry: 5 s, then twice as long each time up to 10 min, each spread by a
// fifth; order is kept, and nothing is lost.
func TestRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake("a")
		f.set(func(n int, _ string) error {
			if n <= 10 {
				return down(n, "")
			}
			return nil
		})
		opts := quiet()
		opts.Every, opts.LateAfter = -1, 100*time.Hour
		o, _ := start(t, nil, opts, f)
		queue(t, o, "one", "two")
		time.Sleep(24 * time.Hour)
		wantTexts(t, f, "one", "two")
		asked := f.requests()
		if len(asked) != 12 {
			t.Fatalf("%d requests", len(asked))
		}
		// 5 · 2ⁿ, at most 600
		for i, seconds := range []float64{5, 10, 20, 40, 80, 160, 320, 600, 600, 600} {
			gap := (asked[i+1].After - asked[i].After).Seconds()
			if gap < 0.8*seconds-0.001 || gap > 1.2*seconds+0.001 {
				t.Errorf("pause %d is %.3f s, want %.0f ± a fifth", i+1, gap, seconds)
			}
		}
	})
}

// TestKick: a network that comes up ends the pause, but not the one that a
// gateway asked for.
func TestKick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake("a")
		f.set(down)
		o, _ := start(t, nil, quiet(), f)
		queue(t, o, "one")
		time.Sleep(time.Hour)
		synctest.Wait()
		f.set(nil)
		before := len(f.requests())
		o.Kick()
		synctest.Wait()
		if got := len(f.requests()) - before; got != 1 {
			t.Errorf("%d requests at a kick, want 1", got)
		}
		f.set(tooMany)
		queue(t, o, "two")
		time.Sleep(2 * time.Minute)
		before = len(f.requests())
		o.Kick()
		synctest.Wait()
		if got := len(f.requests()) - before; got != 0 {
			t.Errorf("%d requests within the pause asked for", got)
		}
	})
}

// TestTooMany: 402 is followed by 15 minutes of silence, and then everything
// goes in one text.
func TestTooMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake("a")
		f.set(func(n int, text string) error {
			if n == 1 {
				return tooMany(n, text)
			}
			return nil
		})
		opts := quiet()
		opts.Every = -1
		opts.LateAfter = time.Hour
		o, _ := start(t, nil, opts, f)
		begin := time.Now()
		queue(t, o, "one")
		time.Sleep(10 * time.Second)
		queue(t, o, "two")
		time.Sleep(10 * time.Second)
		queue(t, o, "three")
		time.Sleep(15*time.Minute - 20*time.Second - time.Nanosecond)
		wantTexts(t, f)
		if s := o.Routes()[0]; !s.HeldUntil.Equal(begin.Add(15*time.Minute)) || s.Pending != 3 {
			t.Errorf("state: %+v", s)
		}
		time.Sleep(time.Nanosecond)
		clock := func(d time.Duration) string { return begin.Add(d).Local().Format("15:04:05") }
		wantTexts(t, f, fmt.Sprintf("3 messages:\n%s one\n%s two\n%s three", clock(0), clock(10*time.Second), clock(20*time.Second)))
		// And then one by one again.
		queue(t, o, "four")
		synctest.Wait()
		if got := f.texts(); got[len(got)-1] != "four" {
			t.Errorf("then: %q", got)
		}
	})
}

// TestFlapping: mains that come and go every two seconds for half a minute
// cost one message and a summary a minute later.
func TestFlapping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake("a")
		o, _ := start(t, nil, quiet(), f)
		begin := time.Now()
		for range 8 {
			queue(t, o, "mains lost")
			time.Sleep(2 * time.Second)
			queue(t, o, "mains back")
			time.Sleep(2 * time.Second)
		}
		time.Sleep(time.Hour)
		clock := func(s time.Duration) string { return begin.Add(s * time.Second).Local().Format("15:04:05") }
		// lost at 0 (sent), 4, 8 … 28; back at 2, 6 … 30: 7 and 8 in the summary
		wantTexts(t, f, "mains lost", fmt.Sprintf("15 messages:\n%s–%s 7× mains lost\n%s–%s 8× mains back", clock(4), clock(28), clock(2), clock(30)))
		if got := f.requests()[1].After; got != time.Minute {
			t.Errorf("the summary came after %s", got)
		}
	})
}

// TestLongFlapping: the pauses between summaries double: 1, 2, 4, 8, 10 min.
func TestLongFlapping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake("a")
		o, _ := start(t, nil, quiet(), f)
		for range 450 { // 30 minutes
			queue(t, o, "mains lost")
			time.Sleep(4 * time.Second)
		}
		synctest.Wait()
		var minutes []float64
		for _, s := range f.requests() {
			minutes = append(minutes, s.After.Minutes())
		}
		if diff := cmp.Diff([]float64{0, 1, 3, 7, 15, 25}, minutes); diff != "" {
			t.Errorf("requests at minutes: -want +got\n%s", diff)
		}
	})
}

// TestUrgent: an urgent message takes with it what waits in front of it.
func TestUrgent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake("a")
		o, _ := start(t, nil, quiet(), f)
		queue(t, o, "one")
		synctest.Wait()
		queue(t, o, "two")
		synctest.Wait()
		now := time.Now().Local().Format("15:04:05")
		o.Queue(Message{Text: "three", Urgent: true})
		wantTexts(t, f, "one", "2 messages:\n"+now+" two\n"+now+" three")
	})
}

// TestMergeKeepsToLimit: what does not fit into one text goes with the next,
// and nothing is left out.
func TestMergeKeepsToLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake("a")
		f.limit = Limit{Length: 100}
		o, _ := start(t, nil, quiet(), f)
		var want []string
		for i := range 20 {
			want = append(want, fmt.Sprintf("message number %02d", i))
		}
		queue(t, o, want...)
		time.Sleep(24 * time.Hour)
		all := strings.Join(f.texts(), "\n")
		at := -1
		for _, w := range want {
			if i := strings.Index(all, w); i <= at {
				t.Errorf("%q is missing or out of order in\n%s", w, all)
			} else {
				at = i
			}
		}
		for _, text := range f.texts() {
			if units(text) > 100 {
				t.Errorf("too long: %q", text)
			}
		}
	})
}

// TestSlowRoute: a route that hangs delays no other.
func TestSlowRoute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow, fast := newFake("slow"), newFake("fast")
		slow.takes = time.Hour
		o, _ := start(t, nil, quiet(), slow, fast)
		queue(t, o, "one")
		wantTexts(t, fast, "one")
		wantTexts(t, slow)
		time.Sleep(31 * time.Second) // the attempt is over after 30 s
		if p := o.Pending(); len(p) != 1 || p[0].Route != "slow" || p[0].Attempts != 1 || p[0].LastError != "slow: out of time" {
			t.Errorf("pending: %+v", p)
		}
	})
}

// TestRefused: leaves at once, is kept to be shown, and does not block what
// comes behind it.
func TestRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake("a")
		f.set(func(n int, text string) error {
			if text == "bad" {
				return refuse(n, text)
			}
			return nil
		})
		var verdicts []Verdict
		opts := quiet()
		opts.Every = -1
		opts.OnVerdict = func(e Entry) { verdicts = append(verdicts, e.Verdict) }
		o, stop := start(t, nil, opts, f)
		id := queue(t, o, "bad")
		queue(t, o, "good")
		wantTexts(t, f, "good")
		r := o.Refused()
		if len(r) != 1 || r[0].ID != id || r[0].Verdict != Refused || r[0].LastError != "fake: no such account" || r[0].Attempts != 1 {
			t.Errorf("refused: %+v", r)
		}
		if !o.Drop(id) || len(o.Refused()) != 0 || o.Drop(id) {
			t.Error("a refused message cannot be dropped once")
		}
		stop()
		if diff := cmp.Diff([]Verdict{Refused, Delivered}, verdicts); diff != "" {
			t.Error(diff)
		}
	})
}

// TestExpires: after seven days of failures, not before, and not merely
// because a clock is wrong.
func TestExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake("a")
		f.set(down)
		o, _ := start(t, nil, quiet(), f)
		queue(t, o, "one")
		time.Sleep(7 * 24 * time.Hour)
		synctest.Wait()
		if len(o.Pending()) != 1 {
			t.Fatal("given up before its time")
		}
		time.Sleep(13 * time.Minute) // the next attempt is at most 12 min away
		synctest.Wait()
		if r := o.Refused(); len(o.Pending()) != 0 || len(r) != 1 || r[0].Verdict != Expired || r[0].LastError != "fake: the network is down" {
			t.Errorf("refused: %+v", r)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "db")
		s := openStore(t, file)
		queue(t, newOutbox(t, s, quiet(), newFake("a")), "queued in 1970")
		s.Close(time.Second)
		time.Sleep(55 * 365 * 24 * time.Hour)
		f := newFake("a")
		start(t, openStore(t, file), quiet(), f)
		synctest.Wait()
		if got := f.texts(); len(got) != 1 || !strings.HasSuffix(got[0], "queued in 1970") {
			t.Errorf("took %q", got)
		}
	})
}

// TestLate: a text says when its event was from five minutes on.
func TestLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake("a")
		opts := quiet()
		opts.Every = -1
		opts.Words = French
		o, _ := start(t, nil, opts, f)
		at := time.Date(2000, 1, 2, 2, 11, 0, 0, time.Local)
		time.Sleep(time.Until(at.Add(5 * time.Minute)))
		o.Queue(Message{Text: "Secteur coupé", At: at})
		synctest.Wait()
		time.Sleep(time.Nanosecond)
		o.Queue(Message{Text: "Secteur coupé", At: at})
		wantTexts(t, f, "Secteur coupé", "(le 02/01 à 02:11) Secteur coupé")
	})
}

// TestLongText: parts go in order, each with a verdict of its own: after a
// failure only what is missing is sent again, and it still fits when late.
func TestLongText(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake("a")
		f.limit = Limit{Length: 60, Parts: 9}
		f.set(func(n int, text string) error {
			if n == 2 {
				return down(n, text)
			}
			return nil
		})
		opts := quiet()
		opts.RetryMin = 10 * time.Minute
		o, _ := start(t, nil, opts, f)
		queued := time.Now().Format("(2 Jan 15:04) ")
		id := queue(t, o, strings.Repeat("word ", 30))
		synctest.Wait()
		if p := o.Pending(); len(p) < 2 || p[0].Part != 2 || p[0].ID != id {
			t.Fatalf("pending: %+v", p)
		}
		time.Sleep(time.Hour)
		got := f.texts()
		// The bubble begins on 1 Jan 2000 at 00:00 UTC, which is 31 Dec in the west.
		// 60 - len("(31 Dec 16:00) ") - len("(1/4) ") = 39: eight words of four letters
		// and seven blanks are a part.
		if len(got) != 4 || !strings.HasPrefix(got[0], "(1/4) word") || !strings.HasPrefix(got[1], queued) || !strings.Contains(got[3], "(4/4) word") {
			t.Errorf("took %q", got)
		}
		for _, text := range got {
			if units(text) > 60 {
				t.Errorf("too long: %q", text)
			}
		}
		if n := strings.Count(strings.Join(got, ""), "word"); n != 30 {
			t.Errorf("%d words of 30 arrived", n)
		}
	})
}

// TestPanic: a library that panics costs an attempt.
func TestPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake("a")
		f.set(func(n int, _ string) error {
			if n == 1 {
				panic(secretKey)
			}
			return nil
		})
		o, _ := start(t, nil, quiet(), f)
		queue(t, o, "one")
		synctest.Wait()
		p := o.Pending()
		if len(p) != 1 || !strings.Contains(p[0].LastError, "panic") {
			t.Fatalf("%+v", p)
		}
		noSecret(t, "error", p[0].LastError)
		time.Sleep(time.Minute)
		wantTexts(t, f, "one")
	})
}

// TestWrongMessages and routes are errors at once.
func TestWrongMessages(t *testing.T) {
	f := newFake("a")
	o, err := NewOutbox([]Route{f, NewFallback(newFake("modem"), []string{"a"}, 3, 0)}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []Message{{}, {Text: "\x00"}, {Text: "x", Routes: []string{"b"}}, {Text: "x", Routes: []string{"a", "modem"}}} {
		if _, err := o.Queue(m); err == nil {
			t.Errorf("%+v is accepted", m)
		}
	}
	if n := len(o.Pending()); n != 0 {
		t.Errorf("%d wrong messages wait", n)
	}
	for _, routes := range [][]Route{
		{f, newFake("a")},
		{f, NewFallback(newFake("b"), nil, 1, 0)},
		{f, NewFallback(newFake("b"), []string{"c"}, 1, 0)},
	} {
		if _, err := NewOutbox(routes, quiet()); err == nil {
			t.Errorf("routes %v are accepted", routes)
		}
	}
}

// TestMaxPending: more than may wait costs the oldest, loudly.
func TestMaxPending(t *testing.T) {
	opts := quiet()
	opts.MaxPending = 3
	o, err := NewOutbox([]Route{newFake("a")}, opts)
	if err != nil {
		t.Fatal(err)
	}
	queue(t, o, "one", "two", "three", "four", "five")
	if p := o.Pending(); len(p) != 3 || p[0].Text != "three" {
		t.Errorf("pending: %+v", p)
	}
	if r := o.Refused(); len(r) != 2 || r[0].Text != "one" || r[0].Verdict != Expired {
		t.Errorf("refused: %+v", r)
	}
}
