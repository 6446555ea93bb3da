package main

import (
	"github.com/spf13/cobra"

	"ecnutd/internal/discovery"
	"ecnutd/internal/host"
	"ecnutd/internal/host/install"
)

func awaitNUTCommand(*globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:    "await-nut",
		Hidden: true, // for ecnutd.service
		Short:  "Refuse to start while NUT is at work",
		Long: `Fails while NUT is at work, for the start of the service: at once the first time,
so that whoever starts it reads why, and after a minute when systemd tries again.
When NUT ends it succeeds within a second, and the service guards the host.`,
		Args: exactArgs(),
	}
	refused := cmd.Flags().String("refused", "/run/ecnutd-refused", "this `FILE` says that it has been refused before")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		doubted := ""
		return install.AwaitNUT(cmd.Context(), *refused, func() error {
			doubt, err := host.ThisHost().BesideNUT(discovery.Nodes())
			if doubt != doubted {
				doubted = doubt
				note(cmd, "%s", doubt)
			}
			return err
		})
	}
	return cmd
}
