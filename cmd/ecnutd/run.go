package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ecnutd/config"
	"ecnutd/internal/discovery"
	"ecnutd/internal/host"
	"ecnutd/internal/journal"
	"ecnutd/internal/service"
	"ecnutd/internal/terminal"
)

func runCommand(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "run",
		GroupID: groupDaemon,
		Short:   "The daemon: watch, warn, shut down in time",
		Long: `Watches the UPSs of the configuration and does what its rules say. SIGHUP reads
the configuration again; one that is wrong is refused as a whole and the daemon
runs on with the old one.

With --dry-run everything is decided and said, but no shutdown command and no
program of a rule is run, no flag written, no state kept, no UPS commanded and no
message sent: what would be sent is in the log. --send sends it all the same, with
"(trial)" in front. A simulated or recorded UPS never shuts down a real host:
--simulate and --replay imply --dry-run.`,
		Args: exactArgs(),
	}
	dry := cmd.Flags().Bool("dry-run", false, "decide and say everything, shut nothing down")
	send := cmd.Flags().Bool("send", false, "with --dry-run, --simulate or --replay: send messages, marked as a trial")
	debug := cmd.Flags().Bool("debug", false, "log more")
	request := cmd.Flags().String("request-shutdown", "", "have root shut the host down, by writing this `FILE`: ecnutd.service runs without rights")
	socket := cmd.Flags().String("console", "", "with --simulate: a `SOCKET` that takes commands for the UPS, a line each (cut, restore, low, unplug; help lists them)")
	src := addSource(cmd, g)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		rehearsal := *dry || src.Rehearsed()
		if *send && !rehearsal {
			return usagef("--send goes with --dry-run, --simulate or --replay: without them messages are sent anyway")
		}
		if *socket != "" && src.Model == "" {
			return usagef("--console goes with --simulate: nobody else's UPS takes such commands")
		}
		level := slog.LevelInfo
		if *debug {
			level = slog.LevelDebug
		}
		// A log that nobody takes must not stop who decides.
		spool := journal.NewSpool(terminal.Folded(cmd.ErrOrStderr(), logIndent), journal.SpoolSize)
		defer spool.Close(time.Second)
		log := journal.New(spool, level)
		if err := service.KeepSecrets(); err != nil {
			log.Warn("a core dump of the daemon would hold its secrets", "reason", err)
		}
		// The daemon seldom has two things to do at a time. On several processors
		// the runtime would wake threads that look for work and find none.
		runtime.GOMAXPROCS(1)
		if !rehearsal {
			doubt, err := host.ThisHost().BesideNUT(discovery.Nodes())
			if err != nil {
				return err
			}
			if doubt != "" {
				log.Error(doubt)
			}
		}
		c, err := loadConfig(g, src, log)
		if err != nil {
			return err
		}
		log.Info(fmt.Sprintf("ecnutd %s watches %s", buildVersion(), strings.Join(upsNames(c), ", ")))
		if *socket != "" {
			if err := src.Console(cmd.Context(), *socket); err != nil {
				return err
			}
			log.Info("the simulated UPS takes commands", "socket", *socket)
		}
		s := &service.Service{
			Config: c, Path: g.config, Log: log, Version: buildVersion(), Source: &src.Source,
			Request: *request, DryRun: rehearsal, Send: *send,
		}
		return s.Run(cmd.Context())
	}
	return cmd
}

// logIndent is where the text of a line of the log begins on a terminal, behind
// its time.
const logIndent = 9

// loadConfig reads the configuration. A simulated or recorded UPS needs none.
func loadConfig(g *globals, src *source, log *slog.Logger) (*config.Config, error) {
	c, findings, err := config.Load(g.config)
	if errors.Is(err, fs.ErrNotExist) {
		if g.config == defaultConfig && src.Rehearsed() {
			c = config.Minimal("ups")
			c.State, c.Control = "", ""
			return c, nil
		}
		return nil, fmt.Errorf("%w: start from config.example.yaml, or from NUT's files with `ecnutd import-nut /etc/nut`", err)
	}
	if err != nil {
		return nil, err
	}
	for _, f := range append(findings, c.OnHost(nil)...) {
		log.Warn(f.String())
	}
	return c, nil
}

func upsNames(c *config.Config) []string {
	var names []string
	for _, u := range c.UPS {
		names = append(names, u.Name)
	}
	return names
}
