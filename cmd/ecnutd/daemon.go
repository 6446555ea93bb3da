package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"ecnutd/config"
	"ecnutd/internal/discovery"
	"ecnutd/internal/engine"
	"ecnutd/internal/host"
	"ecnutd/internal/host/shutdown"
	"ecnutd/internal/nut/server"
	"ecnutd/monitor"
	"ecnutd/sms"
	"ecnutd/ups"
)

// A daemon owns the state. One goroutine, loop, calls the monitor and nobody
// else does; everything that happens reaches it through a channel, and one
// timer wakes it for what time alone brings.
type daemon struct {
	log      *slog.Logger
	config   *config.Config
	rules    monitor.Rules // those of engine
	engine   *engine.Engine
	host     string // its name in messages
	state    monitor.State
	store    *store
	outbox   *sms.Outbox
	executor *executor
	dryRun   bool
	started  time.Time

	// clock is the time since the boot of the host, suspend included. It runs
	// speed times as fast as the clock on the wall: 1, but for a demonstration.
	clock func() monitor.Instant
	speed float64

	// observe sees every action before it is carried out; demo and tests look
	// here.
	observe func(engine.Action)

	// beat proves that the loop decides (systemd's watchdog), and status says
	// in a line how things are. Both may be nil.
	beat   func()
	status func(string)

	reports   chan report
	questions chan func()
	reload    chan *config.Config
	find      func([]config.UPS) map[string]discovery.Locator // where the UPSs are
	watchers  map[string]*watcher
	latest    map[string]*latest
	savedAt   monitor.Instant
	told      string          // the status that systemd was told
	toldAt    monitor.Instant // and when
	faults    []string        // what of the messages does not work as configured
	stopBox   func()
	boxEnded  <-chan struct{}
	changing  bool // the outbox was told to end for another one
	stopHeart func()
	work      sync.WaitGroup   // watchers and heartbeat
	killed    *shutdown.Record // of the boot before; nil where nothing is known

	server    *server.Server              // answers the clients of NUT
	published atomic.Pointer[server.View] // what they see
	logins    chan struct{}               // some of them logged in or out
	glimpses  []glimpse                   // that is how it was
	netFaults []string                    // what of the network does not work as configured

	outages map[string]outage   // that have not ended, by UPS
	tests   map[string]selfTest // by UPS
	testing bool                // one is being begun
	late    int                 // messages that waited when the daemon started
}

// latest is what is known of one UPS beyond the state.
type latest struct {
	variables ups.Variables
	can       *abilities
	version   int   // counts the changes of both
	found     bool  // it was told that the UPS is there
	err       error // of the last loss
}

// newDaemon puts a daemon together. opens tells how each UPS is opened.
func newDaemon(c *config.Config, log *slog.Logger, dryRun bool) *daemon {
	d := &daemon{
		log: log, dryRun: dryRun, clock: bootInstant, speed: 1, started: time.Now(),
		observe: func(engine.Action) {},
		reports: make(chan report, 16), questions: make(chan func()), reload: make(chan *config.Config),
		watchers: make(map[string]*watcher), latest: make(map[string]*latest), outages: make(map[string]outage), tests: make(map[string]selfTest),
		logins: make(chan struct{}, 1),
	}
	boot := host.BootID()
	d.executor = newExecutor(log, boot, dryRun)
	d.executor.plan = d.latePlan
	kept := c.State
	if dryRun {
		// What a dry run decides must not be found by a daemon that means it:
		// it would go on with the shutdown.
		kept = ""
	}
	d.store = openStore(kept, boot, log)
	d.killed = shutdown.TellLast(kept, boot, log)
	d.configure(c)
	if d.store.fault != nil {
		log.Error(d.store.fault.Error())
	}
	d.makeOutbox()
	return d
}

// configure takes a configuration over, at the start and after a reload.
func (d *daemon) configure(c *config.Config) {
	d.host, _ = os.Hostname()
	d.config, d.engine = c, engine.New(c, d.host)
	d.rules = d.engine.Rules()
	for _, u := range c.UPS {
		if d.latest[u.Name] == nil {
			d.latest[u.Name] = &latest{}
		}
	}
	d.openNetwork()
}

// fast is how long a time of the daemon's clock takes on the wall.
func (d *daemon) fast(t time.Duration) time.Duration { return time.Duration(float64(t) / d.speed) }

// run does everything until ctx ends, and then lets messages out for a moment.
func (d *daemon) run(ctx context.Context) {
	var wg sync.WaitGroup
	wg.Go(func() { d.executor.run(ctx) })
	d.startOutbox()
	d.startHeart(ctx)
	d.work.Go(func() { d.server.Run(ctx) })
	d.loop(ctx)
	// What the end of the daemon leaves waiting is sent after the next start;
	// a shutdown gives it these seconds.
	if d.status != nil {
		d.status("ending: what waits is sent, the rest after the next start")
	}
	d.save()
	if d.changing {
		<-d.boxEnded
		d.changeOutbox()
	}
	flush, cancel := context.WithTimeout(context.Background(), d.config.FinalDelay)
	if len(d.outbox.Pending()) > 0 {
		if err := d.outbox.Flush(flush); err != nil {
			d.log.Warn(err.Error())
		}
	}
	cancel()
	d.stopBox()
	<-d.boxEnded
	wg.Wait()
	d.work.Wait()
	d.store.close()
}

