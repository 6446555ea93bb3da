package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"ecnutd/internal/control"
	"ecnutd/internal/discovery"
	"ecnutd/internal/target"
	"ecnutd/internal/terminal"
)

func commandCommand(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "command NAME [VALUE]",
		GroupID: groupDevice,
		Short:   "Give the UPS an instant command, as upscmd",
		Long: `Gives the UPS an instant command and reads back what came of it. The daemon does
it where one runs, since it holds the UPS. Exit status 0 means that the UPS showed
what was ordered; anything less is 1, and the sentence says what is known.

A command that can take power away from the load asks you to type its name; where
stdin is not a terminal it requires --yes. While the host is not shutting down it is
refused, unless --yes-cut-the-load says that this is what you want. The commands
that are meant are marked in ` + "`ecnutd commands --json`" + ` with cuts_the_load.`,
		Example: `  ecnutd commands
  ecnutd command beeper.mute
  ecnutd command load.off.delay 60 --yes --yes-cut-the-load`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 2 {
				return nil
			}
			return exactArgs("NAME")(cmd, args)
		},
		ValidArgsFunction: completeCommands,
	}
	asJSON := jsonFlag(cmd)
	yes := cmd.Flags().Bool("yes", false, "do not ask for confirmation")
	cut := cmd.Flags().Bool("yes-cut-the-load", false, "cut power even though this host is in use")
	src := addSource(cmd, g)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		o := control.Order{Name: args[0], YesCut: *cut}
		if len(args) == 2 {
			if o.Value = args[1]; o.Value == "" {
				return usagef("the VALUE is empty: leave it out for the default")
			}
		}
		t, err := reach(cmd, g, src, false)
		if err != nil {
			return err
		}
		defer t.Close()
		if discovery.Cuts(o.Name) {
			if err := mayCut(cmd, t, o, *yes); err != nil {
				return err
			}
		}
		done, err := t.Command(cmd.Context(), o)
		if err != nil {
			return err
		}
		return printOrdered(cmd, done, *asJSON)
	}
	return cmd
}

// mayCut asks everybody who has to agree before power is cut. The daemon asks
// once more for itself.
func mayCut(cmd *cobra.Command, t target.Target, o control.Order, yes bool) error {
	if !o.YesCut {
		inUse, err := t.InUse(cmd.Context())
		if err != nil {
			return err
		}
		if inUse {
			return fmt.Errorf("%s: not sent: %w", o.Name, control.ErrInUse)
		}
	}
	if yes {
		return nil
	}
	in := cmd.InOrStdin()
	if !terminal.Is(in) {
		return fmt.Errorf("%s: not sent: it can take power away from the load, and there is no terminal here to ask on; if that is what you want, say --yes", o.Name)
	}
	return terminal.Confirm(in, cmd.ErrOrStderr(), say("%s can take power away from everything on this UPS.", o.Name)+"\n"+say("Type the name of the command to go on:"), o.Name)
}

// completeCommands offers the family's commands; which of them the UPS has
// would take a look at it.
func completeCommands(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var names []string
	if len(args) == 0 {
		for _, c := range discovery.Commands() {
			names = append(names, c.Name+"\t"+c.Description)
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// printOrdered prints what came of an order. Only what is done and read back is
// a success.
func printOrdered(cmd *cobra.Command, done control.Ordered, asJSON bool) error {
	if asJSON {
		if err := emitJSON(cmd.OutOrStdout(), done); err != nil {
			return err
		}
	}
	switch {
	case done.Outcome == control.OutcomeUnreachable:
		return noUPSf("%s", done.Text)
	case !done.Done:
		return errors.New(done.Text)
	case !asJSON:
		fmt.Fprintln(cmd.OutOrStdout(), done.Text)
	}
	return nil
}
