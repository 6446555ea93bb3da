package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"

	"ecnutd/internal/host"
	"ecnutd/internal/host/install"
	"ecnutd/internal/systemd"
)

func newInstaller(cmd *cobra.Command, root string, dry bool) *install.Installer {
	return &install.Installer{
		Root: root, Dry: dry, Self: "/proc/self/exe", Config: defaultConfig,
		Say: func(format string, args ...any) { note(cmd, format, args...) },
		Run: func(ctx context.Context, argv ...string) error {
			return host.Run(ctx, argv, os.Environ(), "", time.Minute)
		},
	}
}

func installCommand(*globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "install",
		GroupID: groupSetup,
		Short:   "Install this program as a service, where there is no package",
		Long: `Puts this program into ` + systemd.Program + `, with its units, its user, the udev
rule and the hook that has the UPS cut its output; writes a configuration that
protects this host, if there is none; and starts the service. What is in place
already is left alone, what differs is shown. Where NUT is at work nothing is
enabled or started.

On Debian the package does the same, and better: apt knows of it.`,
		Args: exactArgs(),
	}
	dry := cmd.Flags().Bool("dry-run", false, "only show what would change")
	root := rootFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return needsRoot(newInstaller(cmd, *root, *dry).Install(cmd.Context()), "install")
	}
	return cmd
}

func uninstallCommand(*globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "uninstall",
		GroupID: groupSetup,
		Short:   "Take away what install has put in place",
		Long: `Stops the service and deletes what install wrote. The configuration, the state
and the user stay; how they go is said at the end.`,
		Args: exactArgs(),
	}
	dry := cmd.Flags().Bool("dry-run", false, "only show what would change")
	root := rootFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return needsRoot(newInstaller(cmd, *root, *dry).Uninstall(cmd.Context()), "uninstall")
	}
	return cmd
}

// needsRoot adds how to get the rights that were missing.
func needsRoot(err error, command string) error {
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w; it takes root: sudo ecnutd %s", err, command)
	}
	return err
}
