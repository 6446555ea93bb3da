package daemon

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"ecnutd/internal/engine"
	"ecnutd/internal/nut/server/nuttest"
)

// TestUpsmonTLS: Debian's upsmon over TLS, with the certificate of the server checked
// by an authority of the test (FORCESSL, CERTVERIFY): as the secondary it goes through
// an outage to its shutdown command, and as the primary it orders one of this host.
func TestUpsmonTLS(t *testing.T) {
	nut := nuttest.Find(t)
	certutil := nut.File("usr/bin/certutil")
	if _, err := os.Stat(certutil); err != nil {
		t.Skip("no certutil: scripts/nut unpacks it")
	}
	authority := nuttest.NewAuthority(t)
	for _, c := range []struct{ role, login string }{{"slave", "second sec"}, {"master", "onduleur mon"}} {
		t.Run(c.role, func(t *testing.T) {
			dir := t.TempDir()
			cert, key := authority.Sign(t, dir, time.Now().Add(time.Hour), "127.0.0.1")
			text, address := networkOf(t)
			text = strings.Replace(text, "network:\n", fmt.Sprintf("network:\n  certificate: %s\n  key: %s\n", cert, key), 1)
			r := newRig(t, "low_battery: {charge: 60}\nhost_sync: 50m\n"+text)
			r.unit.SetLoad(5)
			r.start()
			r.heard()
			ca := filepath.Join(dir, "ca.pem")
			if err := os.WriteFile(ca, authority.PEM, 0o600); err != nil {
				t.Fatal(err)
			}
			for _, args := range [][]string{{"-N", "-d", dir, "--empty-password"}, {"-A", "-d", dir, "-n", "authority", "-t", "CT,,", "-a", "-i", ca}} {
				cmd := nut.Command(t.Context(), dir, "certutil", args...)
				cmd.Path, cmd.Args[0] = certutil, certutil
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Fatalf("certutil: %v: %s", err, out)
				}
			}
			conf := fmt.Sprintf("MONITOR eaton@%s 1 %s %s\nMINSUPPLIES 1\nSHUTDOWNCMD \"/usr/bin/touch %s/down\"\nPOLLFREQ 1\nPOLLFREQALERT 1\nHOSTSYNC 15\nDEADTIME 15\nFINALDELAY 0\n"+
				"CERTPATH %s\nCERTVERIFY 1\nFORCESSL 1\n", address, c.login, c.role, dir, dir)
			if err := os.WriteFile(filepath.Join(dir, "upsmon.conf"), []byte(conf), 0o600); err != nil {
				t.Fatal(err)
			}
			said := &nuttest.Output{}
			upsmon := nut.Command(t.Context(), dir, "upsmon", "-F", "-p")
			upsmon.Stdout, upsmon.Stderr = said, said
			if err := upsmon.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				_ = upsmon.Process.Kill() // it may have ended
				_ = upsmon.Wait()
				if t.Failed() {
					t.Logf("upsmon said:\n%s\nlog:\n%s", said, r.log)
				}
			})
			r.eventually("the login", func() bool { return r.daemon.clients.server.Logins() == 1 })
			if c.role == "slave" {
				r.unit.CutMains()
				r.unit.SetCharge(61)
			} else if err := upsmon.Process.Signal(syscall.SIGUSR1); err != nil { // as upsmon -c fsd does
				t.Fatal(err)
			}
			d := r.wait("the shutdown", func(d engine.Row) bool { return d.Kind == "shutdown" })
			if ordered := strings.Contains(d.Reason, "onduleur@127.0.0.1"); ordered != (c.role == "master") {
				t.Errorf("the reason is %q", d.Reason)
			}
			r.eventually("upsmon's command", func() bool { _, err := os.Stat(filepath.Join(dir, "down")); return err == nil })
			if !slices.ContainsFunc([]string{"SSL", "secure"}, func(word string) bool { return strings.Contains(said.String(), word) }) {
				t.Errorf("upsmon says nothing of an encrypted connection")
			}
		})
	}
}
