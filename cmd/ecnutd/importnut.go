package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"ecnutd/internal/nut/importer"
	"ecnutd/internal/nut/importer/report"
	"ecnutd/internal/nut/importer/trial"
	"ecnutd/udev"
)

func importCommand(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "import-nut DIR",
		GroupID: groupSetup,
		Short:   "Translate the configuration of NUT",
		Long: `Reads a folder with NUT's files (nut.conf, ups.conf, upsd.conf, upsd.users,
upsmon.conf, upssched.conf and the script that it names) and prints the
equivalent configuration on stdout. On stderr stands what became of each
directive: translated, not needed any more and why, not supported and what to
do; then what was wrong all along, and at the end what the imported rules do in
three outages. Nothing of NUT is changed.

Timers are compared with how long the battery lasts: as --runtime says, else as
the UPS says, if one can be read (a running driver of NUT has it to itself), else,
for /etc/nut, as NUT's server on this host says.`,
		Example: "  ecnutd import-nut /etc/nut > config.yaml",
		Args:    exactArgs("DIR"),
	}
	inline := cmd.Flags().Bool("inline-secrets", false, "write passwords into the configuration instead of naming a file for them")
	runtime := cmd.Flags().Duration("runtime", 0, "how long the battery lasts at its load, to compare with the timers, 585s")
	src := addSource(cmd, g)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *runtime == 0 {
			*runtime = runtimeOf(cmd.Context(), src)
		}
		if *runtime == 0 && filepath.Clean(args[0]) == trial.FolderOfNUT {
			*runtime = trial.RuntimeOfServer(cmd.Context(), args[0])
		}
		yaml, notes, err := importer.Import(args[0], importer.Options{InlineSecrets: *inline, Runtime: *runtime, MayRun: mayRun})
		if err != nil {
			return err
		}
		report.Print(cmd.ErrOrStderr(), notes)
		if err := trial.Report(cmd.ErrOrStderr(), yaml, *runtime); err != nil {
			return err
		}
		if _, err := cmd.OutOrStdout().Write(yaml); err != nil {
			return fmt.Errorf("writing the configuration: %w", err)
		}
		return nil
	}
	return cmd
}

// mayRun says why the daemon could not run a program of this host, "" where it
// can, or where that is not known here.
func mayRun(path string) string {
	eyes := here.eyes()
	if _, err := os.Stat(path); err != nil || eyes == nil {
		return ""
	}
	if err := eyes.MayRun(path); err != nil {
		return err.Error() + ": let the group " + udev.Group + " at it (chgrp, chmod 750), or put a copy into /usr/local/sbin"
	}
	return ""
}

// runtimeOf is how long the battery of the UPS lasts at its load; 0 where no UPS
// can be asked, which is no fault: the files may be from elsewhere.
func runtimeOf(ctx context.Context, src *source) time.Duration {
	vars, err := variablesOf(ctx, src.Open)
	if err != nil {
		return 0
	}
	return trial.Runtime(vars)
}
