package wake

import (
	"testing"
	"time"
)

// TestPlan: each line is a second and how things are; the seconds in which others
// are woken were reckoned by hand: one minute of mains after the shutdown was called
// off, or after the boot, and once.
func TestPlan(t *testing.T) {
	type at struct {
		second      int
		going, well bool
	}
	for name, c := range map[string]struct {
		plan Plan
		seen []at
		want []int
	}{
		"an outage without a shutdown": {Plan{}, []at{{0, false, true}, {10, false, false}, {60, false, true}, {300, false, true}}, nil},
		"called off":                   {Plan{}, []at{{0, false, true}, {10, true, false}, {50, false, true}, {109, false, true}, {110, false, true}, {300, false, true}}, []int{110}},
		"mains goes again":             {Plan{}, []at{{0, true, false}, {50, false, true}, {100, false, false}, {105, false, true}, {160, false, true}, {165, false, true}}, []int{165}},
		"survived on battery":          {Plan{}, []at{{0, true, false}, {50, false, false}, {500, false, true}, {560, false, true}}, []int{560}},
		"goes down again":              {Plan{}, []at{{0, true, false}, {50, false, true}, {60, true, true}, {200, true, true}}, nil},
		"after the boot":               {AfterBoot(), []at{{5, false, true}, {64, false, true}, {65, false, true}, {500, false, true}}, []int{65}},
		"after the boot, on battery":   {AfterBoot(), []at{{5, false, false}, {100, false, false}, {200, false, true}, {260, false, true}}, []int{260}},
		"twice":                        {Plan{}, []at{{0, true, false}, {10, false, true}, {70, false, true}, {80, true, false}, {90, false, true}, {150, false, true}}, []int{70, 150}},
	} {
		var got []int
		for _, s := range c.seen {
			if c.plan.Look(time.Duration(s.second)*time.Second, s.going, s.well) {
				got = append(got, s.second)
			}
		}
		if len(got) != len(c.want) || len(got) > 0 && got[0] != c.want[0] || len(got) > 1 && got[1] != c.want[1] {
			t.Errorf("%s: woken at %v, want %v", name, got, c.want)
		}
	}
}
