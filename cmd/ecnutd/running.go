package main

import (
	"context"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	systemd "github.com/coreos/go-systemd/v22/daemon"

	"ecnutd/config"
	"ecnutd/internal/control"
	"ecnutd/internal/daemon"
	"ecnutd/internal/daemon/thishost"
	"ecnutd/internal/discovery"
	"ecnutd/internal/discovery/remote"
	"ecnutd/internal/host"
	"ecnutd/internal/host/shutdown"
)

// A running is a daemon on this host, with all that is around it.
type running struct {
	config  *config.Config
	path    string // of the configuration
	log     *slog.Logger
	request string // root is asked to shut the host down with this file; "" for the command itself
	dry     bool
	send    bool // messages of a dry run, marked
}

// run runs the daemon until ctx ends.
func (r *running) run(ctx context.Context, src *source) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	if !r.dry {
		release, missing, err := shutdown.OneDaemon(r.config.Control, r.config.PowerDownFlag)
		if err != nil {
			return err
		}
		defer release()
		if missing != nil {
			r.log.Info("a second daemon beside this one would not be noticed", "reason", missing)
		}
	}
	d, err := daemon.New(r.config, r.outside(ctx, src))
	if err != nil {
		return err
	}
	if r.dry {
		sent := "no message is sent"
		if r.send {
			sent = "messages are sent, marked as a trial"
		}
		r.log.Warn("a dry run: nothing is shut down, no UPS is commanded, and " + sent)
	}
	var socket net.Listener
	if r.config.Control != "" {
		if socket, err = control.Listen(r.config.Control); err != nil {
			return err
		}
		// A socket elsewhere is for whoever has put it there.
		if r.config.Control == config.Minimal("").Control {
			if err := control.Share(r.config.Control); err != nil {
				r.log.Warn(err.Error())
			}
		}
	}
	var wg sync.WaitGroup
	if socket != nil {
		wg.Go(func() {
			if err := control.Serve(ctx, socket, d); err != nil {
				r.log.Error(err.Error())
			}
		})
	}
	wg.Go(func() { reloads(ctx, d, r.path, r.log) })
	_, _ = systemd.SdNotify(false, systemd.SdNotifyReady)
	d.Run(ctx)
	stop()
	wg.Wait()
	return nil
}

// outside is what the daemon reaches: this host.
func (r *running) outside(ctx context.Context, src *source) daemon.Outside {
	name, _ := os.Hostname() // "" is told as it is
	boot := host.BootID()
	power := &thishost.Power{Log: r.log, Boot: boot, Request: r.request, Status: shutdown.DefaultStatus}
	if r.request != "" {
		power.Pointer = filepath.Join(filepath.Dir(r.request), filepath.Base(shutdown.DefaultPointer))
	}
	var messages daemon.Messages = thishost.Messages{}
	if r.dry {
		messages = thishost.Rehearsal{Log: r.log, Send: r.send, Mark: thishost.TrialMark(r.config.Language)}
	}
	every, _ := systemd.SdWatchdogEnabled(false)
	manager := &serviceManager{there: os.Getenv("NOTIFY_SOCKET") != "", every: every}
	return daemon.Outside{
		Log: r.log, Host: name, Boot: boot, Version: buildVersion(), DryRun: r.dry,
		Clock: thishost.Clock{}, Devices: discovery.NewFinder(ctx, &src.Source, remote.Locate), Disk: thishost.Disk{Log: r.log},
		Messages: messages, Programs: thishost.Programs{}, Power: power, Notify: manager,
	}
}

// A serviceManager is systemd, which wants to know that the daemon is ready
// and alive, and how it is. Without systemd nothing is told.
type serviceManager struct {
	daemon.Unheard
	there bool
	every time.Duration // its watchdog's; 0: none
	last  time.Time
}

// Alive feeds the watchdog.
func (m *serviceManager) Alive() {
	if m.there && m.every > 0 && time.Since(m.last) > m.every/3 {
		m.last = time.Now()
		_, _ = systemd.SdNotify(false, systemd.SdNotifyWatchdog)
	}
}

// Status is shown by systemctl status.
func (m *serviceManager) Status(line string) {
	if m.there {
		_, _ = systemd.SdNotify(false, "STATUS="+host.OneLine(line))
	}
}

// Rested gives memory back.
func (m *serviceManager) Rested() { thishost.Rest() }
