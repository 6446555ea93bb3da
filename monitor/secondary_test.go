package monitor_test

import (
	"testing"
	"time"

	. "ecnutd/monitor"
)

// TestSecondary: a supply that another host manages, as upsmon's secondary
// treats it (upsmon(8), and measured on NUT 2.8.0): FSD at once, low battery on
// battery after HOSTSYNC, everything else as for a supply of one's own.
func TestSecondary(t *testing.T) {
	secondary := func(r *Rules) {
		r.Supplies[0].Secondary = true
		r.HostSync, r.FinalDelay = 15*time.Second, 5*time.Second
	}
	r := rules(secondary, "far")
	two := rules(secondary, "far", "near")
	hasty := rules(func(r *Rules) { secondary(r); r.HostSync = 0 }, "far")
	runTraces(t, []trace{
		{"FSD: down at once, without a second reading", r, nil, "1s OL\n5s OB\n10s FSD OB below\n20s .", `
			5s ONBATT far
			10s FSD far
			10s shutdown (primary ordered)
			10s SHUTDOWN
			15s flag
			15s poweroff`},
		{"FSD on mains: as well", r, nil, "1s OL\n5s FSD OL\n20s .", `
			5s FSD far
			5s shutdown (primary ordered)
			5s SHUTDOWN
			10s flag
			10s poweroff`},
		{"the server goes down after FSD", r, nil, "1s OL\n5s OB\n10s FSD OB\n11s silent\n20s .", `
			5s ONBATT far
			10s FSD far
			10s shutdown (primary ordered)
			10s SHUTDOWN
			11s COMMBAD far
			15s flag
			15s poweroff`},
		{"FSD is taken back in time", r, nil, "1s OL\n5s OB\n10s FSD OB\n12s OL\n30s OL", `
			5s ONBATT far
			10s FSD far
			10s shutdown (primary ordered)
			10s SHUTDOWN
			12s ONLINE far
			12s called off
			12s NOTSHUTDOWN`},
		{"low: the other host is waited for", r, nil, "1s OL\n5s OB\n10s OB below\n13s OB below\n20s OB below\n27s OB below\n40s .", `
			5s ONBATT far
			13s LOWBATT far
			28s shutdown (low on battery said low)
			28s FSD far
			28s SHUTDOWN
			33s flag
			33s poweroff`},
		{"low, and FSD comes", r, nil, "1s OL\n5s OB\n10s OB below\n13s OB below\n18s FSD OB below\n30s .", `
			5s ONBATT far
			13s LOWBATT far
			18s FSD far
			18s shutdown (primary ordered)
			18s SHUTDOWN
			23s flag
			23s poweroff`},
		{"low, and mains comes back", r, nil, "1s OL\n5s OB\n10s OB below\n13s OB below\n20s OL\n27s OL\n40s OL", `
			5s ONBATT far
			13s LOWBATT far
			20s ONLINE far
			20s NOTLOWBATT far`},
		{"no patience", hasty, nil, "1s OL\n5s OB\n10s OB below\n13s OB below\n30s .", `
			5s ONBATT far
			13s LOWBATT far
			13s shutdown (low on battery said low)
			13s FSD far
			13s SHUTDOWN
			18s flag
			18s poweroff`},
		{"another supply suffices: told, nothing more, and no haste", two, nil, "1s near OL\n1s far OL\n5s far OB\n10s far FSD OB below\n13s far FSD OB below\n14s near OL\n26s far FSD OB below\n27s near OL\n36s far OL\n40s near OL\n41s near OL", `
			5s ONBATT far
			10s FSD far
			13s LOWBATT far
			36s ONLINE far
			36s NOTLOWBATT far`},
		{"a restart while the primary orders", r, nil, "1s OL\n5s OB\n10s FSD OB\n11s restart\n12s FSD OB\n20s .", `
			5s ONBATT far
			10s FSD far
			10s shutdown (primary ordered)
			10s SHUTDOWN
			15s flag
			15s poweroff`},
	})
}

// TestForceSupply: the request FSD of a client is about one UPS.
func TestForceSupply(t *testing.T) {
	one := rules(nil, "eaton")
	two := rules(nil, "left", "right")
	runTraces(t, []trace{
		{"the only supply, on mains, and mains does not call it off", one, nil, "1s OL\n5s order by nas\n6s OL\n20s .", `
			5s FSD eaton
			5s shutdown (ordered)
			5s SHUTDOWN
			10s flag
			10s poweroff`},
		{"secondaries are waited for", one, nil, "1s OL\n2s secondaries 1\n5s order by nas\n9s secondaries 0\n20s .", `
			5s FSD eaton
			5s shutdown (ordered)
			9s SHUTDOWN
			14s flag
			14s poweroff`},
		{"one of two: told, and the other one suffices", two, nil, "1s left OL\n1s right OL\n5s left order by nas\n6s right OL\n7s left OL", `
			5s FSD left`},
		{"one of two, and then the other one is low", two, nil, "1s left OL\n1s right OL\n5s left order by nas\n6s right OB below\n7s left OL\n9s right OB below\n30s .", `
			5s FSD left
			6s ONBATT right
			9s LOWBATT right
			9s shutdown (ordered)
			9s FSD right
			9s SHUTDOWN
			14s flag
			14s poweroff`},
		{"it ends with the outage that it was given in", two, nil, "1s left OL\n1s right OL\n4s left OB\n5s left order by nas\n6s right OL\n9s left OL\n10s right OB below\n13s right OB below\n14s left OL", `
			4s ONBATT left
			5s FSD left
			9s ONLINE left
			10s ONBATT right
			13s LOWBATT right`},
	})
}
