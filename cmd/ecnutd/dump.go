package main

import (
	"io"
	"math"
	"time"

	"github.com/spf13/cobra"

	"ecnutd/internal/control"
	"ecnutd/internal/control/device"
	"ecnutd/internal/control/show"
	"ecnutd/internal/discovery"
	"ecnutd/ups"
)

func dumpCommand(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "dump [VARIABLE…]",
		Short: "What the UPS says: every variable, as upsc prints it",
		Long: `Prints every variable of the UPS as "name: value", sorted, as upsc does. With
names it prints the bare values, one a line, in the order asked for.

Beside a running daemon it shows what that reads, and the UPS is not opened a
second time; --device asks the UPS itself. What the daemon knows of a UPS that it
has no link to is not shown: exit status 3.

With --usages it prints every HID field instead, in the order of the report
descriptor, with -v the report it stands in and its raw number. A field that the
device did not tell is "unknown". A field that stands in a feature report and
in an input report is two lines.

With --writable it prints the settings, and what they may be set to.

A recording (--replay) is shown as it stands after its last line, or with --at
as it stood at that many seconds; --at 0 is before the first input report.`,
		Example: `  ecnutd dump
  ecnutd dump ups.status battery.charge
  ecnutd dump --replay my-ups.rec --at 12.5
  ecnutd dump --simulate --usages -v`,
		GroupID:           groupDevice,
		ValidArgsFunction: completeVariables(g),
	}
	src := addSource(cmd, g)
	asJSON := jsonFlag(cmd)
	usages := cmd.Flags().Bool("usages", false, "print the HID fields")
	writable := cmd.Flags().Bool("writable", false, "print the settings, and what they may be set to, as upsrw")
	verbose := cmd.Flags().BoolP("verbose", "v", false, "with --usages: report, type and raw number too")
	at := cmd.Flags().Float64("at", 0, "with --replay: the state after this many `SECONDS`")
	cmd.RunE = func(cmd *cobra.Command, names []string) error {
		how := discovery.Looking{Whole: *usages}
		switch {
		case *usages && len(names) > 0:
			return usagef("--usages prints all fields; %q is a name for dump without it", names[0])
		case *writable && *usages:
			return usagef("--usages and --writable are two things to print")
		case *writable && cmd.Flags().Changed("at"):
			return usagef("--at shows variables, not what they may be set to")
		case *verbose && !*usages:
			return usagef("-v goes with --usages")
		case cmd.Flags().Changed("at"):
			if src.Replay == "" {
				return usagef("--at goes with --replay")
			}
			if !(*at >= 0 && *at <= math.MaxUint32) {
				return usagef("--at %v: not a time within a recording", *at)
			}
			until := time.Duration(math.Ceil(*at*1e6)) * time.Microsecond
			how.Until = &until
		}
		if *writable {
			return dumpWritable(cmd, g, src, names, *asJSON)
		}
		out := cmd.OutOrStdout()
		if src.Given() {
			return dumpSource(cmd, src, how, names, *asJSON, *verbose)
		}
		t, err := reach(cmd, g, src, *usages)
		if err != nil {
			return err
		}
		defer t.Close()
		if *usages {
			rows, err := t.Fields(cmd.Context())
			if err != nil {
				return err
			}
			return dumpFields(out, rows, *asJSON, *verbose)
		}
		vars, err := t.Variables(cmd.Context())
		if err != nil {
			return err
		}
		return dumpVariables(out, vars, names, *asJSON)
	}
	return cmd
}

// dumpSource prints what the UPS says that the command line names.
func dumpSource(cmd *cobra.Command, src *source, how discovery.Looking, names []string, asJSON, verbose bool) error {
	seen, err := src.look(cmd, how)
	if err != nil {
		return err
	}
	if how.Whole {
		return dumpFields(cmd.OutOrStdout(), device.Fields(seen.Decoder.Values()), asJSON, verbose)
	}
	return dumpVariables(cmd.OutOrStdout(), seen.Decoder.Variables(), names, asJSON)
}

// dumpFields prints HID fields.
func dumpFields(out io.Writer, rows []control.Field, asJSON, verbose bool) error {
	if asJSON {
		return emitLines(out, rows)
	}
	return emit(out, func(w io.Writer) error { show.Fields(w, rows, verbose); return nil })
}

// dumpVariables prints the variables of these names, or all.
func dumpVariables(out io.Writer, all ups.Variables, names []string, asJSON bool) error {
	vars, err := show.Chosen(all, names)
	switch {
	case err != nil:
		return err
	case asJSON:
		return emitJSON(out, vars)
	}
	return emit(out, func(w io.Writer) error { show.Variables(w, vars, names); return nil })
}

// dumpWritable is `dump --writable`.
func dumpWritable(cmd *cobra.Command, g *globals, src *source, names []string, asJSON bool) error {
	t, err := reach(cmd, g, src, false)
	if err != nil {
		return err
	}
	defer t.Close()
	list, err := t.Settings(cmd.Context())
	if err != nil {
		return err
	}
	if list, err = show.ChosenSettings(list, names); err != nil {
		return err
	}
	if asJSON {
		return emitJSON(cmd.OutOrStdout(), list)
	}
	return emit(cmd.OutOrStdout(), func(w io.Writer) error {
		show.Settings(w, list)
		return nil
	})
}
