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
		Args: wants(),
	}
	reason := cmd.Flags().String("reason", "", "why, as `TEXT` for the log and the message")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		var got struct {
			DryRun bool `json:"dry_run"`
		}
		if err := askDaemon(cmd.Context(), controlSocket(g), "POST", "/v1/fsd", map[string]string{"reason": *reason}, &got); err != nil {
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
