package importer

import (
	"slices"
	"strings"
	"testing"
	"time"

	"ecnutd/internal/engine"
	"ecnutd/internal/scenario"
)

// outage is one of half an hour: mains fails at second 20, the charge is 90, 70,
// 45, 25 and 12 at seconds 80, 620, 920, 1220 and 1520, and the UPS says that
// its battery is low at 1520.
const outage = `ups.status: OL
battery.charge: 100
battery.runtime: 2400
TIMER 20
ups.status: OB DISCHRG
TIMER 60
battery.charge: 90
battery.runtime: 2000
TIMER 540
battery.charge: 70
battery.runtime: 1400
TIMER 300
battery.charge: 45
battery.runtime: 800
TIMER 300
battery.charge: 25
battery.runtime: 400
TIMER 300
battery.charge: 12
battery.runtime: 100
ups.status: OB DISCHRG LB
TIMER 60
`

// lowAt is when the host goes down of itself: LB counts at its second reading.
const lowAt = 1522

// played imports a folder, and plays the outage with what came of it.
func played(t *testing.T, files map[string]string) (down float64, texts []string, report, yaml string) {
	t.Helper()
	c, yaml, report := importOf(t, Options{Runtime: 40 * time.Minute}, files)
	s, err := scenario.Read(strings.NewReader(outage), "outage", "", []string{c.UPS[0].Name})
	if err != nil {
		t.Fatal(err)
	}
	var rows []engine.Row
	for _, r := range scenario.Play(c, s) {
		switch {
		case r.Kind == "shutdown" && down == 0:
			down = r.T
		case r.Kind == "notify" && r.Route == "sms":
			texts = append(texts, r.Text)
		}
		rows = append(rows, r)
	}
	if t.Failed() {
		t.Log(rows)
	}
	return down, texts, report, yaml
}

// folder is a NUT that starts a timer of five minutes at ONBATT, whose end calls
// the script.
func folder(script string) map[string]string {
	return map[string]string{
		"ups.conf":      "[u]\ndriver=usbhid-ups\nport=auto\n",
		"upsmon.conf":   "MONITOR u@localhost 1 a b primary\nSHUTDOWNCMD /sbin/poweroff\nPOWERDOWNFLAG /etc/killpower\nNOTIFYCMD /sbin/upssched\nNOTIFYFLAG ONBATT SYSLOG+EXEC\nNOTIFYFLAG ONLINE SYSLOG+EXEC\n",
		"upssched.conf": "CMDSCRIPT /etc/nut/doit\nPIPEFN /run/p\nLOCKFN /run/l\nAT ONBATT * START-TIMER off 300\nAT ONBATT * EXECUTE now\nAT ONLINE * CANCEL-TIMER off\n",
		"doit":          script,
	}
}

const request = `curl -G https://smsapi.free-mobile.fr/sendmsg -d user=1 -d pass=tigertiger --data-urlencode `

