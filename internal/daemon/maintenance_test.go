package daemon

import (
	"strings"
	"testing"
	"time"

	"ecnutd/internal/control"
)

// TestMaintenance: one message at its begin and one at its end; between them the
// link is lost and nobody hears of it. It survives a restart and, by the clock of
// the day, a boot.
func TestMaintenance(t *testing.T) {
	inBubble(t, time.Hour, []string{"eaton"}, func(v *virtual) {
		t := v.t
		ask := func(m control.Maintenance) (control.Maintained, error) {
			return v.daemon.Maintain(t.Context(), control.PeerOf(0, 1), m)
		}
		left := func() time.Duration {
			s, err := v.daemon.Status(t.Context())
			if err != nil || s.Maintenance == nil {
				return 0
			}
			return time.Until(s.Maintenance.Until)
		}
		v.start(survives)
		v.pass(20 * time.Second)
		if now, err := ask(control.Maintenance{Seconds: 3600, Why: "new battery"}); err != nil || now.Until.IsZero() {
			t.Fatalf("%+v, %v", now, err)
		}
		v.units["eaton"].Unplug()
		v.pass(10 * time.Minute)
		v.units["eaton"].Plug()
		v.pass(2 * time.Minute)
		v.stop()
		v.start(survives)
		v.pass(time.Minute)
		if l := left(); l < 46*time.Minute || l > 48*time.Minute {
			t.Errorf("after a restart %s are left of an hour, 13 minutes later", l)
		}
		v.stop()
		v.id = "another boot"
		v.boot = v.boot.Add(-v.boot.Sub(0) + time.Minute) // its clock begins anew
		v.start(survives)
		v.pass(time.Minute)
		if l := left(); l < 45*time.Minute || l > 47*time.Minute {
			t.Errorf("after a boot %s are left", l)
		}
		if _, err := ask(control.Maintenance{}); err != nil || left() != 0 {
			t.Errorf("it is not ended: %v, %s", err, left())
		}
		v.pass(3 * time.Minute)
		v.mu.Lock()
		sent := strings.Join(v.sent, "\n")
		v.mu.Unlock()
		if strings.Count(sent, "maintenance") != 2 || strings.Contains(sent, "link") || strings.Count(sent, "\n") != 1 {
			t.Errorf("sent:\n%s", sent)
		}
		v.units["eaton"].CutMains()
		v.pass(5 * time.Second)
		if _, err := ask(control.Maintenance{Seconds: 60}); err == nil || !strings.Contains(err.Error(), "--through-outages") {
			t.Errorf("in an outage: %v", err)
		}
		if now, err := ask(control.Maintenance{Seconds: 60, Through: true}); err != nil || now.Until.IsZero() {
			t.Errorf("in an outage, through: %+v, %v", now, err)
		}
	})
}
