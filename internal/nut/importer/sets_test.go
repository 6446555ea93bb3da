package importer

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestSets: whole folders, as they are found. What is wanted was read off the
// files by hand.
func TestSets(t *testing.T) {
	usb := "[u]\ndriver = usbhid-ups\nport = auto\n"
	for _, c := range []struct {
		name   string
		files  map[string]string
		down   float64
		keys   map[string]string
		notes  []string
		absent []string // in the report
	}{
		{name: "script that ends in upssched", files: map[string]string{
			"upsmon.conf":   "MONITOR u@192.0.2.7 1 a lionlion secondary\nSHUTDOWNCMD \"/etc/nut/halt.sh low\"\nNOTIFYCMD /etc/nut/first.sh\nRUN_AS_USER root\nNOTIFYFLAG ONBATT EXEC\nNOTIFYFLAG ONLINE EXEC\nNOTIFYFLAG LOWBATT EXEC\n",
			"upssched.conf": "CMDSCRIPT /etc/nut/then.sh\nPIPEFN /run/p\nLOCKFN /run/l\nAT ONBATT * START-TIMER out 400\nAT ONBATT * START-TIMER tell 60\nAT ONLINE * CANCEL-TIMER out\nAT ONLINE * CANCEL-TIMER tell\n",
			"first.sh":      "#!/bin/sh\nlogger -t ups \"$NOTIFYTYPE $UPSNAME\"\nexec upssched\n",
			"then.sh":       "#!/bin/sh\ncase $1 in out) /etc/nut/halt.sh out;; *) logger \"$1\";; esac\n",
			"halt.sh":       "#!/bin/sh\nlogger \"down: ${1:-why}\"\nsleep 3\nshutdown -h now\n",
		}, down: 420, keys: map[string]string{"timers.out.shutdown": "true", "ups.u.remote": "nut://a@192.0.2.7/u", "events.ONBATT.log": "true", "power_down_flag": "none"},
			notes:  []string{"upssched.conf:4: translated: AT ONBATT * START-TIMER out", "upssched.conf:5: translated", "upssched.conf:6: translated", "upssched.conf:7: translated", "upsmon.conf:4: unsupported: RUN_AS_USER root", "first.sh:2: not needed: logger", "timers.tell.exec"},
			absent: []string{"never ran", "no POWERDOWNFLAG", "ups.conf: found wrong", "lionlion"}},
		{name: "script of NOTIFYCMD", files: map[string]string{
			"ups.conf":    usb,
			"upsmon.conf": "MONITOR u@localhost 1 a b primary\nSHUTDOWNCMD /sbin/poweroff\nPOWERDOWNFLAG /x\nNOTIFYCMD /etc/nut/tell.sh\nNOTIFYFLAG ONBATT EXEC\nNOTIFYFLAG ONLINE EXEC\nNOTIFYFLAG LOWBATT EXEC\n",
			"tell.sh":     "#!/bin/sh\ncase \"$NOTIFYTYPE\" in\nONBATT)\n  [ -e /run/x ] && exit\n  ( sleep 600\n    upsmon -c fsd ) & ;;\nLOWBATT) mail -s \"$1\" root </dev/null ;;\nesac\n",
		}, down: lowAt, keys: map[string]string{"events.ONBATT.exec": "none", "events.LOWBATT.exec": "/etc/nut/tell.sh UPS u@localhost battery is low (1m)", "events.ONLINE.exec": "none"},
			notes: []string{"tell.sh:6: unsupported: upsmon -c fsd for ONBATT hangs on the condition of tell.sh:4", "upsmon.conf:4: unsupported: NOTIFYCMD /etc/nut/tell.sh goes on being called (LOWBATT)", "as the user ecnutd and for 1m at most", "mail (tell.sh:7)"}},
		{name: "unconditional wait in NOTIFYCMD", files: map[string]string{
			"ups.conf":    usb,
			"upsmon.conf": "MONITOR u@localhost 1 a b primary\nSHUTDOWNCMD /sbin/poweroff\nPOWERDOWNFLAG /x\nNOTIFYCMD /etc/nut/tell.sh\nNOTIFYFLAG ONBATT EXEC\n",
			"tell.sh":     "#!/bin/sh\nif [ \"$NOTIFYTYPE\" = ONBATT ]; then sleep 10m; upsmon -c fsd; fi\n",
		}, down: 20 + 600, notes: []string{"as a timer in place of the wait"}},
		{name: "other drivers", files: map[string]string{
			"ups.conf":    "user = root\n" + usb + "[lan]\ndriver = snmp-ups\nport = 192.0.2.1\ncommunity = lionlion\nmibs = ietf\n[old]\ndriver = nutdrv_qx\nport = auto\nruntimecal = 1,2,3,4\n[far]\ndriver = dummy-ups\nport = u@192.0.2.3\n[beat]\ndriver = dummy-ups\nport = beat.seq\n",
			"upsmon.conf": "MONITOR u@localhost 1 a b primary\nMONITOR lan@localhost 2 a b primary\nMONITOR old@localhost 0 a b primary\nMONITOR beat@localhost 0 a b primary\nMINSUPPLIES 3\nSHUTDOWNCMD /sbin/poweroff\nPOWERDOWNFLAG /x\nNOTIFYCMD upssched\nNOTIFYFLAG ONBATT EXEC\n", "upssched.conf": "CMDSCRIPT /c\nAT ONBATT beat@localhost START-TIMER dead 600\nAT ONBATT lan@localhost EXECUTE x\nAT ONBATT u@localhost EXECUTE x\n",
			"c": "case $1 in dead) mail -s nut root;; x) mail -s x root;; esac\n",
		}, down: lowAt, keys: map[string]string{"min_supplies": "1", "ups.u.power": "1", "ups.lan": "", "ups.old.device": "", "ups.beat.device": "", "timers.dead.after": ""},
			notes:  []string{"[lan], driver = snmp-ups", "its power value of 2 does not count", "[old], driver = nutdrv_qx", "remote: nut://USER@192.0.2.3/u", "[beat], driver = dummy-ups: not a UPS", "MINSUPPLIES is 3, and counted lan", "upssched.conf:2: not needed: AT ONBATT beat@localhost", "upssched.conf:3: unsupported: AT ONBATT lan@localhost"},
			absent: []string{"lionlion", "runtimecal", "mibs", "→ ups.lan", "→ ups.beat"}},
		{name: "letters of Latin-1", files: map[string]string{
			"ups.conf":      usb + "desc = \"\xc9t\xe9 \x80\"\n",
			"upsmon.conf":   "MONITOR u@localhost 1 a b primary\nSHUTDOWNCMD /sbin/poweroff\nPOWERDOWNFLAG /x\nNOTIFYCMD upssched\nNOTIFYFLAG ONBATT EXEC\n",
			"upssched.conf": "CMDSCRIPT /c\nAT ONBATT * EXECUTE x\n", "c": "[ $1 = x ] && " + request + "'msg=R\xe9seau perdu'\n",
		}, down: lowAt, keys: map[string]string{"ups.u.description": "Été €", "events.ONBATT.message": `"Réseau perdu"`}, notes: []string{"ups.conf: translated: its letters are not UTF-8", "c: translated: its letters"}},
		{name: "nothing is shut down", files: map[string]string{
			"ups.conf":    usb + "ignorelb\noverride.battery.charge.low = 40\noverride.battery.runtime.low = -1\n",
			"upsmon.conf": "MONITOR u@localhost 1 a b primary\nSHUTDOWNCMD /bin/true\nPOWERDOWNFLAG /x\n",
		}, down: 1222, keys: map[string]string{"ups.u.low_battery.charge": "40%", "ups.u.low_battery.floors.runtime": "none"}, notes: []string{"upsmon.conf:2: found wrong: SHUTDOWNCMD /bin/true: true shuts nothing down", "min_supplies: 0"}, absent: []string{"unless ignorelb"}},
		{name: "shutdown command that does something else", files: map[string]string{
			"ups.conf": usb, "upsmon.conf": "MONITOR u@localhost 1 a b primary\nSHUTDOWNCMD /etc/nut/off.sh\nPOWERDOWNFLAG /x\n", "off.sh": "#!/bin/sh\nlogger bye\nexit 0\nshutdown -h now\n",
		}, down: lowAt, notes: []string{"nothing in it shuts the host down"}},
		{name: "wishes for TLS", files: map[string]string{
			"upsmon.conf": "MONITOR u@192.0.2.7 1 a b secondary\nSHUTDOWNCMD /sbin/poweroff\nFORCESSL 1\nCERTVERIFY 1\nCERTHOST 192.0.2.7 x 1 1\n",
		}, down: 1537, keys: map[string]string{"ups.u.tls": "require"}, notes: []string{"upsmon.conf:3: found wrong: FORCESSL 1", "upsmon.conf:4: found wrong: CERTVERIFY 1", "upsmon.conf:5: unsupported: CERTHOST", "give ca_file"}},
		{name: "TLS to this host", files: map[string]string{
			"ups.conf": usb, "upsmon.conf": "MONITOR u@localhost 1 a b primary\nSHUTDOWNCMD /sbin/poweroff\nPOWERDOWNFLAG /x\nFORCESSL 0\nCERTVERIFY 1\n",
		}, down: lowAt, notes: []string{"upsmon.conf:4: not needed: FORCESSL 0", "upsmon.conf:5: not needed: CERTVERIFY"}},
		{name: "script of the package", files: map[string]string{
			"ups.conf":      usb,
			"upsmon.conf":   "MONITOR u@localhost 1 a b primary\nSHUTDOWNCMD /sbin/poweroff\nPOWERDOWNFLAG /x\nNOTIFYCMD upssched\nNOTIFYFLAG ONBATT EXEC\n",
			"upssched.conf": "CMDSCRIPT /bin/upssched-cmd\nAT ONBATT * EXECUTE x\n", "upssched-cmd": "case $1 in x) mail -s \"$(upsc u battery.charge) $UPSNAME\" root; sleep 300; rclone sync;; esac\n",
		}, down: lowAt, keys: map[string]string{"events.ONBATT.exec": "/usr/bin/env UPSNAME=u@localhost /bin/upssched-cmd x (6m)"},
			notes: []string{"/bin/upssched-cmd is a file of the package nut-client", "upssched-cmd calls upsc, which apt purge nut-client takes away"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			down, _, report, yaml := played(t, c.files)
			if down != c.down {
				t.Errorf("down at %v, want %v", down, c.down)
			}
			conf, _, _ := importOf(t, Options{Runtime: 40 * time.Minute}, c.files)
			values := conf.Values()
			for key, want := range c.keys {
				if values[key] != want {
					t.Errorf("%s is %s, want %s", key, values[key], want)
				}
			}
			for _, want := range c.notes {
				if !strings.Contains(report, want) {
					t.Errorf("the report lacks %q", want)
				}
			}
			for _, bad := range c.absent {
				if strings.Contains(report+yaml, bad) {
					t.Errorf("the report or the file says %q", bad)
				}
			}
			if t.Failed() {
				t.Logf("%s\n%s", report, yaml)
			}
		})
	}
}

