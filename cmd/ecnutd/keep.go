package main

import (
	"context"
	"os"
	"time"

	bolt "go.etcd.io/bbolt"

	"ecnutd/internal/engine"
	"ecnutd/internal/host/shutdown"
	"ecnutd/internal/uplink"
	"ecnutd/monitor"
	"ecnutd/sms"
)

// makeOutbox makes the outbox of the configuration, which does not run yet. What
// of it does not work is a fault until the next one is made.
func (d *daemon) makeOutbox() {
	box, err := newOutbox(d.config, d.store.db, d.log)
	d.outbox, d.faults = box, nil
	if err != nil {
		d.log.Error(err.Error())
		d.faults = append(d.faults, err.Error())
	}
}

// restore takes up the state of a daemon that ended in this boot.
func (d *daemon) restore() {
	got, ok, err := d.store.load()
	if err != nil {
		d.log.Error(err.Error())
	}
	if got.Outages != nil {
		d.outages = got.Outages
	}
	if !ok && err == nil && got.Boot != "" && d.store.boot != "" {
		d.wentOff(got.Saved)
	}
	if got.Tests != nil {
		d.tests = got.Tests
	}
	d.late = len(d.outbox.Pending())
	if ok {
		d.log.Info("going on where the daemon before stopped", "stored", got.Saved.Format(time.RFC3339))
		d.state = got.State
		d.step(monitor.Restarted{})
	}
	if d.state.Phase == monitor.Watching {
		d.countLogins() // those before have gone; in a shutdown they are given their time
	}
	d.dropFlag(err)
}

// dropFlag removes the power down flag of a shutdown in this boot that did not
// come about and of which the state knows nothing more: at the next power-off,
// for whatever reason, it would have the UPS cut its output. Where the state
// cannot be read, the flag may be the only thing that knows, and stays.
func (d *daemon) dropFlag(loaded error) {
	path := d.config.PowerDownFlag
	if d.dryRun || d.state.Phase == monitor.Down || loaded != nil || d.store.db == nil {
		return
	}
	if found := shutdown.ReadFlag(path, d.store.boot); found.State != shutdown.FlagCounts {
		return
	}
	if err := os.Remove(path); err != nil {
		d.log.Error("the flag of a shutdown that did not come about cannot be removed: the next one will have the UPS cut its output", "path", path, "reason", err)
		return
	}
	d.log.Warn("the flag of a shutdown that did not come about was removed", "path", path)
}

// hurry has what waits sent before the host goes down: at once, by fallbacks
// too, and for at most final_delay, after which the command comes. The rest is
// sent after the reboot.
func (d *daemon) hurry() {
	box, limit := d.outbox, d.config.FinalDelay
	d.work.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		defer cancel()
		if err := box.Flush(ctx); err != nil {
			d.log.Warn(err.Error())
		}
	})
}

// startOutbox lets the outbox deliver until stopBox; boxEnded is closed when it
// has ended.
func (d *daemon) startOutbox() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	box := d.outbox
	go func() {
		defer close(done)
		box.Run(ctx)
	}()
	go func() {
		for range uplink.Watch(ctx) {
			box.Kick()
		}
	}()
	d.stopBox, d.boxEnded = cancel, done
}

// changeOutbox puts an outbox of the new configuration in the place of one
// that was told to end and has. Two at work would send what waits twice.
func (d *daemon) changeOutbox() {
	old := d.outbox
	d.changing = false
	d.makeOutbox()
	d.outbox.Inherit(old)
	d.startOutbox()
	if d.state.Phase != monitor.Watching {
		d.hurry()
	}
}

// keepEvery is how often the state is stored on battery though nothing has
// happened: charge and runtime go on changing, and a restart needs them.
const keepEvery = 30 * time.Second

// commit stores the state and queues the messages. Where the database does
// not take them, the messages go out from memory.
func (d *daemon) commit(said []engine.Message) {
	d.savedAt = d.clock()
	var messages []sms.Message
	for _, m := range said {
		messages = append(messages, sms.Message{Text: m.Text, At: time.Now(), Urgent: m.Urgent})
	}
	if d.store.db != nil {
		err := d.store.save(d.kept(), func(tx *bolt.Tx) error {
			for _, m := range messages {
				if _, err := d.outbox.QueueTx(tx, m); err != nil {
					return err
				}
			}
			return nil
		})
		if err == nil {
			return
		}
	}
	for _, m := range messages {
		if _, err := d.outbox.Queue(m); err != nil {
			d.log.Error("a message cannot be queued", "text", m.Text, "reason", err)
		}
	}
}

// kept is what a restart must not lose, beside the messages.
func (d *daemon) kept() stored { return stored{State: d.state, Outages: d.outages, Tests: d.tests} }

// save stores the state alone.
func (d *daemon) save() {
	if d.store.db != nil && len(d.state.Supplies) > 0 {
		_ = d.store.save(d.kept(), nothingMore) // an error is logged, and nothing else can be done
	}
}
