//go:build vm

package vmtest

import (
	"fmt"
	"strings"
)

// nutFiles is NUT configured as the usual guide for a server at home has it:
// one UPS, upssched, and a script that asks Free Mobile for an SMS. What the
// bench needs besides is that the return of the link is told as well.
var nutFiles = map[string]string{
	"nut.conf":   "MODE=standalone\n",
	"ups.conf":   "maxretry = 3\n[eaton]\n\tdriver = usbhid-ups\n\tport = auto\n",
	"upsd.conf":  "LISTEN 127.0.0.1 3493\nMAXCONN 32\n",
	"upsd.users": "[watcher]\n\tpassword = of-the-bench\n\tupsmon master\n",
	"upsmon.conf": `MONITOR eaton@localhost 1 watcher of-the-bench master
MINSUPPLIES 1
SHUTDOWNCMD "/bin/touch /run/went-down"
NOTIFYCMD /sbin/upssched
POLLFREQ 5
POLLFREQALERT 5
HOSTSYNC 15
DEADTIME 15
POWERDOWNFLAG /etc/killpower
RBWARNTIME 43200
NOCOMMWARNTIME 300
FINALDELAY 5
NOTIFYFLAG ONLINE SYSLOG+EXEC
NOTIFYFLAG ONBATT SYSLOG+EXEC
NOTIFYFLAG LOWBATT SYSLOG+EXEC
NOTIFYFLAG SHUTDOWN SYSLOG+EXEC
NOTIFYFLAG COMMBAD EXEC
NOTIFYFLAG COMMOK EXEC
`,
	"upssched.conf": `CMDSCRIPT /etc/nut/upssched-cmd
PIPEFN /run/nut/upssched.pipe
LOCKFN /run/nut/upssched.lock
AT COMMBAD * EXECUTE link-lost
AT COMMOK * EXECUTE link-back
AT ONLINE * CANCEL-TIMER wait
AT ONLINE * EXECUTE on-mains
AT ONBATT * START-TIMER wait 1200
AT ONBATT * EXECUTE on-battery
AT LOWBATT * EXECUTE battery-empty
AT SHUTDOWN * EXECUTE going-down
`,
	"upssched-cmd": `#!/bin/sh
# What upssched has to say, to the gateway.
case $1 in
	"on-battery")
		subject="UPS - on battery"
		message="Mains is lost, the host runs on the battery."
	;;
	"wait")
		subject="UPS - waited long enough"
		message="Mains has been away for too long: shutting down."
		/sbin/upsmon -c fsd
	;;
	"on-mains")
		subject="UPS - on mains"
		message="Mains is back."
	;;
	"link-lost")
		subject="UPS - link lost"
		message="The UPS does not answer."
	;;
	"link-back")
		subject="UPS - link back"
		message="The UPS answers again."
	;;
	"battery-empty")
		subject="UPS - battery empty"
		message="The battery is empty, the host goes down."
	;;
	"going-down")
		subject="UPS - going down"
		message="The host is shutting down."
	;;
	*)
		subject="UPS - $1"
		message="Something else: $1"
	;;
esac
curl -s "https://smsapi.free-mobile.fr/sendmsg?user=12345678&pass=of-the-bench&msg=$message" >/dev/null
`,
}

// toStandIn has the script of NUT ask the gateway stand-in instead of the
// service, whose address it has.
func toStandIn(script string) string {
	before, _, _ := strings.Cut(script, "curl ")
	return before + "curl -s --data \"$message\" http://127.0.0.1:8080/ >/dev/null\n"
}

// writeNUT writes NUT's files into a folder of the guest.
func (m *machine) writeNUT(dir string) {
	m.t.Helper()
	m.sh("mkdir -p " + dir)
	for name, text := range nutFiles {
		m.write(dir+"/"+name, text)
	}
}

// watchImported has ecnutd do what NUT's files say, with the gateway stand-in in
// the place of the service, and without the pause between two messages that is
// meant for a phone.
func (m *machine) watchImported() {
	m.t.Helper()
	m.writeNUT("/run/nut-files")
	imported := m.sh("ecnutd import-nut /run/nut-files 2>/run/import.log || { cat /run/import.log; false; }")
	before, _, ok := strings.Cut(imported, "messages:\n")
	if !ok {
		m.t.Fatalf("no messages are imported:\n%s", imported)
	}
	m.watch(before + `messages:
  rate: {burst: 100, every: 1s}
  routes:
    gateway: {http: {method: POST, url: "http://127.0.0.1:8080/", body: "{{text}}"}}
`)
}

// nutUnits are NUT's three programs, in the order of starting.
var nutUnits = []string{"bench-driver", "bench-upsd", "bench-upsmon"}

// nutRule puts NUT's udev rule back, which the machine has set aside.
func (m *machine) nutRule() {
	m.t.Helper()
	m.sh("mv /opt/vm/62-nut-usbups.rules /lib/udev/rules.d/ && udevadm control --reload && udevadm trigger --subsystem-match=usb && udevadm settle")
}

// startNUT configures Debian's NUT and starts it, without the udev rule of ours.
func (m *machine) startNUT() {
	m.t.Helper()
	m.writeNUT("/etc/nut")
	m.write("/etc/nut/upssched-cmd", toStandIn(nutFiles["upssched-cmd"]))
	m.sh("chown root:nut /etc/nut/* && chmod 640 /etc/nut/*.conf /etc/nut/upsd.users && chmod 750 /etc/nut/upssched-cmd && install -d -o root -g nut -m 770 /run/nut")
	m.nutRule()
	m.sh("systemctl start gateway.service")
	for unit, program := range map[string]string{"bench-driver": "/lib/nut/usbhid-ups -F -a eaton", "bench-upsd": "/sbin/upsd -F", "bench-upsmon": "/sbin/upsmon -F"} {
		m.write("/run/systemd/system/"+unit+".service", fmt.Sprintf("[Service]\nExecStart=%s\nCPUAccounting=yes\nRestart=always\n", program))
	}
	m.sh("systemctl daemon-reload && systemctl start bench-driver")
	m.until("test -S /run/nut/usbhid-ups-eaton")
	m.sh("systemctl start bench-upsd")
	m.until("upsc eaton@localhost ups.status | grep -q OL")
	m.sh("systemctl start bench-upsmon")
}
