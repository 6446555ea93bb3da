//go:build vm

package vmtest

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ecnutd/internal/sim"
)

var recordDrivers = flag.Bool("record-drivers", false, "record what usbhid-ups says to upsd anew")

// newestDriver is usbhid-ups as scripts/nut-newest has unpacked it, with all
// that it is linked with; nothing where it has not been run.
func newestDriver() []string {
	const root = "../../bin/nut-newest/usr/"
	files, _ := filepath.Glob(root + "libexec/nut/usbhid-ups") // the patterns are right
	if len(files) == 0 {
		return nil
	}
	for _, lib := range []string{"libusb-1.0.so.0", "libudev.so.1", "libm.so.6", "libc.so.6", "libsystemd.so.0", "libcap.so.2", "libgcc_s.so.1", "ld-linux-x86-64.so.2"} {
		found, _ := filepath.Glob(root + "lib/x86_64-linux-gnu/" + lib)
		files = append(files, found...)
	}
	return files
}

// dumpAll asks a driver for all it says to upsd, as upsd asks it.
const dumpAll = `perl -MIO::Socket::UNIX -e '
my $c = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die "no driver: $!";
print $c "DUMPALL\n"; $c->flush;
while (<$c>) { print; last if /^DUMPDONE/ }' `

// TestDriverRecordings: internal/nut/server/testdata has what the real
// usbhid-ups says to upsd of the simulated Protection Station 800 at rest,
// Debian's own and the newest. Tests of the server put these in the place of a
// driver, so that what they compare with is NUT's, and not made up.
//
// go test -tags vm -run DriverRecordings ./internal/vmtest -record-drivers
// writes them anew; the newest one is there after scripts/nut-newest.
func TestDriverRecordings(t *testing.T) {
	m := fresh(t)
	u := newUPS(t, sim.DefaultModel)
	m.writeNUT("/etc/nut")
	m.sh("chown root:nut /etc/nut/* && install -d -o root -g nut -m 770 /run/nut")
	m.nutRule()
	m.plug(u)
	m.until("lsusb | grep -i 0463:ffff")
	for version, program := range map[string]string{
		"2.8.0":  "/lib/nut/usbhid-ups",
		"newest": "/opt/vm/nut-newest/ld-linux-x86-64.so.2 --library-path /opt/vm/nut-newest /opt/vm/nut-newest/usbhid-ups",
	} {
		if version == "newest" && len(newestDriver()) == 0 {
			t.Log("the newest usbhid-ups is not here: scripts/nut-newest unpacks it")
			continue
		}
		m.sh("rm -f /run/nut/*; NUT_STATEPATH=/run/nut NUT_ALTPIDPATH=/run/nut setsid " + program + " -F -u root -a eaton >/run/driver.log 2>&1 </dev/null & echo $! >/run/driver.pid")
		m.until("test -S /run/nut/usbhid-ups-eaton || { tail -5 /run/driver.log; false; }")
		m.until(dumpAll + "/run/nut/usbhid-ups-eaton | grep -q '^DATAOK'")
		got := m.sh(dumpAll + "/run/nut/usbhid-ups-eaton")
		m.sh("kill $(cat /run/driver.pid); sleep 1")
		got = undated.ReplaceAllString(got, "")
		path := "../nut/server/testdata/usbhid-ups-" + version + ".txt"
		if *recordDrivers {
			if err := os.WriteFile(path, []byte(got+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.TrimSpace(string(want)), strings.TrimSpace(got)); diff != "" {
			t.Errorf("usbhid-ups %s says something else than was recorded:\n%s", version, diff)
		}
	}
}

// undated are the lines that another run, or another machine, has otherwise.
var undated = regexp.MustCompile(`(?m)^(PID|SETINFO (driver\.parameter\.(bus|busport|device)|device\.usb\.path)) .*\n`)
