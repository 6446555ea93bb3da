package importer

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"ecnutd/config"
	"ecnutd/internal/engine"
	"ecnutd/internal/nut/importer/document"
	"ecnutd/monitor"
	"ecnutd/ups"
)

// importOf imports files that are given by name.
func importOf(t *testing.T, o Options, files map[string]string) (*config.Config, string, string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return importDir(t, dir, o)
}

func importDir(t *testing.T, dir string, o Options) (*config.Config, string, string) {
	t.Helper()
	text, notes, err := Import(dir, o)
	if err != nil {
		t.Fatalf("%v\n%v", err, notes)
	}
	c, _, err := config.Parse(text, "import")
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	var report strings.Builder
	for _, n := range notes {
		fmt.Fprintln(&report, n)
	}
	return c, string(text), report.String()
}

// TestImportStation: a server with one UPS, 20 minutes of patience, and a
// script for Free Mobile, as guides have it. What is wanted was read off the
// files by hand.
func TestImportStation(t *testing.T) {
	c, text, report := importDir(t, "testdata/nut-station", Options{Runtime: 585 * time.Second})
	r := engine.Rules(c)
	if len(r.Supplies) != 1 || r.Supplies[0].Name != "station" || r.Supplies[0].Power != 1 || r.MinSupplies != 1 ||
		r.DeadTime != 15*time.Second || r.HostSync != 15*time.Second || r.FinalDelay != 5*time.Second ||
		r.NoCommRepeat != 5*time.Minute || r.ReplaceBatteryRepeat != 12*time.Hour || r.LinkLost != monitor.Strict {
		t.Errorf("rules %+v", r)
	}
	if c.Language != ups.French || c.UPS[0].Description != "Protection Station 800, étagère du bas" || c.PowerDownFlag != "/run/ecnutd/killpower" {
		t.Errorf("language %s, UPS %+v, flag %s", c.Language, c.UPS[0], c.PowerDownFlag)
	}
	on := r.Supplies[0].On
	for event, want := range map[ups.Event]monitor.Tell{
		ups.EventOnBattery:  {Log: true, Message: "Maison - courant coupé L'étagère tourne sur sa batterie."},
		ups.EventOnline:     {Log: true, Message: "Maison - courant revenu L'étagère est de nouveau sur secteur."},
		ups.EventLowBattery: {Message: "Maison - piles à plat La batterie est vide, on éteint tout de suite."},
		ups.EventReplace:    {Log: true, Message: "Maison - piles usées Il faut changer la batterie."},
		ups.EventCommBad:    {Message: "Maison - câble L'onduleur ne répond plus."},
		ups.EventCommOK:     {Log: true, Message: on[ups.EventCommOK].Tell.Message}, // the default text, see below
		ups.EventFSD:        {Log: true, Wall: true},
		ups.EventNoComm:     {Log: true, Wall: true},
	} {
		if got := on[event].Tell; got.Log != want.Log || got.Wall != want.Wall || got.Message != want.Message || len(got.Execs) > 0 {
			t.Errorf("%s: got %+v, want %+v", event, got, want)
		}
	}
	if on[ups.EventCommOK].Tell.Message == "" {
		t.Error("COMMOK says nothing")
	}
	if got := r.On[ups.EventShutdown].Tell; got.Message != "Maison - extinction Le serveur s'éteint." || got.Log || got.Wall {
		t.Errorf("SHUTDOWN: %+v", got)
	}
	if got := on[ups.EventOnBattery].Start; len(got) != 1 || got[0] != (monitor.Start{Timer: "patience"}) {
		t.Errorf("ONBATT starts %+v", got)
	}
	if got := on[ups.EventOnline].Cancel; len(got) != 1 || got[0].Timer != "patience" {
		t.Errorf("ONLINE cancels %+v", got)
	}
	if len(r.Timers) != 1 || r.Timers[0].Name != "patience" || r.Timers[0].After != 20*time.Minute || !r.Timers[0].Fire.GiveUp || r.Timers[0].Fire.Force ||
		r.Timers[0].Fire.Tell.Message != "Maison - trop long Vingt minutes sans courant, on éteint !" {
		t.Errorf("timers %+v", r.Timers)
	}
	free := c.Messages.Routes[0].FreeMobile
	if len(c.Messages.Routes) != 1 || free.User != "87654321" || free.Password.Source() != "file /etc/ecnutd/free.secret" {
		t.Errorf("routes %+v", c.Messages.Routes)
	}

	// Each line with a word on it is in the report, and each trap.
	for _, want := range []string{
		"nut.conf:2: not needed: MODE=standalone",
		"ups.conf:1: not needed: maxretry",
		"ups.conf:3: translated: [station] → ups.station",
		"ups.conf:4: not needed: driver", "ups.conf:5: not needed: port", "ups.conf:6: translated: desc",
		"upsd.conf:1: translated: LISTEN 127.0.0.1", "upsd.conf:2: translated: LISTEN ::1", "upsd.conf:3: translated: MAXCONN 40 → network.max_connections: 40",
		"upsd.users:2: found wrong: [gardien] has neither instcmds nor actions",
		"upsd.users:3: translated: password, as a hash", "upsd.users:4: translated: upsmon master → network.users.gardien.role: primary",
		"upsmon.conf:1: translated: MINSUPPLIES 1 → min_supplies: 1",
		"upsmon.conf:2: translated: SHUTDOWNCMD /usr/sbin/poweroff → shutdown_command: /usr/sbin/poweroff",
		"upsmon.conf:3: not needed: NOTIFYCMD",
		"upsmon.conf:4: translated: POLLFREQ 5 → poll: 5s", "upsmon.conf:5: translated: POLLFREQALERT 5 → poll_on_battery: 5s",
		"upsmon.conf:6: translated: HOSTSYNC 15 → host_sync: 15s", "upsmon.conf:7: translated: DEADTIME 15 → dead_time: 15s",
		"upsmon.conf:8: translated: POWERDOWNFLAG /etc/killpower",
		"upsmon.conf:9: translated: RBWARNTIME 43200 → replace_battery_repeat: 12h", "upsmon.conf:10: translated: NOCOMMWARNTIME 300 → no_comm_repeat: 5m",
		"upsmon.conf:11: translated: FINALDELAY 5 → final_delay: 5s", "upsmon.conf:12: translated: MONITOR station@localhost 1 (user, password) master",
		"upsmon.conf:13: translated: NOTIFYFLAG COMMBAD", "upsmon.conf:19: translated: NOTIFYFLAG COMMOK IGNORE",
		"upsmon.conf:19: found wrong: the loss of the link is told by message, and its return is told to nobody (IGNORE)",
		"link_lost: estimate would wait",
		"upssched.conf:1: not needed: CMDSCRIPT", "upssched.conf:2: not needed: PIPEFN", "upssched.conf:3: not needed: LOCKFN",
		"upssched.conf:5: translated: AT COMMBAD", "upssched.conf:6: translated: AT ONLINE * CANCEL-TIMER", "upssched.conf:7: translated: AT ONLINE * EXECUTE",
		"upssched.conf:8: translated: AT ONBATT * START-TIMER", "upssched.conf:9: translated: AT ONBATT * EXECUTE",
		`upssched.conf:11: found wrong: prevenir.sh has no branch for "piles-faibles", only for "piles-faible" (line 28): NUT takes the branch for all other names (line 48), which says "Maison - mystère Nom inconnu :"`,
		"upssched.conf:12: translated: AT REPLBATT", "upssched.conf:13: translated: AT SHUTDOWN",
		"upssched.conf:8: found wrong: the timer patience runs 1200 s, and the battery lasts 585 s",
		"prevenir.sh:20: found wrong: upsmon -c fsd comes before the message (line 58)",
		"prevenir.sh:56: found wrong: the password of the variable CLE stands in a script",
		"prevenir.sh:58: found wrong: the certificate of the gateway is not checked",
		"prevenir.sh:58: found wrong: the text is put into the URL without encoding",
	} {
		if !strings.Contains(report, want) {
			t.Errorf("the report lacks %q", want)
		}
	}
	for _, secret := range []string{"s3same-ouvre", "tigre-de-papier"} {
		if strings.Contains(text+report, secret) {
			t.Errorf("a password is shown: %s", secret)
		}
	}
	if !strings.Contains(text, "password of prevenir.sh:56") || !strings.Contains(text, "# upssched.conf:8") {
		t.Errorf("the YAML does not say where it comes from:\n%s", text)
	}
	if t.Failed() {
		t.Logf("report:\n%s\n%s", report, text)
	}
	c, text, report = importDir(t, "testdata/nut-station", Options{InlineSecrets: true})
	if got, _ := c.Messages.Routes[0].FreeMobile.Password.Value(); got != "tigre-de-papier" || strings.Contains(report, got) {
		t.Errorf("inline: %q\n%s", got, text)
	}
	if !strings.Contains(report, "ecnutd check compares them") {
		t.Error("no hint at check where the runtime is not known")
	}
}

