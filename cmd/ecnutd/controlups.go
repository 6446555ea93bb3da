package main

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"ecnutd/hid/power"
	"ecnutd/monitor"
	"ecnutd/ups"
)

// commandHandlers are the part of the control socket that reaches the UPS. The
// daemon owns its handle, so everything goes through the watcher, between two
// questions.
func (d *daemon) commandHandlers(mux *http.ServeMux) {
	mux.HandleFunc("GET /v1/commands", looking(d, commandsOf))
	mux.HandleFunc("GET /v1/writable", looking(d, writableOf))
	mux.HandleFunc("POST /v1/command", d.ordering(giveCommand, true))
	mux.HandleFunc("POST /v1/set", d.ordering(setVariable, false))
}

// looking answers with something that the open UPS says of itself.
func looking[T any](d *daemon, what func(*power.Decoder) T) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		watcher, err := d.watcherOf(r.Context(), r.URL.Query().Get("ups"))
		if err != nil {
			refuse(w, http.StatusNotFound, err.Error())
			return
		}
		var said T
		if err := watcher.do(r.Context(), func(c *power.Commander) { said = what(c.Decoder()) }); err != nil {
			refuse(w, http.StatusServiceUnavailable, watcher.unreachable())
			return
		}
		answer(w, said)
	}
}

// unreachable says why nothing can be asked of a UPS.
func (w *watcher) unreachable() string {
	if w.reading.remote != "" {
		return "the UPS " + w.name + " hangs on another host, " + w.reading.remote + ": ask and command it there"
	}
	return "the daemon has no link to the UPS " + w.name + " now"
}

// watcherOf finds a UPS by its name; "" is the only one there is.
func (d *daemon) watcherOf(ctx context.Context, name string) (*watcher, error) {
	var names []string
	var found *watcher
	err := d.ask(ctx, func() {
		for _, u := range d.rules.Supplies {
			names = append(names, u.Name)
		}
		if name == "" && len(names) == 1 {
			name = names[0]
		}
		found = d.watchers[name]
	})
	if err != nil || found != nil {
		return found, err
	}
	if name == "" {
		return nil, errors.New("there are several UPSs; choose one with --ups: " + strings.Join(names, ", "))
	}
	text := "no UPS of the configuration is called \"" + name + "\""
	if near := ups.Nearest(name, names); len(near) > 0 {
		text += "; did you mean " + strings.Join(near, " or ") + "?"
	}
	return nil, errors.New(text)
}

// ordering carries orders out. A command that can cut power is refused while
// the host is in use, unless the order says that this is wanted. Who asked and
// what came of it is logged.
func (d *daemon) ordering(carryOut orderKind, commands bool) http.HandlerFunc {
	return acting(func(w http.ResponseWriter, r *http.Request, who peer, o order) {
		watcher, err := d.watcherOf(r.Context(), o.UPS)
		if err != nil {
			refuse(w, http.StatusNotFound, err.Error())
			return
		}
		if done, err := d.order(r.Context(), watcher, o, carryOut, commands, "uid", who.uid, "pid", who.pid); err == nil {
			answer(w, done)
		}
	})
}

// order has a UPS do something. who says who asked, for the log. The error is
// that of ctx: whoever asked has gone, and so nothing is sent.
func (d *daemon) order(ctx context.Context, w *watcher, o order, carryOut orderKind, command bool, who ...any) (done ordered, err error) {
	o.UPS = w.name
	inUse := true
	if err := d.ask(ctx, func() { inUse = !noWayBack(&d.state) }); err != nil {
		return done, err
	}
	switch {
	case command && cuts(o.Name) && inUse && !o.YesCut:
		done = o.notSent("%w", errInUse)
	case d.dryRun:
		done = o.notSent("the daemon is on a dry run and sends nothing to the UPS")
	default:
		err := w.do(ctx, func(c *power.Commander) {
			// What was begun is brought to its end, also when whoever asked
			// has gone meanwhile.
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), orderTime)
			defer cancel()
			done = o.report(carryOut(ctx, c, o))
			w.keepDelays(c.Decoder().Delays())
		})
		if err != nil {
			done = o.notSent("%s", w.unreachable())
			done.Outcome = outcomeUnreachable
		}
	}
	d.log.Warn("an order for the UPS: "+done.Text, append([]any{"ups", o.UPS, "value", o.Value}, who...)...)
	return done, nil
}

// noWayBack tells whether the host goes down whatever happens: it was ordered,
// or the command was given. Before that the return of mains calls a shutdown
// off, and the host needs its power.
func noWayBack(s *monitor.State) bool { return s.Phase == monitor.Down || s.Forced != "" }

// outcomeUnreachable is an order for a UPS that is not there.
const outcomeUnreachable = "unreachable"

// errInUse is why a command is refused that can cut power.
var errInUse = errors.New("it can take power away from this host, which is in use and not shutting down for good; if that is what you want, say --yes-cut-the-load")
