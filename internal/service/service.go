// Package service runs a daemon on this host, with all that is around it: the
// lock against a second one, the control socket, the reload at SIGHUP, and the
// service manager.
package service

import (
	"context"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"

	systemd "github.com/coreos/go-systemd/v22/daemon"
	"golang.org/x/sys/unix"

	"ecnutd/config"
	"ecnutd/internal/control"
	"ecnutd/internal/daemon"
	"ecnutd/internal/daemon/thishost"
	"ecnutd/internal/discovery"
	"ecnutd/internal/discovery/remote"
	"ecnutd/internal/host"
	"ecnutd/internal/host/shutdown"
	"ecnutd/internal/wake"
)

// A Service is a daemon on this host, with all that is around it.
type Service struct {
	Config  *config.Config
	Path    string // of the configuration; SIGHUP reads it again
	Log     *slog.Logger
	Version string
	Source  *discovery.Source // where the UPS is looked for
	Request string            // root is asked to shut the host down with this file; "" for the command itself
	DryRun  bool
	Send    bool // messages of a dry run, marked
}

// Run runs the daemon until ctx ends. host.ErrLocked is the error where another
// one has the flag or the control socket.
func (s *Service) Run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	if !s.DryRun {
		release, missing, err := shutdown.OneDaemon(s.Config.Control, s.Config.PowerDownFlag)
		if err != nil {
			return err
		}
		defer release()
		if missing != nil {
			s.Log.Info("a second daemon beside this one would not be noticed", "reason", missing)
		}
	}
	d, err := daemon.New(s.Config, s.outside(ctx))
	if err != nil {
		return err
	}
	if s.DryRun {
		sent := "no message is sent"
		if s.Send {
			sent = "messages are sent, marked as a trial"
		}
		s.Log.Warn("a dry run: nothing is shut down, no UPS is commanded, and " + sent)
	}
	var socket net.Listener
	if s.Config.Control != "" {
		if socket, err = control.Listen(s.Config.Control); err != nil {
			return err
		}
		// A socket elsewhere is for whoever has put it there.
		if s.Config.Control == config.Minimal("").Control {
			if err := control.Share(s.Config.Control); err != nil {
				s.Log.Warn(err.Error())
			}
		}
	}
	var wg sync.WaitGroup
	if socket != nil {
		wg.Go(func() {
			if err := control.Serve(ctx, socket, d); err != nil {
				s.Log.Error(err.Error())
			}
		})
	}
	wg.Go(func() { reloads(ctx, d, s.Path, s.Log) })
	_, _ = systemd.SdNotify(false, systemd.SdNotifyReady)
	d.Run(ctx)
	stop()
	wg.Wait()
	return nil
}

// outside is what the daemon reaches: this host.
func (s *Service) outside(ctx context.Context) daemon.Outside {
	name, _ := os.Hostname() // "" is told as it is
	boot := host.BootID()
	power := &thishost.Power{Log: s.Log, Boot: boot, Request: s.Request, Status: []string{shutdown.DefaultStatus, shutdown.DefaultSpareStatus}}
	if s.Request != "" {
		power.Socket, power.Spares = shutdown.DefaultSocket, shutdown.SpareFlags(s.Config.State)
		if err := shutdown.Prepare(s.Request); err != nil {
			s.Log.Warn(err.Error())
		}
		power.Pointer = filepath.Join(filepath.Dir(s.Request), filepath.Base(shutdown.DefaultPointer))
	}
	var messages daemon.Messages = thishost.Messages{}
	if s.DryRun {
		messages = thishost.Rehearsal{Log: s.Log, Send: s.Send, Mark: thishost.TrialMark(s.Config.Language)}
	}
	every, _ := systemd.SdWatchdogEnabled(false)
	manager := &serviceManager{socket: os.Getenv("NOTIFY_SOCKET"), every: every}
	return daemon.Outside{
		Log: s.Log, Host: name, Boot: boot, Version: s.Version, DryRun: s.DryRun,
		Clock: thishost.Clock{}, Devices: discovery.NewFinder(ctx, s.Source, remote.Locate), Disk: thishost.Disk{Log: s.Log},
		Messages: messages, Programs: thishost.Programs{}, Power: power, Notify: manager,
		Wake: func(ctx context.Context, cards []string) error {
			to, err := wake.Broadcasts()
			if err != nil {
				return err
			}
			return wake.Send(ctx, cards, to)
		},
	}
}

// KeepSecrets has the kernel write no core dump of this process, wherever its
// core pattern leads, and let nobody but root look into its memory.
func KeepSecrets() error { return unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0) }