// TestForms: the ways in which scripts order a shutdown. When the host goes down
// is reckoned from what a shell would do, beside each.
func TestForms(t *testing.T) {
	const (
		onTimer = 20 + 300
		never   = lowAt
	)
	for _, c := range []struct {
		name, script string
		down         float64
		notes        []string // in the report
		hand         bool     // something wants a hand that is named by a line of the script
		absent       string   // must not be in report or YAML
	}{
		{name: "plain", script: "case $1 in off) upsmon -c fsd;; esac", down: onTimer},
		{name: "argument in lower case", script: "case ${1,,} in off) /sbin/upsmon -c fsd;; esac", down: onTimer},
		{name: "main", script: "main() {\n case \"$1\" in off) upsmon -c fsd;; esac\n}\nmain \"$@\"", down: onTimer},
		{name: "elif", script: "if [ \"$1\" = on ]; then :; elif test x$1 = xoff; then upsmon -c fsd; fi", down: onTimer},
		{name: "falls through", script: "case $1 in off) logger a ;& x) upsmon -c fsd;; esac", down: onTimer},
		{name: "in a variable", script: "C='/sbin/upsmon -c fsd'\ncase $1 in off) $C;; esac", down: onTimer},
		{name: "in an array", script: "C=(/sbin/upsmon -c fsd)\ncase $1 in off) \"${C[@]}\";; esac", down: onTimer},
		{name: "by sudo", script: "case $1 in off) sudo -n -u root /sbin/upsmon -c fsd;; esac", down: onTimer},
		{name: "by env and timeout", script: "case $1 in off) env A=b timeout -k 5 10 nice -n 5 upsmon -c fsd;; esac", down: onTimer},
		{name: "by bash -c", script: "case $1 in off) bash -c 'sleep 1; upsmon -c fsd';; esac", down: onTimer},
		{name: "by eval", script: "X=upsmon\ncase $1 in off) eval \"$X -c fsd\";; esac", down: onTimer},
		{name: "read by a shell", script: "case $1 in off) echo 'upsmon -c fsd' | sh;; esac", down: onTimer},
		{name: "here-document for a shell", script: "case $1 in off) sh <<E\nupsmon -c fsd\nE\n;; esac", down: onTimer},
		{name: "systemd", script: "case $1 in off) systemctl --no-block start poweroff.target;; esac", down: onTimer},
		{name: "dbus", script: "case $1 in off) dbus-send --system --dest=org.freedesktop.login1 /org/freedesktop/login1 org.freedesktop.login1.Manager.PowerOff boolean:true;; esac", down: onTimer},
		{name: "still on battery", script: "case $1 in off) if upsc u@localhost ups.status 2>/dev/null | grep -q OB; then upsmon -c fsd; fi;; esac", down: onTimer},
		{name: "not on mains", script: "case $1 in off) S=$(upsc u ups.status); [ \"$S\" != OL ] && upsmon -c fsd;; esac", down: onTimer},
		{name: "status function", script: "onbatt() { upsc u ups.status | grep -q OB; }\ncase $1 in off) if onbatt; then upsmon -c fsd; fi;; esac", down: onTimer},
		{name: "one of the two", script: "case $1 in off) if [ $(upsc u ups.status) = OL ]; then upsmon -c fsd; fi;; esac", down: never},
		{name: "UPS answers", script: "case $1 in off) C=$(upsc u battery.charge); [ -n \"$C\" ] && upsmon -c fsd;; esac", down: onTimer},

		{name: "later", script: "case $1 in off) ( sleep 40; upsmon -c fsd ) & ;; esac", down: onTimer + 40},
		{name: "shutdown +1", script: "case $1 in off) shutdown -h +1;; esac", down: onTimer + 60},
		{name: "shutdown of its own", script: "case $1 in off) shutdown -h;; esac", down: onTimer + 60},
		{name: "at", script: "case $1 in off) echo upsmon -c fsd | at now + 2 minutes;; esac", down: onTimer + 120},
		{name: "later, with a message", script: "case $1 in off) " + request + "msg=x; sleep 40; upsmon -c fsd;; esac", down: onTimer + 40},
		{name: "now and later", script: "case $1 in now) sleep 100; upsmon -c fsd;; esac", down: 20 + 100},
		{name: "at an hour", script: "case $1 in off) shutdown -h 23:00;; esac", down: never, hand: true, notes: []string{"doit:1: unsupported: shutdown -h 23:00"}},
		{name: "wait not known", script: "case $1 in off)\nsleep $WAIT; upsmon -c fsd;; esac", down: never, hand: true, notes: []string{"doit:2: unsupported: upsmon -c fsd for off comes after a wait"}},

		{name: "dry run", script: "DRY=1\ncase $1 in off) if [ $DRY = 1 ]; then logger dry; else upsmon -c fsd; fi;; esac", down: never, notes: []string{"doit:2: not needed: upsmon -c fsd: never given"}},
		{name: "exit before", script: "case $1 in off) logger x; exit 0\nupsmon -c fsd;; esac", down: never, notes: []string{"doit:2: not needed: upsmon -c fsd: never given"}},
		{name: "return before", script: "f() {\nreturn\nupsmon -c fsd\n}\ncase $1 in off) f;; esac", down: never},
		{name: "argument of a function", script: "f() { case $1 in hard) upsmon -c fsd;; esac; }\ncase $1 in off) f soft;; esac", down: never},
		{name: "text of a mail", script: "case $1 in off) mail -s x root <<E\nupsmon -c fsd\ncase x in y) ;;\nE\n;; esac", down: never},
		{name: "taken back", script: "case $1 in off) shutdown -c;; esac", down: never},

		{name: "file", script: "case $1 in off)\n[ -e /etc/no ] || upsmon -c fsd;; esac", down: never, hand: true, notes: []string{"doit:2: unsupported: upsmon -c fsd for off hangs on the condition of doit:2"}},
		{name: "file before", script: "[ -e /etc/no ] && exit 0\ncase $1 in off)\nupsmon -c fsd;; esac", down: never, hand: true, notes: []string{"doit:3: unsupported: upsmon -c fsd for off hangs on the condition of doit:1"}},
		{name: "hour", script: "case $1 in off) if [ $(date +%H) -lt 7 ]; then\nupsmon -c fsd; fi;; esac", down: never, hand: true, notes: []string{"doit:2: unsupported"}},
		{name: "other command", script: "case $1 in off) ping -c1 nas && upsmon -c fsd;; esac", down: never, hand: true, notes: []string{"doit:1: unsupported"}},
		{name: "loop", script: "case $1 in off) while sleep 1; do n=$((n+1))\n[ $n -gt 6 ] && upsmon -c fsd; done;; esac", down: never, hand: true, notes: []string{"doit:2: unsupported"}},
		{name: "loop that decides later", script: "case $1 in off) while read x; do\nGO=yes; done </etc/x\nif [ \"$GO\" = yes ]; then upsmon -c fsd; fi;; esac", down: never, hand: true, notes: []string{"doit:3: unsupported"}},
		{name: "unknown list", script: "case $1 in off) for x in $(ls /etc/off.d); do\nupsmon -c fsd; done;; esac", down: never, hand: true, notes: []string{"doit:2: unsupported"}},
		{name: "known list", script: "for x in a off; do if [ $1 = $x ]; then upsmon -c fsd; break; fi; done", down: onTimer},
		{name: "no answer", script: "case $1 in off) C=$(upsc u battery.charge); if [ -z \"$C\" ]; then\nupsmon -c fsd; fi;; esac", down: never, hand: true, notes: []string{"doit:2: unsupported"}},
		{name: "file that is not here", script: ". /etc/nut/conf\ncase $1 in off) [ \"$MODE\" = real ] && upsmon -c fsd;; esac", down: never, hand: true, notes: []string{"doit:2: unsupported"}},
		{name: "file may say otherwise", script: "DRY=yes\n. /etc/nut/conf\ncase $1 in off) [ $DRY = no ] && upsmon -c fsd;; esac", down: never, hand: true, notes: []string{"doit:3: unsupported"}},
		{name: "unknown command", script: "case $1 in off)\n$STOPPER;; esac", down: never, hand: true, notes: []string{"doit:2: unsupported: a command that stands in a variable"}},

		{name: "two files on one line", script: "case $1 in off)\n{ [ -e /a ] || ! [ -e /b ]; } && upsmon -c fsd;; esac", down: never, hand: true, notes: []string{"doit:2: unsupported: upsmon -c fsd for off hangs on the condition of doit:2"}},
		{name: "two files in one test", script: "case $1 in off)\nif [[ -e /a && ! -e /b ]]; then upsmon -c fsd; fi;; esac", down: never, hand: true, notes: []string{"doit:2: unsupported: upsmon -c fsd for off hangs on the condition of doit:2"}},
		{name: "one function, two files", script: "has() { [ -e $1 ]; }\ncase $1 in off) if has /a || ! has /b; then\nupsmon -c fsd; fi;; esac", down: never, hand: true, notes: []string{"doit:3: unsupported: upsmon -c fsd for off hangs on the condition of doit:1"}},
		{name: "waits for a file", script: "case $1 in off) until [ -e /a ]; do sleep 1; done\nupsmon -c fsd;; esac", down: never, hand: true, notes: []string{"doit:2: unsupported: upsmon -c fsd for off comes after a wait"}},
		{name: "waits on one line", script: "case $1 in off)\nwhile ! [ -e /a ]; do sleep 1; done; upsmon -c fsd;; esac", down: never, hand: true, notes: []string{"doit:2: unsupported: upsmon -c fsd for off comes after a wait"}},
		{name: "piped into a shell", script: "case $1 in off)\nbase64 -d /etc/nut/x | sh;; esac", down: never, hand: true, notes: []string{"doit:2: unsupported"}},
		{name: "signal", script: "case $1 in off)\nkill -USR1 $(cat /run/nut/upsmon.pid);; esac", down: never, hand: true, notes: []string{"doit:2: unsupported: a signal to upsmon"}},
		{name: "kernel", script: "case $1 in off)\necho o >/proc/sysrq-trigger;; esac", down: never, hand: true, notes: []string{"doit:2: unsupported: writing to /proc/sysrq-trigger"}},

		{name: "reboot", script: "case $1 in off)\n/sbin/shutdown -r now;; esac", down: never, hand: true, notes: []string{"doit:2: unsupported: shutdown -r now: a reboot is no poweroff"}},
		{name: "output", script: "case $1 in off)\nupscmd -u adm -p lionlion u@localhost shutdown.return\nupsdrvctl shutdown;; esac", down: never, hand: true, notes: []string{"doit:2: unsupported: upscmd … shutdown.return", "doit:3: unsupported: upsdrvctl shutdown"}, absent: "lionlion"},
		{name: "other host", script: "case $1 in off)\nssh root@nas poweroff;; esac", down: never, hand: true, notes: []string{"doit:2: unsupported: poweroff, given to another host by ssh"}},
		{name: "behind a program", script: "case $1 in off)\nscreen -dm upsmon -c fsd;; esac", down: never, hand: true, notes: []string{"doit:2: unsupported: upsmon -c fsd stands behind screen"}},
		{name: "other language", script: "#!/usr/bin/python3\nimport os\nos.system('/sbin/upsmon -c fsd')\n", down: never, hand: true, notes: []string{"doit:3: unsupported: upsmon -c fsd: it is not a shell script"}},
		{name: "broken", script: "case $1 in off)\nupsmon -c fsd\nif\n", down: never, hand: true, notes: []string{"doit:2: unsupported: upsmon -c fsd", "stumble at its line"}},

		{name: "charge", script: "case $1 in now) C=$(upsc u battery.charge)\nif [ \"$C\" -lt 50 ]; then upsmon -c fsd; fi;; esac", down: 922, notes: []string{"doit:2: translated", "→ low_battery.charge: 49%"}},
		{name: "charge in the timer", script: "case $1 in off) if (( $(upsc u battery.charge | cut -d. -f1) <= 25 )); then upsmon -c fsd; fi;; esac", down: 1222, notes: []string{"→ low_battery.charge: 25%"}},
		{name: "runtime in minutes", script: "case $1 in off) R=$(( $(upsc u battery.runtime) / 60 )); [ $R -lt 20 ] && upsmon -c fsd;; esac", down: 922, notes: []string{"→ low_battery.runtime: 19m59s"}},
		{name: "from all variables", script: "case $1 in off) C=$(upsc u 2>/dev/null | grep '^battery.charge:' | awk '{print $2}'); if [[ $C -lt 30 ]]; then upsmon -c fsd; fi;; esac", down: 1222},
		{name: "charge or runtime", script: "case $1 in off) if [ $(upsc u battery.charge) -lt 20 ] || [ $(upsc u battery.runtime) -lt 1000 ]; then upsmon -c fsd; fi;; esac", down: 922},
		{name: "charge and runtime", script: "case $1 in off) if [ $(upsc u battery.charge) -lt 50 ] && [ $(upsc u battery.runtime) -lt 1000 ]; then upsmon -c fsd; fi;; esac", down: never, hand: true, notes: []string{"doit:1: unsupported"}},
		{name: "charge above", script: "case $1 in off) if [ $(upsc u battery.charge) -gt 50 ]; then\nupsmon -c fsd; fi;; esac", down: never, hand: true, notes: []string{"doit:2: unsupported"}},
		{name: "low battery", script: "case $1 in off) case $(upsc u ups.status) in *LB*) upsmon -c fsd;; esac;; esac", down: never, notes: []string{"doit:1: not needed: upsmon -c fsd for off at a low battery"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			down, _, report, yaml := played(t, folder(c.script))
			if down != c.down {
				t.Errorf("down at %v, want %v", down, c.down)
			}
			for _, want := range c.notes {
				if !strings.Contains(report, want) {
					t.Errorf("the report lacks %q", want)
				}
			}
			if hand := strings.Contains(report, "\ndoit:") && slices.ContainsFunc(strings.Split(report, "\n"), func(l string) bool {
				return strings.HasPrefix(l, "doit:") && strings.Contains(l, ": unsupported: ")
			}); hand != c.hand {
				t.Errorf("wants a hand: %v, want %v", hand, c.hand)
			}
			if all := report + yaml; c.absent != "" && strings.Contains(all, c.absent) || strings.Contains(all, "tigertiger") {
				t.Error("a secret is shown")
			}
			if t.Failed() {
				t.Logf("%s\n%s", report, yaml)
			}
		})
	}
}

