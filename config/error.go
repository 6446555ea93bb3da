package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// An Error says what is wrong with one place of a configuration file.
type Error struct {
	File         string
	Line, Column int    // from 1; 0 where it is not known
	Key          string // path of the key, "events.ONBATT.start"; "" for the file as a whole
	Msg          string // what is wrong, and what to do
}

// Error is the place, the key and the message on one line.
func (e Error) Error() string { return position(e.File, e.Line, e.Column, e.Key) + e.Msg }

// Errors are all errors of a file, in the order of its lines.
type Errors []Error

// Error is one line for each error.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, one := range e {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// A Finding is a part of a configuration that can be run and probably does not
// do what its author wants: a warning of check.
type Finding struct {
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"` // from 1; 0 where it is not known
	Column int    `json:"column,omitempty"`
	Key    string `json:"key,omitempty"`
	Msg    string `json:"message"`
}

// String is the place, the key and the message on one line.
func (f Finding) String() string { return position(f.File, f.Line, f.Column, f.Key) + f.Msg }

func position(file string, line, column int, key string) string {
	var b strings.Builder
	if file != "" {
		b.WriteString(file + ":")
	}
	if line > 0 {
		fmt.Fprintf(&b, "%d:", line)
	}
	if line > 0 && column > 0 {
		fmt.Fprintf(&b, "%d:", column)
	}
	if b.Len() > 0 {
		b.WriteByte(' ')
	}
	if key != "" {
		b.WriteString(key + ": ")
	}
	return b.String()
}

// sortByPlace brings errors or findings into the order of the file; those of
// one place keep theirs.
func sortByPlace[T Error | Finding](list []T) {
	slices.SortStableFunc(list, func(a, b T) int {
		x, y := Error(a), Error(b)
		return cmp.Or(cmp.Compare(x.Line, y.Line), cmp.Compare(x.Column, y.Column))
	})
}
