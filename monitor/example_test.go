package monitor_test

import (
	"fmt"
	"time"

	"ecnutd/monitor"
	"ecnutd/ups"
)

// A step takes rules, a state, an instant and an input, and returns the next state and
// what is to be done. Nothing else goes in: whoever calls it has the clock and carries
// out the effects. Here the mains fails at the tenth second.
func ExampleStep() {
	rules := monitor.Defaults("eaton")
	var state monitor.State
	for _, at := range []struct {
		second int
		status ups.Status
	}{{1, ups.Online}, {10, ups.OnBattery}} {
		now := monitor.Instant(0).Add(time.Duration(at.second) * time.Second)
		var effects []monitor.Effect
		state, effects = monitor.Step(rules, state, now, monitor.Heard{
			Snapshot: ups.Snapshot{Status: at.status, Charge: ups.Known(100), Runtime: ups.Known(900)},
		})
		for _, e := range effects {
			if event, ok := e.(monitor.Event); ok {
				fmt.Printf("%v: %s of %s\n", now, event.Name, event.UPS)
			}
		}
	}
	fmt.Println(state.Supplies[0].Line == monitor.OnBattery, state.Supplies[0].OnBatteryFor(monitor.Instant(0).Add(time.Minute)))
	// Output:
	// 10s: ONBATT of eaton
	// true 50s
}
