//go:build vm

package vmtest

import "fmt"

// nutFiles is NUT configured as the usual guide for a server at home has it:
// one UPS, upssched, and a script that asks a gateway for an SMS. What the
// bench needs besides is that the return of the link is told as well.
var nutFiles = map[string]string{
	"nut.conf":   "MODE=standalone\n",
	"ups.conf":   "maxretry = 3\n[eaton]\n\tdriver = usbhid-ups\n\tport = auto\n",
	"upsd.conf":  "LISTEN 127.0.0.1 3493\nMAXCONN 32\n",
	"upsd.users": "[watcher]\n\tpassword = of-the-bench\n\tupsmon master\n",
	"upsmon.conf": `MONITOR eaton@localhost 1 watcher of-the-bench master
MINSUPPLIES 1
SHUTDOWNCMD /bin/true
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
NOTIFYFLAG COMMBAD EXEC
NOTIFYFLAG COMMOK EXEC
`,
	"upssched.conf": `CMDSCRIPT /etc/nut/upssched-cmd
PIPEFN /run/nut/upssched.pipe
LOCKFN /run/nut/upssched.lock
AT ONLINE * CANCEL-TIMER wait
AT ONLINE * EXECUTE on-mains
AT ONBATT * START-TIMER wait 1200
AT ONBATT * EXECUTE on-battery
AT COMMBAD * EXECUTE link-lost
AT COMMOK * EXECUTE link-back
`,
	"upssched-cmd": "#!/bin/sh\ncurl -s --data \"$1\" http://127.0.0.1:8080/ >/dev/null\n",
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
	for name, text := range nutFiles {
		m.write("/etc/nut/"+name, text)
	}
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
