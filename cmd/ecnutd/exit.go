package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"ecnutd/hid"
	"ecnutd/internal/control"
	"ecnutd/internal/terminal"
	"ecnutd/internal/texts/catalogue"
)

// The exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
	exitNoUPS  = 3
)

// A failure is an error that knows its exit code.
type failure struct {
	code int
	err  error
}

// Error is the error's own text.
func (f *failure) Error() string { return f.err.Error() }

// Unwrap returns the error.
func (f *failure) Unwrap() error { return f.err }

// usagef is an error of the command line.
func usagef(format string, args ...any) error {
	return &failure{exitUsage, fmt.Errorf(format, args...)}
}

// noUPSf says that there is no UPS.
func noUPSf(format string, args ...any) error {
	return &failure{exitNoUPS, fmt.Errorf(format, args...)}
}

// A reportedError has been reported already, where the one whom it concerns
// looks.
type reportedError struct{ error }

// Unwrap returns the error.
func (r reportedError) Unwrap() error { return r.error }

// exitCode is the code for what a command returned.
func exitCode(err error) int {
	var f *failure
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &f):
		return f.code
	case errors.Is(err, control.ErrWhichUPS):
		return exitUsage
	case errors.Is(err, hid.ErrGone), errors.Is(err, hid.ErrAbsent), errors.Is(err, control.ErrUnreachable):
		return exitNoUPS
	}
	return exitFailed
}

// complain prints why a command failed.
func complain(stderr io.Writer, command string, err error) {
	if errors.As(err, new(reportedError)) {
		return
	}
	text := err.Error()
	if errors.Is(err, context.Canceled) {
		text = "interrupted"
	}
	text = catalogue.Translate(person(), text)
	stderr = terminal.Folded(stderr, noteIndent)
	fmt.Fprintf(stderr, "ecnutd: %s\n", text)
	if exitCode(err) == exitUsage {
		fmt.Fprintln(stderr, say("`%s --help` says how it is used.", command))
	}
}
