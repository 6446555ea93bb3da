package daemon

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ecnutd/sms/smstest"
)

// TestFlappingMains costs one message and a summary.
func TestFlappingMains(t *testing.T) {
	r := newRig(t, "")
	r.config.Messages.Rate.Burst, r.config.Messages.Rate.Every = 1, 3*time.Second
	r.start()
	r.heard()
	for range 4 {
		r.unit.CutMains()
		r.waitEvent("ONBATT")
		r.unit.RestoreMains()
		r.waitEvent("ONLINE")
	}
	r.eventually("everything to arrive", func() bool {
		left := 0
		r.look(func(d *Daemon) { left = len(d.mail.box.Pending()) })
		return left == 0
	})
	got := r.gateway.Texts()
	if len(got) != 2 || !strings.Contains(got[0], "mains lost") || !strings.HasPrefix(got[1], "7 messages:") {
		t.Errorf("%d messages: %q", len(got), got)
	}
}

// TestHurryBeforeShutdown: with the gateway dead, the modem has the message
// before the command comes, though it is asked only after three failures
// otherwise.
func TestHurryBeforeShutdown(t *testing.T) {
	r := newRig(t, "final_delay: 500s") // 5 s here
	sent := filepath.Join(r.dir, "sent")
	r.gateway.Behave(func(int) smstest.Behaviour { return 500 })
	r.text = strings.Replace(r.text, "routes: {", "routes: {modem: {command: [/bin/sh, -c, 'cat >>"+sent+"'], fallback_for: phone, after_failures: 3}, ", 1)
	r.parse()
	r.start()
	r.heard()
	if _, err := r.client().ForceShutdown(t.Context(), "maintenance"); err != nil {
		t.Fatal(err)
	}
	r.eventually("the message", func() bool { b, _ := os.ReadFile(sent); return strings.Contains(string(b), "maintenance") })
	if r.exists("powered-off") {
		t.Error("the command came before")
	}
}
