// Package guard is the last resort of a shutdown that hangs. A dead network
// file system or a stop job of minutes keeps a host up while its battery ends,
// and the daemon was stopped in the first second. The guard outlives the other
// services: when every UPS that feeds the host says that its battery is low and
// that less than 20 s are left, it has the UPSs told to cut and restore their
// output, writes the disks' buffers, makes them read-only and powers off, so that
// the disks are not cut in the middle of writing.
//
// It acts on no value that is unknown or old, and on two readings only. It does
// nothing unless the daemon has begun a shutdown in this boot, and ends when that
// was undone.
package guard

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"ecnutd/ups"
)

const (
	// Left is how much runtime is too little for a shutdown to go on, in seconds.
	Left = 20

	// confirmAfter is between the two readings that are wanted.
	confirmAfter = 2 * time.Second

	// fresh is how old a reading, and each value in it, may be.
	fresh = 10 * time.Second

	// lookEvery is how often the guard looks whether the shutdown still stands.
	lookEvery = 2 * time.Second

	// armTime, syncTime and readOnlyTime bound the steps before the power is
	// switched off. Together they are less than what is left.
	armTime      = 6 * time.Second
	syncTime     = 5 * time.Second
	readOnlyTime = 2 * time.Second
)

// A Reading is what a UPS said.
type Reading struct {
	UPS      string
	Snapshot ups.Snapshot
	At       time.Time
}

// exhausted reports whether a UPS says that its battery is about to end: it is
// on battery, calls it low, and shows less than Left.
func exhausted(s ups.Snapshot) bool {
	const low = ups.BelowCapacity | ups.TimeExpired | ups.ShutdownImminent
	return s.Status.Has(ups.OnBattery) && !s.Status.Has(ups.Online) && s.Low&low != 0 &&
		s.Age.Status < fresh && s.Age.Runtime < fresh &&
		s.Runtime.Known && s.Runtime.N < Left
}

// A spell is how long one UPS has been exhausted without a reading that said
// otherwise.
type spell struct{ first, last time.Time }

// A Watch counts readings. Its zero value is not used; see NewWatch.
type Watch struct {
	spells map[string]spell // by UPS
	feeds  []string
}

// NewWatch watches the UPSs that feed the host, by name.
func NewWatch(feeds []string) *Watch { return &Watch{make(map[string]spell), feeds} }

// Take notes a reading.
func (w *Watch) Take(r Reading) {
	s, known := w.spells[r.UPS]
	switch {
	case !exhausted(r.Snapshot):
		delete(w.spells, r.UPS)
	case !known || r.At.Sub(s.last) > fresh:
		w.spells[r.UPS] = spell{r.At, r.At}
	default:
		w.spells[r.UPS] = spell{s.first, r.At}
	}
}

// Over reports whether every UPS that feeds the host is exhausted, by two
// readings the last of which is fresh. Without a UPS it never is.
func (w *Watch) Over(now time.Time) bool {
	for _, name := range w.feeds {
		s, ok := w.spells[name]
		if !ok || s.last.Sub(s.first) < confirmAfter || now.Sub(s.last) > fresh {
			return false
		}
	}
	return len(w.feeds) > 0
}

// A Guard watches a shutdown. What it does to the host is in its fields, so that
// no test comes near a real one.
type Guard struct {
	Log      *slog.Logger
	Feeds    []string       // the UPSs that feed the host
	Readings <-chan Reading // of all of them
	Standing func() bool    // whether the shutdown of the daemon still stands

	Arm      func(context.Context) error // has the UPSs told to cut and restore their output
	Sync     func() error                // writes the buffers of the disks
	ReadOnly func() error                // makes the disks read-only
	PowerOff func() error                // switches the host off, now
}

// Run watches until it has switched the host off, the shutdown was undone, or
// ctx ends.
func (g *Guard) Run(ctx context.Context) error {
	watch := NewWatch(g.Feeds)
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-look.C:
			if !g.Standing() {
				g.Log.Info("the shutdown was undone: nothing is guarded any more")
				return nil
			}
		case r := <-g.Readings:
			watch.Take(r)
			if watch.Over(time.Now()) && g.Standing() {
				g.Log.Error(fmt.Sprintf("THE BATTERY ENDS BEFORE THE SHUTDOWN DOES: less than %d s are left; the disks are made read-only and the host is switched off", Left), "ups", r.UPS, "reading", r.Snapshot)
				return g.end(ctx)
			}
		}
	}
}

// end switches the host off in the time that is left. Nothing in it may keep the
// next step from coming.
func (g *Guard) end(ctx context.Context) error {
	armed := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(ctx, armTime)
		defer cancel()
		armed <- g.Arm(ctx)
	}()
	g.within(syncTime, "writing the buffers of the disks", g.Sync)
	select {
	case err := <-armed:
		g.complain("telling the UPS to cut its output", err)
	case <-time.After(armTime):
		g.complain("telling the UPS to cut its output", errLate(armTime))
	}
	g.within(readOnlyTime, "making the disks read-only", g.ReadOnly)
	return g.PowerOff()
}

// within does a step, and goes on without it when its time is over.
func (g *Guard) within(limit time.Duration, what string, step func() error) {
	done := make(chan error, 1)
	go func() { done <- step() }()
	select {
	case err := <-done:
		g.complain(what, err)
	case <-time.After(limit):
		g.complain(what, errLate(limit))
	}
}

func (g *Guard) complain(what string, err error) {
	if err != nil {
		g.Log.Error(what+" failed; the host is switched off all the same", "reason", err)
	}
}

func errLate(limit time.Duration) error { return fmt.Errorf("not done after %s", limit) }
