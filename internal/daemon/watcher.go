package daemon

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"ecnutd/config"
	"ecnutd/hid"
	"ecnutd/hid/power"
	"ecnutd/internal/discovery"
	"ecnutd/internal/discovery/remote"
	"ecnutd/internal/host/shutdown"
	"ecnutd/ups"
)

// A report is what a watcher tells the loop.
type report struct {
	ups       string
	lost      bool
	gone      bool  // of a loss: the device left the bus, or is not there
	err       error // of a loss or a login
	login     bool  // it is about the login to another host: err says why it is refused
	snapshot  ups.Snapshot
	at        time.Time     // when the ages of the snapshot held; zero where it has none
	variables ups.Variables // nil where nothing has changed
	can       *abilities    // nil where that has not changed
}

// A watcher keeps one UPS open: it reads it until it is lost, and finds it
// again. It never gives up, and it never presses a UPS that has fallen silent.
type watcher struct {
	name    string
	reading reading
	spot    discovery.Locator
	options power.Options
	// loginAgain is the time from one refused login at another host to the next.
	loginAgain time.Duration
	report     func(context.Context, report)
	log        *slog.Logger
	before     <-chan struct{} // closed when the watcher before has let the device go
	stop       context.CancelFunc
	ended      chan struct{} // closed when this one has
	at         hid.Info      // of the device that was opened last

	mu     sync.Mutex    // of what follows, and of options.Delays
	reader *power.Reader // nil while the UPS is not open
	seen   shutdown.Seen // where the UPS was opened last
}

// How long to wait before a UPS is opened again. One that is gone is looked
// for when a device appears, and every few seconds besides. One that is silent
// is left alone longer and longer: units exist that answer only after a pause
// (NUT issue 3573), and units that cut their load when they are harassed
// (1430).
const (
	absentPause = 2 * time.Second
	silentFirst = 5 * time.Second
	silentLast  = 60 * time.Second
)

// loginAgain is the time from a login that another host refuses to the next.
const loginAgain = time.Minute

// A reading is what of the configuration a watcher goes by.
type reading struct {
	device                         string
	match                          config.Match
	remote                         string
	password                       config.Secret
	security                       security
	poll, pollOnBattery, silentFor time.Duration
	delays                         power.Delays
}

// A security is how the connection to another host is encrypted.
type security struct {
	mode                 config.TLS
	ca, certificate, key string
}

// run watches until ctx ends.
func (w *watcher) run(ctx context.Context) {
	defer close(w.ended)
	if w.before != nil {
		<-w.before
	}
	defer w.leave()
	silent := silentFirst
	if w.spot.Follow != nil {
		silent = w.options.Poll // a server takes no harm, and FSD must not be missed
	}
	for ctx.Err() == nil {
		begun := time.Now()
		heard, err := w.session(ctx)
		if ctx.Err() != nil {
			return
		}
		gone := errors.Is(err, hid.ErrGone) || errors.Is(err, hid.ErrAbsent)
		if gone {
			w.leave() // what comes to its node may be another UPS
		}
		w.report(ctx, report{ups: w.name, lost: true, gone: gone, err: err})
		// One that falls silent soon after each opening is left alone too.
		if heard && w.spot.Follow == nil && time.Since(begun) >= silentLast {
			silent = silentFirst
		}
		pause := absentPause
		switch {
		case w.spot.Follow != nil:
			pause = silent
		case !gone:
			pause, silent = silent, min(2*silent, silentLast)
		}
		if w.wait(ctx, pause, gone) && !gone {
			w.leave()
			silent = silentFirst // of another one
		}
	}
}

// leave gives up the node.
func (w *watcher) leave() {
	if w.spot.Leave != nil {
		w.spot.Leave()
	}
}

// wait passes the time until the next attempt, and reports whether it was ended
// early: by a device that appears, where the UPS is gone. A silent one is left
// alone, unless it is not there any more.
func (w *watcher) wait(ctx context.Context, pause time.Duration, gone bool) (early bool) {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	for {
		if !gone && w.at.Node != "" && w.spot.Left != nil && w.spot.Left(w.at) {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-timer.C:
			return false
		case <-w.spot.Changed:
			if gone {
				return true
			}
		}
	}
}

// session opens the UPS and reads it until it is lost. heard says whether it
// said anything.
func (w *watcher) session(ctx context.Context) (heard bool, err error) {
	if w.spot.Follow != nil {
		return w.follow(ctx)
	}
	w.at = hid.Info{}
	dev, texts, err := w.spot.Open(ctx)
	if err != nil {
		return false, err
	}
	defer dev.Close()
	w.at = dev.Info()
	w.mu.Lock()
	w.seen = shutdown.Seen{Port: w.at.Phys, Vendor: w.at.Vendor, Product: w.at.Product}
	opt := w.options
	w.mu.Unlock()
	opt.Strings = texts
	reader, err := power.NewReader(dev, opt, discovery.Families...)
	if err != nil {
		return false, err
	}
	w.set(reader)
	defer w.set(nil)
	changes, names := -1, -1
	err = reader.Run(ctx, func(d *power.Decoder) {
		r := report{ups: w.name, snapshot: d.Snapshot(), at: time.Now()}
		if d.Changes() != changes {
			changes, r.variables = d.Changes(), d.Variables()
			if names != len(r.variables) { // what can be set follows from what is there
				names, r.can = len(r.variables), abilitiesOf(d)
			}
		}
		heard = true
		w.report(ctx, r)
	}, func(err error) {
		w.log.Info("some names of the UPS are not known", "ups", w.name, "reason", err)
	})
	return heard, err
}

func (w *watcher) set(r *power.Reader) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reader = r
}

// keepDelays has the next reader begin with the delays that were set on this
// one: they live in the program and not on the UPS.
func (w *watcher) keepDelays(delays power.Delays) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.options.Delays = delays
}

// do runs f with the open UPS, between two questions; power.ErrEnded where it
// is not open.
func (w *watcher) do(ctx context.Context, f func(*power.Commander)) error {
	w.mu.Lock()
	r := w.reader
	w.mu.Unlock()
	if r == nil {
		return power.ErrEnded
	}
	return r.Do(ctx, f)
}

// readAgain has charge and runtime read once more in a moment.
func (w *watcher) readAgain() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.reader != nil {
		w.reader.ReadAgain()
	}
}

// where is where the UPS was opened last.
func (w *watcher) where() shutdown.Seen {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.seen
}

// follow is a session with a UPS of another host.
func (w *watcher) follow(ctx context.Context) (heard bool, err error) {
	p := discovery.Pace{Poll: w.options.Poll, PollOnBattery: w.options.PollOnBattery, Patience: max(time.Second, min(remote.Patience, w.options.SilentAfter)), LoginAgain: w.loginAgain}
	err = w.spot.Follow(ctx, p, discovery.Observer{
		Heard: func(s ups.Snapshot, vars ups.Variables) {
			heard = true
			w.report(ctx, report{ups: w.name, snapshot: s, variables: vars})
		},
		Trouble: func(err error) { w.report(ctx, report{ups: w.name, lost: true, err: err}) },
		Login:   func(err error) { w.report(ctx, report{ups: w.name, login: true, err: err}) },
	})
	return heard, err
}
