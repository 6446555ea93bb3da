package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"ecnutd/config"
	"ecnutd/internal/check"
	"ecnutd/internal/discovery"
	"ecnutd/internal/target"
	"ecnutd/internal/terminal"
	"ecnutd/ups"
)

func checkCommand(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "check",
		GroupID: groupSetup,
		Short:   "Prove the configuration, on its own and against the UPS",
		Long: `Reads the configuration and says what is wrong with it, and what would not do
what it is meant for. With a UPS at hand it is compared with what that says: a
timer of 20 minutes on a battery that lasts 10 is a finding.

Exit status 1 when the configuration cannot be used, or with --strict when there
is any finding.`,
		Args: exactArgs(),
	}
	asJSON := jsonFlag(cmd)
	send := cmd.Flags().Bool("send", false, "send a test message on every route, for real")
	strict := cmd.Flags().Bool("strict", false, "fail on findings too")
	alone := cmd.Flags().Bool("no-device", false, "do not look at a UPS")
	src := addSource(cmd, g)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, result, err := check.Load(g.config, here.eyes())
		if err != nil {
			return err
		}
		if c != nil && !*alone {
			blocks, err := blocksToCheck(c, g, src)
			if err != nil {
				return err
			}
			result.Against(cmd.Context(), c, blocks, &src.Source, asking(cmd, g, src), func(format string, args ...any) { note(cmd, format, args...) })
		}
		if c != nil && *send {
			result.Send(cmd.Context(), c)
		}
		if *asJSON {
			err = emitJSON(cmd.OutOrStdout(), result)
		} else {
			err = emitFolded(cmd.OutOrStdout(), check.Indent, func(w io.Writer, p terminal.Palette) error {
				result.Print(w, p, person())
				return nil
			})
		}
		if err != nil {
			return err
		}
		if failed := result.Failed(); failed > 0 || *strict && len(result.Findings) > 0 {
			return fmt.Errorf("%s: %d errors, %d findings", g.config, failed, len(result.Findings))
		}
		return nil
	}
	return cmd
}

// blocksToCheck are the UPSs to compare with: the one of this name, or each; a
// device that the command line gives stands for the first.
func blocksToCheck(c *config.Config, g *globals, src *source) ([]config.UPS, error) {
	switch {
	case g.ups != "":
		u, err := target.Choose(c, g.ups)
		return []config.UPS{u}, err
	case src.Given():
		return c.UPS[:1], nil
	}
	return c.UPS, nil
}

// asking has a UPS say what it knows, through the daemon or directly.
func asking(cmd *cobra.Command, g *globals, src *source) check.Ask {
	return func(ctx context.Context, name string) (vars ups.Variables, ground ups.Ground, err error) {
		named := *g
		named.ups = name
		t, err := reach(cmd, &named, src, false)
		if err != nil {
			return nil, ground, err
		}
		defer t.Close()
		if vars, err = t.Variables(ctx); err != nil {
			return nil, ground, err
		}
		ground, err = t.Ground(ctx)
		return vars, ground, err
	}
}

// variablesOf reads the variables of a UPS.
func variablesOf(ctx context.Context, open discovery.Open) (ups.Variables, error) {
	seen, err := discovery.LookBy(ctx, open, discovery.Looking{})
	if err != nil {
		return nil, err
	}
	return seen.Decoder.Variables(), nil
}
