package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"ecnutd/config"
	"ecnutd/hid/power"
	"ecnutd/internal/discovery"
	"ecnutd/monitor"
	"ecnutd/sms"
)

// reloads reads the configuration again at each SIGHUP.
func (d *daemon) reloads(ctx context.Context, path string) {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangups:
		}
		done := reloading()
		if c := d.readAgain(path); c != nil {
			select {
			case d.reload <- c:
			case <-ctx.Done():
			}
		}
		done()
	}
}

// readAgain reads the configuration; nil where it is wrong.
func (d *daemon) readAgain(path string) *config.Config {
	c, findings, err := config.Load(path)
	if err != nil {
		d.log.Error("the configuration was not taken over: the old one goes on", "reason", err)
		return nil
	}
	for _, f := range append(findings, c.OnHost()...) {
		d.log.Warn(f.String())
	}
	return c
}

// swap takes over a new configuration that was found valid, as a whole or not
// at all. State, timers and waiting messages stay.
func (d *daemon) swap(ctx context.Context, c *config.Config) {
	if fixed := needsRestart(d.config, c); fixed != "" {
		d.log.Error("the configuration was not taken over: a new value of " + fixed + " needs a restart of the daemon; the old one goes on")
		return
	}
	changes := config.Diff(d.config, c)
	for _, line := range changes {
		d.log.Info("configuration: " + line)
	}
	if len(changes) == 0 {
		d.log.Info("configuration: nothing has changed")
	}
	d.configure(c)
	d.changing = true
	d.stopBox() // it ends in a few seconds where a request hangs; the loop goes on
	d.stopHeart()
	d.startHeart(ctx)
	d.follow(ctx)
	d.step(monitor.Elapsed{}) // a limit that is lower now may be met already
}

// needsRestart names what a running daemon cannot change.
func needsRestart(old, new *config.Config) string {
	switch {
	case old.State != new.State:
		return "state"
	case old.Control != new.Control:
		return "control"
	}
	return ""
}

// follow has a watcher for each UPS of the configuration, which reads it as
// that says. One that is to read differently ends, and the next one waits until
// it has let the device go.
func (d *daemon) follow(ctx context.Context) {
	now := make(map[string]*watcher)
	spots := d.find(d.config.UPS)
	for _, u := range d.config.UPS {
		how := reading{u.Device, u.Match, u.Remote, u.Password, d.config.Poll, d.config.PollOnBattery, d.config.DeadTime, power.Delays{Start: u.OnDelay, Shutdown: u.OffDelay}}
		old := d.watchers[u.Name]
		if old != nil && old.reading == how {
			now[u.Name] = old
			continue
		}
		now[u.Name] = d.watch(ctx, spots[u.Name], how, u.Name, old)
	}
	for name, old := range d.watchers {
		if now[name] == nil {
			old.stop()
			delete(d.latest, name)
			delete(d.outages, name)
		}
	}
	d.watchers = now
}

// watch begins to read a UPS, after the watcher before has ended.
func (d *daemon) watch(ctx context.Context, at discovery.Locator, how reading, name string, before *watcher) *watcher {
	ctx, stop := context.WithCancel(ctx)
	w := &watcher{
		name: name, reading: how, spot: at, log: d.log, stop: stop, ended: make(chan struct{}),
		options: power.Options{
			Poll: d.fast(how.poll), PollOnBattery: d.fast(how.pollOnBattery), SilentAfter: d.fast(how.silentFor), Delays: how.delays,
		},
		report: func(ctx context.Context, r report) {
			select {
			case d.reports <- r:
			case <-ctx.Done():
			}
		},
	}
	if before != nil {
		before.stop()
		w.before = before.ended
	}
	d.work.Go(func() { w.run(ctx) })
	return w
}

// startHeart sends the dead man's signal while all is well, until stopHeart.
func (d *daemon) startHeart(ctx context.Context) {
	d.stopHeart = func() {}
	h := d.config.Messages.Heartbeat
	if h.URL.IsZero() {
		return
	}
	url, err := h.URL.Value()
	if err != nil {
		d.log.Error("messages.heartbeat: no signal is sent", "reason", err)
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	beat, err := sms.NewHeartbeat(sms.Heartbeat{
		URL: sms.NewSecret(url), Every: h.Every, CAFile: h.CAFile,
		Well: func() bool {
			well := false
			_ = d.ask(ctx, func() { well = d.well() })
			return well
		},
		Failed: func(err error) {
			d.log.Warn("the heartbeat was not taken, whoever expects it may raise the alarm", "reason", err)
		},
	})
	if err != nil {
		cancel()
		d.log.Error("messages.heartbeat: no signal is sent", "reason", err)
		return
	}
	d.work.Go(func() { beat.Run(ctx) })
	d.stopHeart = cancel
}
