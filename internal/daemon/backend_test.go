package daemon

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"ecnutd/internal/control"
	"ecnutd/internal/discovery"
	"ecnutd/internal/host/shutdown"
	"ecnutd/monitor"
)

// returnOnTheWire: what shutdown.return is on the wire of a Protection Station: 30 s to the start
// in report 0a, and 20 s to the cut in report 09, 32 bits each.
var returnOnTheWire = []string{"0a" + "1e000000", "09" + "14000000"}

// atPace has the UPS count as fast as the clock, so that its timers can be
// read back.
func (r *rig) atPace() { r.unit.SetSpeed(1) }

func TestOrdersThroughTheDaemon(t *testing.T) {
	r := newRig(t, "")
	r.start()
	r.heard()
	r.atPace()
	list, err := r.client().Commands(t.Context(), "eaton")
	if err != nil || len(list) != 12 {
		t.Errorf("%d commands, and a Protection Station has 12: %v", len(list), err)
	}
	done, err := r.client().Command(t.Context(), control.Order{UPS: "eaton", Name: "beeper.mute"})
	if err != nil || !done.Done || done.UPS != "eaton" {
		t.Errorf("%+v, %v", done, err)
	}
	// 20 is the beeper of BatterySystem.Battery and 1f that of PowerSummary.
	if got, want := r.unit.Written(), []string{"2003", "1f03"}; !slices.Equal(got, want) {
		t.Errorf("on the wire: %v, want %v", got, want)
	}
	if done, err = r.client().Set(t.Context(), control.Order{Name: "battery.charge.low", Value: "40"}); err != nil || !done.Done {
		t.Errorf("%+v, %v", done, err)
	}
	r.eventually("the new value", func() bool {
		all, err := r.client().Variables(t.Context())
		return err == nil && all["eaton"].Variables["battery.charge.low"] == "40"
	})
	if done, err = r.client().Command(t.Context(), control.Order{Name: "beeper.mut"}); err != nil || done.Done || done.Outcome != "not-there" || !strings.Contains(done.Text, "did you mean beeper.mute") {
		t.Errorf("%+v, %v", done, err)
	}
	if _, err = r.client().Command(t.Context(), control.Order{UPS: "eaten", Name: "beeper.mute"}); err == nil || !strings.Contains(err.Error(), "did you mean eaton") {
		t.Errorf("an unknown UPS: %v", err)
	}
	// Who asked is in the log, with what came of it.
	for _, part := range []string{fmt.Sprintf("uid=%d", os.Getuid()), fmt.Sprintf("pid=%d", os.Getpid()), "beeper.mute: done and read back"} {
		if !strings.Contains(r.log.String(), part) {
			t.Errorf("no %q in the log:\n%s", part, r.log)
		}
	}
}

// TestNoCutWhileWatching: the daemon does not rely on the command line for it.
func TestNoCutWhileWatching(t *testing.T) {
	r := newRig(t, "")
	r.start()
	r.heard()
	r.atPace()
	for _, c := range discovery.Commands() {
		if !c.Cuts {
			continue
		}
		done, err := r.client().Command(t.Context(), control.Order{Name: c.Name})
		if err != nil || done.Done || done.Outcome != "not-sent" || !strings.Contains(done.Text, "--yes-cut-the-load") {
			t.Errorf("%s: %+v, %v", c.Name, done, err)
		}
	}
	if got := r.unit.Written(); len(got) > 0 {
		t.Fatalf("on the wire: %v", got)
	}
	done, err := r.client().Command(t.Context(), control.Order{Name: "shutdown.return", YesCut: true})
	if err != nil || !done.Done || done.Cut != "armed" {
		t.Errorf("%+v, %v", done, err)
	}
	if got := r.unit.Written(); !slices.Equal(got, returnOnTheWire) {
		t.Errorf("on the wire: %v, want %v", got, returnOnTheWire)
	}
	if done, err = r.client().Command(t.Context(), control.Order{Name: "shutdown.stop"}); err != nil || !done.Done || done.Cut != "none" {
		t.Errorf("%+v, %v", done, err)
	}
}

