package monitor_test

import (
	"fmt"
	"testing"
	"time"

	. "ecnutd/monitor"
	"ecnutd/ups"
)

// BenchmarkStep is one report of a supply on battery, with a limit and a timer
// that run, and nothing to decide: what the daemon does every few seconds.
func BenchmarkStep(b *testing.B) {
	for _, names := range [][]string{{"a"}, {"a", "b", "c"}, many(10), many(100)} {
		r := Defaults(names...)
		start20(&r)
		r.Supplies[0].Limits.OnBattery, r.Supplies[0].Limits.Charge = 20*time.Minute, ups.Known(30)
		var s State
		snap := ups.Snapshot{Status: ups.OnBattery, Charge: ups.Known(90), Runtime: ups.Known(2000)}
		for i := range names {
			s, _ = Step(r, s, Instant(time.Second), Heard{i, snap})
		}
		b.Run("heard/"+names[len(names)-1], func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				snap.Readings++
				snap.ChargeReadings++
				if _, effects := Step(r, s, Instant(2*time.Second), Heard{0, snap}); len(effects) > 0 {
					b.Fatal(effects)
				}
			}
		})
		b.Run("next/"+names[len(names)-1], func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, ok := s.Next(r); !ok {
					b.Fatal("nothing to come")
				}
			}
		})
	}
}

// many are n names.
func many(n int) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprintf("%d of %d", i+1, n))
	}
	return names
}
