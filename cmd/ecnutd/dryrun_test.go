package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ecnutd/internal/engine"
	"ecnutd/internal/host"
	"ecnutd/internal/host/shutdown"
	"ecnutd/monitor"
)

// dry makes the daemon of a rig that is not started yet one on a dry run.
func (r *rig) dry() *daemon {
	return newDaemon(r.config, slog.New(slog.NewTextHandler(r.log, nil)), true)
}

// TestDryRunIsForgotten: a dry run that ends with the shutdown decided leaves
// nothing behind that a daemon which means it would go on with. The state file
// is the same, and so is the boot.
func TestDryRunIsForgotten(t *testing.T) {
	r := newRig(t, "")
	killed := shutdown.Record{Boot: "another", At: time.Now(), Reason: "x", UPS: []shutdown.Killed{{UPS: "eaton", Armed: true}}}
	if err := killed.Keep(r.dir); err != nil {
		t.Fatal(err)
	}
	d := r.dry()
	d.startOutbox()
	d.step(monitor.ForceShutdown{Reason: "rehearsal"})
	for range 10 {
		if at, ok := d.state.Next(d.rules); ok {
			d.clock = func() monitor.Instant { return at + 1 }
			d.step(monitor.Elapsed{})
		}
	}
	if d.state.Phase != monitor.Down {
		t.Fatalf("the dry run has come to %q only", d.state.Phase)
	}
	d.stopBox()
	d.save()
	d.store.close()
	if got, _ := shutdown.LastRecord(r.dir); got == nil || got.Told {
		t.Errorf("the result of the last killpower was told to a dry run alone: %+v", got)
	}

	r.start()
	r.heard()
	r.look(func(d *daemon) {
		if d.state.Phase != monitor.Watching || d.state.Forced != "" {
			t.Errorf("the daemon went on with the dry run: %s, forced %q", d.state.Phase, d.state.Forced)
		}
	})
	r.stop()
	for _, name := range []string{"powered-off", "killpower"} {
		if r.exists(name) {
			t.Errorf("%s is there", name)
		}
	}
}

// TestDryRunRunsNoProgram: what a rule runs may stop services, or the host.
func TestDryRunRunsNoProgram(t *testing.T) {
	r := newRig(t, "")
	d := r.dry()
	defer d.store.close()
	ran := filepath.Join(r.dir, "ran")
	d.carry(engine.Program{About: engine.About{Event: "ONBATT", UPS: "eaton"}, Exec: monitor.Exec{Argv: []string{"touch", ran}}})
	close(d.executor.queue)
	for job := range d.executor.queue {
		job(context.Background())
	}
	if _, err := os.Stat(ran); err == nil {
		t.Error("a program was run")
	}
}

// TestFlagLeftInThisBoot: a flag of this boot is removed by a daemon that knows
// of no shutdown. One of another boot or of NUT is not touched, nor does a dry
// run touch any.
func TestFlagLeftInThisBoot(t *testing.T) {
	for _, tc := range []struct {
		name, flag string
		dry, gone  bool
	}{
		{"of this boot", `{"boot":"` + host.BootID() + `","at":"2026-01-02T03:04:05Z","reason":"x"}`, false, true},
		{"of this boot, on a dry run", `{"boot":"` + host.BootID() + `","at":"2026-01-02T03:04:05Z","reason":"x"}`, true, false},
		{"of another boot", `{"boot":"another","at":"2026-01-02T03:04:05Z","reason":"x"}`, false, false},
		{"of NUT", "upsmon-shutdown-file", false, false},
	} {
		r := newRig(t, "")
		if err := os.WriteFile(r.config.PowerDownFlag, []byte(tc.flag), 0o600); err != nil {
			t.Fatal(err)
		}
		d := newDaemon(r.config, slog.New(slog.NewTextHandler(r.log, nil)), tc.dry)
		d.restore()
		d.store.close()
		if r.exists("killpower") == tc.gone {
			t.Errorf("%s: removed is not %t; log: %s", tc.name, tc.gone, r.log)
		}
	}
}

// TestFlagOfAShutdownUnderWay: a daemon that is started again while the host
// goes down leaves the flag.
func TestFlagOfAShutdownUnderWay(t *testing.T) {
	r := newRig(t, "")
	r.start()
	r.heard()
	r.look(func(d *daemon) { d.step(monitor.ForceShutdown{Reason: "test"}) })
	r.eventually("the flag", func() bool { return r.exists("killpower") })
	r.stop()
	r.start()
	r.heard()
	if !r.exists("killpower") {
		t.Errorf("the flag was removed; log: %s", r.log)
	}
}