// TestImportedBehaves: the imported rules, played: cut and back within the 20
// minutes; cut for longer; low battery. Instants are those of the files: 1200 s
// for the timer, FINALDELAY 5 s.
func TestImportedBehaves(t *testing.T) {
	c, _, _ := importDir(t, "testdata/nut-station", Options{})
	rules := engine.Rules(c)
	const ol, ob = ups.Online, ups.OnBattery
	type stretch struct {
		from   time.Duration
		status ups.Status
	}
	play := func(script []stretch, end time.Duration) []string {
		var state monitor.State
		var trace []string
		step := func(at monitor.Instant, in monitor.Input) {
			var effects []monitor.Effect
			state, effects = monitor.Step(rules, state, at, in)
			for _, e := range effects {
				line := ""
				switch e := e.(type) {
				case monitor.Event:
					line = string(e.Name) + ": " + e.Tell.Message
				case monitor.TimerSet:
					line = "timer " + string(e.Action) + ": " + e.Tell.Message
				case monitor.Shutdown:
					line = "shutdown"
				case monitor.WriteFlag:
					line = "flag"
				case monitor.PowerOff:
					line = "command"
				default:
					continue
				}
				trace = append(trace, fmt.Sprintf("%s %s", at.Add(-time.Second), line))
			}
		}
		for now, n := time.Second, 1; now <= end; now, n = now+time.Second, n+1 {
			for due, ok := state.Next(rules); ok && due <= monitor.Instant(now); due, ok = state.Next(rules) {
				step(due, monitor.Elapsed{})
			}
			var status ups.Status
			for _, s := range script {
				if now > s.from {
					status = s.status
				}
			}
			step(monitor.Instant(now), monitor.Heard{Snapshot: ups.Snapshot{Status: status, Readings: n, ChargeReadings: n, Charge: ups.Known(80), Low: low(status)}})
		}
		return trace
	}
	const (
		cut, back = "Maison - courant coupé L'étagère tourne sur sa batterie.", "Maison - courant revenu L'étagère est de nouveau sur secteur."
		long, off = "Maison - trop long Vingt minutes sans courant, on éteint !", "Maison - extinction Le serveur s'éteint."
		flat      = "Maison - piles à plat La batterie est vide, on éteint tout de suite."
	)
	for _, c := range []struct {
		name   string
		script []stretch
		want   []string
	}{
		{"back in time", []stretch{{0, ol}, {10 * time.Second, ob}, {1209 * time.Second, ol}}, []string{
			"10s ONBATT: " + cut, "10s timer start: ", "20m9s ONLINE: " + back, "20m9s timer cancel: ",
		}},
		{"for good", []stretch{{0, ol}, {10 * time.Second, ob}}, []string{
			"10s ONBATT: " + cut, "10s timer start: ", "20m10s timer fire: " + long, "20m10s FSD: ", "20m10s shutdown", "20m10s SHUTDOWN: " + off,
			"20m15s flag", "20m15s command",
		}},
		{"low", []stretch{{0, ol}, {10 * time.Second, ob}, {60 * time.Second, ob | ups.LowBattery}}, []string{
			"10s ONBATT: " + cut, "10s timer start: ", "1m2s LOWBATT: " + flat, "1m2s FSD: ", "1m2s shutdown", "1m2s SHUTDOWN: " + off,
			"1m7s flag", "1m7s command", // the flag has to stand for 2 s
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := play(c.script, 1300*time.Second)
			slices.Sort(got)
			want := slices.Clone(c.want)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	}
	// The message of the timer is handed over before the shutdown begins.
	trace := play([]stretch{{0, ob}}, 1300*time.Second)
	message := slices.IndexFunc(trace, func(s string) bool { return strings.Contains(s, long) })
	shutdown := slices.IndexFunc(trace, func(s string) bool { return strings.HasSuffix(s, " shutdown") })
	if message < 0 || shutdown < 0 || message > shutdown {
		t.Errorf("the message is %d, the shutdown %d of\n%s", message, shutdown, strings.Join(trace, "\n"))
	}
}

func low(s ups.Status) ups.LowReason {
	if s.Has(ups.LowBattery) {
		return ups.BelowCapacity
	}
	return 0
}

// TestImportCases: one directive each, with what it becomes.
func TestImportCases(t *testing.T) {
	const (
		monitorLine = "MONITOR a@localhost 1 u p primary\n"
		upsConf     = "[a]\ndriver = usbhid-ups\nport = auto\n"
		script      = "case $1 in one) M=first;; two) M=second;; down) M=off; upsmon -c fsd;; mail) mail x;; idle) echo;; both) M=sent; logger x;; esac\n" +
			"[ -n \"$M\" ] && curl \"https://smsapi.free-mobile.fr/sendmsg?user=1&pass=2&msg=$M\"\n"
		sched = monitorLine + "NOTIFYCMD \"/sbin/upssched\"\nNOTIFYFLAG ONBATT EXEC\nNOTIFYFLAG ONLINE EXEC\nNOTIFYFLAG COMMBAD EXEC\nNOTIFYFLAG REPLBATT EXEC\nNOTIFYFLAG SHUTDOWN EXEC\n"
	)
	type want struct {
		notes []string
		keys  map[string]string // of the flattened configuration
	}
	for _, c := range []struct {
		name                         string
		ups, upsmon, sched, nut, dir string
		users, upsd                  string
		want
	}{
		{name: "delays", ups: upsConf + "offdelay=60\nondelay= 90\n", want: want{keys: map[string]string{"ups.a.off_delay": "1m", "ups.a.on_delay": "1m30s"}}},
		{name: "delays that lock out", ups: upsConf + "offdelay = 60\n", want: want{
			[]string{"ups.conf:1: found wrong: [a]: ondelay (30 s) is not above offdelay (60 s)"}, map[string]string{"ups.a.off_delay": "1m", "ups.a.on_delay": "1m10s"}}},
		{name: "delays alike", ups: upsConf + "offdelay = 30\nondelay = 30\n", want: want{
			[]string{"ups.conf:1: found wrong: [a]: ondelay (30 s) is not above offdelay (30 s)"}, map[string]string{"ups.a.off_delay": "30s", "ups.a.on_delay": "40s"}}},
		{name: "delays at the end", ups: upsConf + "offdelay = 7200\n", want: want{nil, map[string]string{"ups.a.off_delay": "1h59m50s", "ups.a.on_delay": "2h"}}},
		{name: "lowbatt", ups: upsConf + "lowbatt = 35\n", want: want{
			[]string{"ups.conf:4: found wrong: lowbatt: in NUT this changes what is shown"}, map[string]string{"ups.a.low_battery.charge": "35%", "ups.a.low_battery.floors.charge": "none", "ups.a.low_battery.floors.runtime": "auto", "low_battery.charge": "none"}}},
		{name: "overrides", ups: upsConf + "ignorelb\noverride.battery.charge.low = 25\noverride.battery.runtime.low = 600\ndefault.ups.mfr = x\n", want: want{
			[]string{"ups.conf:7: unsupported: default.ups.mfr"}, map[string]string{"ups.a.low_battery.charge": "25%", "ups.a.low_battery.runtime": "10m", "ups.a.low_battery.floors.charge": "none", "ups.a.low_battery.floors.runtime": "none", "ups.a.low_battery.shutdown_imminent": "ignore"}}},
		{name: "ids", ups: upsConf + "vendorid = 0463\nproductid = FFFF\nserial = AN2E49008\nproduct = \".*Ellipse.*\"\nbus = 001\n", want: want{
			[]string{"ups.conf:6: unsupported: serial", "ups.conf:8: unsupported: bus"},
			map[string]string{"ups.a.match.vendor": "0463", "ups.a.match.product": "ffff", "ups.a.match.model": "Ellipse"}}},
		{name: "two alike", ups: "[a]\nvendorid=0463\n[b]\nvendorid=0463\n", upsmon: monitorLine + "MONITOR b 1 u p master\n", want: want{
			[]string{"ups.conf:3: unsupported: nothing tells [a] and [b] apart"}, map[string]string{"ups.a.match.vendor": "0463", "ups.b.match.vendor": "", "ups.b.match.phys": "port-of-b", "ups.b.power": "1"}}},
		{name: "other driver", ups: "[a]\ndriver = blazer_ser\nport = /dev/ttyS0\n", want: want{notes: []string{"ups.conf:1: unsupported: [a], driver = blazer_ser"}}},
		{name: "polling", ups: "pollinterval = 2\n" + upsConf + "pollfreq = 20\npollonly\nnonsense = 3\n", want: want{
			notes: []string{"ups.conf:1: not needed: pollinterval", "ups.conf:5: not needed: pollfreq", "ups.conf:6: not needed: pollonly", "ups.conf:7: unsupported: nonsense: this is no directive"}}},
		{name: "sdcommands", ups: upsConf + "sdcommands = shutdown.stayoff,load.off\n", want: want{keys: map[string]string{"kill_power.command": "shutdown.stayoff"}}},
		{name: "not monitored", ups: upsConf + "[b]\n", want: want{
			[]string{"ups.conf:4: found wrong: [b] has no MONITOR line"}, map[string]string{"ups.b.power": "0", "min_supplies": "1"}}},
		{name: "not in ups.conf", ups: " ", upsmon: monitorLine, want: want{[]string{"upsmon.conf:1: found wrong: ups.conf has no section [a]"}, map[string]string{"ups.a.power": "1"}}},
		{name: "nothing", ups: " ", upsmon: "DEADTIME 20", want: want{[]string{"no UPS of this host is named"}, map[string]string{"ups.ups.device": "auto", "dead_time": "20s"}}},
		{name: "old and new words", upsmon: "MONITOR a@localhost 2 u secret-word secondary\nMINSUPPLIES 2\n", want: want{
			[]string{"upsmon.conf:1: found wrong: MONITOR a@localhost 2 (user, password) secondary: the role is that of a host that waits"}, map[string]string{"ups.a.power": "2", "min_supplies": "2"}}},
		{name: "remote", upsmon: monitorLine + "MONITOR b@nas:3493 1 u p slave\nMONITOR c@[::1]:3493 1 u p master\n", want: want{
			[]string{"upsmon.conf:2: translated: MONITOR b@nas:3493 1 (user, password) → ups.b.remote: nut://u@nas/b", "upsmon.conf:2: unsupported: the password for the other host"},
			map[string]string{"ups.c.power": "1", "ups.b.remote": "nut://u@nas/b", "ups.b.power": "1"}}},
		{name: "remote of the same name", upsmon: monitorLine + "MONITOR a@[2001:db8::1]:1000 2 u p master\nMONITOR a@[2001:db8::1]:1000 2 u p slave\n", want: want{
			[]string{"upsmon.conf:2: found wrong: MONITOR a@[2001:db8::1]:1000 2 (user, password) master: the role is that of the host with the cable", "upsmon.conf:3: unsupported: MONITOR a@[2001:db8::1]:1000: there is one of that name"},
			map[string]string{"ups.a.power": "1", "ups.a-2001-db8--1--1000.remote": "", "ups.a--2001-db8--1--1000.remote": "nut://u@[2001:db8::1]:1000/a", "ups.a--2001-db8--1--1000.power": "2"}}},
		{name: "more supplies than there are", upsmon: monitorLine + "MINSUPPLIES 3\n", want: want{
			[]string{"found wrong: MINSUPPLIES is 3, and the power values of the UPSs of this host are 1 in all"}, map[string]string{"min_supplies": "1"}}},
		{name: "shutdown command in quotes", upsmon: monitorLine + "SHUTDOWNCMD \"/sbin/shutdown -h +0\"\n", want: want{keys: map[string]string{"shutdown_command": "/sbin/shutdown -h +0"}}},
		{name: "shutdown command without quotes", upsmon: monitorLine + "SHUTDOWNCMD /sbin/shutdown -h +0\n", want: want{
			[]string{"upsmon.conf:2: found wrong: SHUTDOWNCMD is not in quotes: upsmon takes \"/sbin/shutdown\" alone"}, map[string]string{"shutdown_command": "/sbin/shutdown -h +0"}}},
		{name: "shutdown command for a shell", upsmon: monitorLine + `SHUTDOWNCMD "sync; poweroff"`, want: want{keys: map[string]string{"shutdown_command": `sh -c "sync; poweroff"`}}},
		{name: "no flag", upsmon: monitorLine, want: want{[]string{"found wrong: there is no POWERDOWNFLAG", "found wrong: there is no SHUTDOWNCMD"}, map[string]string{"power_down_flag": "none"}}},
		{name: "numbers", upsmon: monitorLine + "DEADTIME soon\nPOLLFREQ 0\nNOCOMMWARNTIME 0\nFINALDELAY 7 # x\nRUN_AS_USER nut\nWHATEVER 3\n", want: want{
			[]string{"upsmon.conf:2: unsupported: DEADTIME soon", "upsmon.conf:3: unsupported: POLLFREQ 0", "upsmon.conf:6: not needed: RUN_AS_USER", "upsmon.conf:7: unsupported: WHATEVER"},
			map[string]string{"dead_time": "15s", "poll": "5s", "no_comm_repeat": "0s", "final_delay": "7s"}}},
		{name: "flags", upsmon: monitorLine + "NOTIFYFLAG ONLINE IGNORE+SYSLOG\nNOTIFYFLAG onbatt syslog\nNOTIFYFLAG NOPARENT SYSLOG\nNOTIFYFLAG ONLIEN SYSLOG\nNOTIFYFLAG OFF WALL\nNOTIFYFLAG FSD SYSLOG+MAIL\n", want: want{
			[]string{"upsmon.conf:4: not needed: NOTIFYFLAG NOPARENT: there is no parent", "upsmon.conf:5: unsupported: NOTIFYFLAG ONLIEN: NUT has no such event; did you mean ONLINE?", "upsmon.conf:7: unsupported: NOTIFYFLAG FSD: there is no flag MAIL"},
			map[string]string{"events.ONLINE.log": "false", "events.ONLINE.wall": "false", "events.ONBATT.log": "true", "events.ONBATT.wall": "false", "events.OFF.log": "false", "events.OFF.wall": "true", "events.OFF.message": "false", "events.OVER.message": "true", "events.LOWBATT.message": "false"}}},
		{name: "other command", upsmon: monitorLine + "NOTIFYCMD /usr/local/bin/tell\nNOTIFYFLAG ONBATT EXEC+SYSLOG\nNOTIFYFLAG ALARM EXEC\nNOTIFYMSG ALARM \"%s rings: %s\"\nNOTIFYMSG ONLINE \"%s is back\"\n", want: want{
			[]string{"upsmon.conf:2: translated: NOTIFYCMD /usr/local/bin/tell", "upsmon.conf:5: translated: NOTIFYMSG ALARM", "upsmon.conf:6: unsupported: NOTIFYMSG ONLINE"},
			map[string]string{"events.ONBATT.exec": "/usr/bin/env UPSNAME=a@localhost /usr/local/bin/tell UPS a@localhost on battery (1m)", "events.ALARM.exec": "/usr/bin/env UPSNAME=a@localhost /usr/local/bin/tell a@localhost rings: {{alarm}} (1m)", "events.ONBATT.message": "false"}}},
		{name: "other command with signs", upsmon: monitorLine + "NOTIFYCMD \"tell >>/tmp/x\"\nNOTIFYFLAG ONBATT EXEC\n", want: want{keys: map[string]string{"events.ONBATT.exec": `/usr/bin/env UPSNAME=a@localhost /bin/sh -c tell >>/tmp/x "$1" sh UPS a@localhost on battery (1m)`}}},
		{name: "no command", upsmon: monitorLine + "NOTIFYFLAG ONBATT EXEC\n", want: want{notes: []string{"found wrong: there is no NOTIFYCMD: EXEC in NOTIFYFLAG does nothing"}}},
		{name: "rules", upsmon: sched, sched: "AT onbatt * execute one\nAT ONBATT * START-TIMER two 30\nAT ONLINE * CANCEL-TIMER two one\nCMDSCRIPT /x/cmd\n", dir: script, want: want{
			[]string{"upssched.conf:1: translated: AT ONBATT * EXECUTE one"},
			map[string]string{"events.ONBATT.message": `"first"`, "events.ONBATT.start": "two", "timers.two.after": "30s", "timers.two.message": `"second"`, "timers.two.shutdown": "false",
				"events.ONLINE.cancel": `two else (log true, wall false, message "first", exec none)`}}},
		{name: "shutdown at once", upsmon: sched, sched: "CMDSCRIPT /x/cmd\nAT ONBATT * EXECUTE down\nAT REPLBATT * EXECUTE down\nAT COMMBAD * EXECUTE down\nAT SHUTDOWN * EXECUTE down\n", dir: script, want: want{
			[]string{"upssched.conf:4: unsupported: AT COMMBAD * EXECUTE down: upsmon -c fsd for a lost link is not translated", "upssched.conf:5: not needed"},
			map[string]string{"events.ONBATT.shutdown": "true", "events.ONBATT.fsd": "false", "events.REPLBATT.fsd": "true", "events.COMMBAD.fsd": "false", "events.COMMBAD.message": `"off"`}}},
		{name: "shutdown timers", upsmon: sched, sched: "CMDSCRIPT /x/cmd\nAT COMMBAD * START-TIMER down 60\n", dir: script, want: want{
			[]string{"upssched.conf:2: unsupported: the timer down shuts the host down because a link is lost"}, map[string]string{"timers.down.shutdown": "false", "timers.down.fsd": "false"}}},
		{name: "shutdown timer of two events", upsmon: sched, sched: "CMDSCRIPT /x/cmd\nAT COMMBAD * START-TIMER down 60\nAT ONBATT * START-TIMER down 90\n", dir: script, want: want{
			nil, map[string]string{"timers.down.shutdown": "true", "timers.down.after": "1m30s", "events.COMMBAD.start": "down after 1m"}}},
		{name: "timer of a battery", upsmon: sched, sched: "CMDSCRIPT /x/cmd\nAT REPLBATT * START-TIMER down 60\n", dir: script, want: want{nil, map[string]string{"timers.down.shutdown": "false", "timers.down.fsd": "true"}}},
		{name: "odd timers", upsmon: sched, sched: "CMDSCRIPT /x/cmd\nAT ONBATT * START-TIMER one 0\nAT ONBATT * START-TIMER two -5\nAT ONBATT * START-TIMER one 9\nAT ONLINE * CANCEL-TIMER never two\nAT SHUTDOWN * START-TIMER one 9\nAT ONBATT * START-TIMER on_battery 9\nAT ONBATT * NONSENSE x\nAT ONBATT\n", dir: script, want: want{
			[]string{"upssched.conf:2: found wrong", "upssched.conf:3: found wrong", "upssched.conf:4: found wrong", "upssched.conf:5: found wrong: AT ONLINE CANCEL-TIMER never", "upssched.conf:6: unsupported", "upssched.conf:8: unsupported", "upssched.conf:9: unsupported"},
			map[string]string{"timers.one.after": "1s", "events.ONLINE.message": `"second"`, "events.ONLINE.cancel": "none", "timers.on_battery-2.after": "9s"}}},
		{name: "one UPS of two", ups: upsConf + "[b]\n", upsmon: sched + "MONITOR b@localhost 1 u p master\n", sched: "CMDSCRIPT /x/cmd\nAT ONBATT a@localhost EXECUTE one\nAT ONBATT * EXECUTE two\nAT ONLINE b EXECUTE one\n", dir: script, want: want{
			[]string{"upssched.conf:4: found wrong: AT ONLINE b: no MONITOR line has this name"},
			map[string]string{"ups.a.events.ONBATT.message": `"first\nsecond"`, "events.ONBATT.message": `"second"`, "events.ONLINE.message": "false"}}},
		{name: "not handed over", upsmon: sched, sched: "CMDSCRIPT /x/cmd\nAT LOWBATT * EXECUTE one\nAT NOPARENT * EXECUTE one\n", dir: script, want: want{
			[]string{"upssched.conf:2: found wrong: AT LOWBATT: upsmon.conf has no NOTIFYFLAG LOWBATT with EXEC", "upsmon.conf:3: found wrong: NOTIFYFLAG ONBATT has EXEC, and upssched.conf has no AT ONBATT"},
			map[string]string{"events.LOWBATT.message": "false"}}},
		{name: "what cannot be read out", upsmon: sched, sched: "CMDSCRIPT /x/cmd\nAT ONBATT * EXECUTE mail\nAT ONLINE * EXECUTE both\nAT COMMBAD * EXECUTE unheard\nAT REPLBATT * EXECUTE idle extra\n", dir: script, want: want{
			[]string{"cmd:1: translated: what cmd does for mail cannot be read out", "cmd:1: not needed: logger: the event or the timer tells it", `upssched.conf:4: found wrong: cmd has no branch for "unheard": NUT does nothing`, "upssched.conf:5: found wrong: AT REPLBATT: EXECUTE takes one word"},
			map[string]string{"events.ONBATT.exec": "/x/cmd mail (1m)", "events.ONLINE.message": `"sent"`, "events.COMMBAD.message": "false"}}},
		{name: "no script", upsmon: sched, sched: "CMDSCRIPT /nowhere/gone\nAT ONBATT * START-TIMER t 5\n", want: want{
			[]string{"upssched.conf:1: unsupported: CMDSCRIPT /nowhere/gone cannot be read out"}, map[string]string{"timers.t.exec": "/usr/bin/env UPSNAME=a@localhost /nowhere/gone t (1m)"}}},
		{name: "another language", upsmon: sched, sched: "CMDSCRIPT cmd\nAT ONBATT * EXECUTE x\n", dir: "#!/usr/bin/perl\n", want: want{
			[]string{"upssched.conf:1: unsupported: CMDSCRIPT cmd cannot be read out (it is not a shell script)"}, map[string]string{"events.ONBATT.exec": "/usr/bin/env UPSNAME=a@localhost cmd x (1m)"}}},
		{name: "modes", nut: "MODE='none'\nPOWEROFF_WAIT=15m\nUPSD_OPTIONS=\"-D\"\n", want: want{
			[]string{"nut.conf:1: found wrong: MODE=none", "nut.conf:3: not needed: UPSD_OPTIONS"}, map[string]string{"kill_power.wait_then_reboot": "15m"}}},
		{name: "net mode", nut: "MODE = netserver", upsd: "LISTEN 0.0.0.0 3493\nMAXAGE 25\nNONSENSE\n", users: "[x]\npassword=secret-word\nupsmon slave\n[y]\ninstcmds = ALL\n", want: want{
			[]string{"nut.conf:1: not needed: MODE=netserver", "upsd.conf:1: translated: LISTEN 0.0.0.0 3493 → network.listen: 0.0.0.0", "upsd.conf:2: not needed: MAXAGE", "upsd.conf:3: unsupported: NONSENSE",
				"upsd.users:5: found wrong: instcmds ALL", "upsd.users:4: unsupported: [y] has no password"},
			map[string]string{"network.listen": "[0.0.0.0]", "network.users.x.role": "secondary", "network.users.y.role": ""}}},
		{name: "listening everywhere", upsd: "LISTEN * 1000\nLISTEN localhost\nLISTEN ::1 3493\nLISTEN nas.lan\nMAXCONN 0\nCERTFILE /etc/x.pem\n", want: want{
			[]string{"upsd.conf:4: unsupported: LISTEN nas.lan: not an address", "upsd.conf:5: unsupported: MAXCONN 0", "upsd.conf:6: unsupported: CERTFILE"},
			map[string]string{"network.listen": "[0.0.0.0:1000 [::]:1000 127.0.0.1 ::1]", "network.max_connections": "32"}}},
		{name: "listening twice", upsd: "LISTEN 0.0.0.0\nLISTEN localhost\n", want: want{
			[]string{"upsd.conf: not needed: LISTEN 127.0.0.1: another LISTEN is for all addresses"}, map[string]string{"network.listen": "[0.0.0.0 ::1]"}}},
		{name: "accents", users: "[x]\npassword = mot-secrèt\nupsmon slave\n", upsd: "LISTEN ::1\n", want: want{
			[]string{"upsd.users:2: found wrong: password: it has characters that NUT's protocol does not carry", "upsd.users:2: translated: password, as a hash"}, map[string]string{"network.users.x.role": "secondary"}}},
		{name: "upsd's default", upsd: "MAXCONN 9\n", want: want{
			[]string{"upsd.conf: translated: there is no LISTEN"}, map[string]string{"network.listen": "[127.0.0.1 ::1]", "network.max_connections": "9"}}},
		{name: "no server", want: want{keys: map[string]string{"network.listen": "[]"}}},
		{name: "rights", users: "[adm in]\npassword = \"secret-word\"\nactions = set fsd\nactions = reboot\ninstcmds = all\ninstcmds = load.off\nupsmon primary\nallowfrom = x\n", want: want{
			[]string{"upsd.users:4: unsupported: actions REBOOT", "upsd.users:8: not needed: allowfrom"},
			map[string]string{"network.users.adm-in.actions": "[SET FSD]", "network.users.adm-in.instcmds": "[ALL load.off]", "network.users.adm-in.role": "primary"}}},
		{name: "open quotes", ups: upsConf, upsmon: monitorLine + "SHUTDOWNCMD \"/sbin/poweroff\nDEADTIME 20\n", want: want{[]string{"upsmon.conf:2: found wrong: the quotes that are open here"}, map[string]string{"dead_time": "15s"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := map[string]string{"ups.conf": upsConf, "upsmon.conf": monitorLine}
			for name, text := range map[string]string{
				"ups.conf": c.ups, "upsmon.conf": c.upsmon, "upssched.conf": c.sched, "nut.conf": c.nut, "cmd": c.dir, "upsd.users": c.users, "upsd.conf": c.upsd,
			} {
				if text != "" {
					files[name] = text
				}
			}
			config, text, report := importOf(t, Options{}, files)
			for _, want := range c.notes {
				if !strings.Contains(report, want) {
					t.Errorf("the report lacks %q", want)
				}
			}
			values := config.Values()
			for key, want := range c.keys {
				if got := values[key]; got != want {
					t.Errorf("%s is %s, want %s", key, got, want)
				}
			}
			if strings.Contains(report+text, "secret-word") {
				t.Error("a password is shown")
			}
			if t.Failed() {
				t.Logf("report:\n%s\n%s", report, text)
			}
		})
	}
}

func TestImportFails(t *testing.T) {
	empty := t.TempDir()
	pipe := t.TempDir()
	if err := os.Mkdir(filepath.Join(pipe, "ups.conf"), 0o700); err != nil {
		t.Fatal(err)
	}
	big := t.TempDir()
	if err := os.WriteFile(filepath.Join(big, "ups.conf"), make([]byte, maxNUTFile+1), 0o600); err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]string{
		empty:                        "has neither ups.conf nor upsmon.conf",
		filepath.Join(empty, "none"): "no such file",
		"import_test.go":             "is no folder",
		pipe:                         "is no plain file",
		big:                          "is longer than 1024 KiB",
	} {
		if _, _, err := Import(dir, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", dir, err, want)
		}
	}
}

// FuzzImport: whatever stands in the files, the import can be read, and the
// passwords that it found are in neither the file nor the report.
func FuzzImport(f *testing.F) {
	read := func(name string) []byte {
		data, err := os.ReadFile(filepath.Join("testdata/nut-station", name))
		if err != nil {
			f.Fatal(err)
		}
		return data
	}
	f.Add(read("ups.conf"), read("upsmon.conf"), read("upssched.conf"), read("prevenir.sh"))
	f.Add([]byte("[a]\nlowbatt=3\nofdelay=3\n[b]\nproduct=x\n"), []byte("MONITOR a 1 u p m\nMONITOR b@[::1] 2 u p m\nNOTIFYCMD \"x %s\"\nNOTIFYFLAG ALARM EXEC\nNOTIFYMSG ALARM \"{%s%s\"\nMINSUPPLIES 9\n"),
		[]byte("AT ONBATT * START-TIMER a 0\nAT ONLINE a CANCEL-TIMER a b\nCMDSCRIPT c"), []byte("case $1 in *) curl smsapi.free-mobile.fr/?user=1\\&pass=tigertiger\\&msg={{a;; esac"))
	f.Fuzz(func(t *testing.T, upsConf, upsmon, sched, script []byte) {
		m := newImporter("/nut", Options{Runtime: time.Minute}, func(path string, most int64) ([]byte, error) {
			for name, data := range map[string][]byte{"ups.conf": upsConf, "upsmon.conf": upsmon, "upssched.conf": sched} {
				if path == "/nut/"+name {
					return data, nil
				}
			}
			if slices.Contains(nutFiles, strings.TrimPrefix(path, "/nut/")) {
				return nil, fs.ErrNotExist
			}
			return script, nil
		})
		text, notes, err := m.run()
		if err != nil {
			if strings.Contains(err.Error(), "fault of the importer") && len(upsConf)+len(upsmon)+len(sched)+len(script) < 20000 {
				t.Fatalf("%v\n%s", err, text)
			}
			return
		}
		for _, s := range m.sends {
			if len(s.Password) > 8 && !strings.Contains(string(upsConf)+string(sched)+s.Text+s.User, s.Password) && strings.Contains(string(text), s.Password) {
				t.Fatalf("the password is in the file:\n%s", text)
			}
		}
		for _, n := range notes {
			if n.Kind == "" || n.Text == "" {
				t.Fatalf("%+v", n)
			}
		}
	})
}

// FuzzImportNetwork: whatever is in the files of the server, the import can be
// read again.
func FuzzImportNetwork(f *testing.F) {
	f.Add([]byte("LISTEN * 3493\nLISTEN [::1]\nMAXCONN 3\nCERTFILE x\n"), []byte("[a b]\npassword = tigertigertiger\nactions = SET \"FSD\"\ninstcmds = ALL \"x y\"\nupsmon slave\n[a-b]\n"), []byte("MONITOR a@nas 1 u tigertigertiger slave\nMONITOR b@[::2]:1 1 \"u@ \" p master\n"))
	f.Fuzz(func(t *testing.T, upsdConf, users, upsmon []byte) {
		m := newImporter("/nut", Options{}, func(path string, most int64) ([]byte, error) {
			for name, data := range map[string][]byte{"upsd.conf": upsdConf, "upsd.users": users, "upsmon.conf": upsmon} {
				if path == "/nut/"+name {
					return data, nil
				}
			}
			return nil, fs.ErrNotExist
		})
		m.hash = func(string) (string, error) {
			return "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", nil // of U*U; a true one costs time
		}
		text, _, err := m.run()
		if err != nil && strings.Contains(err.Error(), "fault of the importer") && len(upsdConf)+len(users)+len(upsmon) < 20000 {
			t.Fatalf("%v\n%s", err, text)
		}
	})
}

// TestValueNode: words that YAML takes for something else get quotes.
func TestValueNode(t *testing.T) {
	for text, want := range map[string]string{
		"true": `"true"`, "null": `"null"`, "shutdown.return": "shutdown.return", "30%": "30%", "a: b": `"a: b"`, "46": `"46"`,
	} {
		got, err := yaml.Marshal(document.Value(text))
		if err != nil || strings.TrimSpace(string(got)) != want {
			t.Errorf("%s: got %s, %v", text, got, err)
		}
	}
}
