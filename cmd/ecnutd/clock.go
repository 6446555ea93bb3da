package main

import (
	"time"

	"golang.org/x/sys/unix"

	"ecnutd/monitor"
)

// bootTime is the time since the boot of the host. It runs on through suspend
// and does not jump when somebody sets the clock.
func bootTime() monitor.Instant {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts); err != nil {
		return time.Since(processStart) + time.Second
	}
	return time.Duration(ts.Nano())
}

// monotonic is the time that systemd reckons with: it stands still in suspend.
func monotonic() time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		return time.Since(processStart)
	}
	return time.Duration(ts.Nano())
}

var processStart = time.Now()
