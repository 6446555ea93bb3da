package daemon

import (
	"context"
	"fmt"
	"slices"
	"time"

	"ecnutd/config"
	"ecnutd/internal/control/followers"
	"ecnutd/internal/daemon/statusline"
	"ecnutd/internal/engine"
	"ecnutd/monitor"
	"ecnutd/ups"
)

// A Daemon watches over a host. One goroutine, loop, owns the state and all
// types below; everything that happens reaches it through a channel, and one
// timer wakes it for what time alone brings.
type Daemon struct {
	outside Outside
	setup
	state   monitor.State
	started time.Time   // time of day
	asks    chan func() // what others want done in the loop
	group   *group      // what ends with the loop

	store    *stateStore
	mail     *mail
	units    *units
	clients  *clients
	outages  *outages
	tests    *selfTests
	programs *programs
	down     *goingDown
	audience audience
}

// A setup is a configuration with the engine that goes by it. It changes as a
// whole.
type setup struct {
	config *config.Config
	engine *engine.Engine
}

func newSetup(c *config.Config, host string) setup { return setup{c, engine.New(c, host)} }

// rules are those that are decided by.
func (s *setup) rules() monitor.Rules { return s.engine.Rules() }

// New puts a daemon together for a configuration. It opens the state, and tells
// what came of the last shutdown; nothing is read, sent or decided before Run.
func New(c *config.Config, out Outside) (*Daemon, error) {
	if err := out.check(); err != nil {
		return nil, err
	}
	d := &Daemon{outside: out, setup: newSetup(c, out.Host), started: out.Clock.Day(), asks: make(chan func())}
	kept := c.State
	if out.DryRun {
		// What a dry run decides must not be found by a daemon that means it:
		// it would go on with the shutdown.
		kept = ""
	}
	o := &d.outside
	d.store = openStore(o, kept)
	d.down = newGoingDown(o, kept)
	d.units = newUnits(o, c.UPS)
	d.clients = newClients(o, d)
	pair, err := certificate(c.Network)
	d.clients.configure(c.Network, pair)
	if err != nil {
		d.clients.fault(fmt.Errorf("no connection is encrypted: %w", err))
	}
	d.publish()
	d.outages = newOutages(newHistory(o, d.store.Store))
	d.mail = newMail(o, c, d.store.Store, d.delivered)
	d.tests, d.programs = newSelfTests(out.Log), newPrograms(o)
	d.audience = audience{line: statusline.New(out.Notify.Status), follow: followers.New()}
	return d, nil
}

// Run watches until ctx ends, and then lets messages out for a moment. It is
// called once.
func (d *Daemon) Run(ctx context.Context) {
	// However the loop ends, nothing of it is left.
	defer d.store.close()
	d.group = newGroup(ctx)
	defer d.group.end()
	// Messages go on leaving while the daemon ends.
	delivery := newGroup(context.WithoutCancel(ctx))
	defer delivery.end()
	d.programs.in(d.group)
	d.mail.start(delivery)
	d.mail.heart(d.group, d.config.Messages.Heartbeat, d.isWell)
	d.group.run(d.clients.server.Run)
	d.loop(ctx)
	// What the end of the daemon leaves waiting is sent after the next start;
	// a shutdown gives it these seconds.
	d.audience.line.End()
	d.save()
	d.mail.end(d.config.FinalDelay)
}

// restAfter is when the work of the start is done for certain: the fifty reports
// of a low-speed UPS take 5 s.
const restAfter = 15 * time.Second

// loop is the one place where the engine is asked.
func (d *Daemon) loop(ctx context.Context) {
	d.restore()
	d.follow()
	started := time.AfterFunc(restAfter, d.outside.Notify.Rested)
	defer started.Stop()
	wake := time.NewTimer(0)
	defer wake.Stop()
	for {
		wake.Reset(d.sleep())
		select {
		case <-ctx.Done():
			return
		case r := <-d.units.reports:
			d.take(r)
			d.selfTests()
		case ask := <-d.asks:
			ask()
		case <-d.mail.ended:
			d.mail.change()
			if d.state.Phase != monitor.Watching {
				d.mail.hurry(d.config.FinalDelay)
			}
		case p := <-d.down.progress:
			for _, in := range d.down.heard(p) {
				d.step(in)
			}
		case <-d.clients.logins:
			d.countLogins()
		case <-wake.C:
			d.step(monitor.Elapsed{})
		}
		d.outside.Notify.Alive()
	}
}

