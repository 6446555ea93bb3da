package daemon

import (
	"slices"
	"time"

	"ecnutd/internal/engine"
	"ecnutd/internal/texts"
	"ecnutd/monitor"
	form "ecnutd/monitor/stored"
)

// restore takes up the state of a daemon that ended in this boot.
func (d *Daemon) restore() {
	log := d.outside.Log
	got, ok, err := d.store.load()
	if err != nil {
		log.Error(err.Error())
	}
	d.outages.restored(got.Outages, len(d.mail.box.Pending()))
	rebooted := !ok && err == nil && got.Boot != "" && d.store.boot != ""
	if rebooted {
		d.outages.wentOff(got.Saved, d.config.Language)
	}
	d.outages.book.Started(d.started, got.Saved, rebooted, texts.WentOff(d.config.Language))
	d.tests.restored(got.Tests)
	if !ok {
		d.clients.booted()
	}
	if ok {
		log.Info("going on where the daemon before stopped", "stored", got.Saved.Format(time.RFC3339))
		d.state = got.State.State
		d.step(monitor.Restarted{})
	}
	if rebooted {
		d.maintainOn(got.Maintenance)
	}
	if d.state.Phase == monitor.Watching {
		d.countLogins() // those before have gone; in a shutdown they are given their time
	}
	// A flag of this boot that the state knows nothing of is a shutdown under
	// way.
	if reason, ok := d.down.flagOf(d.config.PowerDownFlag); ok && d.state.Phase != monitor.Down {
		log.Warn("the flag of a shutdown of this boot stands: it is under way", "path", d.config.PowerDownFlag)
		d.step(monitor.FlagFound{Reason: reason})
	}
	if d.state.Phase == monitor.Down && !d.outside.DryRun {
		d.down.follow(d.group, true)
	}
}

// keepEvery is how often the state is stored on battery though nothing has
// happened: charge and runtime go on changing, and a restart wants them.
const keepEvery = 30 * time.Second

// stale reports whether a state is to be stored though nothing has happened.
func (s *stateStore) stale(state *monitor.State, now monitor.Instant) bool {
	onBattery := slices.ContainsFunc(state.Supplies, func(u monitor.SupplyState) bool { return u.Line == monitor.OnBattery })
	return onBattery && now.Sub(s.at) >= keepEvery
}

// commit hands the state and the messages of a step to the store, and the messages
// go out at once.
func (d *Daemon) commit(ready *engine.Ready, now monitor.Instant, day time.Time) {
	if err := d.store.save(d.kept(), now, func() { d.remember(ready.Actions(), now, day, d.mail.queue(ready.Messages(), day)) }); err != nil {
		d.outside.Log.Error("the state cannot be stored, a restart will forget it", "reason", err)
	}
}

// kept is what a restart must not lose, beside the messages.
func (d *Daemon) kept() stored {
	return stored{State: form.State{State: d.state}, Outages: d.outages.open, Tests: d.tests.known, Maintenance: d.maintained()}
}

// save stores the state alone.
func (d *Daemon) save() {
	if len(d.state.Supplies) > 0 {
		_ = d.store.save(d.kept(), d.outside.Clock.Now(), nothingMore) // commit has told of an error
	}
}
