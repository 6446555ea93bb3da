package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	systemd "github.com/coreos/go-systemd/v22/daemon"
	"github.com/spf13/cobra"

	"ecnutd/config"
	"ecnutd/eaton"
	"ecnutd/hid"
	"ecnutd/hid/hidraw"
	"ecnutd/sms"
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
shutdown command is run, no flag written and no UPS commanded. A simulated or
recorded UPS never shuts down a real host: --simulate and --replay imply it.`,
		Args: wants(),
	}
	dry := cmd.Flags().Bool("dry-run", false, "decide and say everything, shut nothing down")
	debug := cmd.Flags().Bool("debug", false, "log more")
	src := addSource(cmd, g)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		log := newLog(cmd, *debug)
		c, err := loadConfig(g, src, log)
		if err != nil {
			return err
		}
		d := newDaemon(c, log, *dry || src.model != "" || src.replay != "")
		log.Info(fmt.Sprintf("ecnutd %s watches %s", buildVersion(), strings.Join(upsNames(c), ", ")))
		if d.dryRun {
			log.Warn("a dry run: nothing is shut down, and no UPS is commanded")
		}
		return serve(cmd.Context(), g, d, src)
	}
	return cmd
}

// loadConfig reads the configuration. A simulated or recorded UPS needs none.
func loadConfig(g *globals, src *source, log *slog.Logger) (*config.Config, error) {
	c, findings, err := config.Load(g.config)
	if errors.Is(err, fs.ErrNotExist) {
		if g.config == defaultConfig && (src.model != "" || src.replay != "") {
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
	control, err := listenControl(d.config.Control)
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	changes := newHub(ctx, src)
	claims := &claims{held: make(map[string]string)}
	for _, u := range d.config.UPS {
		d.watch(ctx, &wg, u.Name, opener(src, claims, u), changes.listen())
	}
	if control != nil {
		wg.Go(func() { d.serveControl(ctx, control) })
	}
	wg.Go(func() { d.reloads(ctx, g) })
	wg.Go(func() { d.heartbeat(ctx) })
	d.beat, d.status = notifySystemd(d)
	d.run(ctx)
	stop()
	wg.Wait()
	return nil
}

// reloads reads the configuration again at each SIGHUP.
func (d *daemon) reloads(ctx context.Context, g *globals) {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangups:
		}
		c, findings, err := config.Load(g.config)
		if err != nil {
			d.log.Error("the configuration was not taken over: the old one goes on", "reason", err)
			continue
		}
		for _, f := range append(findings, c.OnHost()...) {
			d.log.Warn(f.String())
		}
		if fixed := needsRestart(d.config, c); fixed != "" {
			d.log.Error("the configuration was not taken over: " + fixed + " needs a restart of the daemon")
			continue
		}
		select {
		case d.reload <- c:
		case <-ctx.Done():
		}
	}
}

// needsRestart names what a running daemon cannot change.
func needsRestart(old, new *config.Config) string {
	if old.State != new.State {
		return "state"
	}
	if old.Control != new.Control {
		return "control"
	}
	same := slices.EqualFunc(old.UPS, new.UPS, func(a, b config.UPS) bool {
		return a.Name == b.Name && a.Device == b.Device && a.Match == b.Match
	})
	if !same || old.Poll != new.Poll || old.PollOnBattery != new.PollOnBattery || old.DeadTime != new.DeadTime {
		return "a change of the UPSs, their devices, poll or dead_time"
	}
	return ""
}

// heartbeat sends the dead man's signal while all is well.
func (d *daemon) heartbeat(ctx context.Context) {
	h := d.config.Messages.Heartbeat
	if h.URL.IsZero() {
		return
	}
	url, err := h.URL.Value()
	if err != nil {
		d.log.Error("messages.heartbeat: no signal is sent", "reason", err)
		return
	}
	beat, err := sms.NewHeartbeat(sms.Heartbeat{
		URL: sms.NewSecret(url), Every: h.Every,
		Well: func() bool {
			well := false
			_ = d.ask(ctx, func() { well = d.well() })
			return well
		},
		Failed: func(err error) { d.log.Warn("the heartbeat got no answer", "reason", err) },
	})
	if err != nil {
		d.log.Error("messages.heartbeat: no signal is sent", "reason", err)
		return
	}
	beat.Run(ctx)
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
		if every > 0 && time.Since(last) > every/4 {
			last = time.Now()
			_, _ = systemd.SdNotify(false, systemd.SdNotifyWatchdog)
		}
	}
	return beat, func(line string) { _, _ = systemd.SdNotify(false, "STATUS="+line) }
}

// claims keep two watchers from one device.
type claims struct {
	mu   sync.Mutex
	held map[string]string // node → name of the UPS
}

// take claims a node for a UPS.
func (c *claims) take(node, name string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if owner, taken := c.held[node]; taken && owner != name {
		return false
	}
	for n, owner := range c.held {
		if owner == name {
			delete(c.held, n)
		}
	}
	c.held[node] = name
	return true
}

// opener opens the UPS that a block of the configuration means.
func opener(src *source, claims *claims, u config.UPS) openFunc {
	return func(ctx context.Context) (hid.Device, stringsFunc, error) {
		if src.model != "" || src.replay != "" || src.device != "" {
			return src.Open(ctx)
		}
		node := u.Device
		if node == config.Auto {
			found, err := hidraw.Enumerate(func(info hid.Info) bool { return eaton.Match(info) && matches(u.Match, info) })
			if err != nil {
				return nil, nil, err
			}
			node = ""
			for _, info := range found {
				if claims.take(info.Node, u.Name) {
					node = info.Node
					break
				}
			}
			if node == "" {
				return nil, nil, errNoneAttached
			}
		} else if !claims.take(node, u.Name) {
			return nil, nil, fmt.Errorf("%s is read already, for another UPS of the configuration", node)
		}
		dev, err := hidraw.OpenWait(ctx, node)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, nil, &failure{exitNoUPS, err}
		case err != nil:
			return nil, nil, err
		}
		return dev, stringsOverUSB(dev.Info()), nil
	}
}

// matches tells whether a device is the one that a block of the configuration
// means. An empty field matches all.
func matches(m config.Match, info hid.Info) bool {
	hex := func(want string, id uint16) bool {
		return want == "" || strings.EqualFold(want, fmt.Sprintf("%04x", id))
	}
	return hex(m.Vendor, info.Vendor) && hex(m.Product, info.Product) &&
		strings.HasPrefix(info.Phys, m.Phys) && strings.Contains(strings.ToLower(info.Name), strings.ToLower(m.Model))
}

// A hub passes "a device came or went" on to every watcher.
type hub struct {
	mu      sync.Mutex
	readers []chan struct{}
}

func newHub(ctx context.Context, src *source) *hub {
	h := &hub{}
	if src.model != "" || src.replay != "" {
		return h
	}
	go func() {
		for range hidraw.Watch(ctx, 0) {
			h.mu.Lock()
			for _, c := range h.readers {
				select {
				case c <- struct{}{}:
				default:
				}
			}
			h.mu.Unlock()
		}
	}()
	return h
}

func (h *hub) listen() <-chan struct{} {
	c := make(chan struct{}, 1)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.readers = append(h.readers, c)
	return c
}
