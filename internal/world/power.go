package world

import (
	"context"
	"errors"
	"syscall"
	"time"

	"ecnutd/config"
	"ecnutd/internal/daemon/thishost"
	"ecnutd/internal/host/shutdown"
)

// power is how this host goes down, with real files.
func (w *world) power() *thishost.Power {
	return &thishost.Power{Log: w.log, Boot: w.boot()}
}

// WriteFlag writes the flag. It stands in memory, and so no disk fails it.
func (l *life) WriteFlag(path string, f shutdown.Flag) error {
	l.effect(ofLoop, "flag")
	err := l.w.power().WriteFlag(path, f)
	l.effect(ofLoop, "flag")
	return err
}

// ReadFlag looks at the flag.
func (l *life) ReadFlag(path string) shutdown.FlagFound {
	l.look(ofLoop, "flag")
	return l.w.power().ReadFlag(path)
}

// RemoveFlag removes it.
func (l *life) RemoveFlag(path string) error {
	l.effect(ofLoop, "flag")
	err := l.w.power().RemoveFlag(path)
	l.effect(ofLoop, "flag")
	return err
}

// errStalled is what a disk that has stalled is waited for no longer than.
var errStalled = errors.New("the disk has not answered for 1s")

// Expect keeps the record of a cut, on the disk of the state.
func (l *life) Expect(state, reason string) error {
	l.effect(ofLoop, "record")
	w := l.w
	w.mu.Lock()
	ills := w.ills
	w.mu.Unlock()
	switch {
	case ills.stalled > 0:
		time.Sleep(time.Second)
		l.look(ofLoop, "record")
		return errStalled
	case ills.readOnly > 0:
		return syscall.EROFS
	case ills.full > 0:
		return syscall.ENOSPC
	}
	err := w.power().Expect(state, reason)
	l.effect(ofLoop, "record")
	return err
}

// LastCut is the last one.
func (l *life) LastCut(state string) *shutdown.Record {
	l.look(ofLoop, "record")
	return l.w.power().LastCut(state)
}

// Off is the shutdown command: root's helper writes the flag as well, and runs it.
func (l *life) Off(_ config.Command, order shutdown.Flag) {
	l.effect(ofLoop, "off")
	l.w.stopping(l, order)
	l.effect(ofLoop, "off")
}

// followEvery is how often it is asked how far the shutdown is.
const followEvery = 2 * time.Second

// Follow says how far the shutdown is.
func (l *life) Follow(ctx context.Context, _ bool, heard func(shutdown.Progress)) {
	var last shutdown.Progress
	for told := false; ; told = true {
		l.look(ofPower, "follow")
		l.w.mu.Lock()
		now := l.w.progress
		l.w.mu.Unlock()
		if !told || now != last {
			last = now
			heard(now)
		}
		select {
		case <-time.After(followEvery):
		case <-ctx.Done():
			return
		}
	}
}

// Undo takes back what is scheduled.
func (l *life) Undo(context.Context, shutdown.Flag) error {
	l.effect(ofPower, "undo")
	l.w.undone()
	return nil
}
