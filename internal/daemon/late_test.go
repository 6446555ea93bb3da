package daemon

import (
	"testing"
	"time"

	"ecnutd/monitor"
)

// TestBusyLoop: the loop is busy for half a second while mains goes. What the UPS says
// of it waits meanwhile, and is that much older: the outage began a second after the cut,
// when this unit pushes it.
func TestBusyLoop(t *testing.T) {
	inBubble(t, time.Minute, []string{"eaton"}, func(v *virtual) {
		v.start(stallConfig)
		v.pass(61 * time.Second)
		v.units["eaton"].CutMains()
		v.pass(900 * time.Millisecond)
		var outage monitor.Instant
		for _, f := range []func(){
			func() { time.Sleep(500 * time.Millisecond) },
			func() { outage = v.daemon.state.Supplies[0].OutageAt },
		} {
			if err := v.daemon.ask(v.t.Context(), f); err != nil {
				v.t.Fatal(err)
			}
			v.pass(10 * time.Millisecond)
		}
		// Booted a minute before the test, which cuts mains after 61 s.
		if want := monitor.Instant(2*time.Minute + 2*time.Second); outage != want {
			v.t.Errorf("the outage began at %v, want %v", time.Duration(outage), time.Duration(want))
		}
	})
}
