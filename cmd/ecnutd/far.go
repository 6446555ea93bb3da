package main

import (
	"context"
	"errors"
	"time"

	"ecnutd/config"
	"ecnutd/internal/nut/client"
	"ecnutd/ups"
)

// A followFunc follows a UPS that another host serves until ctx ends or the
// connection is lost (client.Server.Follow).
type followFunc func(ctx context.Context, p client.Pace, heard func(ups.Snapshot, ups.Variables), trouble func(error)) error

// farSpot is where a UPS of another host is.
func farSpot(u config.UPS) spot {
	return spot{follow: func(ctx context.Context, p client.Pace, heard func(ups.Snapshot, ups.Variables), trouble func(error)) error {
		s, err := serverOf(u)
		if err != nil {
			return err
		}
		return s.Follow(ctx, p, heard, trouble)
	}}
}

func serverOf(u config.UPS) (client.Server, error) {
	at, err := config.ParseRemote(u.Remote)
	return client.Server{Address: at.Host, UPS: at.UPS, User: at.User, Password: u.Password.Value}, err
}

// farVariables asks the other host for the variables of a UPS, once.
func farVariables(ctx context.Context, u config.UPS) (ups.Variables, error) {
	s, err := serverOf(u)
	if err != nil {
		return nil, err
	}
	return s.Read(ctx, farPatience)
}

// farUPS is the UPS that a command line means, where that hangs on another
// host: the one of --ups, or the only one there is.
func farUPS(g *globals, src *source) (u config.UPS, ok bool) {
	if src.given() {
		return u, false
	}
	c, _, err := config.Load(g.config)
	if err != nil {
		return u, false // whoever needs the configuration says so
	}
	u, err = chooseUPS(c, g.ups)
	return u, err == nil && u.Remote != ""
}

// farPatience is the longest that an answer of another host is waited for.
const farPatience = 10 * time.Second

// far is a session with a UPS of another host.
func (w *watcher) far(ctx context.Context) (heard bool, err error) {
	p := client.Pace{Poll: w.options.Poll, PollOnBattery: w.options.PollOnBattery, Patience: max(time.Second, min(farPatience, w.options.SilentAfter))}
	err = w.spot.follow(ctx, p, func(s ups.Snapshot, vars ups.Variables) {
		heard = true
		w.report(ctx, report{ups: w.name, snapshot: s, variables: vars})
	}, func(err error) {
		w.trouble(ctx, err)
	})
	return heard, err
}

// trouble is what goes wrong while another host answers. A login that is
// refused does not keep the UPS from being followed.
func (w *watcher) trouble(ctx context.Context, err error) {
	if errors.Is(err, client.ErrLogin) {
		w.log.Error(w.name+": "+err.Error(), "host", w.reading.remote)
		return
	}
	w.report(ctx, report{ups: w.name, lost: true, err: err})
}
