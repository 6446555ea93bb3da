package server

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ecnutd/internal/nut/server/nuttest"
)

// at is a UPS of a server as clients name it.
func at(ups, address string) string { return ups + "@" + address }

// TestDebiansClients: the clients of Debian say of our server what they say of
// upsd. Texts are those of NUT 2.8.0, seen against upsd, or follow from the
// values in fakeUPS.
func TestDebiansClients(t *testing.T) {
	nut := nuttest.Find(t)
	f := newFake()
	_, address := start(t, f, settings(t))
	upsd := nut.Upsd(t, fakeUsers, drivers(t)...)
	waitForData(t, upsd, drivers(t)...)
	for _, args := range [][]string{
		{"upsc", "-l", "ADDRESS"}, {"upsc", "-L", "ADDRESS"}, {"upsc", "-c", "eaton@ADDRESS"},
		{"upsc", "eaton@ADDRESS"}, {"upsc", "eaton@ADDRESS", "ups.status"}, {"upsc", "eaton@ADDRESS", "nope"},
		{"upsc", "nope@ADDRESS"}, {"upsc", "nodesc@ADDRESS"}, {"upsc", "old@ADDRESS"},
		{"upscmd", "-u", "admin", "-p", "secret", "eaton@ADDRESS", "beeper.disable"},
		{"upscmd", "-u", "admin", "-p", "secret", "eaton@ADDRESS", "load.off.delay", "30"},
		{"upscmd", "-u", "admin", "-p", "wrong", "eaton@ADDRESS", "beeper.disable"},
		{"upscmd", "-u", "nobody", "-p", "nothing", "eaton@ADDRESS", "beeper.disable"},
		{"upscmd", "-u", "admin", "-p", "secret", "eaton@ADDRESS", "nope"},
		{"upscmd", "-w", "-u", "admin", "-p", "secret", "eaton@ADDRESS", "beeper.disable"},
		{"upsrw", "-s", "battery.charge.low=30", "-u", "admin", "-p", "secret", "eaton@ADDRESS"},
		{"upsrw", "-s", "output.voltage.nominal=231", "-u", "admin", "-p", "secret", "eaton@ADDRESS"},
		{"upsrw", "-s", "battery.charge=3", "-u", "admin", "-p", "secret", "eaton@ADDRESS"},
		{"upsrw", "-w", "-s", "battery.charge.low=30", "-u", "admin", "-p", "secret", "eaton@ADDRESS"},
	} {
		run := func(address string) string {
			words := make([]string, len(args))
			for i, w := range args {
				words[i] = strings.ReplaceAll(w, "ADDRESS", address)
			}
			out, talk, err := nut.Run(t, words[0], words[1:]...)
			text := out + talk
			if err != nil {
				text += err.Error()
			}
			return strings.ReplaceAll(blank(text), address, "ADDRESS")
		}
		want, got := run(upsd), run(address)
		if want != got {
			t.Errorf("%s\nupsd:  %s\nours: %s", strings.Join(args, " "), want, got)
		}
	}
	want := []Order{
		{UPS: "eaton", Name: "beeper.disable"}, {UPS: "eaton", Name: "load.off.delay", Value: "30"}, {UPS: "eaton", Name: "beeper.disable"},
		{UPS: "eaton", Name: "battery.charge.low", Value: "30", Set: true}, {UPS: "eaton", Name: "battery.charge.low", Value: "30", Set: true},
	}
	if len(f.orders) != len(want) {
		t.Fatalf("orders %+v", f.orders)
	}
	for i, o := range f.orders {
		if o.Who.User != "admin" || o.Who.Address != "127.0.0.1" {
			t.Errorf("order of %+v", o.Who)
		}
		if o.Who = (Who{}); o != want[i] {
			t.Errorf("got %+v, want %+v", o, want[i])
		}
	}

	out, _, _ := nut.Run(t, "upscmd", "-l", at("eaton", address))
	for _, line := range []string{"beeper.disable - Disable the UPS beeper", "load.off.delay - Turn off the load with a delay (seconds)"} {
		if !strings.Contains(out, line) {
			t.Errorf("upscmd -l has no line %q:\n%s", line, out)
		}
	}
	out, _, _ = nut.Run(t, "upsrw", at("eaton", address))
	theirText, _, _ := nut.Run(t, "upsrw", at("eaton", upsd))
	// The second line of each paragraph is the description, which is ours.
	lines, theirs := strings.Split(out, "\n"), strings.Split(theirText, "\n")
	if len(lines) != len(theirs) || len(lines) < 20 {
		t.Fatalf("upsrw\nupsd:  %s\nours: %s", theirText, out)
	}
	for i := range lines {
		if lines[i] != theirs[i] && (i == 0 || !strings.HasPrefix(lines[i-1], "[")) {
			t.Errorf("upsrw says %q, and of upsd %q", lines[i], theirs[i])
		}
	}
	log := filepath.Join(t.TempDir(), "log")
	nut.Start(t, t.TempDir(), "upslog", "-F", "-u", "root", "-i", "1", "-s", at("eaton", address), "-l", log, "-f", "%VAR battery.charge% %VAR ups.status%")
	eventually(t, "upslog writes a line", func() bool {
		raw, _ := os.ReadFile(log) // it may not be there yet
		return strings.Contains(string(raw), "100 OL\n")
	})
}

