package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"ecnutd/internal/discovery"
	"ecnutd/internal/host"
	"ecnutd/internal/host/guard"
	"ecnutd/internal/host/shutdown"
	"ecnutd/internal/journal"
	"ecnutd/internal/systemd"
)

func guardCommand(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:    "shutdown-guard",
		Hidden: true, // for ecnutd-guard.service
		Short:  "Switch the host off before the battery ends, where its shutdown hangs",
		Long: `Reads the UPSs that feed this host while it shuts down. When all of them say that
their battery is low and that less than 20 s are left, it has them cut and restore
their output, makes the disks read-only and switches the host off. It does nothing
without the flag of a shutdown of this boot, and ends when that is undone.`,
		Args: exactArgs(),
	}
	request := cmd.Flags().String("request", shutdown.DefaultRequest, "the order to shut down is this `FILE`")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		log := journal.New(cmd.ErrOrStderr(), slog.LevelInfo)
		c := shutdown.Config(g.config, log)
		boot := host.BootID()
		place := shutdown.Place{Flag: c.PowerDownFlag, Pointer: filepath.Join(filepath.Dir(*request), filepath.Base(shutdown.DefaultPointer)), Spares: shutdown.SpareFlags(c.State)}
		standing := func() bool { return place.Find(boot).State == shutdown.FlagCounts }
		if !standing() {
			log.Info("no shutdown of ecnutd is under way: nothing is guarded")
			return nil
		}
		ctx, stop := context.WithCancel(cmd.Context())
		defer stop()
		readings := make(chan guard.Reading)
		feeds := guard.Read(ctx, c.Cut(), discovery.NewFinder(ctx, &discovery.Source{}, nil).Locators(c.Cut()), discovery.Families, readings)
		log.Info(fmt.Sprintf("watching how long the battery lasts while the host goes down (%d UPSs)", len(feeds)))
		last := &guard.Guard{
			Log: log, Feeds: feeds, Readings: readings, Standing: standing,
			Arm: guard.Arm(systemd.Program), Sync: guard.Sync, ReadOnly: guard.ReadOnly, PowerOff: guard.PowerOff,
		}
		return last.Run(ctx)
	}
	return cmd
}

// startGuard has systemd start the guard, which outlives the other services.
func startGuard(ctx context.Context) error {
	if _, err := os.Stat(shutdown.ThisSystemd.Running); err != nil {
		return nil // nobody would start it
	}
	return host.Run(ctx, []string{"systemctl", "start", "--no-block", systemd.GuardService}, os.Environ(), "", 5*time.Second)
}
