package daemon

import (
	"context"
	"slices"
	"strings"
	"time"

	"ecnutd/internal/wake"
	"ecnutd/monitor"
)

// onMains reports whether every UPS is heard and on mains; how full their batteries
// are is no matter.
func onMains(state *monitor.State) bool {
	return len(state.Supplies) > 0 && !slices.ContainsFunc(state.Supplies, func(u monitor.SupplyState) bool {
		return u.Link != monitor.Linked || u.Line != monitor.OnMains
	})
}

// booted says that this host has just started: others may have gone down with it.
func (c *clients) booted() { c.wake = wake.AfterBoot() }

// wakeOthers has the hosts started again that went down with this one, once mains
// has held. It runs in the loop.
func (d *Daemon) wakeOthers(now monitor.Instant) {
	going := d.state.Phase != monitor.Watching || d.state.Forced != ""
	cards := d.config.Network.Wake
	if !d.clients.wake.Look(time.Duration(now), going, onMains(&d.state)) || len(cards) == 0 {
		return
	}
	log := d.outside.Log
	if d.outside.DryRun || d.outside.Wake == nil {
		log.Info("mains has held for a minute: " + strings.Join(cards, ", ") + " would be woken")
		return
	}
	log.Info("mains has held for a minute: waking " + strings.Join(cards, ", "))
	d.group.run(func(ctx context.Context) {
		if err := d.outside.Wake(ctx, cards); err != nil {
			log.Error("not every host could be sent its packet", "reason", err)
		}
	})
}
