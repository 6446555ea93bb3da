package main

import (
	"context"
	"errors"
	"fmt"
	"log/syslog"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"ecnutd/config"
	"ecnutd/hid"
	"ecnutd/hid/power"
	"ecnutd/internal/discovery"
	"ecnutd/internal/host"
	"ecnutd/internal/host/shutdown"
)

// A hand is how a command line reaches a UPS in order to command it: through
// the daemon, which owns its handle, or where none runs directly.
type hand struct {
	cmd    *cobra.Command
	g      *globals
	src    *source
	socket string // of the daemon; "" for the direct way
	direct *directUPS
}

// A directUPS is a UPS that the command line has opened itself.
type directUPS struct {
	dev       hid.Device
	commander *power.Commander
	decoder   *power.Decoder
	flag      string // the power down flag of the configuration
	name      string
}

// reach finds the way. --device, --simulate and --replay mean the UPS itself.
func reach(cmd *cobra.Command, g *globals, src *source) (*hand, error) {
	h := &hand{cmd: cmd, g: g, src: src}
	if !src.Given() {
		socket := controlSocket(g)
		var s status
		err := askDaemon(cmd.Context(), socket, "GET", "/v1/status", nil, &s)
		if err == nil {
			h.socket = socket
			return h, nil
		}
		if !errors.Is(err, errNoDaemon) {
			return nil, err
		}
	}
	d, err := h.open()
	h.direct = d
	return h, err
}

// open opens the UPS and looks at it once.
func (h *hand) open() (*directUPS, error) {
	ctx := h.cmd.Context()
	open, delays, flag := discovery.Open(h.src.Open), power.Delays{}, config.Minimal("").PowerDownFlag
	name := ""
	c, _, err := config.Load(h.g.config)
	switch {
	case err == nil && h.g.ups == "" && len(c.UPS) > 1 && h.src.Given():
		flag = c.PowerDownFlag // any of them, and none of the others
	case err == nil:
		flag = c.PowerDownFlag
		u, err := chooseUPS(c, h.g.ups)
		if err != nil {
			return nil, err
		}
		name, delays = u.Name, power.Delays{Start: u.OnDelay, Shutdown: u.OffDelay}
		open = discovery.Opener(&h.src.Source, discovery.NewClaims(c.UPS), u)
	case h.g.ups != "":
		return nil, fmt.Errorf("--ups %s: %w", h.g.ups, err)
	}
	dev, texts, err := open(ctx)
	if err != nil {
		return nil, err
	}
	seen, err := discovery.Look(ctx, dev, texts, discovery.Looking{Delays: delays})
	if err != nil {
		dev.Close()
		return nil, err
	}
	if seen.StringsErr != nil {
		note(h.cmd, "some names are missing: %v", seen.StringsErr)
	}
	return &directUPS{dev, seen.Commander, seen.Decoder, flag, name}, nil
}

// chooseUPS is the block of a UPS in the configuration; without a name the
// only one.
func chooseUPS(c *config.Config, name string) (config.UPS, error) {
	var names []string
	for _, u := range c.UPS {
		if u.Name == name || name == "" && len(c.UPS) == 1 {
			return u, nil
		}
		names = append(names, u.Name)
	}
	if name == "" {
		return config.UPS{}, usagef("there are several UPSs; choose one with --ups: %s", strings.Join(names, ", "))
	}
	return config.UPS{}, usagef("no UPS of the configuration is called %q; there are %s", name, strings.Join(names, ", "))
}

func (h *hand) close() {
	if h.direct != nil {
		h.direct.dev.Close()
	}
}

// commands are the commands that the UPS has.
func (h *hand) commands() (list []commandInfo, err error) {
	if h.direct != nil {
		return commandsOf(h.direct.decoder), nil
	}
	return list, h.get("/v1/commands", &list)
}

// writable are its settings.
func (h *hand) writable() (list []settingInfo, err error) {
	if h.direct != nil {
		return writableOf(h.direct.decoder), nil
	}
	return list, h.get("/v1/writable", &list)
}

func (h *hand) get(path string, into any) error {
	return askDaemon(h.cmd.Context(), h.socket, "GET", path+"?ups="+url.QueryEscape(h.g.ups), nil, into)
}

// inUse tells whether the host is in use, so that its power must not be cut:
// neither does the daemon shut it down for good, nor did it before it ended.
func (h *hand) inUse() (bool, error) {
	if h.direct != nil {
		return shutdown.ReadFlag(h.direct.flag, host.BootID()).State != shutdown.FlagCounts, nil
	}
	var s status
	err := askDaemon(h.cmd.Context(), h.socket, "GET", "/v1/status", nil, &s)
	return !s.Final, err
}

// give has an order carried out. path is the daemon's, carryOut does it
// directly.
func (h *hand) give(path string, carryOut orderKind, o order) (done ordered, err error) {
	o.UPS = h.g.ups
	if h.direct == nil {
		return done, askDaemon(h.cmd.Context(), h.socket, "POST", path, o, &done)
	}
	o.UPS = h.direct.name
	ctx, cancel := context.WithTimeout(h.cmd.Context(), orderTime)
	defer cancel()
	done = o.report(carryOut(ctx, h.direct.commander, o))
	if !h.src.Rehearsed() {
		logOrder(done.Text)
	}
	return done, nil
}

// logOrder leaves a trace of what a UPS was told without the daemon, which
// would have logged it, and by whom. A host without a log has none.
func logOrder(text string) {
	w, err := syslog.New(syslog.LOG_WARNING|syslog.LOG_DAEMON, "ecnutd")
	if err != nil {
		return
	}
	defer w.Close()
	_ = w.Warning(orderTrace(text, os.Getuid(), os.Getenv("SUDO_USER")))
}

func orderTrace(text string, uid int, sudo string) string {
	who := fmt.Sprintf("uid=%d", uid)
	if sudo != "" {
		who += fmt.Sprintf(" sudo_user=%q", sudo)
	}
	return "an order for the UPS, past the daemon: " + text + " (" + who + ")"
}

// tell prints what came of an order. Only what is done and read back is a
// success.
func tell(cmd *cobra.Command, done ordered, asJSON bool) error {
	if asJSON {
		if err := emitJSON(cmd.OutOrStdout(), done); err != nil {
			return err
		}
	}
	switch {
	case done.Outcome == outcomeUnreachable:
		return noUPSf("%s", done.Text)
	case !done.Done:
		return errors.New(done.Text)
	case !asJSON:
		fmt.Fprintln(cmd.OutOrStdout(), done.Text)
	}
	return nil
}
