package daemon

import (
	"ecnutd/internal/control"
	"fmt"
	"strings"
	"testing"

	"ecnutd/internal/discovery/remote"
	"ecnutd/internal/engine"
	"ecnutd/internal/nut/server/nuttest"
	"ecnutd/monitor"
)

// follower is a rig whose UPS is that of another host at an address.
func follower(t *testing.T, address, extra string) *rig {
	t.Helper()
	r := newRig(t, extra)
	r.reparse(strings.Replace(r.text, "ups: {eaton: {}}", fmt.Sprintf("ups: {far: {remote: 'nut://second@%s/eaton', password: sec}}", address), 1))
	r.spots = remote.Locate
	return r
}

// TestFollower: two hosts with ecnutd on one UPS. The second one sees what the
// first one sees, goes down with it, writes no flag, and the first one has
// waited until it was gone.
func TestFollower(t *testing.T) {
	text, address := networkOf(t)
	first := newRig(t, "low_battery: {charge: 60}\nhost_sync: 50m\n"+text)
	first.unit.SetLoad(5)
	first.start()
	first.heard()
	second := follower(t, address, "")
	second.start()
	second.heard()
	first.eventually("the login", func() bool { return first.daemon.clients.server.Logins() == 1 })
	first.unit.CutMains()
	first.waitEvent("ONBATT")
	second.waitEvent("ONBATT")
	first.unit.SetCharge(60)
	first.waitEvent("LOWBATT")
	if d := second.wait("the shutdown", func(d engine.Row) bool { return d.Kind == "shutdown" }); !strings.HasPrefix(d.Reason, "the host that has the UPS orders the shutdown (FSD), charge ") {
		t.Errorf("the reason is %q", d.Reason)
	}
	second.eventually("its shutdown command", func() bool { return second.exists("powered-off") })
	if second.exists("killpower") {
		t.Error("a host without a UPS of its own has a flag to cut one")
	}
	if first.exists("powered-off") {
		t.Error("the first host did not wait")
	}
	second.stop() // as systemd does late in the shutdown
	first.waitEvent("SHUTDOWN")
	first.eventually("its shutdown command", func() bool { return first.exists("powered-off") })
}

// TestFollowerOrders: commands for a UPS of another host are refused with the
// place to give them at.
func TestFollowerOrders(t *testing.T) {
	text, address := networkOf(t)
	first := newRig(t, text)
	first.start()
	first.heard()
	second := follower(t, address, "")
	second.start()
	second.heard()
	done, err := second.client().Command(t.Context(), control.Order{Name: "beeper.disable"})
	if err != nil || done.Done || !strings.Contains(done.Text, "hangs on another host, nut://second@"+address) {
		t.Errorf("got %+v, %v", done, err)
	}
	// dump and check read it over the network.
	vars, err := remote.Variables(t.Context(), second.config.UPS[0])
	if err != nil || vars["ups.status"] != "OL" || vars["battery.charge"] != "100" {
		t.Errorf("got %v, %v", vars, err)
	}
	// The link comes and goes with the other daemon; on mains that is all.
	first.stop()
	second.waitEvent("COMMBAD")
	first.start()
	second.waitEvent("COMMOK")
	second.look(func(d *Daemon) {
		if d.state.Phase != monitor.Watching {
			t.Error("shut down for a lost link on mains")
		}
	})
}

// TestFollowUpsd: the other host runs Debian's upsd, whose primary orders the
// shutdown.
func TestFollowUpsd(t *testing.T) {
	nut := nuttest.Find(t)
	address := nut.Upsd(t, "[second]\npassword = sec\nupsmon slave\n[onduleur]\npassword = mon\nupsmon master\n", nuttest.Driver{Name: "eaton", Lines: []string{
		`SETINFO ups.status "OL"`, `SETINFO battery.charge "100"`, `SETINFO battery.runtime "585"`, `SETINFO ups.model "Other"`,
	}})
	r := follower(t, address, "")
	r.start()
	r.heard()
	p := r.dial(address)
	r.eventually("the login", func() bool { return p.ask("GET NUMLOGINS eaton") == "NUMLOGINS eaton 1" })
	p.want("USERNAME onduleur", "OK")
	p.want("PASSWORD mon", "OK")
	p.want("FSD eaton", "OK FSD-SET")
	r.waitEvent("FSD")
	r.eventually("the shutdown command", func() bool { return r.exists("powered-off") })
	p.want("GET NUMLOGINS eaton", "NUMLOGINS eaton 1") // it holds the primary until systemd ends it
	r.stop()
	r.eventually("the logout", func() bool { return p.ask("GET NUMLOGINS eaton") == "NUMLOGINS eaton 0" })
	if r.exists("killpower") {
		t.Error("a flag is there")
	}
}
