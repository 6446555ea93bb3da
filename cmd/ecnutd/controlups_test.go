package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"ecnutd/hid/power"
	"ecnutd/internal/discovery"
	"ecnutd/internal/host/shutdown"
	"ecnutd/internal/sim"
	"ecnutd/monitor"
)

// What shutdown.return is on the wire of a Protection Station: 30 s to the start
// in report 0a, and 20 s to the cut in report 09, 32 bits each.
var returnOnTheWire = []string{"0a" + "1e000000", "09" + "14000000"}

// order sends an order to the daemon of a rig.
func (r *rig) order(path string, o order) (done ordered, err error) {
	return done, askDaemon(r.t.Context(), r.config.Control, "POST", path, o, &done)
}

// atPace has the UPS count as fast as the clock, so that its timers can be
// read back.
func (r *rig) atPace() { r.unit.SetSpeed(1) }

func TestOrdersThroughTheDaemon(t *testing.T) {
	r := newRig(t, "")
	r.start()
	r.heard()
	r.atPace()
	var list []commandInfo
	if err := askDaemon(t.Context(), r.config.Control, "GET", "/v1/commands?ups=eaton", nil, &list); err != nil || len(list) != 12 {
		t.Errorf("%d commands, and a Protection Station has 12: %v", len(list), err)
	}
	done, err := r.order("/v1/command", order{UPS: "eaton", Name: "beeper.mute"})
	if err != nil || !done.Done || done.UPS != "eaton" {
		t.Errorf("%+v, %v", done, err)
	}
	// 20 is the beeper of BatterySystem.Battery and 1f that of PowerSummary.
	if got, want := r.unit.Written(), []string{"2003", "1f03"}; !slices.Equal(got, want) {
		t.Errorf("on the wire: %v, want %v", got, want)
	}
	if done, err = r.order("/v1/set", order{Name: "battery.charge.low", Value: "40"}); err != nil || !done.Done {
		t.Errorf("%+v, %v", done, err)
	}
	r.eventually("the new value", func() bool {
		var all map[string]map[string]string
		err := askDaemon(t.Context(), r.config.Control, "GET", "/v1/variables", nil, &all)
		return err == nil && all["eaton"]["battery.charge.low"] == "40"
	})
	if done, err = r.order("/v1/command", order{Name: "beeper.mut"}); err != nil || done.Done || done.Outcome != "not-there" || !strings.Contains(done.Text, "did you mean beeper.mute") {
		t.Errorf("%+v, %v", done, err)
	}
	if _, err = r.order("/v1/command", order{UPS: "eaten", Name: "beeper.mute"}); err == nil || !strings.Contains(err.Error(), "did you mean eaton") {
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
		done, err := r.order("/v1/command", order{Name: c.Name})
		if err != nil || done.Done || done.Outcome != "not-sent" || !strings.Contains(done.Text, "--yes-cut-the-load") {
			t.Errorf("%s: %+v, %v", c.Name, done, err)
		}
	}
	if got := r.unit.Written(); len(got) > 0 {
		t.Fatalf("on the wire: %v", got)
	}
	done, err := r.order("/v1/command", order{Name: "shutdown.return", YesCut: true})
	if err != nil || !done.Done || done.Cut != "armed" {
		t.Errorf("%+v, %v", done, err)
	}
	if got := r.unit.Written(); !slices.Equal(got, returnOnTheWire) {
		t.Errorf("on the wire: %v, want %v", got, returnOnTheWire)
	}
	if done, err = r.order("/v1/command", order{Name: "shutdown.stop"}); err != nil || !done.Done || done.Cut != "none" {
		t.Errorf("%+v, %v", done, err)
	}
}

