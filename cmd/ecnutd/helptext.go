package main

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ecnutd/internal/texts/catalogue"
	"ecnutd/ups"
)

// localize puts the help of commands into the person's language. The manual and the
// completion are made of the commands as they are.
func localize(root *cobra.Command, l ups.Language) {
	if l == ups.English {
		return
	}
	translated := func(text string) string { return catalogue.Translate(l, text) }
	print := root.HelpFunc()
	root.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		each(root, func(c *cobra.Command) {
			c.Short = translated(c.Short)
			if long := catalogue.Long(c.CommandPath()); long != "" {
				c.Long = long
			}
			for _, g := range c.Groups() {
				g.Title = translated(g.Title)
			}
			c.InitDefaultHelpFlag()
			c.LocalFlags().VisitAll(func(f *pflag.Flag) { f.Usage = translated(f.Usage) })
		})
		out := cmd.OutOrStdout()
		var b bytes.Buffer
		cmd.SetOut(&b)
		print(cmd, args)
		cmd.SetOut(out)
		for line := range strings.Lines(b.String()) {
			if text := strings.TrimSuffix(line, "\n"); text != "" && !strings.HasPrefix(text, " ") {
				line = translated(text) + "\n"
			}
			fmt.Fprint(out, strings.ReplaceAll(line, "(default ", "(par défaut "))
		}
	})
}

// each calls f for a command and all below it.
func each(cmd *cobra.Command, f func(*cobra.Command)) {
	f(cmd)
	for _, c := range cmd.Commands() {
		each(c, f)
	}
}