// TestByUPS: a script that looks at the name of the UPS has each its own
// reaction.
func TestByUPS(t *testing.T) {
	files := map[string]string{
		"ups.conf":    "[a]\ndriver = usbhid-ups\nproduct=A\n[b]\ndriver = usbhid-ups\nproduct=B\n",
		"upsmon.conf": "MONITOR a@localhost 1 u p primary\nMONITOR b@localhost 1 u p primary\nSHUTDOWNCMD /sbin/poweroff\nPOWERDOWNFLAG /x\nNOTIFYCMD /etc/nut/tell\nNOTIFYFLAG ONBATT EXEC\n",
		"tell":        "#!/bin/sh\ncase $UPSNAME in a@localhost) " + request + "msg=first;; b@*) " + request + "\"msg=$1\";; esac\n",
	}
	c, _, _ := importOf(t, Options{}, files)
	values := c.Values()
	for key, want := range map[string]string{"ups.a.events.ONBATT.message": `"first"`, "ups.b.events.ONBATT.message": `"UPS b@localhost on battery"`} {
		if values[key] != want {
			t.Errorf("%s is %s, want %s", key, values[key], want)
		}
	}
}

// TestHostile: folders that are made to hold up or to fill a host end in a
// sentence, at once.
func TestHostile(t *testing.T) {
	good := folder("#!/bin/sh\n. /etc/nut/pipe\n/etc/nut/zero.sh\n/etc/nut/loop.sh\ncase $1 in off) upsmon -c fsd;; esac\n")
	for _, c := range []struct {
		name string
		make func(dir string) error
		want string
	}{
		{"pipe for a file of NUT", func(dir string) error {
			os.Remove(filepath.Join(dir, "upsmon.conf"))
			return syscall.Mkfifo(filepath.Join(dir, "upsmon.conf"), 0o600)
		}, "no plain file"},
		{"endless file", func(dir string) error {
			os.Remove(filepath.Join(dir, "ups.conf"))
			return os.Symlink("/dev/zero", filepath.Join(dir, "ups.conf"))
		}, "no plain file"},
		{"loop of links", func(dir string) error {
			os.Remove(filepath.Join(dir, "ups.conf"))
			return os.Symlink("ups.conf", filepath.Join(dir, "ups.conf"))
		}, "too many"},
		{"huge file", func(dir string) error { return os.Truncate(filepath.Join(dir, "upsmon.conf"), 1<<40) }, "longer than"},
		{"what scripts name", func(dir string) error {
			if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
				return err
			}
			if err := os.Symlink("/dev/zero", filepath.Join(dir, "zero.sh")); err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(dir, "loop.sh"), []byte("/etc/nut/loop.sh\n/etc/nut/loop.sh\n"), 0o600)
		}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range good {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := c.make(dir); err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			_, notes, err := Import(dir, Options{})
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("took %s", took)
			}
			if c.want == "" && err == nil {
				if !slices.ContainsFunc(notes, func(n Note) bool { return n.File == "doit" }) {
					t.Errorf("notes %v", notes)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

// TestMayRun: a program that goes on being called has to be one that the daemon
// can run.
func TestMayRun(t *testing.T) {
	files := folder("case $1 in now) rclone sync;; esac\n")
	closed := func(path string) string { return "closed: " + path }
	if _, _, report := importOf(t, Options{MayRun: closed}, files); !strings.Contains(report, "upssched.conf:1: unsupported: /etc/nut/doit: the daemon cannot run it: closed: /etc/nut/doit") {
		t.Error(report)
	}
	if _, _, report := importOf(t, Options{MayRun: func(string) string { return "" }}, files); strings.Contains(report, "cannot run it") {
		t.Error(report)
	}
}
