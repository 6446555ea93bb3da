package config

import (
	"cmp"
	"slices"

	"ecnutd/config/strict"
)

// An Error says what is wrong with one place of a configuration file.
type Error = strict.Error

// Errors are all errors of a file, in the order of its lines.
type Errors = strict.Errors

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
func (f Finding) String() string { return strict.Position(f.File, f.Line, f.Column, f.Key) + f.Msg }

// sortByPlace brings errors or findings into the order of the file; those of
// one place keep theirs.
func sortByPlace[T Error | Finding](list []T) {
	slices.SortStableFunc(list, func(a, b T) int {
		x, y := Error(a), Error(b)
		return cmp.Or(cmp.Compare(x.Line, y.Line), cmp.Compare(x.Column, y.Column))
	})
}
