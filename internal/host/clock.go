package host

import (
	"context"
	"time"

	"golang.org/x/sys/unix"
)

// BootTime returns the time since the boot of the host. It runs on through
// suspend and does not jump when somebody sets the clock.
func BootTime() time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts); err != nil {
		return time.Since(processStart) + time.Second
	}
	return time.Duration(ts.Nano())
}

// Monotonic returns the time that systemd reckons with: it stands still in
// suspend.
func Monotonic() time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		return time.Since(processStart)
	}
	return time.Duration(ts.Nano())
}

var processStart = time.Now()

// Pause waits for d, or until ctx ends, and returns the error of ctx then.
func Pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
