package shutdown

import (
	"context"
	"errors"
	"time"
)

// A Progress is how far a shutdown is, for whoever decides what follows.
type Progress struct {
	Ended   bool   // the command has ended, whether or not it is tried again
	Err     string // why it failed; "" for a success
	Pending bool   // the host goes down: its command is at work, or systemd's turn has come
}

// silentTime is how long after its last word a helper that has fallen silent is
// still believed. Then nobody knows anything, and what is ordered goes to
// another helper, which finds a command that is at work.
const silentTime = time.Minute

// Follow reads the helper's status at these paths every two seconds until ctx ends, and
// passes on how far the shutdown is whenever that changes. boot is the id of
// this boot, now the time since it. since is when the shutdown was ordered:
// words about earlier orders are passed over; 0 takes any of this boot, for a
// process that was started again. Where nobody has said anything for silentTime,
// nobody carries the order out, and what this process knows itself counts: here.
func Follow(ctx context.Context, paths []string, boot string, now func() time.Duration, since time.Duration, here func() Progress, heard func(Progress)) {
	every := time.NewTicker(statusEvery)
	defer every.Stop()
	var last Progress
	told, answered, began := false, false, now()
	for {
		p, ok := progress(paths, boot, now(), since)
		answered = answered || ok
		if !answered && now()-began > silentTime {
			p, ok = here(), true
		}
		if ok && (!told || p != last) {
			last, told = p, true
			heard(p)
		}
		select {
		case <-every.C:
		case <-ctx.Done():
			return
		}
	}
}

// progress is what the status says; ok is false where that is nothing, or
// nothing new.
func progress(paths []string, boot string, now, since time.Duration) (p Progress, ok bool) {
	s, err := newestStatus(paths, boot, now)
	silent := errors.Is(err, ErrSilent)
	switch {
	case err != nil && !silent, s.Order < since, silent && now-s.Uptime < silentTime:
		return p, false
	case silent:
		return Progress{Ended: true, Err: ErrSilent.Error()}, true
	}
	return Progress{Ended: s.CommandEnded(), Err: s.Command.Failed, Pending: s.Pending != NotPending}, true
}
