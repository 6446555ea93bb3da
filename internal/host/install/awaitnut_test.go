package install

import (
	"errors"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

// TestAwaitNUT: the first refusal comes at once and says why, the next ones
// wait, and the end of NUT ends the waiting.
func TestAwaitNUT(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refused := filepath.Join(t.TempDir(), "refused")
		there := errors.New("upsmon is running")
		nut := func() error { return there }
		gone := func() error { return nil }
		begun := time.Now()
		if err := AwaitNUT(t.Context(), refused, gone); err != nil || time.Since(begun) > 0 {
			t.Errorf("alone: %v after %s", err, time.Since(begun))
		}
		if err := AwaitNUT(t.Context(), refused, nut); !errors.Is(err, there) || time.Since(begun) > 0 {
			t.Errorf("first: %v after %s", err, time.Since(begun))
		}
		if err := AwaitNUT(t.Context(), refused, nut); !errors.Is(err, errStillNUT) || time.Since(begun) != nutWait {
			t.Errorf("second: %v after %s", err, time.Since(begun))
		}
		begun = time.Now()
		ends := func() error {
			if time.Since(begun) < 10*time.Second {
				return there
			}
			return nil
		}
		if err := AwaitNUT(t.Context(), refused, ends); err != nil || time.Since(begun) != 10*time.Second {
			t.Errorf("it ends: %v after %s", err, time.Since(begun))
		}
		// The next refusal is a first one again.
		begun = time.Now()
		if err := AwaitNUT(t.Context(), refused, nut); !errors.Is(err, there) || time.Since(begun) > 0 {
			t.Errorf("anew: %v after %s", err, time.Since(begun))
		}
	})
}
