//go:build vm

package vmtest

import (
	"fmt"
	"strings"
)

// settings is a configuration for short outages; its messages go to the
// gateway stand-in. upss are the keys below ups, in YAML's flow style.
func settings(upss string) string {
	return fmt.Sprintf(`language: en
ups: {%s}
final_delay: 2s
kill_power: {wait_then_reboot: 0s} # the machine switches itself off before it is cut
events:
  ONBATT: {message: "on battery {{ups}}", start: outage}
  ONLINE: {message: "on mains {{ups}}", cancel: outage}
  LOWBATT: {message: "battery low {{ups}}"}
  COMMBAD: {message: "link lost {{ups}}"}
  COMMOK: {message: "link back {{ups}}"}
  SHUTDOWN: {message: "going down"}
timers:
  outage: {after: 15s, message: "no mains for 15 s", shutdown: true}
messages:
  rate: {burst: 100, every: 1s}
  routes:
    gateway: {http: {method: POST, url: "http://127.0.0.1:8080/", body: "{{text}}"}}
`, upss)
}

// watch configures ecnutd, starts it as its unit says, and waits until it has
// heard a UPS.
func (m *machine) watch(config string) {
	m.t.Helper()
	m.write("/etc/ecnutd/config.yaml", config)
	m.sh("systemctl start gateway.service && systemctl enable -q gateway.service && systemctl start ecnutd.service")
	m.heard("eaton")
}

// heard waits until the daemon has heard a UPS since it was started; one of the release
// before says so in flags.
func (m *machine) heard(ups string) {
	m.t.Helper()
	m.until(fmt.Sprintf("systemctl show -p StatusText ecnutd | grep -E '%s: (shutdown ordered, |arrêt ordonné, )?(on mains|on battery|sur secteur|sur batterie|O[LB])'", ups))
}

// told waits until the gateway stand-in has taken a message.
func (m *machine) told(text string) {
	m.t.Helper()
	m.until(fmt.Sprintf("grep -qF '%s' /var/log/gateway", text))
}

// messages are all that the gateway stand-in has taken.
func (m *machine) messages() []string {
	m.t.Helper()
	return strings.Split(m.sh("cat /var/log/gateway 2>/dev/null || true"), "\n")
}
