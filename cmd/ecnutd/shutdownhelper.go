package main

import (
	"github.com/spf13/cobra"

	"ecnutd/internal/host"
	"ecnutd/internal/host/shutdown"
)

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
	request := cmd.Flags().String("request", shutdown.DefaultRequest, "the order is this `FILE`")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		log := newLog(cmd, false)
		h := &shutdown.Helper{
			Log: log, Request: *request, Boot: host.BootID(), Now: host.BootTime,
			Config: shutdown.Config(g.config, log), Command: shutdown.Run,
		}
		return h.Run(cmd.Context())
	}
	return cmd
}
