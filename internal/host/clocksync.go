package host

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// Where systemd-timesyncd works, and what it makes once the clock was set.
const (
	timesyncFolder = "/run/systemd/timesync"
	timesyncDone   = timesyncFolder + "/synchronized"
)

// ClockSet reports whether the time of day can be told: whether the kernel says
// that its clock is synchronised. A board without a clock of its own starts in
// the past. Where the kernel may not be asked, systemd-timesyncd's word counts, and
// without one the clock is believed.
func ClockSet() bool { return clockSet(unix.Adjtimex, os.Stat) }

func clockSet(adjtimex func(*unix.Timex) (int, error), stat func(string) (os.FileInfo, error)) bool {
	var t unix.Timex // no modes: it is read
	if _, err := adjtimex(&t); err == nil {
		return t.Status&unix.STA_UNSYNC == 0
	}
	if _, err := stat(timesyncFolder); err != nil {
		return true
	}
	_, err := stat(timesyncDone)
	return !errors.Is(err, os.ErrNotExist)
}