// eventually waits for something that other programs bring about.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for range 3000 {
		if is() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("half a minute has passed, and not yet: %s", what)
}

// TestPyNUT: NUT's own Python client, which others build on.
func TestPyNUT(t *testing.T) {
	nut := nuttest.Find(t)
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("no python3")
	}
	dir := nut.File("usr/lib/python3/dist-packages")
	if _, err := os.Stat(dir + "/PyNUT.py"); err != nil {
		t.Skip("no python3-nut")
	}
	f := newFake()
	// PyNUT does not take quotes in a description, from upsd neither.
	f.list = slices.Clone(f.list)
	f.list[0].Description = "Bureau"
	_, address := start(t, f, settings(t))
	host, port, _ := net.SplitHostPort(address)
	script := `
import sys
sys.path.insert(0, sys.argv[1])
import PyNUT
c = PyNUT.PyNUTClient(host=sys.argv[2], port=int(sys.argv[3]), login="admin", password="secret", debug=False)
text = lambda x: x.decode() if isinstance(x, bytes) else x
ups = c.GetUPSList()
print(sorted((text(k), text(v)) for k, v in ups.items())[0])
v = {text(k): text(x) for k, x in c.GetUPSVars("eaton").items()}
print(len(v), v["battery.charge"], v["ups.status"])
print(sorted(text(k) for k in c.GetUPSCommands("eaton")))
print(sorted(text(k) for k in c.GetRWVars("eaton")))
print(text(c.RunUPSCommand("eaton", "beeper.disable")))
print(text(c.SetRWVar("eaton", "battery.charge.low", "30")))
print(text(c.ver()))
print(text(c.help()))
`
	out, err := exec.CommandContext(t.Context(), "python3", "-W", "ignore", "-c", script, dir, host, port).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	// The values are those of the recorded unit.
	for _, line := range []string{
		"56 100 OL", "'beeper.disable', ", "'load.off.delay', ",
		"['battery.charge.low', 'input.transfer.high', 'input.transfer.low', 'outlet.1.desc', 'outlet.2.desc', 'outlet.2.switchable', 'outlet.desc', 'outlet.power', 'output.voltage.nominal', 'ups.delay.shutdown', 'ups.delay.start']",
		"OK", "ecnutd 0.1", "Commands: HELP",
	} {
		if !strings.Contains(string(out), line) {
			t.Errorf("no %q in\n%s", line, out)
		}
	}
	if len(f.orders) != 2 {
		t.Errorf("orders %+v", f.orders)
	}
}
