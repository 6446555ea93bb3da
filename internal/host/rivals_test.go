package host

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestBesideNUT: the start is refused beside the packaged monitor of this host,
// and beside a driver that has the UPS; nobody else's process keeps the daemon
// from starting, whatever its name.
func TestBesideNUT(t *testing.T) {
	const node = "/dev/bus/usb/001/005"
	me := os.Getuid()
	monitor := map[string]string{"comm": "upsmon\n", "exe": "-> /usr/sbin/upsmon", "ns/pid": "-> pid:[1]", "ns/mnt": "-> mnt:[1]"}
	driver := map[string]string{"comm": "usbhid-ups\n", "exe": "-> /usr/lib/nut/usbhid-ups", "ns/pid": "-> pid:[1]", "ns/mnt": "-> mnt:[1]", "fd/4": "-> " + node}
	with := func(base map[string]string, change ...string) map[string]string {
		m := maps.Clone(base)
		for i := 0; i < len(change); i += 2 {
			m[change[i]] = change[i+1]
		}
		return m
	}
	for name, c := range map[string]struct {
		process map[string]string
		owners  []int
		refused bool
		doubted bool
	}{
		"the monitor":                  {monitor, []int{me}, true, false},
		"a driver that has the UPS":    {driver, []int{me}, true, false},
		"a driver of another UPS":      {with(driver, "fd/4", "-> /dev/bus/usb/001/009"), []int{me}, false, true},
		"upgraded under the monitor":   {with(monitor, "exe", "-> /usr/sbin/upsmon (deleted)"), []int{me}, true, false},
		"of another user":              {monitor, []int{me + 1}, false, true},
		"a copy in a home":             {with(monitor, "exe", "-> /home/eve/upsmon"), []int{me}, false, true},
		"sleep under that name":        {with(monitor, "exe", "-> /usr/bin/sleep"), []int{me}, false, true},
		"in a container":               {with(monitor, "ns/mnt", "-> mnt:[7]"), []int{me}, false, true},
		"in a container with our root": {with(monitor, "ns/pid", "-> pid:[7]"), []int{me}, false, true},
		"the server alone":             {with(monitor, "comm", "upsd\n", "exe", "-> /usr/sbin/upsd"), []int{me}, false, true},
		"somebody else":                {with(monitor, "comm", "bash\n", "exe", "-> /usr/bin/bash"), []int{me}, false, false},
		"what cannot be looked at":     {map[string]string{"comm": "upsmon\n"}, []int{me}, false, true},
	} {
		proc := t.TempDir()
		files := map[string]string{"self/ns/pid": "-> pid:[1]", "self/ns/mnt": "-> mnt:[1]"}
		for file, text := range c.process {
			files["10/"+file] = text
		}
		for file, text := range files {
			path := filepath.Join(proc, file)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if to, link := strings.CutPrefix(text, "-> "); link {
				if err := os.Symlink(to, path); err != nil {
					t.Fatal(err)
				}
			} else if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		doubt, err := Host{Proc: proc, Owners: c.owners}.BesideNUT([]string{node})
		if (err != nil) != c.refused || (doubt != "") != c.doubted {
			t.Errorf("%s: refused %v, doubt %q; want %v, %v", name, err, doubt, c.refused, c.doubted)
		}
		if err != nil && (!strings.Contains(err.Error(), "process 10") || !strings.Contains(err.Error(), StopNUT)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
