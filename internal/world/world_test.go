package world

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ecnutd/internal/world/plan"
)

var (
	worlds = flag.Int("worlds", 4, "how many worlds are played")
	from   = flag.Uint64("from", 1, "the first seed")
	years  = flag.Float64("years", 0, "play for so many years, and not a number of worlds")
	same   = flag.Int("same", 0, "of how many seeds two runs are compared")
	tell   = flag.Bool("tell", false, "print every story")
	only   = flag.String("kind", "", "play worlds of this kind alone")
	until  = flag.String("until", "", "end with the first world that breaks this promise, and look at no other; \"any\" for any")
)

// folder is one in memory, where there is such a thing: a world stores often.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "ecnutd-world-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// play plays a plan in a bubble of its own.
func play(t *testing.T, p plan.Plan) (r Result) {
	t.Helper()
	dir := folder(t)
	synctest.Test(t, func(t *testing.T) { r = Play(t, p, dir) })
	left, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, name := range left {
		os.Remove(name)
	}
	return r
}

// seeds are n of a kind, "" for any.
func seeds(n int, kind string) (list []uint64) {
	for seed := *from; len(list) < n; seed++ {
		if kind == "" || plan.KindOf(seed) == kind {
			list = append(list, seed)
		}
	}
	return list
}

// A tally is what all worlds together came to.
type tally struct {
	broken                              atomic.Bool // a world has broken a promise
	mu                                  sync.Mutex
	hours                               time.Duration
	outages, kills, messages, shutdowns int
	excused, repeated, kinds            map[string]int
	skipped                             time.Duration
}

func (a *tally) add(r Result) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.hours += r.Plan.Length + calmTime
	a.skipped += r.Skipped
	a.outages, a.kills, a.messages, a.shutdowns = a.outages+r.Outages, a.kills+r.Kills, a.messages+r.Messages, a.shutdowns+r.Shutdowns
	a.kinds[r.Plan.Kind]++
	for _, why := range r.Excused {
		a.excused[why]++
	}
	for _, why := range r.Repeated {
		a.repeated[why]++
	}
}

// TestWorlds plays worlds from seeds, two at a time. One that breaks a promise
// prints its seed and its story, with the incidents that it takes.
func TestWorlds(t *testing.T) {
	n := *worlds
	if *years > 0 {
		n = int(*years * 8766 / (plan.Length + calmTime).Hours())
	}
	all := &tally{excused: make(map[string]int), repeated: make(map[string]int), kinds: make(map[string]int)}
	began := time.Now()
	t.Run("seeds", func(t *testing.T) {
		for _, seed := range seeds(n, *only) {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				t.Parallel()
				if *until != "" && all.broken.Load() {
					return
				}
				r := play(t, plan.Of(seed))
				all.add(r)
				if *until != "" && *until != "any" {
					r.Broken = slices.DeleteFunc(r.Broken, func(b Breach) bool { return b.Promise != *until })
				}
				if len(r.Broken) > 0 {
					all.broken.Store(true)
				}
				if len(r.Broken) > 0 && *until == "" {
					promise := r.Broken[0].Promise
					r = play(t, plan.Shrink(r.Plan, func(p plan.Plan) bool {
						less := play(t, p)
						return len(less.Broken) > 0 && less.Broken[0].Promise == promise
					}))
				}
				if len(r.Broken) > 0 || *tell {
					t.Errorf("seed %d (%s): %v\n%s%s", seed, r.Plan.Kind, r.Broken, r.Plan.Config, strings.Join(r.Story, "\n"))
					t.Logf("as ecnutd simulate reads it:\n%s", r.Script)
				}
			})
		}
	})
	took := time.Since(began)
	t.Logf("%d worlds, %.2f years in %s, %.0f times real time: %d outages, %d shutdowns, %d kills, %d messages",
		n, all.hours.Hours()/8766, took.Round(time.Second), all.hours.Seconds()/took.Seconds(), all.outages, all.shutdowns, all.kills, all.messages)
	t.Logf("kinds: %v", all.kinds)
	t.Logf("%.0f %% was quiet mains, skipped", 100*all.skipped.Hours()/all.hours.Hours())
	t.Logf("lost with an excuse: %v", all.excused)
	t.Logf("messages that came again or were decided again: %v", all.repeated)
}

// TestSameStory: a world of the same seed is the same, byte for byte. It is for make
// worlds alone: with the race detector, on a busy machine, a sender may take one
// message more along with those that wait.
func TestSameStory(t *testing.T) {
	if *same == 0 {
		t.Skip("-same says of how many seeds (make worlds)")
	}
	for seed := *from; seed < *from+uint64(*same); seed++ {
		first, again := play(t, plan.Of(seed)), play(t, plan.Of(seed))
		if !slices.Equal(first.Story, again.Story) {
			for i := range min(len(first.Story), len(again.Story)) {
				if first.Story[i] != again.Story[i] {
					t.Errorf("seed %d, line %d:\n%s\n%s", seed, i, first.Story[i], again.Story[i])
					break
				}
			}
		}
	}
}
