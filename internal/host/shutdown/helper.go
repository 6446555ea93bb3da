package shutdown

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"ecnutd/config"
	"ecnutd/internal/host"
)

// DefaultRequest is where the daemon of the unit orders a shutdown.
const DefaultRequest = "/run/ecnutd/shutdown"

// Config is the configuration, or the defaults where it cannot be read or
// others than root could have written it: neither may cost the shutdown.
func Config(path string, log *slog.Logger) *config.Config {
	err := host.OnlyRootWrites(path)
	if err == nil {
		var c *config.Config
		if c, _, err = config.Load(path); err == nil {
			return c
		}
	}
	log.Error("the configuration does not count for the shutdown, the defaults do", "reason", host.FirstLine(err))
	return config.Minimal("ups")
}

// A Helper carries out an order. Its effects are fields, so that no test comes
// near a real shutdown.
type Helper struct {
	Log     *slog.Logger
	Request string               // path of the order
	Boot    string               // id of this boot
	Now     func() time.Duration // since the boot
	Config  *config.Config
	Command func(config.Command) error
}

// Run takes the order that is there, and tries until the command succeeds. An
// order that was taken keeps its file under another name until then, so that a
// helper that is killed and started again goes on.
func (h *Helper) Run(ctx context.Context) error {
	taken := h.Request + ".taken"
	order, there, why := ReadOrder(h.Request, h.Boot, h.Now(), OrderFresh)
	switch {
	case there && why != "":
		h.Log.Warn("no shutdown: " + why)
		return removeOrder(h.Request)
	case there:
		if err := os.Rename(h.Request, taken); err != nil {
			h.Log.Error("the order cannot be taken, it is carried out all the same", "reason", err)
		}
	default:
		missing := why
		if order, there, why = ReadOrder(taken, h.Boot, h.Now(), takenFresh); !there || why != "" {
			h.Log.Info("no shutdown: " + missing)
			return removeOrder(taken)
		}
	}
	h.Log.Warn("shutting down, as ecnutd has ordered", "command", h.Config.ShutdownCommand.Text(), "reason", order.Reason)
	h.flag(order.Reason)
	for {
		err := h.Command(h.Config.ShutdownCommand)
		if err == nil {
			break
		}
		if ctx.Err() != nil {
			break // systemd has ended the command: the shutdown is under way, or somebody said stop
		}
		h.Log.Error("THE SHUTDOWN COMMAND FAILED, it is tried again in 10 s; without it the host stays up until the battery is empty", "reason", err)
		if host.Pause(ctx, orderPause) != nil {
			break
		}
	}
	return errors.Join(removeOrder(taken), removeOrder(h.Request))
}

// flag writes the power down flag where the daemon could not: its sandbox lets
// it write below /run/ecnutd and /var/lib/ecnutd alone.
func (h *Helper) flag(reason string) {
	path := h.Config.CutFlag()
	if path == "" {
		return
	}
	if found := ReadFlag(path, h.Boot); found.State == FlagCounts {
		return
	}
	if err := WriteFlag(path, h.Boot, reason); err != nil {
		h.Log.Error(FlagFault, "path", path, "reason", err)
	}
}

// removeOrder removes an order. One that stays would be found again at once,
// and again: whoever is started for it waits a moment.
func removeOrder(path string) error {
	err := os.Remove(path)
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	time.Sleep(time.Second)
	return err
}
