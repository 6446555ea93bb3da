// Package view follows a daemon through its control socket, for a program that shows
// what there is to see and has no right to anything. The daemon works the same
// without it.
//
// A Feed is the one connection: it follows the stream, comes back when the daemon
// does, and tells whoever listens. What is made of it is in packages of their own:
// archive records it, page shows it in a browser, metrics to a collector, and mqtt
// to Home Assistant.
package view

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"

	"ecnutd/internal/control"
)

// A Source is where a Feed gets lines from: a control.Client.
type Source interface {
	Stream(ctx context.Context, hear func(control.Line)) error
}

// A Now is how things are.
type Now struct {
	Connected bool              // the daemon is there
	Heard     time.Time         // when it last said something; zero: never
	Error     string            // why it is not there
	Snapshot  *control.Snapshot // the last one; nil: none yet. It does not change
}

// A Feed follows a daemon. Its methods may be called from anywhere.
type Feed struct {
	source Source
	log    *slog.Logger

	mu        sync.Mutex
	now       Now
	listeners map[chan struct{}]struct{}
	hear      []func(control.Line, Now)
}

// NewFeed makes the feed of a source.
func NewFeed(s Source, log *slog.Logger) *Feed {
	return &Feed{source: s, log: log, listeners: make(map[chan struct{}]struct{})}
}

// Hear has f called for every line, and with a line of no kind when the link to the
// daemon ends. It is called before Run. f must not wait.
func (f *Feed) Hear(hear func(control.Line, Now)) { f.hear = append(f.hear, hear) }

// Now is how things are.
func (f *Feed) Now() Now {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

// Changes gives a token whenever something has changed since the last one, until
// end is called.
func (f *Feed) Changes() (changed <-chan struct{}, end func()) {
	c := make(chan struct{}, 1)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.listeners[c] = struct{}{}
	return c, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.listeners, c)
	}
}

// Pauses between two tries to reach the daemon.
const (
	firstPause = time.Second
	maxPause   = 30 * time.Second
)

// Run follows the daemon until ctx ends.
func (f *Feed) Run(ctx context.Context) {
	pauses := backoff.NewExponentialBackOff()
	pauses.InitialInterval, pauses.MaxInterval = firstPause, maxPause
	for {
		err := f.source.Stream(ctx, func(l control.Line) {
			pauses.Reset()
			f.take(l)
		})
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			err = errors.New("the stream ended")
		}
		f.lost(err)
		select {
		case <-time.After(pauses.NextBackOff()):
		case <-ctx.Done():
			return
		}
	}
}

// take notes a line.
func (f *Feed) take(l control.Line) {
	f.mu.Lock()
	if !f.now.Connected {
		f.log.Info("the daemon is there")
	}
	f.now.Connected, f.now.Heard, f.now.Error = true, time.Now().Round(0), ""
	if l.Snapshot != nil {
		f.now.Snapshot = l.Snapshot
	}
	f.tell(l)
}

// lost notes that the daemon is gone.
func (f *Feed) lost(err error) {
	f.mu.Lock()
	if f.now.Connected || f.now.Error != err.Error() {
		f.log.Warn("the daemon is not there", "reason", err)
	}
	f.now.Connected, f.now.Error = false, err.Error()
	f.tell(control.Line{At: time.Now().Round(0)})
}

// tell passes a line on. It is called with mu, which it gives back.
func (f *Feed) tell(l control.Line) {
	for c := range f.listeners {
		select {
		case c <- struct{}{}:
		default:
		}
	}
	now := f.now
	f.mu.Unlock()
	for _, hear := range f.hear {
		hear(l, now)
	}
}
