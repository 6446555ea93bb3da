package host

import (
	"os"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// TestClockSet: the kernel's word counts (adjtimex(2), STA_UNSYNC); the daemon's
// unit may not ask it, and goes by systemd-timesyncd(8) then.
func TestClockSet(t *testing.T) {
	for _, c := range []struct {
		status int32
		err    error
		files  []string
		want   bool
	}{
		{0, nil, nil, true},
		{unix.STA_PLL, nil, nil, true},
		{unix.STA_UNSYNC, nil, []string{timesyncFolder, timesyncDone}, false},
		{0, unix.EPERM, nil, true},
		{0, unix.EPERM, []string{timesyncFolder}, false},
		{0, unix.EPERM, []string{timesyncFolder, timesyncDone}, true},
	} {
		ask := func(x *unix.Timex) (int, error) {
			if x.Modes != 0 {
				t.Error("the clock is changed")
			}
			x.Status = c.status
			return 0, c.err
		}
		stat := func(name string) (os.FileInfo, error) {
			if !slices.Contains(c.files, name) {
				return nil, os.ErrNotExist
			}
			return nil, nil
		}
		if got := clockSet(ask, stat); got != c.want {
			t.Errorf("%+v: got %v", c, got)
		}
	}
}
