package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	systemd "github.com/coreos/go-systemd/v22/daemon"
	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"ecnutd/config"
	"ecnutd/internal/control"
	"ecnutd/internal/discovery"
	"ecnutd/internal/discovery/remote"
	"ecnutd/internal/host"
	"ecnutd/internal/host/shutdown"
)

func runCommand(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "run",
		GroupID: groupDaemon,
		Short:   "The daemon: watch, warn, shut down in time",
		Long: `Watches the UPSs of the configuration and does what its rules say. SIGHUP reads
the configuration again; one that is wrong is refused as a whole and the daemon
runs on with the old one.

With --dry-run everything is decided and said, messages included, but no
shutdown command and no program of a rule is run, no flag written, no state kept
and no UPS commanded. A simulated or recorded UPS never shuts down a real host:
--simulate and --replay imply it.`,
		Args: exactArgs(),
	}
	dry := cmd.Flags().Bool("dry-run", false, "decide and say everything, shut nothing down")
	debug := cmd.Flags().Bool("debug", false, "log more")
	request := cmd.Flags().String("request-shutdown", "", "have root shut the host down, by writing this `FILE`: ecnutd.service runs without rights")
	src := addSource(cmd, g)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		log := newLog(cmd, *debug)
		if err := smallPages(); err != nil {
			log.Debug("the daemon takes more memory than it needs", "reason", err)
		}
		if err := keepSecrets(); err != nil {
			log.Warn("a core dump of the daemon would hold its secrets", "reason", err)
		}
		// The daemon seldom has two things to do at a time. On several processors
		// the runtime would wake threads that look for work and find none.
		runtime.GOMAXPROCS(1)
		if !*dry && !src.Rehearsed() {
			doubt, err := host.ThisHost().BesideNUT(discovery.Nodes())
			if err != nil {
				return err
			}
			if doubt != "" {
				log.Error(doubt)
			}
		}
		c, err := loadConfig(g, src, log)
		if err != nil {
			return err
		}
		d := newDaemon(c, log, *dry || src.Rehearsed())
		if *request != "" {
			d.executor.request, d.executor.pointer = *request, filepath.Join(filepath.Dir(*request), filepath.Base(shutdown.DefaultPointer))
		}
		log.Info(fmt.Sprintf("ecnutd %s watches %s", buildVersion(), strings.Join(upsNames(c), ", ")))
		if d.dryRun {
			log.Warn("a dry run: nothing is shut down, and no UPS is commanded")
		}
		return serve(cmd.Context(), g, d, src)
	}
	return cmd
}

// keepSecrets has the kernel write no core dump of this process, wherever its
// core pattern leads, and let nobody but root look into its memory.
func keepSecrets() error { return unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0) }

// loadConfig reads the configuration. A simulated or recorded UPS needs none.
func loadConfig(g *globals, src *source, log *slog.Logger) (*config.Config, error) {
	c, findings, err := config.Load(g.config)
	if errors.Is(err, fs.ErrNotExist) {
		if g.config == defaultConfig && src.Rehearsed() {
			c = config.Minimal("ups")
			c.State, c.Control = "", ""
			return c, nil
		}
		return nil, fmt.Errorf("%w: start from config.example.yaml, or from NUT's files with `ecnutd import-nut /etc/nut`", err)
	}
	if err != nil {
		return nil, err
	}
	for _, f := range append(findings, c.OnHost()...) {
		log.Warn(f.String())
	}
	return c, nil
}

func upsNames(c *config.Config) []string {
	var names []string
	for _, u := range c.UPS {
		names = append(names, u.Name)
	}
	return names
}

// serve runs a daemon until ctx ends.
func serve(ctx context.Context, g *globals, d *daemon, src *source) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var socket net.Listener
	if d.config.Control != "" {
		var err error
		if socket, err = control.Listen(d.config.Control); err != nil {
			return err
		}
		// A socket elsewhere is for whoever has put it there.
		if d.config.Control == config.Minimal("").Control {
			if err := control.Share(d.config.Control); err != nil {
				d.log.Warn(err.Error())
			}
		}
	}
	var wg sync.WaitGroup
	d.find = discovery.NewFinder(ctx, &src.Source, remote.Locate).Locators
	if socket != nil {
		wg.Go(func() { d.serveControl(ctx, socket) })
	}
	wg.Go(func() { d.reloads(ctx, g.config) })
	d.beat, d.status = notifySystemd(d)
	d.run(ctx)
	stop()
	wg.Wait()
	return nil
}

// notifySystemd tells systemd that the daemon is ready, feeds its watchdog and
// shows the state in systemctl status. Without systemd it does nothing.
func notifySystemd(d *daemon) (beat func(), status func(string)) {
	sent, err := systemd.SdNotify(false, systemd.SdNotifyReady)
	if !sent || err != nil {
		return nil, nil
	}
	every, _ := systemd.SdWatchdogEnabled(false)
	var last time.Time
	beat = func() {
		if every > 0 && time.Since(last) > every/3 {
			last = time.Now()
			_, _ = systemd.SdNotify(false, systemd.SdNotifyWatchdog)
		}
	}
	return beat, func(line string) { _, _ = systemd.SdNotify(false, "STATUS="+host.OneLine(line)) }
}

// reloading tells systemd that a reload has begun; done, that it has ended.
// Without systemd nothing is told.
func reloading() (done func()) {
	_, _ = systemd.SdNotify(false, fmt.Sprintf("%s\nMONOTONIC_USEC=%d", systemd.SdNotifyReloading, host.Monotonic().Microseconds()))
	return func() { _, _ = systemd.SdNotify(false, systemd.SdNotifyReady) }
}
