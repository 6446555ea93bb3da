package texts

import (
	"fmt"
	"time"
)

// Span prints how long something lasts, the same in all languages: "45 s",
// "20 min", "9 min 45 s", "1 h 05". From an hour on without seconds.
func Span(d time.Duration) string {
	s := int(max(d, 0) / time.Second)
	switch h, m := s/3600, s/60%60; {
	case s < 60:
		return fmt.Sprintf("%d s", s)
	case h == 0 && s%60 == 0:
		return fmt.Sprintf("%d min", m)
	case h == 0:
		return fmt.Sprintf("%d min %d s", m, s%60)
	case m == 0:
		return fmt.Sprintf("%d h", h)
	default:
		return fmt.Sprintf("%d h %02d", h, m)
	}
}

// about is a span that is not known to the second, rounded as one says it.
func about(d time.Duration) time.Duration {
	if d < 2*time.Minute {
		return d.Round(10 * time.Second)
	}
	return d.Round(time.Minute)
}
