package main

import (
	"log/slog"
	"path/filepath"

	"github.com/coreos/go-systemd/v22/activation"
	"github.com/spf13/cobra"

	"ecnutd/internal/host"
	"ecnutd/internal/host/shutdown"
	"ecnutd/internal/journal"
)

func shutdownHelperCommand(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:    "shutdown-helper",
		Hidden: true, // for ecnutd-shutdown.service
		Short:  "Carry out the shutdown that the daemon has ordered",
		Long: `Runs shutdown_command of the configuration, as root, if the daemon has ordered a
shutdown in this boot and in the last minutes; otherwise it does nothing. Until
nothing of the shutdown is left it asks systemd whether one is pending, and says
so in a file; where the daemon orders that, it undoes the shutdown (shutdown -c).
ecnutd-shutdown.service starts it, for an order over the socket of
ecnutd-shutdown.socket or in a file. The order says no more than that the host is
to go down: what is run stands in the configuration, which must belong to root.`,
		Args: exactArgs(),
	}
	request := cmd.Flags().String("request", shutdown.DefaultRequest, "the order is this `FILE`")
	status := cmd.Flags().String("status", shutdown.DefaultStatus, "how far the shutdown is stands in this `FILE`")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		log := journal.New(cmd.ErrOrStderr(), slog.LevelInfo)
		c := shutdown.Config(g.config, log)
		h := &shutdown.Helper{
			Log: log, Request: *request, Status: *status, Spare: shutdown.DefaultSpareStatus, Spares: shutdown.SpareFlags(c.State), Pointer: filepath.Join(filepath.Dir(*request), filepath.Base(shutdown.DefaultPointer)),
			Boot: host.BootID(), Now: host.BootTime, Config: c,
			Start: shutdown.Start, Adopt: shutdown.Adopt, Ask: shutdown.ThisSystemd.Ask, Undo: shutdown.UndoScheduled,
			Guard: startGuard,
		}
		listeners, err := activation.Listeners()
		if err != nil {
			log.Warn("systemd hands over no socket, files are looked at", "reason", err)
		}
		for _, l := range listeners {
			h.Orders = shutdown.Receive(cmd.Context(), l, log)
		}
		return h.Run(cmd.Context())
	}
	return cmd
}
