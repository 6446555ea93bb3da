package main

import (
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ecnutd/internal/history"
	"ecnutd/internal/history/show"
	"ecnutd/internal/terminal"
)

// behind is how many outages before one its curve is shown beside.
const behind = 2

func historyCommand(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "history [N]",
		GroupID: groupDaemon,
		Short:   "The outages of this host, and the story of each",
		Long: `Shows the outages that the daemon has seen since its first start: when each began,
how long it lasted, how deep it went, whether the host was shut down, and whether
messages were late. With a number it tells that outage line by line, and draws the
curve of its discharge with those of the two before it.`,
		Example: `  ecnutd history           all outages, and what they come to
  ecnutd history 7         the story of outage 7
  ecnutd history --csv     for a spreadsheet; times as RFC 3339, spans in seconds`,
		Args: upToArgs(1),
	}
	asJSON := jsonFlag(cmd)
	asCSV := cmd.Flags().Bool("csv", false, "print for a spreadsheet")
	cmd.MarkFlagsMutuallyExclusive("json", "csv")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		palette := terminal.Paint(cmd.OutOrStdout())
		view := show.View{Language: person(), Palette: palette, Now: time.Now()}
		if len(args) == 1 {
			return storyOf(cmd, g, view, args[0], *asJSON, *asCSV)
		}
		h, err := daemonOf(g).History(cmd.Context())
		switch {
		case err != nil:
			return err
		case *asJSON:
			return emitJSON(cmd.OutOrStdout(), h)
		case *asCSV:
			return emit(cmd.OutOrStdout(), func(w io.Writer) error { return show.CSV(w, h) })
		}
		return emit(cmd.OutOrStdout(), func(w io.Writer) error {
			view.Table(w, h)
			return nil
		})
	}
	return cmd
}

func storyOf(cmd *cobra.Command, g *globals, view show.View, arg string, asJSON, asCSV bool) error {
	n, err := strconv.ParseUint(arg, 10, 64)
	if err != nil || n == 0 {
		return usagef("an outage has a number, not %q (`ecnutd history` lists them)", arg)
	}
	if asCSV {
		return usagef("--csv prints all outages; leave the number out")
	}
	client := daemonOf(g)
	o, err := client.Outage(cmd.Context(), n)
	switch {
	case err != nil:
		return err
	case asJSON:
		return emitJSON(cmd.OutOrStdout(), o)
	}
	var others []history.Outage
	for before := n - 1; before > 0 && len(others) < behind; before-- {
		// One that is forgotten, or of another UPS, is left out.
		other, err := client.Outage(cmd.Context(), before)
		if err != nil {
			break
		}
		if other.UPS == o.UPS {
			others = append(others, other)
		}
	}
	return emit(cmd.OutOrStdout(), func(w io.Writer) error {
		var b strings.Builder
		view.Story(&b, o, others)
		_, err := io.WriteString(w, view.Palette.Fold(b.String(), len("15:04:05  ")))
		return err
	})
}
