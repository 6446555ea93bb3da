package sms

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestHeartbeatRhythm is in virtual time: the address cannot be reached, and
// each signal that is due fails, but for those while not all was well. The
// failure is told once.
func TestHeartbeatRhythm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var failures, asked atomic.Int32
		var well atomic.Bool
		h, err := NewHeartbeat(Heartbeat{
			URL: NewSecret("https://127.0.0.1/"), Every: time.Minute, CAFile: "/nonexistent",
			Well: func() bool {
				if well.Load() {
					asked.Add(1)
				}
				return well.Load()
			},
			Failed: func(error) { failures.Add(1) },
		})
		if err != nil {
			t.Fatal(err)
		}
		go h.Run(t.Context())
		time.Sleep(12 * time.Second)
		well.Store(true)
		time.Sleep(3*time.Minute + unwellPause) // 20 s, 1 m 20 s, 2 m 20 s, 3 m 20 s
		synctest.Wait()
		if n := asked.Load(); n != 4 {
			t.Errorf("%d signals in three minutes, want 4", n)
		}
		if n := failures.Load(); n != 1 {
			t.Errorf("the failure was told %d times", n)
		}
		well.Store(false)
		time.Sleep(time.Hour)
		synctest.Wait()
		if n := asked.Load(); n != 4 {
			t.Errorf("%d signals while not all was well", n-4)
		}
	})
}
