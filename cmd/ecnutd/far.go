package main

import (
	"context"
	"errors"
	"time"

	"ecnutd/internal/discovery"
	"ecnutd/internal/discovery/remote"
	"ecnutd/internal/nut/client"
	"ecnutd/ups"
)

// far is a session with a UPS of another host.
func (w *watcher) far(ctx context.Context) (heard bool, err error) {
	p := discovery.Pace{Poll: w.options.Poll, PollOnBattery: w.options.PollOnBattery, Patience: max(time.Second, min(remote.Patience, w.options.SilentAfter))}
	err = w.spot.Follow(ctx, p, func(s ups.Snapshot, vars ups.Variables) {
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
