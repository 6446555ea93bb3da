package daemon

import (
	"strings"
	"testing"
	"time"
)

// TestNumberIsConfirmedSoon: a number at its limit counts when it was read twice, 2 s
// apart. The UPS works its numbers out every 10 s; the second reading does not wait
// for the next one. With 585 s of runtime at a load of 25 % and 100 % left, 585*0.9 s
// = 526 s remain at 90 %, 59 s into the outage; the UPS shows that at the next tenth
// second, at 60, and pushes it a second later: the decision comes by 65 s.
func TestNumberIsConfirmedSoon(t *testing.T) {
	inBubble(t, time.Hour, []string{"eaton"}, func(v *virtual) {
		v.start("ups: {eaton: {device: /a}}\nstate: \"%s/state.db\"\ncontrol: none\nlow_battery: {charge: 90}\n")
		v.pass(30 * time.Second)
		v.units["eaton"].CutMains()
		v.pass(65 * time.Second)
		if got := v.story("shutdown"); !strings.Contains(got, "SHUT DOWN") {
			v.pass(20 * time.Second)
			t.Errorf("not within 65 s; later: %s", v.story("shutdown"))
		}
	})
}
