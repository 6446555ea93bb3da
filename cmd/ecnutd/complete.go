package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"ecnutd/config"
	"ecnutd/internal/host"
	"ecnutd/ups"
)

// A completion offers words for an argument. It must be quick, and silent where
// it knows none.
type completion = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective)

// completeRoutes offers the routes of the configuration.
func completeRoutes(g *globals) completion {
	return func(*cobra.Command, []string, string) (names []string, _ cobra.ShellCompDirective) {
		if c, _, err := config.Load(g.config); err == nil {
			for _, r := range c.Messages.Routes {
				names = append(names, r.Name)
			}
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}

// completeWaiting offers the messages that wait, with their texts.
func completeWaiting(g *globals) completion {
	return func(cmd *cobra.Command, args []string, _ string) (ids []string, _ cobra.ShellCompDirective) {
		if s, err := daemonOf(g).Status(cmd.Context()); err == nil && len(args) == 0 {
			for _, m := range s.Waiting {
				ids = append(ids, fmt.Sprintf("%d\t%s %s", m.ID, m.At.Local().Format(time.DateTime), host.OneLine(m.Text)))
			}
		}
		return ids, cobra.ShellCompDirectiveNoFileComp
	}
}

// completeVariables offers the variables that the daemon reads; which the UPS has
// where none runs would take a look at it.
func completeVariables(g *globals) completion {
	return func(cmd *cobra.Command, args []string, _ string) (names []string, _ cobra.ShellCompDirective) {
		all, err := daemonOf(g).Variables(cmd.Context())
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		seen := make(map[string]bool)
		for _, r := range all {
			for _, name := range r.Variables.Names() {
				if !seen[name] {
					seen[name] = true
					names = append(names, name+"\t"+ups.Describe(name))
				}
			}
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}
