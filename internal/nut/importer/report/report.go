// Package report has the lines that an import says what became of everything.
package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Kind says what became of a directive.
type Kind string

// The kinds.
const (
	Translated  Kind = "translated"  // it is in the YAML, at Key
	NotNeeded   Kind = "not needed"  // there is nothing to do
	Unsupported Kind = "unsupported" // there may be something to do by hand
	Trap        Kind = "found wrong" // it did not do what it looks like
	Different   Kind = "different"   // on purpose, from what NUT did: nothing has to be done
)

// A Note is one line of the report of an import.
type Note struct {
	File string `json:"file"`
	Line int    `json:"line,omitempty"` // 0: the file as a whole
	Kind Kind   `json:"kind"`
	Key  string `json:"key,omitempty"` // where in the YAML it is
	Text string `json:"text"`
}

// String is the note on one line.
func (n Note) String() string {
	text := place(n.File, n.Line) + string(n.Kind) + ": " + n.Text
	if n.Key != "" {
		text += " → " + n.Key
	}
	return text
}

// place is where a note belongs, as compilers write it.
func place(file string, line int) string {
	if line == 0 {
		return file + ": "
	}
	return fmt.Sprintf("%s:%d: ", file, line)
}

// Sort brings notes into the order of files and their lines; files that are not
// named come last.
func Sort(notes []Note, files []string) {
	rank := func(n Note) int {
		if i := slices.Index(files, n.File); i >= 0 {
			return i
		}
		return len(files)
	}
	slices.SortStableFunc(notes, func(a, b Note) int {
		d := rank(a) - rank(b)
		if d == 0 && rank(a) == len(files) {
			d = strings.Compare(a.File, b.File)
		}
		return cmp.Or(d, a.Line-b.Line)
	})
}

// Shorten keeps notes readable whatever is in the files.
func Shorten(s string) string {
	if len(s) <= 60 {
		return s
	}
	return strings.ToValidUTF8(s[:57], "") + "…"
}
