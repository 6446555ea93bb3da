package daemon

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ecnutd/config"
	"ecnutd/internal/engine"
	"ecnutd/internal/nut/server/nuttest"
	"ecnutd/internal/sim"
	"ecnutd/monitor"
)

// networkOf is a configuration with a server on a free port, and the users of
// the tests.
func networkOf(t *testing.T) (text, address string) {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	address = l.Addr().String()
	return fmt.Sprintf(`
network:
  listen: [%q]
  users:
    second: {password: sec, role: secondary}
    onduleur: {password: mon, role: primary}
    admin: {password: secret, actions: [SET], instcmds: [ALL]}
    cutter: {password: cut, instcmds: [load.off.delay]}
`, address), address
}

// A talk is a connection to the server.
type talk struct {
	t *testing.T
	net.Conn
	r *bufio.Reader
}

func (r *rig) dial(address string) *talk {
	r.t.Helper()
	var c net.Conn
	r.eventually("the server", func() (ok bool) {
		var err error
		c, err = net.Dial("tcp4", address)
		return err == nil
	})
	r.t.Cleanup(func() { c.Close() })
	return &talk{r.t, c, bufio.NewReader(c)}
}

// ask sends a request and returns the first line of the answer.
func (c *talk) ask(request string) string {
	c.t.Helper()
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	fmt.Fprintf(c, "%s\n", request)
	line, err := c.r.ReadString('\n')
	if err != nil {
		c.t.Fatalf("%s: %v", request, err)
	}
	return strings.TrimSuffix(line, "\n")
}

func (c *talk) want(request, answer string) {
	c.t.Helper()
	if got := c.ask(request); got != answer {
		c.t.Errorf("%s: got %s, want %s", request, got, answer)
	}
}

