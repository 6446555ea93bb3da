package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"ecnutd/internal/host"
	"ecnutd/internal/recorder"
)

func recordCommand(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "record FILE",
		Short: "Captures the UPS in a file that --replay reads",
		Long: `Writes down what the UPS is and says: report descriptor, ids, USB strings and every
feature report, each asked for once. With --for it then listens to what the UPS
pushes by itself, for that long or until Ctrl-C, whichever comes first; whatever
ends it, what came is kept. Nothing is written to the UPS.

FILE appears when all is done, whole; "-" is stdout. The serial number is in it
unless --anonymous leaves it out.`,
		Example: `  ecnutd record my-ups.rec
  ecnutd record --for 10m outage.rec     and now pull the mains plug
  ecnutd dump --replay my-ups.rec        what was recorded`,
		GroupID: groupDevice,
		Args:    exactArgs("FILE"),
	}
	src := addSource(cmd, g)
	length := cmd.Flags().Duration("for", 0, "listen for this `DURATION` (90s, 10m) after the feature reports")
	force := cmd.Flags().Bool("force", false, "replace FILE if it is there")
	anonymous := cmd.Flags().Bool("anonymous", false, "leave the serial number out, wherever it stands")
	cmd.Flags().BoolVar(anonymous, "no-serial", false, "the same")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		file := args[0]
		if *length < 0 {
			return usagef("--for %v: a time cannot be negative", *length)
		}
		if file != "-" {
			if err := host.MayWrite(file, *force); err != nil {
				return err
			}
		}
		rec, cutShort, err := recorder.Record(cmd.Context(), src, recorder.Options{
			Listen: *length, Anonymous: *anonymous, By: "ecnutd " + buildVersion(),
			Note: func(format string, args ...any) { note(cmd, format, args...) },
		})
		if err != nil {
			return err
		}
		text, err := rec.Text()
		if err != nil {
			return err
		}
		if file == "-" {
			_, err = cmd.OutOrStdout().Write(text)
		} else {
			err = host.WriteFile(file, text, *force)
		}
		if err != nil {
			return fmt.Errorf("writing the recording: %w", err)
		}
		note(cmd, "recorded %s", rec.Summary())
		if cutShort != nil {
			return fmt.Errorf("the recording ends early: %w", cutShort)
		}
		return nil
	}
	return cmd
}
