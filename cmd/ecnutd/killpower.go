package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"ecnutd/config"
	"ecnutd/internal/host"
	"ecnutd/internal/host/shutdown"
	"ecnutd/internal/systemd"
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
		Args: wants(),
	}
	action := cmd.Flags().String("action", "", "what the host is going to do, as systemd says it: poweroff, halt, reboot, kexec")
	check := cmd.Flags().Bool("check", false, "prove beforehand that it would work")
	asJSON := cmd.Flags().Bool("json", false, "with --check: print for programs")
	here := cmd.Flags().Bool(hereFlag, false, "")
	_ = cmd.Flags().MarkHidden(hereFlag) // the flag is there
	src := addSource(cmd, g)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if *asJSON && !*check {
			return usagef("--json goes with --check")
		}
		c, _, err := config.Load(g.config)
		if *check {
			return checkKillPower(cmd, g, src, c, err, *asJSON)
		}
		if *action != "" && !*here && !src.given() {
			limit := killTime
			if err == nil && c.KillPower.WaitThenReboot > 0 {
				limit = systemd.HookTime // nobody waits longer
			}
			ended := supervise(cmd.Context(), elsewhere(os.Stdout, os.Stderr), limit)
			if !errors.Is(ended, errNotStarted) {
				return ended
			}
			note(cmd, "%v", ended)
		}
		l := &lateStage{out: cmd.OutOrStdout(), config: c, boot: host.BootID(), action: *action}
		if err != nil {
			// A configuration that cannot be read must not cost the cut.
			l.say("%s; going on with the defaults", host.FirstLine(err))
			l.config = config.Minimal("ups")
		}
		if l.units, err = lateUnits(l.config, g, src); err != nil {
			return err
		}
		if *action != "" && !src.given() {
			l.reboot = rebootNow
		}
		l.simulated = src.model != "" || src.replay != ""
		return l.run(cmd.Context())
	}
	return cmd
}

// A lateStage is the end of a shutdown. Everything that it does to the host or
// asks of it is a field, so that no test comes near a real one.
type lateStage struct {
	out    io.Writer
	config *config.Config
	boot   string // id of this boot
	action string // of systemd; "" by hand
	units  func(context.Context) ([]lateUnit, error)
	reboot func() error // nil: never

	simulated bool // the result says nothing of a real UPS
}

const (
	// killTime bounds the late stage: a UPS that says nothing must not keep
	// the host from stopping, which is what the battery is needed for.
	killTime = 10 * time.Second

	// armTime is what of it is for the UPSs. The rest is for the start, for
	// telling and for storing the result.
	armTime = 9 * time.Second

	// sayTime is what is left at the end for telling what the last try met.
	sayTime = 100 * time.Millisecond

	// findTime is how long a UPS is waited for that is not on the bus.
	findTime = 3 * time.Second

	// keepTime bounds storing the result.
	keepTime = 500 * time.Millisecond

	// cutMargin is how long after the cut the host may reboot at the earliest:
	// one that still runs then has kept its power.
	cutMargin = 10 * time.Second
)

func (l *lateStage) say(format string, args ...any) {
	fmt.Fprintf(l.out, "ecnutd killpower: %s\n", host.OneLine(fmt.Sprintf(format, args...)))
}

// run does all of it.
func (l *lateStage) run(ctx context.Context) error {
	switch l.action {
	case "", "poweroff", "halt":
	default:
		l.say("nothing to do: the host is not going off but for %s", l.action)
		return nil
	}
	found := shutdown.ReadFlag(l.config.PowerDownFlag, l.boot)
	if found.State != shutdown.FlagCounts {
		l.say("nothing to do: %s", found.Why)
		return nil
	}
	record := killRecord{Boot: l.boot, At: time.Now().Round(time.Second), Reason: found.Flag.Reason, Simulated: l.simulated}
	bounded, cancel := context.WithTimeout(ctx, armTime)
	defer cancel()
	err := l.armAll(bounded, &record)
	l.keep(record)
	if wait := l.config.KillPower.WaitThenReboot; wait > 0 && l.reboot != nil {
		for _, k := range record.UPS {
			if k.Armed {
				// A host that booted again would be cut in the middle of it.
				wait = max(wait, k.cutIn+cutMargin)
			}
		}
		l.say("the host reboots if it still has power in %s", wait)
		if err := host.Pause(ctx, wait); err != nil {
			return err
		}
		if err := l.reboot(); err != nil {
			return fmt.Errorf("killpower: the host is still up, and cannot be rebooted: %w", err)
		}
	}
	return err
}

