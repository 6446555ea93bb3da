package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"ecnutd/hid"
	"ecnutd/hid/hidraw"
	"ecnutd/hid/power"
	"ecnutd/internal/discovery"
)

// TestExitCode: the codes that the manual promises, however deep the reason is
// wrapped.
func TestExitCode(t *testing.T) {
	access := &hidraw.AccessError{Path: "/dev/hidraw0", Owner: "root", Group: "root", Mode: 0o600, Err: fs.ErrPermission}
	for _, c := range []struct {
		err  error
		want int
	}{
		{nil, 0},
		{fs.ErrNotExist, 1},
		{fmt.Errorf("opening: %w", access), 1},
		{fmt.Errorf("reading: %w", power.ErrSilent), 1},
		{usagef("what?"), 2},
		{fmt.Errorf("dump: %w", usagef("what?")), 2},
		{discovery.ErrNoneAttached, 3},
		{fmt.Errorf("reading: %w", hid.ErrGone), 3},
	} {
		if got := exitCode(c.err); got != c.want {
			t.Errorf("%v: %d, want %d", c.err, got, c.want)
		}
	}
}

func TestComplain(t *testing.T) {
	for want, err := range map[string]error{
		"ecnutd: no\n":          errors.New("no"),
		"ecnutd: interrupted\n": fmt.Errorf("/dev/hidraw0: %w", context.Canceled),
		"ecnutd: what?\n`ecnutd dump --help` says how it is used.\n": usagef("what?"),
	} {
		var b strings.Builder
		complain(&b, "ecnutd dump", err)
		if b.String() != want {
			t.Errorf("%q, want %q", b.String(), want)
		}
	}
}
