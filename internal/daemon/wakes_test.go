package daemon

import (
	"context"
	"slices"
	"testing"
	"time"

	"ecnutd/internal/engine"
	"ecnutd/monitor"
)

func (r *rig) wake(_ context.Context, cards []string) error {
	r.woken <- cards
	return nil
}

// TestWake: other hosts are woken once mains has held for a minute after the boot,
// and after a shutdown that was called off; not after an outage without one, nor
// after a restart of the daemon.
func TestWake(t *testing.T) {
	r := newRig(t, "network: {wake: ['00:11:22:33:44:55']}\nlow_battery: {on_battery: 2m}\nfinal_delay: 50m\n")
	wait := func(what string) {
		t.Helper()
		select {
		case cards := <-r.woken:
			if !slices.Equal(cards, []string{"00:11:22:33:44:55"}) {
				t.Errorf("%s: woke %v", what, cards)
			}
		case <-time.After(30 * time.Second):
			t.Fatalf("%s: nobody was woken", what)
		}
	}
	r.start()
	r.heard()
	booted := r.now()
	wait("after the boot")
	if held := r.now().Sub(booted); held < 30*time.Second {
		t.Errorf("woken %s after the UPS was heard", held)
	}
	r.unit.CutMains()
	r.waitEvent("ONBATT")
	r.unit.RestoreMains()
	r.waitEvent("ONLINE")
	r.stop()
	r.start()
	r.heard()
	r.unit.CutMains()
	r.wait("the shutdown", func(d engine.Row) bool { return d.Kind == "shutdown" })
	var back monitor.Instant
	r.unit.RestoreMains()
	r.waitEvent("NOTSHUTDOWN")
	back = r.now()
	if len(r.woken) > 0 {
		t.Fatal("somebody was woken without a shutdown")
	}
	wait("after the shutdown was called off")
	if held := r.now().Sub(back); held < 30*time.Second {
		t.Errorf("woken %s after mains was back", held)
	}
	if r.exists("powered-off") {
		t.Error("the command was run")
	}
}
