package daemon

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	"ecnutd/internal/control"
	"ecnutd/internal/daemon/statusline"
	"ecnutd/internal/engine"
	"ecnutd/monitor"
)

// streams are those who follow what happens. The loop owns them; it waits for none.
type streams struct {
	open map[chan control.Line]struct{}
	last []byte          // the snapshot that all have
	at   monitor.Instant // when it was made
}

func newStreams() *streams { return &streams{open: make(map[chan control.Line]struct{})} }

// audience are those who are told how things are: systemd, and who follows a stream.
type audience struct {
	line    *statusline.Line
	streams *streams
}

// tell tells them of a step.
func (a audience) tell(d *Daemon, now monitor.Instant, happened bool, actions []engine.Action) {
	a.line.Tell(&d.state, now, happened, d.config.Language)
	a.streams.tell(d, actions)
}

// maxLines is how many lines may wait for a reader. One with more is dropped.
const maxLines = 64

// Stream follows what happens until ctx ends or whoever follows is too slow: then
// the channel is closed.
func (d *Daemon) Stream(ctx context.Context) (<-chan control.Line, error) {
	lines := make(chan control.Line, maxLines)
	err := d.ask(ctx, func() { d.audience.streams.open[lines] = struct{}{} })
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() { d.audience.streams.leave(d, lines) })
	return lines, nil
}

// leave ends a stream; from outside of the loop. Where the loop has ended nobody
// is told anything any more.
func (s *streams) leave(d *Daemon, lines chan control.Line) {
	_ = d.ask(d.group.ctx, func() { s.drop(lines) })
}

func (s *streams) drop(lines chan control.Line) {
	if _, ok := s.open[lines]; ok {
		delete(s.open, lines)
		close(lines)
	}
}

// Now is all that there is to see.
func (d *Daemon) Now(ctx context.Context) (s control.Snapshot, err error) {
	return s, d.ask(ctx, func() { s = d.snapshotNow() })
}

func (d *Daemon) snapshotNow() control.Snapshot {
	return control.Snapshot{Status: d.statusNow(), Variables: d.variablesNow()}
}

// snapshotEvery is how often those who follow get a snapshot at most, where nothing
// but figures has changed.
const snapshotEvery = time.Second

// tell passes a step on. It costs nothing while nobody follows.
func (s *streams) tell(d *Daemon, actions []engine.Action) {
	if len(s.open) == 0 {
		s.last = nil
		return
	}
	day, now := d.outside.Clock.Day().Round(0), d.outside.Clock.Now()
	happened := false
	for _, action := range actions {
		if e, ok := action.(engine.Event); ok {
			happened = true
			s.send(control.Line{Kind: control.LineEvent, At: day, Event: &control.Event{UPS: e.UPS, Name: e.Event, Text: e.Reason}})
		}
	}
	if !happened && len(actions) == 0 && now.Sub(s.at) < snapshotEvery {
		return
	}
	s.at = now
	snapshot := d.snapshotNow()
	heard := snapshot.Status.UPS
	seen := snapshot
	seen.Status.UPS = append([]control.Supply(nil), heard...)
	for i := range seen.Status.UPS {
		seen.Status.UPS[i].Heard = time.Time{} // that a UPS goes on answering is no change
	}
	raw, err := json.Marshal(seen)
	if err != nil || bytes.Equal(raw, s.last) {
		return
	}
	s.last = raw
	s.send(control.Line{Kind: control.LineSnapshot, At: day, Snapshot: &snapshot})
}

// send gives a line to everybody, and drops who is too slow.
func (s *streams) send(l control.Line) {
	for lines := range s.open {
		select {
		case lines <- l:
		default:
			s.drop(lines)
		}
	}
}
