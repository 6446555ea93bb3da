package plan

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// configure is a configuration, as an administrator might have it.
func (p *Plan) configure(r *rand.Rand) string {
	var b strings.Builder
	b.WriteString("ups:\n")
	for i, u := range p.Units {
		fmt.Fprintf(&b, "  %s: {device: /dev/hidraw%d}\n", u.Name, i)
	}
	b.WriteString("state: \"%s/state.db\"\ncontrol: none\npower_down_flag: \"%s/killpower\"\nshutdown_time: 60s\n")
	if r.IntN(2) == 0 {
		b.WriteString("link_lost: strict\n")
	}
	timer := ""
	switch r.IntN(5) {
	case 0:
		fmt.Fprintf(&b, "low_battery: {charge: %d}\n", 30+r.IntN(40))
	case 1:
		fmt.Fprintf(&b, "low_battery: {on_battery: %dm}\n", 2+r.IntN(8))
	case 2:
		timer = "start: [wait], "
		fmt.Fprintf(&b, "timers: {wait: {after: %dm, shutdown: true}}\n", 2+r.IntN(8))
	}
	if len(p.Units) == 2 && r.IntN(2) == 0 {
		b.WriteString("min_supplies: 2\n")
	}
	if p.Secondaries > 0 {
		b.WriteString("network: {listen: [\"127.0.0.1:3493\"], users: {other: {password: x, role: secondary}}}\n")
		if r.IntN(4) == 0 {
			b.WriteString("secondaries_told: cancel\n")
		}
	}
	b.WriteString("events: {ONBATT: {" + timer + "exec: [note, onbatt]}, SHUTDOWN: {exec: [note, shutdown]}}\n")
	b.WriteString("messages: {routes: {phone: {free_mobile: {user: \"12345678\", password: x}}}}\n")
	return b.String()
}
