package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

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
	killed := killRecord{Boot: "another", At: time.Now(), Reason: "x", UPS: []killed{{UPS: "eaton", Armed: true}}}
	if err := killed.keep(r.dir); err != nil {
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
	if got, _ := lastKillPower(r.dir); got == nil || got.Told {
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
	d.carry([]deed{{Kind: kindNotify, Route: routeExec, Event: "ONBATT", UPS: "eaton", Run: "touch", exec: &monitor.Exec{Argv: []string{"touch", ran}}}})
	close(d.executor.queue)
	for job := range d.executor.queue {
		job(context.Background())
	}
	if _, err := os.Stat(ran); err == nil {
		t.Error("a program was run")
	}
}
