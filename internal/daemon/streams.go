package daemon

import (
	"context"
	"time"

	"ecnutd/internal/control"
	"ecnutd/internal/control/followers"
	"ecnutd/internal/daemon/statusline"
	"ecnutd/internal/engine"
	"ecnutd/monitor"
)

// audience are those who are told how things are: systemd, and who follows a stream.
type audience struct {
	line    *statusline.Line
	follow  *followers.Set
	figures monitor.Instant // when a snapshot was last made
}

// snapshotEvery is how often those who follow get a snapshot at most, where nothing
// but figures has changed.
const snapshotEvery = time.Second

// tell tells them of a step. It costs nothing while nobody follows.
func (a *audience) tell(d *Daemon, now monitor.Instant, happened bool, actions []engine.Action) {
	a.line.Tell(&d.state, now, happened, d.config.Language)
	if a.follow.None() {
		a.follow.Forget()
		return
	}
	day := d.outside.Clock.Day().Round(0)
	for _, action := range actions {
		if e, ok := action.(engine.Event); ok {
			a.follow.Send(control.Line{Kind: control.LineEvent, At: day, Event: &control.Event{UPS: e.UPS, Name: e.Event, Text: e.Reason}})
		}
	}
	if len(actions) > 0 || now.Sub(a.figures) >= snapshotEvery {
		a.figures = now
		a.follow.Show(d.snapshotNow(), day)
	}
}

// Stream follows what happens until ctx ends or whoever follows is too slow: then
// the channel is closed. Where the loop has ended nobody is told anything any more.
func (d *Daemon) Stream(ctx context.Context) (<-chan control.Line, error) {
	lines := make(chan control.Line, followers.MaxLines)
	if err := d.ask(ctx, func() { d.audience.follow.Join(lines) }); err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() {
		_ = d.ask(d.group.ctx, func() { d.audience.follow.Drop(lines) })
	})
	return lines, nil
}

// Now is all that there is to see.
func (d *Daemon) Now(ctx context.Context) (s control.Snapshot, err error) {
	return s, d.ask(ctx, func() { s = d.snapshotNow() })
}

func (d *Daemon) snapshotNow() control.Snapshot {
	return control.Snapshot{Status: d.statusNow(), Variables: d.variablesNow()}
}
