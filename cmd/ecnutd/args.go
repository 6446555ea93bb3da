package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"ecnutd/ups"
)

// exactArgs checks that a command gets exactly the arguments named, "FILE".
func exactArgs(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < len(names):
			return usagef("%s requires %s", words(cmd), strings.Join(names, " "))
		case len(args) > len(names):
			return usagef("%s has no use for %q", words(cmd), args[len(names)])
		}
		return nil
	}
}

// upToArgs checks that a command gets no more than n arguments.
func upToArgs(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > n {
			return usagef("%s has no use for %q", words(cmd), args[n])
		}
		return nil
	}
}

// parent makes a command that only has subcommands. Without one, or with an
// unknown one, it is wrong usage: a script that lost a word must notice.
func parent(cmd *cobra.Command, children ...*cobra.Command) *cobra.Command {
	cmd.AddCommand(children...)
	cmd.Args = cobra.ArbitraryArgs
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var names []string
		for _, c := range cmd.Commands() {
			if c.IsAvailableCommand() {
				names = append(names, c.Name())
			}
		}
		if len(args) == 0 {
			return usagef("%s requires a command: %s", words(cmd), strings.Join(names, ", "))
		}
		near := ""
		if likely := ups.Nearest(args[0], names); len(likely) > 0 {
			near = fmt.Sprintf("; did you mean %s?", strings.Join(likely, ", "))
		}
		return usagef("%s has no command %q%s", words(cmd), args[0], near)
	}
	return cmd
}

// words are those of a command line that choose a command, "udev check". The
// program's own name stands in front of every message already.
func words(cmd *cobra.Command) string {
	if cmd.HasParent() {
		return strings.TrimPrefix(cmd.CommandPath(), cmd.Root().Name()+" ")
	}
	return "it"
}