// loop is the one place where the monitor is asked.
func (d *daemon) loop(ctx context.Context) {
	d.restore()
	d.follow(ctx)
	started := time.AfterFunc(restAfter, rest)
	defer started.Stop()
	for {
		wake := d.wake()
		select {
		case <-ctx.Done():
			wake.Stop()
			return
		case r := <-d.reports:
			d.take(r)
			d.selfTests(ctx)
		case ask := <-d.questions:
			ask()
		case c := <-d.reload:
			d.swap(ctx, c)
		case <-d.boxEnded:
			d.changeOutbox()
		case <-d.logins:
			d.countLogins()
		case <-wake.C:
			d.step(monitor.Elapsed{})
		}
		wake.Stop()
		if d.beat != nil {
			d.beat()
		}
	}
}

// restAfter is when the work of the start is done for certain: the fifty reports
// of a low-speed UPS take 5 s.
const restAfter = 15 * time.Second

// longestSleep bounds how long the loop sleeps, so that the watchdog sees it.
const longestSleep = 10 * time.Second

// wake is the timer for what comes next.
func (d *daemon) wake() *time.Timer {
	sleep := longestSleep
	if at, ok := d.state.Next(d.rules); ok {
		sleep = min(sleep, time.Duration(float64(monitor.Left(d.clock(), at))/d.speed))
	}
	return time.NewTimer(sleep)
}

// take hands a report to the monitor.
func (d *daemon) take(r report) {
	i := slices.IndexFunc(d.rules.Supplies, func(s monitor.Supply) bool { return s.Name == r.ups })
	if i < 0 {
		return // of a UPS that the configuration no longer has
	}
	l := d.latest[r.ups]
	if r.lost {
		if l.err == nil || r.err != nil && l.err.Error() != r.err.Error() {
			// What to try stands on further lines, for commands; here it would
			// bury what follows.
			what, _, _ := strings.Cut(r.err.Error(), "\n")
			d.log.Warn(r.ups+": the UPS cannot be read", "reason", what)
		}
		l.err = r.err
		d.step(monitor.LinkLost{Supply: i, Gone: r.gone})
		return
	}
	l.err = nil
	if r.variables != nil {
		if !l.found && r.variables["battery.charge"] != "" {
			l.found = true
			d.log.Info(fmt.Sprintf("%s: %s found: %s", r.ups, orUnknown(r.variables["ups.model"]), r.snapshot))
		}
		l.variables = r.variables
		l.version++
	}
	if r.can != nil {
		l.can = r.can
		l.version++
	}
	d.step(monitor.Heard{Supply: i, Snapshot: r.snapshot})
}

func orUnknown(s string) string {
	if s == "" {
		return "a UPS of unknown model"
	}
	return s
}

// step asks what follows from an input, and does it in the order that the
// engine says.
func (d *daemon) step(in monitor.Input) {
	now := d.clock()
	ready := d.engine.Step(d.state, now, in, engine.Seen{At: time.Now(), Variables: d.variables})
	d.state = ready.State
	if len(d.config.Network.Listen) > 0 {
		d.publish()
	}
	happened := ready.Store
	for name, o := range d.remember(ready.Actions, time.Now()) {
		text := summary(d.config.Language, d.host, name, o, d.started, time.Now(), d.late)
		d.log.Info(text)
		if d.config.Messages.Summary && len(d.config.Messages.Routes) > 0 {
			about := engine.About{UPS: name, Event: ups.EventOnline}
			ready.Actions = append(ready.Actions, engine.Message{About: about, Text: text})
		}
		ready.Store = true
	}
	if ready.Store || d.onBattery() && now.Sub(d.savedAt) >= keepEvery {
		d.commit(ready.Messages())
	}
	for _, a := range ready.Actions {
		d.observe(a)
		d.carry(a)
	}
	d.tellStatus(happened)
}

func (d *daemon) variables(name string) ups.Variables {
	if l := d.latest[name]; l != nil {
		return l.variables
	}
	return nil
}

// description is what the configuration calls a UPS.
func (d *daemon) description(name string) string {
	for _, u := range d.config.UPS {
		if u.Name == name {
			return u.Description
		}
	}
	return ""
}

// ask runs f in the loop and waits for it.
func (d *daemon) ask(ctx context.Context, f func()) error {
	done := make(chan struct{})
	select {
	case d.questions <- func() { f(); close(done) }:
		<-done
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// bootInstant is the present on the clock of the monitor.
func bootInstant() monitor.Instant { return monitor.Instant(host.BootTime()) }
