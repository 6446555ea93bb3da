package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"

	"github.com/spf13/cobra"

	"ecnutd/config"
	"ecnutd/hid"
	"ecnutd/internal/discovery"
	"ecnutd/internal/host"
	"ecnutd/internal/host/killpower"
	"ecnutd/internal/host/shutdown"
	"ecnutd/internal/systemd"
	"ecnutd/internal/target"
)

func killPowerCommand(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "killpower",
		GroupID: groupDaemon,
		Short:   "The last stage of a shutdown: have the UPS cut its output",
		Long: `Has every UPS that feeds this host cut its output shortly after the host has
stopped, and restore it when mains is back, so that the host boots by itself. It
needs no daemon, no network and no writable disk; the hook that systemd runs at
the very end of a shutdown calls it.

Nothing is done unless the power down flag of the configuration is there and was
written in this boot, nor when the host reboots. What was armed is read back, and
told on one line for each UPS; tries and fallbacks end after 10 s. Exit status 0
means that every UPS is armed, or that nothing was to be done.

--check looks beforehand whether all of it would work. It writes nothing to the
UPS.`,
		Example: `  ecnutd killpower --check
  ecnutd killpower --action poweroff     what the hook does`,
		Args: exactArgs(),
	}
	action := cmd.Flags().String("action", "", "what the host is going to do, as systemd says it: poweroff, halt, reboot, kexec")
	check := cmd.Flags().Bool("check", false, "prove beforehand that it would work")
	asJSON := cmd.Flags().Bool("json", false, "with --check: print for programs")
	now := cmd.Flags().Bool("now", false, "do not wait for mains afterwards: whoever calls it switches the host off")
	inside := cmd.Flags().Bool(killpower.HereFlag, false, "")
	_ = cmd.Flags().MarkHidden(killpower.HereFlag) // the flag is there
	src := addSource(cmd, g)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if *asJSON && !*check {
			return usagef("--json goes with --check")
		}
		c, _, err := config.Load(g.config)
		if *action != "" && !*inside && !*check && !src.Given() {
			limit := systemd.HookTime // nobody waits longer
			if *now || err == nil && c.KillPower.WaitThenReboot == 0 {
				limit = killpower.Time
			}
			ended := killpower.Supervise(cmd.Context(), killpower.Elsewhere(os.Stdout, os.Stderr), limit)
			if !errors.Is(ended, killpower.ErrNotStarted) {
				return lateError(ended)
			}
			note(cmd, "%v", ended)
		}
		l := &killpower.Stage{
			Out: cmd.OutOrStdout(), Config: c, Fault: err, Boot: host.BootID(), Action: *action, Families: discovery.Families,
			Simulated: src.Rehearsed(), Root: here.root,
		}
		if err != nil {
			// A configuration that cannot be read must not cost the cut.
			l.Config = config.Minimal("ups")
			if !*check {
				l.Say("%s; going on by the flag", host.FirstLine(err))
			}
		}
		if !src.Given() {
			l.Pointer, l.Spares = shutdown.DefaultPointer, shutdown.SpareFlags(l.Config.State)
		}
		if l.Units, err = lateUnits(l, g, src); err != nil {
			return err
		}
		if *check {
			return printFindings(cmd, l.Check(cmd.Context(), g.config), *asJSON)
		}
		if *action != "" && !src.Given() && !*now {
			l.Reboot = killpower.RebootNow
		}
		return lateError(l.Run(cmd.Context()))
	}
	return cmd
}

// lateError is an error of the late stage with its exit code, and not told
// twice.
func lateError(err error) error {
	if err == nil {
		return nil
	}
	done := err
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		done = &failure{max(exit.ExitCode(), exitFailed), err}
	}
	if errors.Is(err, killpower.ErrTold) {
		return reportedError{done}
	}
	return done
}

// lateUnits says how the UPSs are found.
func lateUnits(l *killpower.Stage, g *globals, src *source) (func(context.Context, *shutdown.Plan) ([]killpower.Unit, error), error) {
	blocks := l.Config.Local()
	if g.ups != "" {
		u, err := target.Choose(l.Config, g.ups)
		if err != nil {
			return nil, err
		}
		blocks = []config.UPS{u}
		if u.Remote != "" {
			return nil, fmt.Errorf("%s hangs on another host, %s, which has its output cut", u.Name, u.Remote)
		}
	}
	if len(blocks) == 0 {
		return func(context.Context, *shutdown.Plan) ([]killpower.Unit, error) { return nil, nil }, nil
	}
	if src.Given() {
		// The command line says which one it is: it stands for the first.
		unit := killpower.Unit{Name: blocks[0].Name, Node: src.Device, Delays: killpower.DelaysOf(blocks[0])}
		unit.Open = func(ctx context.Context) (hid.Device, error) {
			dev, _, err := src.Open(ctx)
			return dev, err
		}
		return func(context.Context, *shutdown.Plan) ([]killpower.Unit, error) { return []killpower.Unit{unit}, nil }, nil
	}
	if l.Fault != nil {
		blocks = nil
	}
	devices := killpower.Devices{Enumerate: discovery.All, Means: discovery.Means, Block: discovery.MeansBlock, Open: discovery.OpenNode}
	return func(_ context.Context, plan *shutdown.Plan) ([]killpower.Unit, error) {
		return devices.Find(blocks, plan)
	}, nil
}
