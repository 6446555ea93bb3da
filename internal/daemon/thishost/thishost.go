// Package thishost is the outside of a daemon on a real host: its clock, its disk,
// network and programs, and how it goes down. Where its UPSs are is
// discovery.Finder's to say.
package thishost

import (
	"context"
	"os"
	"time"

	"ecnutd/config"
	"ecnutd/internal/heartbeat"
	"ecnutd/internal/host"
	"ecnutd/internal/request"
	"ecnutd/internal/routes"
	"ecnutd/internal/uplink"
	"ecnutd/monitor"
	"ecnutd/sms"
)

// Clock is that of the kernel.
type Clock struct{}

// Now is the time since the boot of the host.
func (Clock) Now() monitor.Instant { return monitor.Instant(host.BootTime()) }

// Day is the time of day.
func (Clock) Day() time.Time { return time.Now() }

// Set reports whether the kernel's clock is synchronised.
func (Clock) Set() bool { return host.ClockSet() }

// Real is d.
func (Clock) Real(d time.Duration) time.Duration { return d }

// Messages leave by the network.
type Messages struct{}

// Route makes a route, and reads its secret.
func (Messages) Route(r config.Route) (sms.Route, error) { return routes.New(r) }

// Heartbeat makes the dead man's signal, and reads its secret.
func (Messages) Heartbeat(h config.Heartbeat, well func() bool, failed func(error)) (func(context.Context), error) {
	url, err := h.URL.Value()
	if err != nil {
		return nil, err
	}
	beat, err := heartbeat.New(heartbeat.Heartbeat{URL: request.NewSecret(url), Every: h.Every, CAFile: h.CAFile, Well: well, Failed: failed})
	if err != nil {
		return nil, err
	}
	return beat.Run, nil
}

// Uplink tells of interfaces that came up.
func (Messages) Uplink(ctx context.Context) <-chan struct{} { return uplink.Watch(ctx) }

// Programs are those of this host.
type Programs struct{}

// Run runs one. env comes on top of that of this process.
func (Programs) Run(ctx context.Context, argv, env []string, stdin string, timeout time.Duration) error {
	return host.Run(ctx, argv, append(os.Environ(), env...), stdin, timeout)
}
