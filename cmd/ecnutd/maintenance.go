package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"ecnutd/internal/control"
)

func maintenanceCommand(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "maintenance DURATION | end",
		GroupID: groupDaemon,
		Short:   "Work on a UPS in peace: no messages, and silence shuts nothing down",
		Long: `Tells the daemon that somebody works on the UPS or its cable. For the time given
(24 h at most) no messages leave, but one at its begin and one at its end, and a
UPS that falls silent on battery shuts nothing down. What a UPS says acts as ever:
a low battery, limits, timers of an outage.

It ends by itself, with "end", at an outage unless --through-outages is given, and
in any case when a shutdown is decided. It survives restarts.`,
		Example: `  ecnutd maintenance 2h --why "new battery"
  ecnutd maintenance end`,
		Args: exactArgs("a duration or end"),
	}
	why := cmd.Flags().String("why", "", "`TEXT` for the messages and the status")
	through := cmd.Flags().Bool("through-outages", false, "an outage does not end it")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		m := control.Maintenance{Why: *why, Through: *through}
		if args[0] != "end" {
			d, err := time.ParseDuration(args[0])
			if err != nil || d < time.Second || d > 24*time.Hour {
				return usagef("%q is neither \"end\" nor a duration of up to 24h, as 2h or 90m", args[0])
			}
			m.Seconds = int(d / time.Second)
		}
		now, err := daemonOf(g).Maintain(cmd.Context(), m)
		if err != nil {
			return err
		}
		if now.Until.IsZero() {
			fmt.Fprintln(cmd.OutOrStdout(), "there is no maintenance any more")
			return nil
		}
		fmt.Fprintf(cmd.OutOrStdout(), "maintenance until %s: no messages, and silence shuts nothing down\n", now.Until.Local().Format("15:04"))
		return nil
	}
	return cmd
}
