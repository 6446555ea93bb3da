package view

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"ecnutd/internal/control"
	"ecnutd/internal/history"
)

// An Archive records: *archive.Archive.
type Archive interface {
	Hear(l control.Line)
	Outage(n uint64, name string, begin time.Time, story []byte)
	LastOutage() uint64
	Close() error
}

// Outages are the outages that the daemon remembers: a control.Client.
type Outages interface {
	History(ctx context.Context) (history.History, error)
	Outage(ctx context.Context, n uint64) (history.Outage, error)
}

// A Recorder has an archive hear what a feed says, without the feed waiting for the
// disk, and keeps outages that are over.
type Recorder struct {
	archive Archive
	outages Outages
	log     *slog.Logger
	lines   chan control.Line
}

// maxLines is how many lines may wait for the disk. More are lost.
const maxLines = 1000

// NewRecorder makes a recorder.
func NewRecorder(a Archive, o Outages, log *slog.Logger) *Recorder {
	return &Recorder{a, o, log, make(chan control.Line, maxLines)}
}

// Hear takes a line of the feed. It does not wait.
func (r *Recorder) Hear(l control.Line, _ Now) {
	select {
	case r.lines <- l:
	default: // the disk has not taken any for minutes, which the archive tells
	}
}

// keepEvery is how often the daemon is asked for outages that are over.
const keepEvery = 5 * time.Minute

// Run records until ctx ends, and closes the archive.
func (r *Recorder) Run(ctx context.Context) {
	defer func() {
		if err := r.archive.Close(); err != nil {
			r.log.Error("the recordings", "reason", err)
		}
	}()
	keep := time.NewTicker(keepEvery)
	defer keep.Stop()
	for {
		select {
		case l := <-r.lines:
			r.archive.Hear(l)
		case <-keep.C:
			r.keep(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// askTime is how long the daemon may take for its history.
const askTime = 10 * time.Second

// keep keeps outages that are over and not kept yet.
func (r *Recorder) keep(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	h, err := r.outages.History(ctx)
	if err != nil {
		return // the feed tells
	}
	last := r.archive.LastOutage()
	for _, o := range h.Outages {
		if o.N <= last || o.End.IsZero() {
			continue
		}
		whole, err := r.outages.Outage(ctx, o.N)
		if err != nil {
			r.log.Warn("an outage is not kept", "outage", o.N, "reason", err)
			return // the next time, in their order
		}
		if raw, err := json.Marshal(whole); err == nil {
			r.archive.Outage(o.N, o.UPS, o.Begin, raw)
		}
	}
}