// TestMessages: what is sent at ONBATT, for the ways in which texts hang on
// something. The texts are what a shell would put into the request.
func TestMessages(t *testing.T) {
	for _, c := range []struct {
		name, script string
		want         []string
		notes        []string
		not          string // in the report
	}{
		{name: "default", script: "T=${2:-Power cut}\ncase $1 in now) " + request + "\"msg=$T\";; esac", want: []string{"Power cut"}, not: "no value"},
		{name: "other default", script: "case $1 in now) T=${NAME-none}; " + request + "\"msg=${T^^}\";; esac", want: []string{"NONE"}},
		{name: "replaced", script: "T='a b c'\ncase $1 in now) curl \"https://smsapi.free-mobile.fr/sendmsg?user=1&pass=tigertiger&msg=${T// /%20}\";; esac", want: []string{"a b c"}},
		{name: "only below", script: "case $1 in now) if [ $(upsc u battery.charge) -lt 50 ]; then\n" + request + "msg=Low; fi;; esac", notes: []string{`doit:2: unsupported: the message "Low" for now hangs on the condition of doit:1`}},
		{name: "one and another", script: "case $1 in now) T=calm; if [ -e /x ]; then T=storm; fi\n" + request + "msg=$T;; esac", notes: []string{"doit:2: unsupported: the message for now has another text depending on the condition of doit:1"}},
		{name: "first and second", script: "say() { " + request + "\"msg=$1\"; }\ncase $1 in now) say always\n[ -e /x ] && say sometimes;; esac", want: []string{"always"}, notes: []string{`doit:3: unsupported: the message "sometimes"`}},
		{name: "tried again", script: "case $1 in now) for i in 1 2 3; do " + request + "msg=Cut && break; sleep 5; done;; esac", want: []string{"Cut"}, not: "doit:1: unsupported"},
		{name: "no answer", script: "C=$(upsc u battery.charge); if [ -z \"$C\" ]; then C=none; fi\ncase $1 in now) " + request + "\"msg=$C %\";; esac", want: []string{"100 %"}},
		{name: "much later", script: "case $1 in now) ( sleep 600\n" + request + "\"msg=ten minutes\" ) & ;; esac", notes: []string{`doit:2: unsupported: the message "ten minutes" for now comes after a wait of 10m`}},
		{name: "taken in", script: ". /etc/nut/vars\ncase $1 in now) curl \"https://smsapi.free-mobile.fr/sendmsg?user=$U&pass=$P&msg=Cut\";; esac", want: nil, notes: []string{"the customer number (user=) cannot be read out", "AT ONBATT * EXECUTE now → events.ONBATT.message"}, not: "has no value"},
		{name: "event and UPS", script: "case $1 in now) " + request + "\"msg=$NOTIFYTYPE $UPSNAME\";; esac", want: []string{"ONBATT u@localhost"}},
		{name: "by event", script: "case $NOTIFYTYPE in ONBATT) T=cut;; *) T=other;; esac\n[ $1 = now ] && " + request + "msg=$T", want: []string{"cut"}},
		{name: "by the name of the UPS", script: "case ${UPSNAME%@*} in u) T=ours;; esac\n[ $1 = now ] && " + request + "msg=$T", want: []string{"ours"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, texts, report, yaml := played(t, folder(c.script))
			if !slices.Equal(texts, c.want) {
				t.Errorf("sent %q, want %q", texts, c.want)
			}
			for _, want := range c.notes {
				if !strings.Contains(report, want) {
					t.Errorf("the report lacks %q", want)
				}
			}
			if c.not != "" && strings.Contains(report, c.not) {
				t.Errorf("the report says %q", c.not)
			}
			if strings.Contains(report+yaml, "tigertiger") {
				t.Error("a secret is shown")
			}
			if t.Failed() {
				t.Logf("%s\n%s", report, yaml)
			}
		})
	}
}

// TestVariablesOfAFile: a file that is here is taken in.
func TestVariablesOfAFile(t *testing.T) {
	files := folder("#!/bin/sh\n. \"$(dirname \"$0\")/vars\"\ncase $1 in now) curl \"https://smsapi.free-mobile.fr/sendmsg?user=$U&pass=$P&msg=$T\";; off) sleep $WAIT; upsmon -c fsd;; esac\n")
	files["vars"] = "U=12\nP=tigertiger\nT=Cut\nWAIT=2m\n"
	down, texts, report, _ := played(t, files)
	if down != 20+300+120 || !slices.Equal(texts, []string{"Cut"}) || !strings.Contains(report, "vars:2: found wrong: the password of the variable P") {
		t.Errorf("down %v, sent %q\n%s", down, texts, report)
	}
}
