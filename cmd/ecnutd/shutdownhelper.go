package main

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"

	"ecnutd/config"
	"ecnutd/internal/host"
	"ecnutd/monitor"
)

// defaultRequest is where the daemon of the unit orders a shutdown.
const defaultRequest = "/run/ecnutd/shutdown"

func shutdownHelperCommand(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:    "shutdown-helper",
		Hidden: true, // for ecnutd-shutdown.service
		Short:  "Carry out the shutdown that the daemon has ordered",
		Long: `Runs shutdown_command of the configuration, as root, if the daemon has ordered a
shutdown in this boot and in the last minutes; otherwise it does nothing.
ecnutd-shutdown.service starts it. The order says no more than that the host is
to go down: what is run stands in the configuration, which must belong to root.`,
		Args: wants(),
	}
	request := cmd.Flags().String("request", defaultRequest, "the order is this `FILE`")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		log := newLog(cmd, false)
		c := helperConfig(g.config, log)
		h := &shutdownHelper{
			log: log, request: *request, boot: host.BootID(), now: host.BootTime, config: c,
			command: newExecutor(log, host.BootID(), false).command,
		}
		return h.run(cmd.Context())
	}
	return cmd
}

// helperConfig is the configuration, or the defaults where it cannot be read
// or others than root could have written it: neither may cost the shutdown.
func helperConfig(path string, log *slog.Logger) *config.Config {
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

// A shutdownHelper carries out an order. Its effects are fields, so that no
// test comes near a real shutdown.
type shutdownHelper struct {
	log     *slog.Logger
	request string
	boot    string
	now     func() monitor.Instant
	config  *config.Config
	command func(config.Command) error
}

// run takes the order that is there, and tries until the command succeeds. An
// order that was taken keeps its file under another name until then, so that a
// helper that is killed and started again goes on.
func (h *shutdownHelper) run(ctx context.Context) error {
	taken := h.request + ".taken"
	order, there, why := readOrder(h.request, h.boot, h.now(), orderFresh)
	switch {
	case there && why != "":
		h.log.Warn("no shutdown: " + why)
		return removeOrder(h.request)
	case there:
		if err := os.Rename(h.request, taken); err != nil {
			h.log.Error("the order cannot be taken, it is carried out all the same", "reason", err)
		}
	default:
		missing := why
		if order, there, why = readOrder(taken, h.boot, h.now(), takenFresh); !there || why != "" {
			h.log.Info("no shutdown: " + missing)
			return removeOrder(taken)
		}
	}
	h.log.Warn("shutting down, as ecnutd has ordered", "command", commandText(h.config.ShutdownCommand), "reason", order.Reason)
	h.flag(order.Reason)
	for {
		err := h.command(h.config.ShutdownCommand)
		if err == nil {
			break
		}
		if ctx.Err() != nil {
			break // systemd has ended the command: the shutdown is under way, or somebody said stop
		}
		h.log.Error("THE SHUTDOWN COMMAND FAILED, it is tried again in 10 s; without it the host stays up until the battery is empty", "reason", err)
		if host.Pause(ctx, orderPause) != nil {
			break
		}
	}
	return errors.Join(removeOrder(taken), removeOrder(h.request))
}

// flag writes the power down flag where the daemon could not: its sandbox lets
// it write below /run/ecnutd and /var/lib/ecnutd alone.
func (h *shutdownHelper) flag(reason string) {
	path := h.config.PowerDownFlag
	if path == "" {
		return
	}
	if found := readFlag(path, h.boot); found.State == flagCounts {
		return
	}
	newExecutor(h.log, h.boot, false).flag(path, reason)
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
