package service

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	systemd "github.com/coreos/go-systemd/v22/daemon"

	"ecnutd/config"
	"ecnutd/internal/daemon"
	"ecnutd/internal/host"
)

// reloads has a daemon read its configuration at a path again at each SIGHUP,
// until ctx ends.
func reloads(ctx context.Context, d *daemon.Daemon, path string, log *slog.Logger) {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangups:
		}
		done := reloading()
		if c := readAgain(path, log); c != nil {
			_ = d.Reload(ctx, c) // an error is that of ctx
		}
		done()
	}
}

// readAgain reads the configuration; nil where it is wrong.
func readAgain(path string, log *slog.Logger) *config.Config {
	c, findings, err := config.Load(path)
	if err != nil {
		log.Error("the configuration was not taken over: the old one goes on", "reason", err)
		return nil
	}
	for _, f := range append(findings, c.OnHost(nil)...) {
		log.Warn(f.String())
	}
	return c
}

// reloading tells systemd that a reload has begun; done, that it has ended.
// Without systemd nothing is told.
func reloading() (done func()) {
	_, _ = systemd.SdNotify(false, fmt.Sprintf("%s\nMONOTONIC_USEC=%d", systemd.SdNotifyReloading, host.Monotonic().Microseconds()))
	return func() { _, _ = systemd.SdNotify(false, systemd.SdNotifyReady) }
}
