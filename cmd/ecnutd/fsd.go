package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"ecnutd/internal/terminal"
)

func fsdCommand(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "fsd",
		GroupID: groupDaemon,
		Short:   "Force a shutdown, as upsmon -c fsd",
		Long: `Has the daemon shut this host down now: messages first, then the flag that lets
the UPS cut its output, then the shutdown command. Nothing calls it off, mains
neither: the output is cut even when that is back. On a terminal it asks first.`,
		Args: exactArgs(),
	}
	reason := cmd.Flags().String("reason", "", "why, as `TEXT` for the log and the message")
	yes := cmd.Flags().Bool("yes", false, "do not ask for confirmation")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if in := cmd.InOrStdin(); !*yes && terminal.Is(in) {
			text := say("This host shuts down now, and the UPS cuts its output. Nothing calls that off, mains neither.") + "\n" + say("Type the name of the command to go on:")
			if err := terminal.Confirm(in, cmd.ErrOrStderr(), text, cmd.Name()); err != nil {
				return err
			}
		}
		got, err := daemonOf(g).ForceShutdown(cmd.Context(), *reason)
		if err != nil {
			return err
		}
		if got.DryRun {
			fmt.Fprintln(cmd.OutOrStdout(), say("forced shutdown begun; the daemon is on a dry run and will not carry it out"))
			return nil
		}
		fmt.Fprintln(cmd.OutOrStdout(), say("forced shutdown begun"))
		return nil
	}
	return cmd
}
