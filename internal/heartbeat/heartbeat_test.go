package heartbeat

import (
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ecnutd/internal/request"
	"ecnutd/sms/smstest"
)

// TestHeartbeatRhythm is in virtual time: the address cannot be reached, and
// each signal that is due fails, but for those while not all was well. The
// failure is told once.
func TestHeartbeatRhythm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var failures, asked atomic.Int32
		var well atomic.Bool
		h, err := New(Heartbeat{
			URL: request.NewSecret("https://127.0.0.1/"), Every: time.Minute, CAFile: "/nonexistent",
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

// TestHeartbeat: asked at once and then at every interval, only while all is
// well; errors do not hold the address.
func TestHeartbeat(t *testing.T) {
	g, err := smstest.New()
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, g.CA(), 0o600); err != nil {
		t.Fatal(err)
	}
	h, err := New(Heartbeat{URL: request.NewSecret(g.URL() + "/ping/" + "0b5f-uuid"), CAFile: ca})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Beat(t.Context()); err != nil || len(g.Requests()) != 1 {
		t.Errorf("%v, %d requests", err, len(g.Requests()))
	}
	for b, says := range map[smstest.Behaviour]string{500: "500", smstest.Redirect: "redirects", smstest.CutBefore: "cut the connection", smstest.Garbage: "no usable answer"} {
		g.Behave(func(int) smstest.Behaviour { return b })
		err := h.Beat(t.Context())
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "uuid") || strings.Contains(err.Error(), "ping") {
			t.Errorf("%d: %v", b, err)
		}
	}
	for _, bad := range []Heartbeat{{}, {URL: request.NewSecret("healthchecks.io/uuid")}, {URL: request.NewSecret("https://h/uuid"), Every: 1}} {
		if _, err := New(bad); err == nil || strings.Contains(err.Error(), "uuid") {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}
