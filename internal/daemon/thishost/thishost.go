// Package thishost is the outside of a daemon on a real host: its clock, its disk,
// network and programs, and how it goes down. Where its UPSs are is
// discovery.Finder's to say.
package thishost

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"ecnutd/config"
	"ecnutd/internal/host"
	"ecnutd/internal/host/shutdown"
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
	beat, err := sms.NewHeartbeat(sms.Heartbeat{URL: sms.NewSecret(url), Every: h.Every, CAFile: h.CAFile, Well: well, Failed: failed})
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

// Power takes this host down.
type Power struct {
	Log     *slog.Logger
	Boot    string // id of this boot
	Request string // root is asked with this file; "" runs the command here
	Pointer string // tells the late stage where the flag stands; "" for none
}

// WriteFlag writes the flag and the pointer to it, each whole or not at all.
func (p *Power) WriteFlag(path string, f shutdown.Flag) error { return p.place(path).Write(f) }

// ReadFlag looks at the flag.
func (p *Power) ReadFlag(path string) shutdown.FlagFound { return shutdown.ReadFlag(path, p.Boot) }

// RemoveFlag removes the flag of this boot and the pointer to it.
func (p *Power) RemoveFlag(path string) error { return p.place(path).Remove(p.Boot) }

func (p *Power) place(path string) shutdown.Place {
	return shutdown.Place{Flag: path, Pointer: p.Pointer}
}

// Expect keeps a record that is pending beside the state.
func (p *Power) Expect(state, reason string) error {
	r := shutdown.Record{Boot: p.Boot, At: time.Now().Round(time.Second), Reason: reason, Pending: true}
	return r.Keep(filepath.Dir(state))
}

// LastCut is what came of the last one; it is logged once.
func (p *Power) LastCut(state string) *shutdown.Record {
	return shutdown.TellLast(state, p.Boot, p.Log)
}

// orderAgain is between two tries of a shutdown command that failed.
const orderAgain = 10 * time.Second

// Off orders the shutdown, or runs the command until it succeeds. It does so in
// its own time, not in that of the daemon: the shutdown ends the daemon.
func (p *Power) Off(c config.Command, order shutdown.Flag) {
	ctx := context.Background()
	go func() {
		if p.Request != "" {
			o := &shutdown.Orderer{Log: p.Log, Request: p.Request, Now: host.BootTime, Start: shutdown.Start}
			o.Order(ctx, c, order)
			return
		}
		for {
			err := shutdown.RunHere(ctx, p.Log, c, shutdown.Start)
			if err == nil {
				return
			}
			p.Log.Error("THE SHUTDOWN COMMAND FAILED, it is tried again in 10 s; without it the host stays up until the battery is empty", "reason", err)
			time.Sleep(orderAgain)
		}
	}()
}
