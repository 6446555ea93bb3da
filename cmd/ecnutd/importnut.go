package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"ecnutd/config"
)

func importCommand(*globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "import-nut DIR",
		GroupID: groupSetup,
		Short:   "Translate the configuration of NUT",
		Long: `Reads a folder with NUT's files (nut.conf, ups.conf, upsd.conf, upsd.users,
upsmon.conf, upssched.conf and the script that it names) and prints the
equivalent configuration on stdout. On stderr stands what became of each
directive, and what was wrong: translated, not needed any more and why, not
supported and what to do. Nothing of NUT is changed.`,
		Example: "  ecnutd import-nut /etc/nut > config.yaml",
		Args:    wants("DIR"),
	}
	inline := cmd.Flags().Bool("inline-secrets", false, "write passwords into the configuration instead of naming a file for them")
	runtime := cmd.Flags().Duration("runtime", 0, "how long the battery lasts at its load (battery.runtime), to compare with the timers")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		yaml, notes, err := config.ImportNUT(args[0], config.ImportOptions{InlineSecrets: *inline, Runtime: *runtime})
		if err != nil {
			return err
		}
		for _, n := range notes {
			fmt.Fprintln(cmd.ErrOrStderr(), n)
		}
		if _, err := cmd.OutOrStdout().Write(yaml); err != nil {
			return fmt.Errorf("writing the configuration: %w", err)
		}
		return nil
	}
	return cmd
}
