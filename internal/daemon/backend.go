package daemon

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"ecnutd/hid/power"
	"ecnutd/internal/control"
	"ecnutd/internal/control/device"
	"ecnutd/internal/discovery"
	"ecnutd/internal/notice"
	"ecnutd/internal/nut/server"
	"ecnutd/monitor"
	"ecnutd/ups"
)

// The methods of a control.Backend are how others reach the daemon. It owns the
// handles of the UPSs, so everything about one goes through its watcher, between
// two questions.
var _ control.Backend = (*Daemon)(nil)

// Status says how things are.
func (d *Daemon) Status(ctx context.Context) (s control.Status, err error) {
	return s, d.ask(ctx, func() { s = d.statusNow() })
}

// Variables are those of every UPS, as they were last read.
func (d *Daemon) Variables(ctx context.Context) (all map[string]control.Reading, err error) {
	return all, d.ask(ctx, func() { all = d.variablesNow() })
}

// variablesNow runs in the loop.
func (d *Daemon) variablesNow() map[string]control.Reading {
	all := make(map[string]control.Reading)
	for i, supply := range d.config.UPS {
		r := control.Reading{Link: control.LinkNeverHeard, Variables: ups.Variables{}}
		if i < len(d.state.Supplies) {
			r.Link = control.LinkOf(d.state.Supplies[i].Link)
		}
		if vars := d.units.variables(supply.Name); vars != nil {
			r.Variables = maps.Clone(vars)
		}
		all[supply.Name] = r
	}
	return all
}

// Ground is what a UPS gives decisions to stand on. Of one that another host
// serves nothing more is known than what it says.
func (d *Daemon) Ground(ctx context.Context, name string) (ups.Ground, error) {
	w, err := d.watcherOf(ctx, name)
	if err != nil {
		return ups.Ground{}, err
	}
	if w.reading.remote != "" {
		var vars ups.Variables
		err := d.ask(ctx, func() { vars = d.units.variables(w.name) })
		return vars.Ground(), err
	}
	return lookingAt(ctx, d, name, (*power.Decoder).Ground)
}

// Fields are the HID fields of a UPS, as they were last read.
func (d *Daemon) Fields(ctx context.Context, name string) ([]control.Field, error) {
	return lookingAt(ctx, d, name, func(d *power.Decoder) []control.Field { return device.Fields(d.Values()) })
}

// Commands are the instant commands of a UPS.
func (d *Daemon) Commands(ctx context.Context, name string) ([]control.Command, error) {
	return lookingAt(ctx, d, name, device.Commands)
}

// Settings are what can be set on a UPS.
func (d *Daemon) Settings(ctx context.Context, name string) ([]control.Setting, error) {
	return lookingAt(ctx, d, name, device.Settings)
}

// lookingAt is something that the open UPS says of itself.
func lookingAt[T any](ctx context.Context, d *Daemon, name string, what func(*power.Decoder) T) (said T, err error) {
	w, err := d.watcherOf(ctx, name)
	if err != nil {
		return said, err
	}
	if err := w.do(ctx, func(c *power.Commander) { said = what(c.Decoder()) }); err != nil {
		return said, control.Refuse(control.ErrUnreachable, w.unreachable())
	}
	return said, nil
}

// Command gives a UPS an instant command.
func (d *Daemon) Command(ctx context.Context, who control.Peer, o control.Order) (control.Ordered, error) {
	return d.ordered(ctx, who, o, command)
}

// Set changes a setting of a UPS.
func (d *Daemon) Set(ctx context.Context, who control.Peer, o control.Order) (control.Ordered, error) {
	return d.ordered(ctx, who, o, setting)
}

func (d *Daemon) ordered(ctx context.Context, who control.Peer, o control.Order, kind orderKind) (control.Ordered, error) {
	w, err := d.watcherOf(ctx, o.UPS)
	if err != nil {
		return control.Ordered{}, err
	}
	return d.order(ctx, w, o, kind, "uid", who.UID, "pid", who.PID)
}

// ForceShutdown begins a forced shutdown.
func (d *Daemon) ForceShutdown(ctx context.Context, who control.Peer, r control.FSD) (control.Begun, error) {
	reason := r.Reason
	if reason == "" {
		reason = "no reason was given"
	}
	err := d.ask(ctx, func() {
		d.outside.Log.Warn("a forced shutdown was asked for", "uid", who.UID, "pid", who.PID, "text", reason)
		d.step(monitor.ForceShutdown{Reason: reason})
	})
	return control.Begun{DryRun: d.outside.DryRun}, err
}