// TestUpsmonSecondary: Debian's upsmon on another host goes through a whole
// outage: it sees the battery, the low battery and FSD, runs its command, and
// logs out; then this host goes on at once and not at the end of host_sync,
// which is half a minute on the clock of the wall.
func TestUpsmonSecondary(t *testing.T) {
	nut := nuttest.Find(t)
	text, address := networkOf(t)
	r := newRig(t, "low_battery: {charge: 60}\nhost_sync: 50m\n"+text)
	r.unit.SetLoad(5)
	r.start()
	r.heard()
	dir := t.TempDir()
	notify := filepath.Join(dir, "notify")
	events := filepath.Join(dir, "events")
	var conf strings.Builder
	fmt.Fprintf(&conf, "MONITOR eaton@%s 1 second sec slave\nMINSUPPLIES 1\nSHUTDOWNCMD \"/usr/bin/touch %s/down\"\nNOTIFYCMD %s\n", address, dir, notify)
	conf.WriteString("POLLFREQ 1\nPOLLFREQALERT 1\nHOSTSYNC 15\nDEADTIME 15\nFINALDELAY 0\nRBWARNTIME 43200\nNOCOMMWARNTIME 300\n")
	for _, e := range []string{"ONLINE", "ONBATT", "LOWBATT", "FSD", "SHUTDOWN", "COMMBAD"} {
		conf.WriteString("NOTIFYFLAG " + e + " EXEC\n")
	}
	for name, text := range map[string]string{
		"upsmon.conf": conf.String(), "notify": "#!/bin/sh\necho \"$NOTIFYTYPE\" >> " + events + "\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	said := nut.Start(t, dir, "upsmon", "-F", "-p")
	told := func(event string) func() bool {
		return func() bool {
			raw, _ := os.ReadFile(events) // it is not there before the first event
			return slices.Contains(strings.Fields(string(raw)), event)
		}
	}
	r.eventually("the login", func() bool { return r.daemon.clients.server.Logins() == 1 })
	if s, err := r.client().Status(t.Context()); err != nil || len(s.Clients) != 1 || s.Clients[0].User != "second" || s.Clients[0].UPS != "eaton" {
		t.Errorf("status shows %+v (%v)", s.Clients, err)
	}
	r.unit.CutMains()
	r.waitEvent("ONBATT")
	r.eventually("ONBATT of upsmon", told("ONBATT"))
	r.unit.SetCharge(61)
	r.waitEvent("LOWBATT")
	var began, due monitor.Instant
	r.wait("the shutdown", func(d engine.Row) bool { return d.Kind == "shutdown" })
	r.look(func(d *Daemon) { began, due = d.outside.Clock.Now(), d.state.PhaseDue })
	if r.exists("powered-off") {
		t.Error("this host did not wait for the other one")
	}
	r.waitEvent("SHUTDOWN")
	if now := r.now(); now >= due || due.Sub(began) < 40*time.Minute {
		t.Errorf("it went on after %s, and host_sync would have ended after %s", now-began, due-began)
	}
	if _, err := os.Stat(filepath.Join(dir, "down")); err != nil {
		t.Errorf("upsmon had not run its command: %v", err)
	}
	r.eventually("the shutdown command", func() bool { return r.exists("powered-off") })
	for _, e := range []string{"LOWBATT", "FSD", "SHUTDOWN"} {
		r.eventually(e+" of upsmon", told(e))
	}
	if told("COMMBAD")() {
		t.Error("upsmon lost its link")
	}
	if t.Failed() {
		t.Logf("upsmon said:\n%s\nlog:\n%s", said, r.log)
	}
}

// TestNoLogout: a secondary that never logs out cannot hold the shutdown for
// longer than host_sync.
func TestNoLogout(t *testing.T) {
	text, address := networkOf(t)
	r := newRig(t, "host_sync: 2m\n"+text)
	r.start()
	r.heard()
	c := r.dial(address)
	c.want("USERNAME second", "OK")
	c.want("PASSWORD sec", "OK")
	c.want("LOGIN eaton", "OK")
	r.eventually("the login", func() (in bool) { r.look(func(d *Daemon) { in = d.state.Secondaries == 1 }); return in })
	p := r.dial(address)
	p.want("USERNAME onduleur", "OK")
	p.want("PASSWORD mon", "OK")
	p.want("PRIMARY eaton", "OK PRIMARY-GRANTED")
	began := r.now()
	p.want("FSD eaton", "OK FSD-SET")
	if d := r.wait("the shutdown", func(d engine.Row) bool { return d.Kind == "shutdown" }); d.Reason != "shutdown ordered: FSD, onduleur@127.0.0.1" {
		t.Errorf("the reason is %q", d.Reason)
	}
	c.want("GET VAR eaton ups.status", `VAR eaton ups.status "FSD OL"`)
	// The UPS is unplugged: whoever hangs on it must still see the order.
	r.unit.Unplug()
	r.waitEvent("COMMBAD")
	c.want("GET VAR eaton ups.status", `VAR eaton ups.status "FSD OL"`)
	r.waitEvent("SHUTDOWN")
	if took := r.now().Sub(began); took < 2*time.Minute {
		t.Errorf("the secondary was waited for %s", took)
	}
	r.eventually("the shutdown command", func() bool { return r.exists("powered-off") })
}

// TestClientsSee: the status is that of the policy, a lost link is stale data,
// and a client that came in a shutdown learns of it though the UPS is gone.
func TestClientsSee(t *testing.T) {
	text, address := networkOf(t)
	r := newRig(t, "low_battery: {charge: 60}\nmin_supplies: 0\n"+text)
	r.unit.SetLoad(5)
	c := func() *talk { return r.dial(address) }
	r.start()
	r.heard()
	r.eventually("the model", func() bool {
		return c().ask("GET VAR eaton ups.model") == `VAR eaton ups.model "Protection Station 800"`
	})
	c().want("LIST UPS", "BEGIN LIST UPS")
	c().want("GET UPSDESC eaton", `UPSDESC eaton "Unavailable"`)
	c().want("GET VAR eaton ups.status", `VAR eaton ups.status "OL"`)
	// Settings have the types that the real usbhid-ups gives them of the same
	// simulated unit (STRING and its length, and whether there is a list).
	// outlet.2.switchable is a list here; outlet.desc is a text of the driver, and
	// no setting of the UPS.
	raw, err := os.ReadFile("../nut/server/testdata/usbhid-ups-newest.txt")
	if err != nil {
		t.Fatal(err)
	}
	same := 0
	for line := range strings.Lines(string(raw)) {
		w := strings.Fields(line)
		if len(w) != 3 || w[0] != "SETAUX" || strings.HasSuffix(w[1], ".desc") {
			continue
		}
		list := ""
		if strings.Contains(string(raw), "ADDENUM "+w[1]+" ") || w[1] == "outlet.2.switchable" {
			list = " ENUM"
		}
		c().want("GET TYPE eaton "+w[1], "TYPE eaton "+w[1]+" RW"+list+" STRING:"+w[2])
		same++
	}
	if same < 7 {
		t.Errorf("%d settings are compared", same)
	}
	r.unit.CutMains()
	r.waitEvent("ONBATT")
	r.unit.SetCharge(59) // far above the 20 % of the device
	r.waitEvent("LOWBATT")
	c().want("GET VAR eaton ups.status", `VAR eaton ups.status "OB DISCHRG LB"`)
	r.unit.Unplug()
	r.waitEvent("COMMBAD")
	c().want("GET VAR eaton ups.status", "ERR DATA-STALE")
	r.stop()
}

// TestOrdersOverNetwork: commands and settings reach the UPS, and one that can
// cut the load does only where the user's block names it.
func TestOrdersOverNetwork(t *testing.T) {
	text, address := networkOf(t)
	r := newRig(t, text)
	r.reparse(strings.Replace(r.text, "ups: {eaton: {}}", "ups: {eaton: {names: [ups, qnapups]}}", 1))
	r.start()
	r.heard()
	admin, cutter := r.dial(address), r.dial(address)
	r.eventually("what can be ordered", func() bool { return strings.HasPrefix(admin.ask("GET TYPE eaton battery.charge.low"), "TYPE") })
	admin.want("USERNAME admin", "OK")
	admin.want("PASSWORD secret", "OK")
	cutter.want("USERNAME cutter", "OK")
	cutter.want("PASSWORD cut", "OK")
	admin.want("INSTCMD eaton beeper.disable", "OK")
	admin.want("INSTCMD eaton beeper.disable 5", "ERR INVALID-ARGUMENT")
	admin.want("INSTCMD eaton load.off.delay 60", "ERR ACCESS-DENIED")
	admin.want("SET VAR eaton battery.charge.low 35", "OK")
	// A delay lives in the program: nothing that the UPS says brings it up. With
	// the OK it is shown, under each name of the UPS.
	admin.want("GET VAR eaton ups.delay.start", `VAR eaton ups.delay.start "30"`)
	admin.want("SET VAR eaton ups.delay.start 90", "OK")
	admin.want("GET VAR eaton ups.delay.start", `VAR eaton ups.delay.start "90"`)
	admin.want("GET VAR qnapups ups.delay.start", `VAR qnapups ups.delay.start "90"`)
	admin.want("SET VAR eaton battery.charge.low 350", "ERR INVALID-VALUE")
	r.eventually("the new value", func() bool {
		return admin.ask("GET VAR eaton battery.charge.low") == `VAR eaton battery.charge.low "35"` && admin.ask("GET VAR eaton ups.beeper.status") == `VAR eaton ups.beeper.status "disabled"`
	})
	cutter.want("INSTCMD eaton beeper.enable", "ERR ACCESS-DENIED")
	cutter.want("INSTCMD eaton load.off.delay never", "ERR INVALID-ARGUMENT")
	cutter.want("INSTCMD eaton load.off.delay 7000", "OK")
	r.eventually("the timer", func() bool {
		return strings.HasPrefix(cutter.ask("GET VAR eaton ups.timer.shutdown"), `VAR eaton ups.timer.shutdown "6`)
	})
	if log := r.log.String(); !strings.Contains(log, "user=cutter address=127.0.0.1") || strings.Contains(log, "secret\"") {
		t.Errorf("the log does not say who gave the order:\n%s", log)
	}
}

// TestStrangersTouchNothing: what somebody without a password sends reaches
// neither the device nor the state.
func TestStrangersTouchNothing(t *testing.T) {
	text, address := networkOf(t)
	r := newRig(t, text)
	r.start()
	r.heard()
	r.eventually("quiet", func() bool { return r.dial(address).ask("GET VAR eaton ups.status") == `VAR eaton ups.status "OL"` })
	var before monitor.State
	r.look(func(d *Daemon) { before = d.state })
	for _, who := range [][]string{nil, {"USERNAME admin"}, {"USERNAME admin", "PASSWORD wrong"}, {"USERNAME second", "PASSWORD secret"}} {
		c := r.dial(address)
		for _, request := range append(who, "FSD eaton", "LOGIN eaton", "PRIMARY eaton", "SET VAR eaton battery.charge.low 35", "INSTCMD eaton load.off", "INSTCMD eaton beeper.disable") {
			if got := c.ask(request); !strings.HasPrefix(got, "ERR") && !slices.Contains(who, request) {
				t.Errorf("%q %s: %s", who, request, got)
			}
		}
	}
	r.look(func(d *Daemon) {
		if d.state.Secondaries != before.Secondaries || d.state.Phase != before.Phase || d.state.Supplies[0].Ordered != "" {
			t.Errorf("the state is %+v", d.state)
		}
	})
	for _, transfer := range r.unit.Transfers() {
		if transfer.Kind == sim.Set {
			t.Errorf("something was written: %+v", transfer)
		}
	}
}

// TestServerUsers: a user whose password cannot be read is left out, and the
// others are not.
func TestServerUsers(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("tigre\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, _, err := config.Parse([]byte("ups: {a: {}}\nnetwork: {users: {one: {password_file: "+file+", role: secondary}, two: {password_file: /nonexistent, role: primary}}}\n"), "f")
	if err != nil {
		t.Fatal(err)
	}
	users, errs := serverUsers(c.Network)
	if len(users) != 1 || len(errs) != 1 || !strings.Contains(errs[0].Error(), "network.users.two") || c.Network.Users[0].Role != config.Secondary {
		t.Errorf("%+v, %v", users, errs)
	}
}
