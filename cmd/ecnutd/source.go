package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"ecnutd/hid"
	"ecnutd/internal/control"
	"ecnutd/internal/discovery"
	"ecnutd/internal/target"
)

// A source is the UPS that the flags of a command name.
type source struct {
	discovery.Source
	globals *globals
}

// addSource adds the flags that choose a UPS to a command, and checks them
// before the command runs.
func addSource(cmd *cobra.Command, g *globals) *source {
	s := &source{globals: g}
	models := discovery.SimulatedModels()
	cmd.Flags().StringVar(&s.Device, "device", "", "the UPS at this `PATH`, /dev/hidraw0")
	cmd.Flags().StringVar(&s.Model, "simulate", "", "a simulated UPS, of this `MODEL` if one is given: "+strings.Join(models, ", "))
	cmd.Flags().Lookup("simulate").NoOptDefVal = discovery.DefaultModel
	cmd.Flags().StringVar(&s.Replay, "replay", "", "the UPS in this recording, a `FILE` that `ecnutd record` made")
	// An error means that the flag is not there, which it is.
	_ = cmd.RegisterFlagCompletionFunc("simulate", cobra.FixedCompletions(models, cobra.ShellCompDirectiveNoFileComp))
	cmd.PreRunE = func(cmd *cobra.Command, args []string) error { return s.check(cmd, args) }
	return s
}

// check refuses a command line that names two sources, or an unusable one.
func (s *source) check(cmd *cobra.Command, args []string) error {
	var given []string
	for _, name := range []string{"device", "simulate", "replay"} {
		if f := cmd.Flags().Lookup(name); f.Changed {
			given = append(given, "--"+name)
			if f.Value.String() == "" {
				return usagef("--%s is empty", name)
			}
		}
	}
	if len(given) > 1 {
		return usagef("%s: only one of them can be the UPS", strings.Join(given, " and "))
	}
	if err := s.Check(); err != nil {
		return usagef("%w", err)
	}
	if s.Model != "" {
		for _, a := range args {
			if (&discovery.Source{Model: a}).Check() == nil && a != "" {
				return usagef("--simulate takes its model behind an equals sign: --simulate=%s", a)
			}
		}
	}
	return nil
}

// Open opens the UPS. A UPS of the configuration cannot be meant.
func (s *source) Open(ctx context.Context) (hid.Device, discovery.Strings, error) {
	if err := s.unnamed(); err != nil {
		return nil, nil, err
	}
	return s.Source.Open(ctx)
}

// unnamed refuses --ups where the UPS that is attached is meant.
func (s *source) unnamed() error {
	if !s.Given() && s.globals.ups != "" {
		return usagef("--ups names a UPS of the configuration, which this command does not read: choose with --device")
	}
	return nil
}

// look opens the UPS, looks at it once and closes it. What is missing or unfit
// is told on stderr.
func (s *source) look(cmd *cobra.Command, how discovery.Looking) (*discovery.Seen, error) {
	if err := s.unnamed(); err != nil {
		return nil, err
	}
	seen, err := s.Look(cmd.Context(), how)
	if err != nil {
		return nil, err
	}
	if seen.StringsErr != nil {
		note(cmd, "some names are missing: %v", seen.StringsErr)
	}
	if n := len(seen.Unfit); n > 0 {
		note(cmd, "%s: %d of the reports are not as the descriptor has them and were left out; the first: %v", s.Replay, n, seen.Unfit[0])
	}
	return seen, nil
}

// reach finds the way to the UPS: through the daemon, or directly.
func reach(cmd *cobra.Command, g *globals, src *source, whole bool) (target.Target, error) {
	return target.Reach(cmd.Context(), target.Wish{
		Config: g.config, UPS: g.ups, Source: &src.Source, Whole: whole,
		Note: func(format string, args ...any) { note(cmd, format, args...) },
	})
}

// daemonOf is the daemon of the configuration.
func daemonOf(g *globals) *control.Client { return control.NewClient(target.Socket(g.config)) }
