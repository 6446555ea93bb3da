package world

import (
	"context"
	"math"
	"time"
)

// A coming is what the monitor was asked to bring next.
type coming struct {
	asked bool
	at    time.Duration // when it was asked
	known bool
	next  time.Duration // of the world; what time alone brings
}

const (
	quietFor  = 90 * time.Second // without anything that happens before time is skipped
	settleFor = 2 * time.Minute  // that is played before the next incident
	worthIt   = 5 * time.Minute
)

// skipQuiet lets quiet mains pass, up to a while before what comes next: the next
// incident, or what the monitor says that time will bring. The host sleeps then, as
// the daemon sees it.
func (w *world) skipQuiet(next time.Duration) {
	now := w.at()
	l := w.life
	switch {
	case w.active > 0, w.outages > 0, w.paused > 0, w.host != hostUp, l == nil, l.over, w.promises.ending:
		return
	case next-now < worthIt+settleFor, now-w.busyAt < quietFor, now-l.began < quietFor, l.kill > 0:
		return
	case !w.promises.allArrived(w):
		return
	}
	for _, u := range w.units {
		if !u.Output() || u.CountsDown() {
			return
		}
	}
	if w.coming.at < w.busyAt || now-w.coming.at > worthIt {
		w.coming = coming{asked: true, at: now}
		go w.askMonitor(l)
		return
	}
	if !w.coming.known {
		return
	}
	if d := min(next, w.coming.next) - settleFor - now; d >= worthIt {
		w.result.Skipped += d
		w.skip(d)
		w.coming = coming{}
		w.busyAt = w.at() - quietFor + 20*time.Second
	}
}

// askMonitor asks a daemon what comes next.
func (w *world) askMonitor(l *life) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	d := l.daemon.Load()
	if d == nil {
		return
	}
	s, err := d.Status(ctx)
	w.turn(nil, ofWorld, "what comes", false)
	if err != nil || l != w.life {
		return
	}
	w.coming.known, w.coming.next = true, math.MaxInt64
	for _, c := range s.Coming {
		if !c.At.IsZero() {
			w.coming.next = min(w.coming.next, w.at()+c.At.Sub(w.day()))
		}
	}
}

// skip lets time pass that the clock of the bubble does not see.
func (w *world) skip(d time.Duration) {
	w.mu.Lock()
	w.slept += d
	w.mu.Unlock()
	for _, u := range w.units {
		u.Skip(d)
	}
}
