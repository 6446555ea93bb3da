package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

func commandsCommand(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "commands",
		GroupID: groupDevice,
		Short:   "The instant commands that the UPS has, as upscmd -l",
		Long: `Lists the instant commands that this UPS has, "name - description", as its report
descriptor offers them. ` + "`ecnutd command NAME`" + ` gives one.`,
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
		return emit(cmd.OutOrStdout(), func(w io.Writer) error {
			for _, c := range list {
				fmt.Fprintf(w, "%s - %s\n", c.Name, c.Description)
			}
			return nil
		})
	}
	return cmd
}
