package world

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ecnutd/config"
	"ecnutd/internal/daemon"
	"ecnutd/internal/daemon/thishost"
	"ecnutd/internal/host/shutdown"
	"ecnutd/internal/scenario"
	"ecnutd/internal/sim"
	"ecnutd/monitor"

	"ecnutd/internal/world/plan"
)

// A Result is what came of a world.
type Result struct {
	Plan   plan.Plan
	Broken []Breach // promises that were not kept
	Story  []string // what happened, a line each
	Script string   // the same as simulate reads it

	Outages, Kills, Messages, Shutdowns, Cuts int
	Played                                    time.Duration // of the world, what was skipped included
	Skipped                                   time.Duration // quiet mains
	Excused                                   []string      // hosts that lost their power for which nothing could be done, with the reason
	Repeated                                  []string      // messages that came twice, or were decided again, with the reason
}

// A Breach is a promise that was not kept.
type Breach struct {
	Promise string // its name
	What    string
}

// bootsFrom is how long after its boot a host starts the daemon.
const bootsFrom = monitor.Instant(9 * time.Second)

// A world is a plan that is being played. Its driver is one goroutine, which also
// plays the host. One goroutine of the world or of the daemon is at work at a time
// (queue.go); mu is for those that are not asked: clocks, and what a UPS tells.
type world struct {
	plan   plan.Plan
	dir    string
	log    *slog.Logger
	files  thishost.Disk
	config *config.Config // that the daemon goes by
	began  time.Time
	units  []*unit

	knock     chan struct{} // a token: there are tickets, or an output has changed
	agenda    []entry
	scheduled int // entries so far
	draws     int // from the chance of the host

	mu       sync.Mutex
	tickets  []*ticket
	entry    int // tickets so far
	switched bool
	skew     time.Duration // of the time of day
	slept    time.Duration // that the clock of the bubble has not seen
	bootedAt time.Duration // when this boot of the host began
	paused   int           // incidents that have the host stand still
	result   Result

	boots   int
	images  int // of the state so far
	life    *life
	lives   []*life
	host    hostState
	hostAt  time.Duration // since when it is so
	active  int           // incidents under way
	outages int           // of them those that take mains away
	busyAt  time.Duration // when something happened last
	endedAt time.Duration // when a process ended last
	coming  coming

	progress shutdown.Progress // of the shutdown command
	command  command
	commands []plan.Incident // how the next ones go on
	programs int             // how many incidents have them hang
	phone    telephone
	ills     disk
	others   others
	promises promises
	script   script
}

// Play plays a plan in the bubble of t, in a folder of its own.
func Play(t *testing.T, p plan.Plan, dir string) Result {
	w := &world{
		plan: p, dir: dir, log: slog.New(slog.NewTextHandler(io.Discard, nil)), began: time.Now(),
		knock: make(chan struct{}, 1), result: Result{Plan: p},
	}
	w.files = thishost.Disk{Log: w.log}
	w.config = w.parse(p.Config)
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	for i, up := range p.Units {
		u, err := sim.New("", up.Options()...)
		if err != nil {
			t.Fatal(err)
		}
		u.SetLoad(up.Load)
		u.OnOutput(func(bool) { w.output() })
		running.Go(func() { _ = u.Run(ctx) })
		w.units = append(w.units, &unit{UPS: u, plan: up, number: i, node: i, changed: make(chan struct{}, 1), faults: make(map[sim.Fault]int)})
	}
	for _, i := range p.Incidents {
		w.schedule(i.At, true, func() { w.busyAt = w.at(); w.begin(i) })
	}
	for range p.Secondaries {
		w.hostComes()
	}
	w.bootNow()
	w.show()
	w.drive(p.Length)
	w.say("the world calms down: mains is there for good, and the gateway too")
	w.calm()
	w.drive(p.Length + calmTime)
	w.judge()
	w.finish(stop, &running)
	return w.result
}

// calmTime is how long after the last incident a world goes on.
const calmTime = time.Hour

// finish ends the last process in good order, and looks whether all was given back.
func (w *world) finish(stop func(), running *sync.WaitGroup) {
	if last := w.life; last != nil {
		last.cancel()
		w.awaitLast(last)
	}
	w.othersEnd()
	w.drive(w.at() + calmTime)
	for _, l := range w.lives {
		<-l.ended
	}
	w.judgeRest()
	w.result.Played, w.result.Script = w.at(), w.script.text(w.plan.Seed)
	stop()
	running.Wait()
	synctest.Wait()
}