// While the host goes down, cutting needs no further word.
func TestCutWhileShuttingDown(t *testing.T) {
	r := newRig(t, "")
	r.start()
	r.heard()
	r.atPace()
	if err := askDaemon(t.Context(), r.config.Control, "POST", "/v1/fsd", map[string]string{"reason": "test"}, nil); err != nil {
		t.Fatal(err)
	}
	done, err := r.order("/v1/command", order{Name: "shutdown.return"})
	if err != nil || !done.Done || done.Cut != "armed" {
		t.Errorf("%+v, %v", done, err)
	}
	// The daemon notes with the flag that a cut is to come.
	r.eventually("the record", func() bool { return r.exists(shutdown.RecordName) })
	rec, err := shutdown.LastRecord(r.dir)
	if err != nil || rec == nil || !rec.Pending || rec.Boot != r.daemon.store.boot {
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
	done, err := r.order("/v1/command", order{Name: "load.off"})
	if err != nil || done.Outcome != "not-sent" || !strings.Contains(done.Text, "--yes-cut-the-load") || len(r.unit.Written()) > 0 {
		t.Errorf("%+v, %v", done, err)
	}
	var s status
	if err := askDaemon(t.Context(), r.config.Control, "GET", "/v1/status", nil, &s); err != nil || s.Final || s.Phase != monitor.ShuttingDown.String() {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestDryRunSendsNothing(t *testing.T) {
	r := newRig(t, "")
	r.start()
	r.heard()
	r.stop()
	d := r.daemon
	d.dryRun = true
	// The daemon has ended: what is asked now is its handler alone, and a dry
	// run needs no UPS.
	loop := make(chan struct{})
	go func() {
		defer close(loop)
		for ask := range d.questions {
			ask()
		}
	}()
	for _, name := range []string{"beeper.mute", "load.off"} {
		raw, _ := json.Marshal(order{Name: name, YesCut: true})
		req := httptest.NewRequest(http.MethodPost, "/v1/command", bytes.NewReader(raw))
		req = req.WithContext(withPeer(req.Context(), peer{os.Geteuid(), 1, true}))
		w := httptest.NewRecorder()
		mux := http.NewServeMux()
		d.commandHandlers(mux)
		mux.ServeHTTP(w, req)
		var done ordered
		if err := json.Unmarshal(w.Body.Bytes(), &done); err != nil || done.Done || !strings.Contains(done.Text, "dry run") {
			t.Errorf("%s: %s", name, w.Body)
		}
	}
	close(d.questions)
	<-loop
	if got := r.unit.Written(); len(got) > 0 {
		t.Errorf("on the wire: %v", got)
	}
}

// TestOnlyRootActs: the group may look, and no more.
func TestOnlyRootActs(t *testing.T) {
	r := newRig(t, "")
	r.start()
	r.heard()
	mux := http.NewServeMux()
	r.daemon.commandHandlers(mux)
	for _, who := range []peer{{os.Geteuid() + 1, 1, true}, {0, 0, false}} {
		for _, path := range []string{"/v1/command", "/v1/set"} {
			req := httptest.NewRequest(http.MethodPost, path, strings.NewReader(`{"name":"beeper.mute"}`))
			req = req.WithContext(withPeer(req.Context(), who))
			w := httptest.NewRecorder()
			mux.ServeHTTP(w, req)
			if w.Code != http.StatusForbidden {
				t.Errorf("%+v %s: %d %s", who, path, w.Code, w.Body)
			}
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
	if done, err := r.order("/v1/set", order{Name: "ups.delay.start", Value: "300"}); err != nil || !done.Done {
		t.Fatalf("%+v, %v", done, err)
	}
	if done, _ := r.order("/v1/set", order{Name: "ups.delay.shutdown", Value: "301"}); done.Done {
		t.Error("the output could come back before it went off")
	}
	r.unit.Unplug()
	r.waitEvent("COMMBAD")
	if done, err := r.order("/v1/command", order{Name: "beeper.mute"}); err != nil || done.Outcome != outcomeUnreachable {
		t.Errorf("a UPS that is gone: %+v, %v", done, err)
	}
	r.unit.Plug()
	r.waitEvent("COMMOK")
	r.atPace()
	done, err := r.order("/v1/command", order{Name: "shutdown.return", YesCut: true})
	if err != nil || !done.Done {
		t.Fatalf("%+v, %v", done, err)
	}
	// 300 = 0x12c
	if got, want := r.unit.Written(), []string{"0a2c010000", "0914000000"}; !slices.Equal(got, want) {
		t.Errorf("on the wire: %v, want %v", got, want)
	}
}

func TestConfirm(t *testing.T) {
	for typed, ok := range map[string]bool{
		"load.off\n": true, "load.off": true, "  load.off \r\n": true,
		"": false, "\n": false, "y\n": false, "yes\n": false, "load.on\n": false, "load.off.delay\n": false, "no\nload.off\n": false,
	} {
		var out strings.Builder
		if err := confirm(strings.NewReader(typed), &out, "load.off"); (err == nil) != ok {
			t.Errorf("%q: %v", typed, err)
		}
		if !strings.Contains(out.String(), "Type the name of the command") {
			t.Errorf("asked %q", out.String())
		}
	}
}

// TestSettingTexts: a text for a name that no model has would never be seen.
func TestSettingTexts(t *testing.T) {
	seen := make(map[string]bool)
	for _, model := range sim.Models() {
		u, err := sim.New(model)
		if err != nil {
			t.Fatal(err)
		}
		dev, err := u.Open()
		if err != nil {
			t.Fatal(err)
		}
		reader, err := power.NewReader(dev, power.Options{Poll: time.Second}, discovery.Families...)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := reader.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, s := range writableOf(reader.Decoder()) {
			seen[s.Name] = true
			if s.Description == "" {
				t.Errorf("%s of %s has no description", s.Name, model)
			}
		}
	}
	if !seen["battery.charge.low"] {
		t.Error("no model has battery.charge.low")
	}
}

func withPeer(ctx context.Context, who peer) context.Context {
	return context.WithValue(ctx, peerKey{}, who)
}