// armAll arms every UPS, each by itself, and tells what came of each.
func (l *lateStage) armAll(ctx context.Context, record *killRecord) error {
	begun := time.Now()
	units, err := l.find(ctx)
	if err != nil {
		record.UPS = []killed{{UPS: "all", Text: host.FirstLine(err)}}
		l.say("NO UPS WAS ARMED: %s", host.FirstLine(err))
		return told{err}
	}
	type ended struct {
		i int
		k killed
	}
	results := make(chan ended, len(units)) // nobody may be left to take them
	trying, cancel := context.WithDeadline(ctx, begun.Add(armTime-sayTime))
	defer cancel()
	asked := 0
	for _, u := range units {
		k := killed{UPS: u.name, Node: u.node, Text: "it did not answer within " + armTime.String()}
		switch {
		case u.spared:
			l.say("%s: left alone: its power is 0, so it does not feed this host", u.name)
			continue
		case u.open == nil:
			k.Text = "it is not attached"
		default:
			go func(at int) { results <- ended{at, l.arm(trying, u)} }(len(record.UPS))
			asked++
		}
		record.UPS = append(record.UPS, k)
	}
	for range asked {
		select {
		case r := <-results:
			record.UPS[r.i] = r.k
		case <-ctx.Done():
		}
	}
	failed := 0
	for _, k := range record.UPS {
		switch {
		case k.Armed:
			l.say("%s: %s", k.UPS, k.Text)
		default:
			failed++
			l.say("%s: NOT ARMED: %s", k.UPS, k.Text)
		}
	}
	switch {
	case len(record.UPS) == 0:
		l.say("no UPS of the configuration feeds this host")
	case failed > 0:
		return told{fmt.Errorf("killpower: %d of %d UPSs will not cut their output", failed, len(record.UPS))}
	}
	return nil
}

// find waits a moment for UPSs that are not there: one may be coming back to
// the bus. The search itself could block, and is not waited for either.
func (l *lateStage) find(ctx context.Context) ([]lateUnit, error) {
	type found struct {
		units []lateUnit
		err   error
	}
	done := make(chan found, 1)
	go func() {
		begun := time.Now()
		for {
			units, err := l.units(ctx)
			missing := err != nil
			for _, u := range units {
				missing = missing || u.open == nil && !u.spared
			}
			if !missing || time.Since(begun) >= findTime || host.Pause(ctx, retryPause) != nil {
				done <- found{units, err}
				return
			}
		}
	}()
	select {
	case f := <-done:
		return f.units, f.err
	case <-ctx.Done():
		return nil, errors.New("the search for the UPSs did not end within " + armTime.String())
	}
}

// keep stores the result where the next boot finds it, if there still is a
// file system to write on.
func (l *lateStage) keep(record killRecord) {
	if l.config.State == "" || len(record.UPS) == 0 {
		return
	}
	dir := filepath.Dir(l.config.State)
	done := make(chan error, 1)
	go func() { done <- record.keep(dir) }()
	select {
	case err := <-done:
		if err != nil {
			l.say("the result is on this screen alone, it cannot be stored: %v", err)
		}
	case <-time.After(keepTime):
		l.say("the result is on this screen alone, %s does not answer", dir)
	}
}

// rebootNow reboots at once: at this stage there is no service manager left to
// ask.
func rebootNow() error {
	return host.Run(context.Background(), []string{"systemctl", "reboot", "--force", "--force"}, os.Environ(), "", time.Minute)
}
