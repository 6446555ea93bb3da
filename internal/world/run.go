package world

import (
	"cmp"
	"context"
	"fmt"
	"io"
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
	"ecnutd/internal/daemon"
	"ecnutd/internal/daemon/thishost"
	"ecnutd/internal/engine"
	"ecnutd/internal/host/shutdown"
	"ecnutd/internal/scenario"
	"ecnutd/internal/sim"
	"ecnutd/monitor"
)

// A Result is what came of a world.
type Result struct {
	Plan   Plan
	Broken []Breach // promises that were not kept
	Story  []string // what happened, a line each

	Outages, Kills, Messages, Shutdowns int
	Excused                             []string // hosts that lost their power for which nothing could be done, with the reason
}

// A Breach is a promise that was not kept.
type Breach struct {
	Promise string // its name
	What    string
}

// bootsFrom is the time since the boot of the host at the start of a world.
const bootsFrom = monitor.Instant(time.Hour)

// A world is a plan that is being played. Its driver is one goroutine, which
// also plays the host.
type world struct {
	plan   Plan
	dir    string
	log    *slog.Logger
	disk   thishost.Disk
	config *config.Config
	began  time.Time
	signal chan signal
	agenda []entry
	entry  int // how many there were
	units  []*unit

	mu    sync.Mutex // of what follows: everybody is here
	skew  time.Duration
	slept time.Duration
	boots int
	files int // images of the state so far
	life  *life
	lives []*life
	host  hostState

	progress shutdown.Progress // of the shutdown command
	failing  int               // how many more of them do nothing

	phone    telephone
	programs int // how many incidents have them hang
	result   Result
	promises promises
}

// A unit is a UPS with what the world does to it.
type unit struct {
	*sim.UPS
	plan    UnitPlan
	changed chan struct{}
	faults  map[sim.Fault]int // how many incidents want it
	out     int               // how many have its cable out
}

// A signal reaches the driver.
type signal struct {
	life    *life
	killed  bool
	off     bool
	output  bool // an output has changed
	late    bool // the last stage has ended
	reboots bool // and reboots the host
}

// An entry is something that the driver does at a time.
type entry struct {
	at       time.Duration
	order    int
	incident bool // it goes when the world calms down
	do       func()
}

// Play plays a plan in the bubble of t, in a folder of its own.
func Play(t *testing.T, p Plan, dir string) Result {
	w := &world{
		plan: p, dir: dir, log: slog.New(slog.NewTextHandler(io.Discard, nil)), began: time.Now(),
		signal: make(chan signal, 1024), result: Result{Plan: p},
	}
	w.disk = thishost.Disk{Log: w.log}
	c, _, err := config.Parse([]byte(strings.ReplaceAll(p.Config, "%s", dir)), "world.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for e, reaction := range c.Events {
		reaction.Wall = false
		c.Events[e] = reaction
	}
	w.config = c
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	for _, up := range p.Units {
		policy := sim.CycleAnyway
		if up.Cancels {
			policy = sim.CancelOnMains
		}
		u, err := sim.New("", sim.WithWear(up.Wear), sim.WithReplyTimes(), sim.WithMainsReturn(policy))
		if err != nil {
			t.Fatal(err)
		}
		u.SetLoad(up.Load)
		u.OnOutput(func(bool) { w.signal <- signal{output: true} })
		running.Go(func() { _ = u.Run(ctx) })
		w.units = append(w.units, &unit{UPS: u, plan: up, changed: make(chan struct{}, 1), faults: make(map[sim.Fault]int)})
	}
	for _, i := range p.Incidents {
		w.schedule(i.At, true, func() { w.begin(i) })
	}
	w.bootNow()
	w.drive(p.Length)
	w.say("the world calms down: mains is there for good, and the gateway too")
	w.calm()
	w.drive(p.Length + time.Hour)
	w.judge()
	w.mu.Lock()
	last := w.life
	w.mu.Unlock()
	if last != nil {
		last.cancel()
	}
	for _, l := range w.lives {
		<-l.ended
	}
	stop()
	running.Wait()
	return w.result
}

// now is the time since the boot of the host.
func (w *world) now() monitor.Instant {
	w.mu.Lock()
	defer w.mu.Unlock()
	return bootsFrom.Add(time.Since(w.began) + w.slept)
}

