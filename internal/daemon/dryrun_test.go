package daemon

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"ecnutd/internal/control"
	"ecnutd/internal/engine"
	"ecnutd/internal/host/shutdown"
	"ecnutd/monitor"
)

// TestDryRunIsForgotten: a dry run that ends with the shutdown decided leaves
// nothing behind that a daemon which means it would go on with. The state file
// is the same, and so is the boot.
func TestDryRunIsForgotten(t *testing.T) {
	r := newRig(t, "")
	killed := shutdown.Record{Boot: "another", At: time.Now(), Reason: "x", UPS: []shutdown.Killed{{UPS: "eaton", Armed: true}}}
	if err := killed.Keep(r.dir); err != nil {
		t.Fatal(err)
	}
	d := r.make(true)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { d.Run(ctx) })
	if _, err := d.ForceShutdown(ctx, control.PeerOf(os.Geteuid(), 1), control.FSD{Reason: "rehearsal"}); err != nil {
		t.Fatal(err)
	}
	r.wait("the command", func(d engine.Row) bool { return d.Kind == "poweroff" })
	cancel()
	wg.Wait()
	if got, _ := shutdown.LastRecord(r.dir); got == nil || got.Told {
		t.Errorf("the result of the last killpower was told to a dry run alone: %+v", got)
	}

	r.start()
	r.heard()
	r.look(func(d *Daemon) {
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
	d := r.make(true)
	defer d.store.close()
	ran := filepath.Join(r.dir, "ran")
	d.carry(engine.Program{About: engine.About{Event: "ONBATT", UPS: "eaton"}, Exec: monitor.Exec{Argv: []string{"touch", ran}}})
	if len(d.programs.lines) > 0 {
		t.Error("a program is to be run")
	}
	if _, err := os.Stat(ran); err == nil {
		t.Error("a program was run")
	}
}

// TestFlagLeftInThisBoot: a flag of this boot that the state knows nothing of is
// a shutdown under way, and never rubbish. One of another boot or of NUT says
// nothing, and a dry run goes by none; none of them is touched.
func TestFlagLeftInThisBoot(t *testing.T) {
	for _, tc := range []struct {
		name, flag string
		dry, down  bool
	}{
		{"of this boot", `{"boot":"` + rigBoot + `","at":"2026-01-02T03:04:05Z","reason":"x"}`, false, true},
		{"of this boot, on a dry run", `{"boot":"` + rigBoot + `","at":"2026-01-02T03:04:05Z","reason":"x"}`, true, false},
		{"of another boot", `{"boot":"another","at":"2026-01-02T03:04:05Z","reason":"x"}`, false, false},
		{"of NUT", "upsmon-shutdown-file", false, false},
	} {
		r := newRig(t, "")
		if err := os.WriteFile(r.config.PowerDownFlag, []byte(tc.flag), 0o600); err != nil {
			t.Fatal(err)
		}
		d := r.make(tc.dry)
		d.group = newGroup(t.Context())
		d.restore()
		d.group.end()
		d.store.close()
		if down := d.state.Phase == monitor.Down; down != tc.down || !r.exists("killpower") {
			t.Errorf("%s: under way: %t, the flag is there: %t; log: %s", tc.name, down, r.exists("killpower"), r.log)
		}
	}
}

// TestFlagOfAShutdownUnderWay: a daemon that is started again while the host
// goes down leaves the flag.
func TestFlagOfAShutdownUnderWay(t *testing.T) {
	r := newRig(t, "")
	r.start()
	r.heard()
	r.look(func(d *Daemon) { d.step(monitor.ForceShutdown{Reason: "test"}) })
	r.eventually("the flag", func() bool { return r.exists("killpower") })
	r.stop()
	r.start()
	r.heard()
	if !r.exists("killpower") {
		t.Errorf("the flag was removed; log: %s", r.log)
	}
}
