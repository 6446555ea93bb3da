package guard

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ecnutd/ups"
)

// ending is what a UPS says whose battery is about to end.
func ending() ups.Snapshot {
	return ups.Snapshot{Status: ups.OnBattery | ups.LowBattery, Low: ups.BelowCapacity, Charge: ups.Known(3), Runtime: ups.Known(19)}
}

// TestExhausted: only all of it together, known and fresh, ends a host.
func TestExhausted(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*ups.Snapshot)
		want   bool
	}{
		"19 s are left":       {func(*ups.Snapshot) {}, true},
		"20 s are left":       {func(s *ups.Snapshot) { s.Runtime = ups.Known(20) }, false},
		"runtime not known":   {func(s *ups.Snapshot) { s.Runtime = ups.Number{} }, false},
		"runtime is old":      {func(s *ups.Snapshot) { s.Age.Runtime = fresh }, false},
		"status is old":       {func(s *ups.Snapshot) { s.Age.Status = fresh }, false},
		"on mains":            {func(s *ups.Snapshot) { s.Status = ups.Online | ups.LowBattery }, false},
		"on both":             {func(s *ups.Snapshot) { s.Status |= ups.Online }, false},
		"says neither":        {func(s *ups.Snapshot) { s.Status = ups.LowBattery }, false},
		"not called low":      {func(s *ups.Snapshot) { s.Low = 0 }, false},
		"about to shut down":  {func(s *ups.Snapshot) { s.Low = ups.ShutdownImminent }, true},
		"the time is expired": {func(s *ups.Snapshot) { s.Low = ups.TimeExpired }, true},
	} {
		s := ending()
		c.change(&s)
		if got := exhausted(s); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestWatch: two readings, two seconds apart, of each UPS that feeds the host.
func TestWatch(t *testing.T) {
	start := time.Unix(1000, 0)
	mains := ups.Snapshot{Status: ups.Online, Runtime: ups.Known(600)}
	type step struct {
		at   int // seconds
		ups  string
		s    ups.Snapshot
		over bool
	}
	for name, c := range map[string]struct {
		feeds []string
		steps []step
	}{
		"two readings":            {[]string{"a"}, []step{{0, "a", ending(), false}, {2, "a", ending(), true}}},
		"too close":               {[]string{"a"}, []step{{0, "a", ending(), false}, {1, "a", ending(), false}, {2, "a", ending(), true}}},
		"one said otherwise":      {[]string{"a"}, []step{{0, "a", ending(), false}, {1, "a", mains, false}, {3, "a", ending(), false}}},
		"a gap in between":        {[]string{"a"}, []step{{0, "a", ending(), false}, {30, "a", ending(), false}}},
		"the other one feeds":     {[]string{"a", "b"}, []step{{0, "a", ending(), false}, {1, "b", mains, false}, {3, "a", ending(), false}}},
		"the other was not heard": {[]string{"a", "b"}, []step{{0, "a", ending(), false}, {3, "a", ending(), false}}},
		"both":                    {[]string{"a", "b"}, []step{{0, "a", ending(), false}, {1, "b", ending(), false}, {2, "a", ending(), false}, {3, "b", ending(), true}}},
		"one that feeds nobody":   {nil, []step{{0, "a", ending(), false}, {3, "a", ending(), false}}},
	} {
		w := NewWatch(c.feeds)
		for _, s := range c.steps {
			at := start.Add(time.Duration(s.at) * time.Second)
			w.Take(Reading{s.ups, s.s, at})
			if got := w.Over(at); got != s.over {
				t.Errorf("%s, second %d: over is %v", name, s.at, got)
			}
		}
		if w.Over(start.Add(time.Hour)) {
			t.Errorf("%s: over an hour after the last reading", name)
		}
	}
}

// TestGuard: the steps come in their order, and one that hangs does not keep the
// power from being switched off within what is left.
func TestGuard(t *testing.T) {
	for name, c := range map[string]struct {
		hangs   []string
		fails   bool
		undone  bool
		want    []string
		atMost  time.Duration // from the second reading to the end
		message string
	}{
		"all goes well":        {want: []string{"sync", "arm", "read-only", "off"}},
		"a dead file system":   {hangs: []string{"sync", "read-only"}, want: []string{"arm", "off"}, atMost: (20 - 4) * time.Second, message: "not done after 5s"},
		"a UPS that is silent": {hangs: []string{"arm"}, want: []string{"sync", "read-only", "off"}, atMost: (20 - 4) * time.Second, message: "not done after 6s"},
		"everything hangs":     {hangs: []string{"sync", "arm", "read-only"}, want: []string{"off"}, atMost: (20 - 4) * time.Second},
		"everything fails":     {fails: true, want: []string{"sync", "arm", "read-only", "off"}, message: "no rights"},
		"it was undone":        {undone: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				var mu sync.Mutex
				var did []string
				var offAt time.Time
				never := make(chan struct{})
				step := func(name string) error {
					if slices.Contains(c.hangs, name) {
						<-never
						return nil
					}
					if name == "arm" {
						time.Sleep(time.Second) // after sync, for the order below
					}
					mu.Lock()
					did = append(did, name)
					mu.Unlock()
					if c.fails && name != "off" {
						return errors.New("no rights")
					}
					return nil
				}
				readings := make(chan Reading)
				g := &Guard{
					Log: slog.New(slog.NewTextHandler(&log, nil)), Feeds: []string{"a"}, Readings: readings,
					Standing: func() bool { return !c.undone },
					Arm:      func(context.Context) error { return step("arm") },
					Sync:     func() error { return step("sync") },
					ReadOnly: func() error { return step("read-only") },
					PowerOff: func() error { offAt = time.Now(); return step("off") },
				}
				ended := make(chan error, 1)
				go func() { ended <- g.Run(t.Context()) }()
				readings <- Reading{"a", ending(), time.Now()}
				if !c.undone {
					time.Sleep(confirmAfter)
					readings <- Reading{"a", ending(), time.Now()}
				}
				second := time.Now()
				if err := <-ended; err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(did, c.want) {
					t.Errorf("did %v, want %v", did, c.want)
				}
				if c.atMost > 0 && offAt.Sub(second) > c.atMost {
					t.Errorf("off %s after the second reading", offAt.Sub(second))
				}
				if !strings.Contains(log.String(), c.message) {
					t.Errorf("no %q in the log:\n%s", c.message, log.String())
				}
				close(never)
			})
		})
	}
}
