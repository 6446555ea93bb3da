// Package input opens files that a command line names. Such a file may be a FIFO or
// a terminal, as in `ecnutd check --config <(…)`, and then somebody has to write to
// it: opening and reading may last for ever, and no context ends them. So it is
// counted who waits there, and whoever is interrupted meanwhile need not wait too.
package input

import (
	"io"
	"os"
	"sync/atomic"
)

var waiting atomic.Int32

// Waiting reports whether a file is being read that may never end.
func Waiting() bool { return waiting.Load() > 0 }

// A File is an open file.
type File struct {
	*os.File
	endless bool // somebody else decides when it ends
}

var _ io.ReadCloser = (*File)(nil)

// Open opens a file for reading. Until Close, Waiting reports true where it is not a
// regular file.
func Open(path string) (*File, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	f := &File{endless: !st.Mode().IsRegular()}
	if f.endless {
		waiting.Add(1)
	}
	if f.File, err = os.Open(path); err != nil {
		f.let()
		return nil, err
	}
	return f, nil
}

// Close closes the file.
func (f *File) Close() error {
	f.let()
	return f.File.Close()
}

func (f *File) let() {
	if f.endless {
		f.endless = false
		waiting.Add(-1)
	}
}
