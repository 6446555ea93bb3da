package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ecnutd/config"
	"ecnutd/internal/scenario"
	"ecnutd/internal/terminal"

	"ecnutd/internal/input"
)

func simulateCommand(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "simulate SCENARIO | NAME=SCENARIO...",
		GroupID: groupSetup,
		Short:   "Rehearse an outage through the rules of the configuration",
		Long: `Plays a scenario through the real rules in virtual time and prints the timeline:
events, timers, messages, the shutdown. Nothing is sent and nothing is run.

A scenario is what NUT's dummy-ups reads, and a few lines more:

  ups.status: OB        a variable has this value now
  TIMER 30              30 seconds pass
  # a comment
  @unplug  @plug        the USB cable is pulled, and put back
  @silence @answer      the UPS falls silent, and answers again
  @fsd TEXT             somebody orders a shutdown
  @restart              the daemon is killed and started again
  @maintenance 2h       somebody works on the UPS (2h through: in outages too; end)
  @survive              the next shutdown command ends, and shuts nothing down

Where lines are left after the shutdown command, the host is off shutdown_time
later. It comes up with its output, on_delay after that or after mains is back, and
the daemon starts anew.

Of several UPSs a line may name one, "eaton2/ups.status: OB"; else it is for all
of them.`,
		Example: `  ecnutd simulate outage.seq
  ecnutd simulate --json left=a.seq right=b.seq`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("%s requires a scenario", "simulate")
			}
			return nil
		},
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c, err := configOrMinimal(cmd, g)
		if err != nil {
			return err
		}
		script, err := openScenarios(args, upsNames(c))
		if err != nil {
			return err
		}
		if foreign := script.Foreign(); len(foreign) > 0 {
			note(cmd, "no decision depends on %s", strings.Join(foreign, ", "))
		}
		rows := scenario.Play(c, script)
		if *asJSON {
			return emit(cmd.OutOrStdout(), func(w io.Writer) error { return scenario.PrintJSON(w, rows) })
		}
		return emitFolded(cmd.OutOrStdout(), timelineIndent, func(w io.Writer, _ terminal.Palette) error {
			scenario.Print(w, rows, person())
			return nil
		})
	}
	return cmd
}

// timelineIndent is where the text of a row begins, behind its time.
const timelineIndent = 12

// configOrMinimal reads the configuration. Where none was named and none is
// installed, one UPS with the defaults serves.
func configOrMinimal(cmd *cobra.Command, g *globals) (*config.Config, error) {
	c, findings, err := config.Load(g.config)
	if errors.Is(err, fs.ErrNotExist) && !cmd.Flags().Changed("config") {
		note(cmd, "there is no %s: these are the defaults for one UPS", g.config)
		return config.Minimal("ups"), nil
	}
	for _, f := range findings {
		note(cmd, "warning: %s", f)
	}
	return c, err
}

// openScenarios reads the scenarios of a command line: FILE, or NAME=FILE for
// one UPS, several of which run side by side.
func openScenarios(args, known []string) (all scenario.Script, err error) {
	for _, arg := range args {
		owner, path := "", arg
		if name, file, ok := strings.Cut(arg, "="); ok && slices.Contains(known, name) {
			owner, path = name, file
		}
		f, err := input.Open(path)
		if err != nil {
			return all, fmt.Errorf("the scenario: %w", err)
		}
		one, err := scenario.Read(f, path, owner, known)
		f.Close()
		if err != nil {
			return all, err
		}
		all = all.Beside(one)
	}
	return all, nil
}
