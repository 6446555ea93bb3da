package daemon

import (
	"context"

	"ecnutd/config"
	"ecnutd/monitor"
)

// Reload has the daemon take over a configuration that was found valid, as a
// whole or not at all. State, timers and waiting messages stay. It returns when
// that is done, or with the error of ctx.
func (d *Daemon) Reload(ctx context.Context, c *config.Config) error {
	return d.ask(ctx, func() { d.swap(c) })
}

// swap runs in the loop.
func (d *Daemon) swap(c *config.Config) {
	log := d.outside.Log
	if fixed := needsRestart(d.config, c); fixed != "" {
		log.Error("the configuration was not taken over: a new value of " + fixed + " needs a restart of the daemon; the old one goes on")
		return
	}
	pair, err := certificate(c.Network)
	if err != nil {
		// Without it clients would go on in clear.
		log.Error("the configuration was not taken over: " + err.Error() + "; the old one goes on, with the certificate that it has")
		return
	}
	changes := config.Diff(d.config, c)
	for _, line := range changes {
		log.Info("configuration: " + line)
	}
	if len(changes) == 0 {
		log.Info("configuration: nothing has changed")
	}
	d.setup = newSetup(c, d.outside.Host)
	d.follow()
	d.clients.configure(c.Network, pair)
	d.publish()
	d.mail.follow(c)
	d.mail.heart(d.group, c.Messages.Heartbeat, d.isWell)
	d.step(monitor.Elapsed{}) // a limit that is lower now may be met already
}

// needsRestart names what a running daemon cannot change.
func needsRestart(old, new *config.Config) string {
	switch {
	case old.State != new.State:
		return "state"
	case old.Control != new.Control:
		return "control"
	}
	return ""
}