// TestCutWhileShuttingDown: while the host goes down, cutting needs no further word.
func TestCutWhileShuttingDown(t *testing.T) {
	r := newRig(t, "")
	r.start()
	r.heard()
	r.atPace()
	if _, err := r.client().ForceShutdown(t.Context(), "test"); err != nil {
		t.Fatal(err)
	}
	done, err := r.client().Command(t.Context(), control.Order{Name: "shutdown.return"})
	if err != nil || !done.Done || done.Cut != "armed" {
		t.Errorf("%+v, %v", done, err)
	}
	// The daemon notes with the flag that a cut is to come.
	r.eventually("the record", func() bool { return r.exists(shutdown.RecordName) })
	rec, err := shutdown.LastRecord(r.dir)
	if err != nil || rec == nil || !rec.Pending || rec.Boot != r.boot {
		t.Errorf("%+v, %v", rec, err)
	}
}

// TestNoCutBeforeTheCommand: a shutdown that nobody ordered is called off when
// mains returns in time. Then the host needs its power.
func TestNoCutBeforeTheCommand(t *testing.T) {
	r := newRig(t, "low_battery: {charge: 99}\nfinal_delay: 24h")
	r.start()
	r.heard()
	r.unit.CutMains()
	r.waitEvent("SHUTDOWN")
	r.atPace()
	done, err := r.client().Command(t.Context(), control.Order{Name: "load.off"})
	if err != nil || done.Outcome != "not-sent" || !strings.Contains(done.Text, "--yes-cut-the-load") || len(r.unit.Written()) > 0 {
		t.Errorf("%+v, %v", done, err)
	}
	if s, err := r.client().Status(t.Context()); err != nil || s.Final || s.Phase != monitor.ShuttingDown.String() {
		t.Errorf("%+v, %v", s, err)
	}
}

// TestDryRunSendsNothing: a dry run commands no UPS, whatever is asked of it.
func TestDryRunSendsNothing(t *testing.T) {
	r := newRig(t, "")
	d := r.make(true)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { d.Run(ctx) })
	defer wg.Wait()
	defer cancel()
	for _, name := range []string{"beeper.mute", "load.off"} {
		done, err := d.Command(t.Context(), control.PeerOf(os.Geteuid(), 1), control.Order{Name: name, YesCut: true})
		if err != nil || done.Done || !strings.Contains(done.Text, "dry run") {
			t.Errorf("%s: %+v, %v", name, done, err)
		}
	}
	if got := r.unit.Written(); len(got) > 0 {
		t.Errorf("on the wire: %v", got)
	}
}

// TestDelaysOutliveTheLink: ups.delay.* live in the program, and hold for the
// next opening of the UPS too.
func TestDelaysOutliveTheLink(t *testing.T) {
	r := newRig(t, "")
	r.start()
	r.heard()
	if done, err := r.client().Set(t.Context(), control.Order{Name: "ups.delay.start", Value: "300"}); err != nil || !done.Done {
		t.Fatalf("%+v, %v", done, err)
	}
	if done, _ := r.client().Set(t.Context(), control.Order{Name: "ups.delay.shutdown", Value: "301"}); done.Done {
		t.Error("the output could come back before it went off")
	}
	r.unit.Unplug()
	r.waitEvent("COMMBAD")
	if done, err := r.client().Command(t.Context(), control.Order{Name: "beeper.mute"}); err != nil || done.Outcome != control.OutcomeUnreachable {
		t.Errorf("a UPS that is gone: %+v, %v", done, err)
	}
	r.unit.Plug()
	r.waitEvent("COMMOK")
	r.atPace()
	done, err := r.client().Command(t.Context(), control.Order{Name: "shutdown.return", YesCut: true})
	if err != nil || !done.Done {
		t.Fatalf("%+v, %v", done, err)
	}
	// 300 = 0x12c
	if got, want := r.unit.Written(), []string{"0a2c010000", "0914000000"}; !slices.Equal(got, want) {
		t.Errorf("on the wire: %v, want %v", got, want)
	}
}
