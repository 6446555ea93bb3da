package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// A finding is one thing that was looked at: all is well, something is amiss
// and has a fix, or, where it is OK and has a Fix, a person has to look.
type finding struct {
	What    string `json:"what"`
	OK      bool   `json:"ok"`
	Problem string `json:"problem,omitempty"`
	Fix     string `json:"fix,omitempty"`
}

// print writes a finding on a line, and its fix on a second one.
func (f finding) print(w io.Writer, p palette) {
	switch {
	case !f.OK:
		fmt.Fprintf(w, "%s  %s: %s\n      fix: %s\n", p.bad("BAD "), f.What, f.Problem, f.Fix)
	case f.Fix != "":
		fmt.Fprintf(w, "%s  %s: %s\n", p.warn("look"), f.What, f.Fix)
	default:
		fmt.Fprintf(w, "%s  %s\n", p.good("ok  "), f.What)
	}
}

// printFindings prints a list, and is an error where something needs a fix.
func printFindings(cmd *cobra.Command, list []finding, asJSON bool) (err error) {
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
			p := paint(cmd.OutOrStdout())
			var b strings.Builder
			for _, f := range list {
				f.print(&b, p)
			}
			_, err := io.WriteString(w, p.fold(b.String(), 6))
			return err
		})
	}
	if err == nil && amiss > 0 {
		err = fmt.Errorf("%d of %d findings need a fix", amiss, len(list))
	}
	return err
}
