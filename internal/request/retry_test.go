package request

import (
	"testing"
	"time"
)

// TestRetryAfter: seconds or a date, as RFC 9110 §10.2.3 has both in its examples.
func TestRetryAfter(t *testing.T) {
	now := time.Date(1999, 12, 31, 23, 58, 59, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"120": 2 * time.Minute, "Fri, 31 Dec 1999 23:59:59 GMT": time.Minute,
		"": 0, "soon": 0, "-5": 0, "Fri, 31 Dec 1999 23:00:00 GMT": 0, "99999999999": (1 << 30) * time.Second,
	} {
		if got := retryAfter(header, now); got != want {
			t.Errorf("%q: %s, want %s", header, got, want)
		}
	}
}
