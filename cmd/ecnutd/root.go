package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// globals are the flags of every command.
type globals struct {
	config string // path of the configuration
	ups    string // name of a UPS of the configuration; "" where there is one
}

const defaultConfig = "/etc/ecnutd/config.yaml"

// The groups that help shows the commands in.
const (
	groupDaemon = "daemon"
	groupDevice = "device"
	groupSetup  = "setup"
)

// commands are all commands. A new one is a line here.
var commands = []func(*globals) *cobra.Command{
	runCommand,
	demoCommand,
	statusCommand,
	historyCommand,
	fsdCommand,
	maintenanceCommand,
	killPowerCommand,
	shutdownHelperCommand,
	guardCommand,
	awaitNUTCommand,
	smsCommand,
	checkCommand,
	simulateCommand,
	importCommand,
	passwordCommand,
	dumpCommand,
	commandsCommand,
	commandCommand,
	setCommand,
	devicesCommand,
	recordCommand,
	probeCommand,
	doctorCommand,
	setupCommand,
	installCommand,
	uninstallCommand,
	udevCommand,
	versionCommand,
	completionCommand,
}

// served are the commands of the units, by name. A process that systemd starts has
// its own command alone: the others cost a daemon 50 KB for as long as it runs.
var served = map[string]func(*globals) *cobra.Command{
	"run":             runCommand,
	"await-nut":       awaitNUTCommand,
	"shutdown-helper": shutdownHelperCommand,
	"shutdown-guard":  guardCommand,
}

// newRoot is the program with all commands.
func newRoot() *cobra.Command { return rootOf(commands) }

// rootFor is the program with the commands that a command line may mean.
func rootFor(args []string) *cobra.Command {
	if len(args) > 0 {
		if command := served[args[0]]; command != nil {
			return rootOf([]func(*globals) *cobra.Command{command})
		}
	}
	return newRoot()
}

func rootOf(commands []func(*globals) *cobra.Command) *cobra.Command {
	g := &globals{}
	root := &cobra.Command{
		Use:   "ecnutd",
		Short: "Watches an Eaton UPS on USB",
		Long: `Ecnutd watches an Eaton UPS on USB: it reads it, warns, shuts the host down in
time and has the UPS cut and restore its output.

Exit status: 0 done, 1 failed, 2 wrong usage, 3 no UPS there.`,
		Example: `  ecnutd dump              what the attached UPS says, as upsc prints it
  ecnutd dump --simulate   the same of a simulated Protection Station 800
  ecnutd devices           the UPSs there are, and whether they may be read`,
		SilenceUsage:      true,
		SilenceErrors:     true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usagef("%w", err) })
	// Ours, not cobra's: its templates bring text/template, which keeps the
	// linker from leaving unused code out, and it would take -v, which is "more".
	version := root.Flags().Bool("version", false, "print the version")
	root.PersistentFlags().StringVar(&g.config, "config", defaultConfig, "configuration `FILE`")
	root.PersistentFlags().StringVar(&g.ups, "ups", "", "the UPS of this `NAME`, where several exist")
	root.AddGroup(
		&cobra.Group{ID: groupDaemon, Title: "The daemon:"},
		&cobra.Group{ID: groupDevice, Title: "The device:"},
		&cobra.Group{ID: groupSetup, Title: "Installation:"},
	)
	var children []*cobra.Command
	for _, command := range commands {
		children = append(children, command(g))
	}
	root.SetHelpCommand(helpCommand())
	parent(root, children...)
	without := root.RunE
	root.RunE = func(cmd *cobra.Command, args []string) error {
		if *version {
			fmt.Fprintf(cmd.OutOrStdout(), "ecnutd %s\n", buildVersion())
			return nil
		}
		return without(cmd, args)
	}
	return root
}

// execute runs a command line and returns its exit code.
func execute(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := rootFor(args)
	localize(root, person())
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	cmd, err := root.ExecuteContextC(ctx)
	if err != nil {
		complain(stderr, cmd.CommandPath(), err)
	}
	return exitCode(err)
}

// helpCommand replaces cobra's, which exits 0 for a command that is not there.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Help about any command",
		RunE: func(cmd *cobra.Command, args []string) error {
			found, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return usagef("there is no command %q", args[len(args)-max(len(rest), 1)])
			}
			found.InitDefaultHelpFlag()
			return found.Help()
		},
	}
}
