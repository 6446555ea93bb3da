package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"ecnutd/internal/host"
	"ecnutd/internal/terminal"
	"ecnutd/internal/texts/catalogue"
)

// printFinding writes a host.Finding on a line, and its fix on a second one.
func printFinding(w io.Writer, f host.Finding, p terminal.Palette) {
	translated := func(text string) string { return catalogue.Translate(person(), text) }
	what := translated(f.What)
	switch {
	case !f.OK:
		fmt.Fprintf(w, "%s  %s\n      %s\n", p.Bad(say("BAD ")), say("%s: %s", what, translated(f.Problem)), say("fix: %s", translated(f.Fix)))
	case f.Fix != "":
		fmt.Fprintf(w, "%s  %s\n", p.Warn(say("look")), say("%s: %s", what, translated(f.Fix)))
	default:
		fmt.Fprintf(w, "%s  %s\n", p.Good(say("ok  ")), what)
	}
}

// printFindings prints a list, and is an error where something needs a fix.
func printFindings(cmd *cobra.Command, list []host.Finding, asJSON bool) (err error) {
	amiss := 0
	for _, f := range list {
		if !f.OK {
			amiss++
		}
	}
	if asJSON {
		err = emitJSON(cmd.OutOrStdout(), list)
	} else {
		err = emit(cmd.OutOrStdout(), func(w io.Writer) error {
			p := terminal.Paint(cmd.OutOrStdout())
			var b strings.Builder
			for _, f := range list {
				printFinding(&b, f, p)
			}
			_, err := io.WriteString(w, p.Fold(b.String(), 6))
			return err
		})
	}
	if err == nil && amiss > 0 {
		err = fmt.Errorf("%d of %d findings need a fix", amiss, len(list))
	}
	return err
}
