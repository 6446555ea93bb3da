package main

import (
	"errors"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ecnutd/internal/control"
	"ecnutd/internal/control/device"
	"ecnutd/internal/control/show"
	"ecnutd/internal/discovery"
	"ecnutd/internal/terminal"
)

func statusCommand(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "status",
		GroupID: groupDaemon,
		Short:   "How things are, and what happens next and when",
		Long: `Asks the daemon how things are: the state of each UPS, since when, what happens
next and when, and which messages wait. Where no daemon runs, or with --device,
--simulate or --replay, the UPS itself is asked.`,
		Args: exactArgs(),
	}
	asJSON := jsonFlag(cmd)
	src := addSource(cmd, g)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		s, err := askStatus(cmd, g, src)
		if err != nil {
			return err
		}
		if *asJSON {
			return emitJSON(cmd.OutOrStdout(), s)
		}
		return emit(cmd.OutOrStdout(), func(w io.Writer) error {
			p := terminal.Paint(cmd.OutOrStdout())
			var b strings.Builder
			show.Status(&b, s, p, time.Now(), person())
			_, err := io.WriteString(w, p.Fold(b.String(), show.Indent))
			return err
		})
	}
	return cmd
}

// askStatus asks the daemon, or where none runs the UPS.
func askStatus(cmd *cobra.Command, g *globals, src *source) (control.Status, error) {
	if !src.Given() {
		s, err := daemonOf(g).Status(cmd.Context())
		if err == nil || !errors.Is(err, control.ErrNoDaemon) {
			return s, err
		}
		note(cmd, "%v; this is what the UPS itself says", err)
	}
	return statusOfDevice(cmd, src)
}

func statusOfDevice(cmd *cobra.Command, src *source) (control.Status, error) {
	seen, err := src.look(cmd, discovery.Looking{})
	if err != nil {
		return control.Status{}, err
	}
	return control.Status{Version: buildVersion(), Phase: "no daemon is running: nobody would shut this host down", UPS: []control.Supply{device.Supply("ups", seen.Decoder)}}, nil
}
