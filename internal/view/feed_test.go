package view

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ecnutd/internal/control"
	"ecnutd/internal/history"
)

// A stage is a daemon that is there, or not, as a test has it.
type stage struct {
	lines chan control.Line // nil: it is not there
	tries int
	mu    sync.Mutex
}

func (s *stage) set(lines chan control.Line) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = lines
}

func (s *stage) Stream(ctx context.Context, hear func(control.Line)) error {
	s.mu.Lock()
	s.tries++
	lines := s.lines
	s.mu.Unlock()
	if lines == nil {
		return errors.New("nobody answers")
	}
	for {
		select {
		case l, ok := <-lines:
			if !ok {
				s.set(nil)
				return control.ErrStreamEnded
			}
			hear(l)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// TestFeed: a daemon that comes, goes and comes again is followed; who listens hears
// the end of the link too, and the reason is logged once.
func TestFeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		s := &stage{}
		f := NewFeed(s, slog.New(slog.NewTextHandler(&log, nil)))
		var heard []string
		f.Hear(func(l control.Line, now Now) { heard = append(heard, fmt.Sprint(l.Kind, now.Connected)) })
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { f.Run(ctx); close(done) }()
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if f.Now().Connected || f.Now().Error != "nobody answers" || strings.Count(log.String(), "nobody answers") != 1 {
			t.Errorf("%+v; log:\n%s", f.Now(), log.String())
		}
		if s.tries < 15 || s.tries > 60 {
			t.Errorf("%d tries in ten minutes", s.tries)
		}
		heard = nil
		lines := make(chan control.Line)
		s.set(lines)
		lines <- control.Line{Kind: control.LineSnapshot, Snapshot: &control.Snapshot{}}
		synctest.Wait()
		if now := f.Now(); !now.Connected || now.Snapshot == nil || now.Error != "" {
			t.Errorf("%+v", now)
		}
		changed, end := f.Changes()
		close(lines)
		synctest.Wait()
		select {
		case <-changed:
		default:
			t.Error("who listens was not woken")
		}
		end()
		if got := fmt.Sprint(heard); got != "[snapshottrue false]" {
			t.Errorf("heard %s", got)
		}
		stop()
		<-done
	})
}

// A disk is an archive that may not answer.
type disk struct {
	frozen chan struct{}
	lines  int
	kept   []uint64
}

func (d *disk) Hear(control.Line) { <-d.frozen; d.lines++ }
func (d *disk) Outage(n uint64, _ string, _ time.Time, _ []byte) {
	d.kept = append(d.kept, n)
}
func (d *disk) LastOutage() uint64 {
	if len(d.kept) == 0 {
		return 0
	}
	return d.kept[len(d.kept)-1]
}
func (d *disk) Close() error { return nil }

type past struct{}

func (past) History(context.Context) (history.History, error) {
	end := time.Unix(1, 0)
	return history.History{Outages: []history.Summary{{N: 1, End: end}, {N: 2, End: end}, {N: 3}}}, nil
}
func (past) Outage(_ context.Context, n uint64) (history.Outage, error) {
	return history.Outage{N: n}, nil
}

// TestRecorder: a disk that does not answer holds nobody up and costs lines, not
// memory; outages that are over are kept once.
func TestRecorder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &disk{frozen: make(chan struct{})}
		r := NewRecorder(d, past{}, slog.New(slog.DiscardHandler))
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { r.Run(ctx); close(done) }()
		for range 10 * maxLines {
			r.Hear(control.Line{}, Now{})
		}
		close(d.frozen)
		time.Sleep(time.Hour)
		synctest.Wait()
		if d.lines < maxLines || d.lines > maxLines+1 {
			t.Errorf("%d lines were recorded", d.lines)
		}
		if fmt.Sprint(d.kept) != "[1 2]" {
			t.Errorf("kept %v", d.kept)
		}
		stop()
		<-done
	})
}
