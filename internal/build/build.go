// Package build says what this binary is made of: version, commit, libraries.
package build

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"
)

// Info is what a binary is made of.
type Info struct {
	Version   string            `json:"version"`
	Commit    string            `json:"commit,omitempty"`
	Modified  bool              `json:"modified,omitempty"` // built from files that are not those of the commit
	Date      string            `json:"date,omitempty"`     // of the commit
	Go        string            `json:"go"`
	Platform  string            `json:"platform"`
	Libraries map[string]string `json:"libraries"`
	names     []string          // of the libraries, in the order of the binary
}

// Linked is what the linker was given: "" where nothing was, and then it is taken
// from what the Go command wrote into the binary.
type Linked struct {
	Version string
	Commit  string // with a + after it where the files are not those of the commit
	Date    string // of the commit, 2026-01-31
}

// Info is what this binary is made of.
func (l Linked) Info() Info {
	b := Info{
		Version:   l.Version,
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
	if hash, modified := strings.CutSuffix(l.Commit, "+"); hash != "" {
		b.Commit, b.Modified = hash, modified
	}
	if l.Date != "" {
		b.Date = l.Date
	}
	return b
}

// Print writes it for a person.
func (b Info) Print(w io.Writer) {
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
}
