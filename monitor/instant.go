package monitor

import "time"

// An Instant is a time on a clock that never steps: nanoseconds since the boot
// of the host, those of a suspend included (CLOCK_BOOTTIME). It is above 0; the
// zero Instant stands for none.
type Instant int64

// Add is the instant a span later.
func (i Instant) Add(d time.Duration) Instant { return i + Instant(d) }

// Sub is the span from an earlier instant to this one.
func (i Instant) Sub(earlier Instant) time.Duration { return time.Duration(i - earlier) }

// IsZero reports whether it is no instant.
func (i Instant) IsZero() bool { return i == 0 }

// Before reports whether the instant comes before another one.
func (i Instant) Before(other Instant) bool { return i < other }

// After reports whether the instant comes after another one.
func (i Instant) After(other Instant) bool { return i > other }

// String is the span since the boot.
func (i Instant) String() string { return time.Duration(i).String() }
