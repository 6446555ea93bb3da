package daemon

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ecnutd/internal/control"
	"ecnutd/internal/nut/server/nuttest"
)

func (r *rig) status() (s control.Status) {
	r.look(func(d *Daemon) { s = d.statusNow() })
	return s
}

// TestLoginRefused: a host that the other one does not let in says so, as an
// event and in its status, follows the UPS all the same, and is let in when the
// other one knows it.
func TestLoginRefused(t *testing.T) {
	text, address := networkOf(t)
	stranger := strings.Replace(text, "second: {password: sec,", "second: {password: other,", 1)
	first := newRig(t, stranger)
	first.start()
	first.heard()
	second := follower(t, address, "")
	second.start()
	second.waitEvent("LOGINBAD")
	second.heard()
	if s := second.status(); !strings.Contains(s.UPS[0].Login, "refuses the login") || s.UPS[0].Link != control.LinkUp {
		t.Errorf("status shows %+v", s.UPS[0])
	}
	if first.daemon.clients.server.Logins() != 0 {
		t.Error("the first host waits for it")
	}
	first.reload(func(all string) string { return strings.Replace(all, stranger, text, 1) })
	second.waitEvent("LOGINOK")
	if s := second.status(); s.UPS[0].Login != "" {
		t.Errorf("status shows %+v", s.UPS[0])
	}
	first.eventually("the login", func() bool { return first.daemon.clients.server.Logins() == 1 })
	if log := second.log.String(); strings.Count(log, "LOGINBAD:") != 1 || strings.Contains(log, "COMMBAD") {
		t.Errorf("not once, or with a lost link:\n%s", log)
	}
}

// TestEncrypted: two hosts over TLS, with a certificate that is checked. A
// reload with a pair that does not fit changes nothing at all; what the status
// says of a certificate that ends, and of an address that is somebody else's.
func TestEncrypted(t *testing.T) {
	text, address := networkOf(t)
	dir, authority := t.TempDir(), nuttest.NewAuthority(t)
	cert, key := authority.Sign(t, dir, time.Now().Add(10*24*time.Hour), "127.0.0.1")
	ca := filepath.Join(dir, "ca.pem")
	if err := os.WriteFile(ca, authority.PEM, 0o600); err != nil {
		t.Fatal(err)
	}
	taken, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	text = strings.Replace(text, fmt.Sprintf("listen: [%q]", address), fmt.Sprintf("listen: [%q, %q]\n  certificate: %s\n  key: %s", address, taken.Addr(), cert, key), 1)
	first := newRig(t, text)
	first.start()
	first.heard()
	second := follower(t, address, "")
	second.reparse(strings.Replace(second.text, "password: sec}", fmt.Sprintf("password: sec, tls: require, ca_file: %s}", ca), 1))
	second.start()
	second.heard()
	encrypted := func() bool {
		list := first.status().Clients
		return len(list) == 1 && list[0].TLS && list[0].UPS == "eaton"
	}
	first.eventually("the login", encrypted)
	faults := strings.Join(first.status().Faults, "\n")
	for _, want := range []string{"network.certificate: it ends on ", "clients cannot reach " + taken.Addr().String()} {
		if !strings.Contains(faults, want) {
			t.Errorf("no fault %q in:\n%s", want, faults)
		}
	}
	// A certificate and a key of another one.
	elsewhere := t.TempDir()
	_, other := authority.Sign(t, elsewhere, time.Now().Add(time.Hour), "127.0.0.1")
	first.reload(func(all string) string {
		return strings.Replace(all, "key: "+key, "key: "+other, 1) + "poll: 7s\n"
	})
	if first.daemon.config.Poll == 7*time.Second || !strings.Contains(first.log.String(), "the configuration was not taken over: network.certificate: ") {
		t.Errorf("a reload with a pair that does not fit is taken over:\n%s", first.log)
	}
	second.stop()
	first.eventually("the logout", func() bool { return len(first.status().Clients) == 0 })
	second.start()
	first.eventually("the next login", encrypted)
}
