package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"ecnutd/internal/host/doctor"
	"ecnutd/internal/nut/importer"
	"ecnutd/internal/nut/importer/report"
	"ecnutd/internal/terminal"
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
do; and at the end what was wrong all along. Nothing of NUT is changed.

Timers are compared with how long the battery lasts: as --runtime says, else as
the UPS says, if one can be read (a running driver of NUT has it to itself).`,
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
		yaml, notes, err := importer.Import(args[0], importer.Options{InlineSecrets: *inline, Runtime: *runtime, MayRun: mayRun})
		if err != nil {
			return err
		}
		reportImport(cmd.ErrOrStderr(), notes)
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
	eyes := doctor.DaemonEyes()
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
	seconds, err := strconv.Atoi(vars["battery.runtime"])
	if err != nil || seconds < 0 {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// reportImport prints the notes, in the order of the files; what wants a hand
// or was wrong comes last, where it is not overlooked, and then the count.
func reportImport(w io.Writer, notes []importer.Note) {
	p := terminal.Paint(w)
	count := make(map[report.Kind]int)
	for _, n := range notes {
		count[n.Kind]++
		if n.Kind == importer.Translated || n.Kind == importer.NotNeeded {
			fmt.Fprintln(w, n)
		}
	}
	last := []struct {
		kind   report.Kind
		colour func(string) string
	}{{importer.Unsupported, p.Warn}, {importer.Trap, p.Bad}}
	for _, l := range last {
		for _, n := range notes {
			if n.Kind == l.kind {
				fmt.Fprintln(w, l.colour(n.String()))
			}
		}
	}
	fmt.Fprintf(w, "%d directives and texts are translated, %d are not needed any more, %d want your hand, %d were wrong in NUT's files\n",
		count[importer.Translated], count[importer.NotNeeded], count[importer.Unsupported], count[importer.Trap])
}
