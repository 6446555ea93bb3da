package target

import (
	"context"
	"fmt"
	"log/syslog"
	"os"

	"ecnutd/config"
	"ecnutd/hid"
	"ecnutd/hid/power"
	"ecnutd/internal/control"
	"ecnutd/internal/control/device"
	"ecnutd/internal/discovery"
	"ecnutd/internal/host"
	"ecnutd/internal/host/shutdown"
	"ecnutd/ups"
)

// opened is a UPS that the command line has opened itself.
type opened struct {
	dev       hid.Device
	commander *power.Commander
	decoder   *power.Decoder
	flag      string // the power down flag of the configuration
	name      string
	rehearsed bool // it feeds nobody
}

// direct opens a UPS and looks at it once. c is nil where there is no
// configuration, and u empty where none of its blocks is meant.
func direct(ctx context.Context, w Wish, c *config.Config, u config.UPS) (Target, error) {
	t := &opened{flag: config.Minimal("").PowerDownFlag, name: u.Name, rehearsed: w.Source.Rehearsed()}
	open := discovery.Open(w.Source.Open)
	if c != nil {
		t.flag = c.PowerDownFlag
	}
	how := discovery.Looking{Whole: w.Whole}
	if u.Name != "" {
		how.Delays = power.Delays{Start: u.OnDelay, Shutdown: u.OffDelay}
		open = discovery.Opener(w.Source, discovery.NewClaims(c.UPS), u)
	}
	dev, strings, err := open(ctx)
	if err != nil {
		return nil, err
	}
	seen, err := discovery.Look(ctx, dev, strings, how)
	if err != nil {
		dev.Close()
		return nil, err
	}
	if seen.StringsErr != nil {
		w.Note("some names are missing: %v", seen.StringsErr)
	}
	t.dev, t.commander, t.decoder = dev, seen.Commander, seen.Decoder
	return t, nil
}

func (t *opened) Variables(context.Context) (ups.Variables, error) { return t.decoder.Variables(), nil }

func (t *opened) Ground(context.Context) (ups.Ground, error) { return t.decoder.Ground(), nil }

func (t *opened) Fields(context.Context) ([]control.Field, error) {
	return device.Fields(t.decoder.Values()), nil
}

func (t *opened) Commands(context.Context) ([]control.Command, error) {
	return device.Commands(t.decoder), nil
}

func (t *opened) Settings(context.Context) ([]control.Setting, error) {
	return device.Settings(t.decoder), nil
}

// InUse goes by the flag of the shutdown: no daemon is here to ask.
func (t *opened) InUse(context.Context) (bool, error) {
	return shutdown.ReadFlag(t.flag, host.BootID()).State != shutdown.FlagCounts, nil
}

func (t *opened) Command(ctx context.Context, o control.Order) (control.Ordered, error) {
	return t.order(ctx, o, device.Command)
}

func (t *opened) Set(ctx context.Context, o control.Order) (control.Ordered, error) {
	return t.order(ctx, o, device.Set)
}

func (t *opened) order(ctx context.Context, o control.Order, do func(context.Context, *power.Commander, control.Order) control.Ordered) (control.Ordered, error) {
	o.UPS = t.name
	ctx, cancel := context.WithTimeout(ctx, control.OrderTime)
	defer cancel()
	done := do(ctx, t.commander, o)
	if !t.rehearsed {
		logOrder(done.Text)
	}
	return done, nil
}

func (t *opened) KeepsDelays() bool { return false }
func (t *opened) Close()            { t.dev.Close() }

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