// longestSleep bounds how long the loop sleeps, so that the watchdog sees it.
const longestSleep = 10 * time.Second

// sleep is how long nothing comes by itself.
func (d *Daemon) sleep() time.Duration {
	sleep := longestSleep
	if at, ok := d.state.Next(d.rules()); ok {
		sleep = min(sleep, d.outside.Clock.Real(monitor.Left(d.outside.Clock.Now(), at)))
	}
	return sleep
}

// follow has the UPSs of the configuration read.
func (d *Daemon) follow() {
	for _, name := range d.units.follow(d.group, d.config) {
		d.outages.forget(name, d.outside.Clock.Day())
	}
}

// take hands a report to the monitor.
func (d *Daemon) take(r report) {
	i := slices.IndexFunc(d.config.UPS, func(u config.UPS) bool { return u.Name == r.ups })
	if i < 0 {
		return // of a UPS that the configuration no longer has
	}
	now, late := d.outside.Clock.Now(), time.Duration(0)
	if !r.at.IsZero() {
		late = time.Since(r.at)
	}
	d.stepAt(now, d.units.take(r, i, late))
	if i < len(d.state.Supplies) && d.state.Supplies[i].Unconfirmed() {
		d.units.readAgain(r.ups)
	}
}

// step asks what follows from an input, and does it in the order that the
// engine says.
func (d *Daemon) step(in monitor.Input) { d.stepAt(d.outside.Clock.Now(), in) }

// stepAt is step at an instant, which is the present one.
func (d *Daemon) stepAt(now monitor.Instant, in monitor.Input) {
	day := d.outside.Clock.Day()
	ready := d.engine.Step(d.state, now, in, engine.Seen{At: day, Set: d.outside.Clock.Set, Variables: d.units.variables})
	d.state = ready.State
	d.publish()
	happened := ready.Store
	for _, o := range d.outages.follow(ready.Actions(), &d.state, day) {
		text := d.summary(o, day)
		d.outside.Log.Info(text)
		if d.config.Messages.Summary && len(d.config.Messages.Routes) > 0 {
			about := engine.About{UPS: o.ups, Event: ups.EventOnline}
			ready.Then = append(ready.Then, engine.Message{About: about, Text: text})
		}
		ready.Store = true
	}
	release := d.hold(&ready)
	if ready.Store || d.store.stale(&d.state, now) {
		d.commit(&ready, now, day)
	} else {
		d.remember(ready.Actions(), now, day, nil)
	}
	d.carryOut(ready.First)
	release()
	d.carryOut(ready.Then)
	d.wakeOthers(now)
	d.audience.tell(d, now, happened, ready.Actions())
}

// hold has the disk left alone until what comes before it is done: an order to
// shut down.
func (d *Daemon) hold(ready *engine.Ready) (release func()) {
	if len(ready.First) == 0 {
		return nothingMore
	}
	return d.store.Hold()
}

// carryOut carries out actions, in their order.
func (d *Daemon) carryOut(list []engine.Action) {
	for _, a := range list {
		d.outside.Notify.Action(a)
		d.carry(a)
	}
}

// publish shows the clients of NUT how things are.
func (d *Daemon) publish() { d.clients.publish(d.config.UPS, &d.state, d.units) }

// isWell reports whether nothing is wrong; from outside of the loop.
func (d *Daemon) isWell(ctx context.Context) (ok bool) {
	_ = d.ask(ctx, func() { ok = statusline.Well(&d.state) })
	return ok
}

// ask runs f in the loop and waits for it.
func (d *Daemon) ask(ctx context.Context, f func()) error {
	done := make(chan struct{})
	select {
	case d.asks <- func() { defer close(done); f() }:
		<-done
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