// endsWithin is how long a process may take to end in good order.
const endsWithin = 10 * time.Minute

// awaitLast waits for the last process. One that never ends would keep the bubble, so
// that is the end of all.
func (w *world) awaitLast(l *life) {
	for until := w.at() + endsWithin; w.at() < until; w.drive(w.at() + time.Second) {
		select {
		case <-l.ended:
			l.over = true
			return
		default:
		}
	}
	w.broken(GivenBack, "the process does not end")
	panic(fmt.Sprintf("seed %d\n%s", w.plan.Seed, strings.Join(w.result.Story, "\n")))
}

// parse reads a configuration of the plan.
func (w *world) parse(text string) *config.Config {
	c, _, err := config.Parse([]byte(strings.ReplaceAll(text, "%s", w.dir)), "world.yaml")
	if err != nil {
		panic(fmt.Sprintf("%v in\n%s", err, text)) // a mistake in this package
	}
	for e, reaction := range c.Events {
		reaction.Wall = false
		c.Events[e] = reaction
	}
	return c
}

// output hears of an output that was switched, from whoever moved time on.
func (w *world) output() {
	w.mu.Lock()
	w.switched = true
	w.mu.Unlock()
	select {
	case w.knock <- struct{}{}:
	default:
	}
}

// outputsChanged reports whether an output was switched since it was last asked.
func (w *world) outputsChanged() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	was := w.switched
	w.switched = false
	return was
}

// at is the time since the start of the world.
func (w *world) at() time.Duration { return time.Since(w.began) + w.slept }

// now is the time since the boot of the host.
func (w *world) now() monitor.Instant { return bootsFrom.Add(w.at() - w.bootedAt) }

// day is the time of day as it is set.
func (w *world) day() time.Time { return time.Now().Add(w.slept + w.skew) }

// say writes a line of the story.
func (w *world) say(format string, args ...any) { w.tell(format, args...) }

// tell writes a line of the story.
func (w *world) tell(format string, args ...any) {
	line := strings.ReplaceAll(fmt.Sprintf(format, args...), w.dir+"/", "")
	w.result.Story = append(w.result.Story, fmt.Sprintf("%10s  %s", scenario.Stamp(w.at().Seconds()), line))
}

// broken notes a promise that was not kept.
func (w *world) broken(promise, format string, args ...any) {
	what := fmt.Sprintf(format, args...)
	w.result.Broken = append(w.result.Broken, Breach{promise, what})
	w.tell("BROKEN, %s: %s", promise, what)
}

// boot is the id of this boot of the host.
func (w *world) boot() string {
	return fmt.Sprintf("%08x-0000-4000-8000-%012x", w.plan.Seed&0xffffffff, w.boots)
}

// unit finds a UPS by its name.
func (w *world) unit(name string) *unit {
	i := slices.IndexFunc(w.units, func(u *unit) bool { return u.plan.Name == name })
	return w.units[i]
}

// start begins a process of the daemon.
func (w *world) start() {
	ctx, cancel := context.WithCancel(context.Background())
	l := &life{w: w, number: len(w.lives), began: w.at(), cancel: cancel, grave: make(chan struct{}), ended: make(chan struct{})}
	w.life = l
	w.lives = append(w.lives, l)
	w.busyAt = w.at()
	c := w.config
	go func() {
		defer close(l.ended)
		d, err := daemon.New(c, l.outside())
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
	w.mu.Lock()
	if l.dead {
		w.mu.Unlock()
		return
	}
	l.dead = true
	w.mu.Unlock()
	from, to := w.imageAt(w.images), w.imageAt(w.images+1)
	w.images++
	if raw, err := os.ReadFile(from); err == nil {
		_ = os.WriteFile(to, raw, 0o600)
	}
	w.promises.buried(w, l)
	if w.life == l {
		w.life = nil
	}
	w.busyAt, w.endedAt = w.at(), w.at()
	l.cancel()
	close(l.grave)
	synctest.Wait()
}

// buried is the end of a process that has ended by itself, in good order.
func (w *world) buried(l *life) {
	w.promises.buried(w, l)
	l.over = true
	if w.life == l {
		w.life = nil
	}
	w.busyAt, w.endedAt = w.at(), w.at()
}