// Send queues a text.
func (d *Daemon) Send(ctx context.Context, _ control.Peer, t control.Text) (q control.Queued, err error) {
	var wrong error
	var stored <-chan struct{}
	err = d.ask(ctx, func() {
		stored = d.store.Change(func() {
			q.ID, wrong = d.mail.box.Queue(notice.ByHand(d.config, d.outside.Host, t.Text, t.Routes, d.outside.Clock.Day()))
		})
	})
	if err == nil && wrong != nil {
		return q, control.Refuse(control.ErrBadRequest, wrong.Error())
	}
	if err == nil {
		d.store.await(ctx, stored)
	}
	return q, err
}

// Drop gives up a message that waits.
func (d *Daemon) Drop(ctx context.Context, who control.Peer, id uint64) (control.Dropped, error) {
	dropped := false
	var stored <-chan struct{}
	err := d.ask(ctx, func() {
		stored = d.store.Change(func() { dropped = d.mail.box.Drop(id) })
	})
	if err != nil {
		return control.Dropped{}, err
	}
	if !dropped {
		return control.Dropped{}, control.Refuse(control.ErrNoSuch, fmt.Sprintf("no message %d waits", id))
	}
	d.store.await(ctx, stored)
	d.outside.Log.Info("a message was dropped", "id", id, "uid", who.UID)
	return control.Dropped{ID: id}, nil
}

// unreachable says why nothing can be asked of a UPS.
func (w *watcher) unreachable() string {
	if w.reading.remote != "" {
		return "the UPS " + w.name + " hangs on another host, " + w.reading.remote + ": ask and command it there"
	}
	return "the daemon has no link to the UPS " + w.name + " now"
}

// watcherOf finds a UPS by its name; "" is the only one there is.
func (d *Daemon) watcherOf(ctx context.Context, name string) (*watcher, error) {
	var names []string
	var found *watcher
	err := d.ask(ctx, func() {
		for _, u := range d.config.UPS {
			names = append(names, u.Name)
		}
		if name == "" && len(names) == 1 {
			name = names[0]
		}
		found = d.units.of(name).watcher
	})
	if err != nil || found != nil {
		return found, err
	}
	return nil, control.WhichUPS(name, names)
}

// An orderKind says what is ordered.
type orderKind int

const (
	command orderKind = iota
	setting
)

// order has a UPS do something. A command that can cut power is refused while
// the host is in use, unless the order says that this is wanted. who says who
// asked, for the log, which has what came of it. The error is that of ctx:
// whoever asked has gone, and so nothing is sent.
func (d *Daemon) order(ctx context.Context, w *watcher, o control.Order, kind orderKind, who ...any) (done control.Ordered, err error) {
	o.UPS = w.name
	var shows ups.Variables
	inUse := true
	if err := d.ask(ctx, func() { inUse = !noWayBack(&d.state) }); err != nil {
		return done, err
	}
	switch {
	case kind == command && discovery.Cuts(o.Name) && inUse && !o.YesCut:
		done = device.NotSent(o, control.ErrInUse)
	case d.outside.DryRun:
		done = device.NotSent(o, errors.New("the daemon is on a dry run and sends nothing to the UPS"))
	default:
		err := w.do(ctx, func(c *power.Commander) {
			// What was begun is brought to its end, also when whoever asked
			// has gone meanwhile.
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), control.OrderTime)
			defer cancel()
			if kind == command {
				done = device.Command(ctx, c, o)
			} else {
				done = device.Set(ctx, c, o)
			}
			w.keepDelays(c.Decoder().Delays())
			if kind == setting {
				shows = c.Decoder().Variables()
			}
		})
		if err != nil {
			done = device.NotSent(o, errors.New(w.unreachable()))
			done.Outcome = control.OutcomeUnreachable
		}
	}
	if shows != nil {
		// What was set is shown before whoever set it has the answer. The error is
		// that he has gone.
		_ = d.ask(ctx, func() {
			d.units.show(w, shows)
			d.publish()
		})
	}
	d.outside.Log.Warn("an order for the UPS: "+done.Text, append([]any{"ups", o.UPS, "value", o.Value}, who...)...)
	return done, nil
}

// noWayBack reports whether the host goes down whatever happens: it was
// ordered, or the command was given. Before that the return of mains calls a
// shutdown off, and the host needs its power.
func noWayBack(s *monitor.State) bool { return s.Phase == monitor.Down || s.Forced != "" }

func clientsFrom(clients []server.Client) (list []control.NUTClient) {
	for _, c := range clients {
		list = append(list, control.NUTClient(c))
	}
	return list
}
