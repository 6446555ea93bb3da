package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ecnutd/sms/standin"
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
		r.look(func(d *daemon) { left = len(d.outbox.Pending()) })
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
	r.gateway.Behave(func(int) standin.Behaviour { return 500 })
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

// TestNoCoreDump: the kernel says that it would write none.
func TestNoCoreDump(t *testing.T) {
	before, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Prctl(unix.PR_SET_DUMPABLE, uintptr(before), 0, 0, 0) }()
	if err := keepSecrets(); err != nil {
		t.Fatal(err)
	}
	if now, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0); now != 0 || err != nil {
		t.Errorf("%d, %v", now, err)
	}
}

// TestQueueWithoutDaemon: what waits can be seen and given up between two starts.
func TestQueueWithoutDaemon(t *testing.T) {
	r := newRig(t, "final_delay: 0s\n")
	file := filepath.Join(r.dir, "config.yaml")
	if err := os.WriteFile(file, []byte(r.text), 0o600); err != nil {
		t.Fatal(err)
	}
	ask := func(want int, args ...string) string {
		t.Helper()
		var out, talk strings.Builder
		if got := execute(t.Context(), append(args, "--config", file), &out, &talk); got != want {
			t.Errorf("%v: exit code %d: %s", args, got, &talk)
		}
		if !strings.Contains(talk.String(), "no daemon is running: what waits in "+r.config.State) {
			t.Errorf("%v: nothing says that no daemon runs: %s", args, &talk)
		}
		return out.String()
	}
	if got := ask(exitDone, "sms", "queue"); got != "no message waits\n" || r.exists("state.db") {
		t.Errorf("before the first start: %q", got)
	}
	r.gateway.Behave(func(int) standin.Behaviour { return 500 })
	r.start()
	r.heard()
	r.unit.CutMains()
	r.waitEvent("ONBATT")
	r.eventually("a try", func() bool { return strings.Contains(r.log.String(), "out of order (500)") })
	r.stop()
	got := ask(exitDone, "sms", "queue")
	fields := strings.Fields(strings.Split(got, "\n")[1])
	if !strings.Contains(got, "mains lost") || !strings.Contains(got, "out of order (500)") {
		t.Errorf("waits:\n%s", got)
	}
	ask(exitFailed, "sms", "drop", "4711")
	if got := ask(exitDone, "sms", "drop", fields[0]); got != "message "+fields[0]+" dropped\n" {
		t.Error(got)
	}
	if got := ask(exitDone, "sms", "queue"); got != "no message waits\n" {
		t.Error(got)
	}
}
