package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

// These are set by the linker: -X main.version=1.2.3. What is missing is taken
// from what the Go command wrote into the binary.
var (
	version string
	commit  string // with a + behind where the files are not those of the commit
	date    string // of the commit, 2026-01-31
)

// A build is what a binary is made of.
type build struct {
	Version   string            `json:"version"`
	Commit    string            `json:"commit,omitempty"`
	Modified  bool              `json:"modified,omitempty"` // built from files that are not those of the commit
	Date      string            `json:"date,omitempty"`     // of the commit
	Go        string            `json:"go"`
	Platform  string            `json:"platform"`
	Libraries map[string]string `json:"libraries"`
	names     []string          // of the libraries, in the order of the binary
}

func thisBuild() build {
	b := build{
		Version:   version,
		Go:        runtime.Version(),
		Platform:  runtime.GOOS + "/" + runtime.GOARCH,
		Libraries: make(map[string]string),
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		if b.Version == "" && info.Main.Version != "(devel)" {
			b.Version = info.Main.Version
		}
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				b.Commit = s.Value
			case "vcs.time":
				b.Date, _, _ = strings.Cut(s.Value, "T")
			case "vcs.modified":
				b.Modified = s.Value == "true"
			}
		}
		for _, d := range info.Deps {
			b.names = append(b.names, d.Path)
			b.Libraries[d.Path] = d.Version
		}
	}
	if b.Version == "" {
		b.Version = "unreleased"
	}
	if hash, modified := strings.CutSuffix(commit, "+"); hash != "" {
		b.Commit, b.Modified = hash, modified
	}
	if date != "" {
		b.Date = date
	}
	return b
}

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
		return emit(cmd.OutOrStdout(), b.print)
	}
	return cmd
}

func (b build) print(w io.Writer) error {
	fmt.Fprintf(w, "ecnutd %s\n", b.Version)
	if b.Commit != "" {
		changed := ""
		if b.Modified {
			changed = ", with changes"
		}
		fmt.Fprintf(w, "commit %s%s", b.Commit, changed)
		if b.Date != "" {
			fmt.Fprintf(w, ", of %s", b.Date)
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "built with %s for %s\n", b.Go, b.Platform)
	for _, name := range b.names {
		fmt.Fprintf(w, "  %s %s\n", name, b.Libraries[name])
	}
	return nil
}
