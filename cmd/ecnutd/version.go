package main

import (
	"io"

	"github.com/spf13/cobra"

	"ecnutd/internal/build"
)

// These are set by the linker: -X main.version=1.2.3. What is missing is taken
// from what the Go command wrote into the binary.
var (
	version string
	commit  string // with a + after it where the files are not those of the commit
	date    string // of the commit, 2026-01-31
)

func thisBuild() build.Info { return build.Linked{Version: version, Commit: commit, Date: date}.Info() }

func buildVersion() string { return thisBuild().Version }

func versionCommand(*globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "The version, and what it was built with",
		GroupID: groupSetup,
		Args:    exactArgs(),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		b := thisBuild()
		if *asJSON {
			return emitJSON(cmd.OutOrStdout(), b)
		}
		return emit(cmd.OutOrStdout(), func(w io.Writer) error { b.Print(w); return nil })
	}
	return cmd
}
