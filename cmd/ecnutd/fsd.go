package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func fsdCommand(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "fsd",
		GroupID: groupDaemon,
		Short:   "Force a shutdown, as upsmon -c fsd",
		Long: `Has the daemon shut this host down now: messages first, then the flag that lets
the UPS cut its output, then the shutdown command. Mains does not stop it.`,
		Args: exactArgs(),
	}
	reason := cmd.Flags().String("reason", "", "why, as `TEXT` for the log and the message")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		got, err := daemonOf(g).ForceShutdown(cmd.Context(), *reason)
		if err != nil {
			return err
		}
		if got.DryRun {
			fmt.Fprintln(cmd.OutOrStdout(), "forced shutdown begun; the daemon is on a dry run and will not carry it out")
			return nil
		}
		fmt.Fprintln(cmd.OutOrStdout(), "forced shutdown begun")
		return nil
	}
	return cmd
}
