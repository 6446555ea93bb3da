package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"ecnutd/internal/terminal"
)

func commandsCommand(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "commands",
		GroupID: groupDevice,
		Short:   "The instant commands that the UPS has, as upscmd -l",
		Long: `Lists the instant commands that this UPS has, "name - description", as its report
descriptor offers them. ` + "`ecnutd command NAME`" + ` gives one. On a terminal those are marked that can
take power away from the load; with --json they always are.`,
		Args: exactArgs(),
	}
	asJSON := jsonFlag(cmd)
	src := addSource(cmd, g)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		t, err := reach(cmd, g, src, false)
		if err != nil {
			return err
		}
		defer t.Close()
		list, err := t.Commands(cmd.Context())
		switch {
		case err != nil:
			return err
		case *asJSON:
			return emitJSON(cmd.OutOrStdout(), list)
		}
		return emitFolded(cmd.OutOrStdout(), noteIndent, func(w io.Writer, p terminal.Palette) error {
			for _, c := range list {
				mark := ""
				if c.Cuts && p.Draws() { // a program gets what upscmd prints
					mark = " " + p.Bad("(cuts the load)")
				}
				fmt.Fprintf(w, "%s - %s%s\n", c.Name, c.Description, mark)
			}
			return nil
		})
	}
	return cmd
}