// day is the time of day as it is set.
func (w *world) day() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Now().Add(w.slept + w.skew)
}

// at is the time since the start of the world.
func (w *world) at() time.Duration { return time.Since(w.began) }

// say writes a line of the story.
func (w *world) say(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tell(format, args...)
}

// tell is say with mu.
func (w *world) tell(format string, args ...any) {
	line := strings.ReplaceAll(fmt.Sprintf(format, args...), w.dir+"/", "")
	w.result.Story = append(w.result.Story, fmt.Sprintf("%10s  %s", scenario.Stamp(w.at().Seconds()), line))
}

// broken notes a promise that was not kept, with mu.
func (w *world) broken(promise, format string, args ...any) {
	what := fmt.Sprintf(format, args...)
	w.result.Broken = append(w.result.Broken, Breach{promise, what})
	w.tell("BROKEN, %s: %s", promise, what)
}

// boot is the id of this boot of the host.
func (w *world) boot() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return fmt.Sprintf("%08x-0000-4000-8000-%012x", w.plan.Seed&0xffffffff, w.boots)
}

// unit finds a UPS by its name.
func (w *world) unit(name string) *unit {
	i := slices.IndexFunc(w.units, func(u *unit) bool { return u.plan.Name == name })
	return w.units[i]
}

// image is the file of the state.
func (w *world) image() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.imageAt(w.files)
}

func (w *world) imageAt(n int) string { return filepath.Join(w.dir, fmt.Sprintf("state%d.db", n)) }

// power is how this host goes down, with real files.
func (w *world) power() *thishost.Power {
	return &thishost.Power{Log: w.log, Boot: w.boot()}
}

// schedule has the driver do something at a time since the start of the world.
func (w *world) schedule(at time.Duration, incident bool, do func()) {
	w.entry++
	w.agenda = append(w.agenda, entry{at, w.entry, incident, do})
	slices.SortFunc(w.agenda, func(a, b entry) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.order, b.order)) })
}

// after has the host go on after a span.
func (w *world) after(span time.Duration, do func()) { w.schedule(w.at()+span, false, do) }

// ends ends an incident after a span.
func (w *world) ends(span time.Duration, do func()) { w.schedule(w.at()+span, true, do) }

// drive plays until a time since the start of the world.
func (w *world) drive(until time.Duration) {
	for {
		next := until
		if len(w.agenda) > 0 {
			next = min(next, w.agenda[0].at)
		}
		timer := time.NewTimer(next - w.at())
		select {
		case s := <-w.signal:
			timer.Stop()
			w.hear(s)
			continue
		case <-timer.C:
		}
		if len(w.agenda) > 0 && w.agenda[0].at <= w.at() {
			do := w.agenda[0].do
			w.agenda = w.agenda[1:]
			do()
			continue
		}
		if w.at() >= until {
			return
		}
	}
}

// start begins a process of the daemon.
func (w *world) start() {
	ctx, cancel := context.WithCancel(context.Background())
	l := &life{w: w, cancel: cancel, grave: make(chan struct{}), ended: make(chan struct{})}
	w.mu.Lock()
	w.life = l
	w.lives = append(w.lives, l)
	w.mu.Unlock()
	go func() {
		defer close(l.ended)
		d, err := daemon.New(w.config, l.outside())
		if err != nil {
			panic(err) // its outside is whole
		}
		l.daemon.Store(d)
		d.Run(ctx)
	}()
}

// bury ends a process whose time is over at this instant: nothing that it does
// from here on takes effect.
func (w *world) bury(l *life) {
	synctest.Wait()
	w.mu.Lock()
	if l.dead {
		w.mu.Unlock()
		return
	}
	l.dead = true
	if w.life == l {
		w.life = nil
	}
	from, to := w.imageAt(w.files), w.imageAt(w.files+1)
	w.files++
	w.mu.Unlock()
	if raw, err := os.ReadFile(from); err == nil {
		_ = os.WriteFile(to, raw, 0o600)
	}
	l.cancel()
	close(l.grave)
}

// acted hears of an action that is about to be carried out.
func (w *world) acted(a engine.Action) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if row, ok := engine.RowOf(a, 0); ok {
		w.tell("%s", row)
	}
	w.promises.acted(w, a)
}
