//go:build vm

package vmtest

import "testing"

// TestPurge: the package was at work, with a UPS and an outage; purged, it
// leaves nothing, and NUT, which was installed beside it and stopped, is as it
// was.
func TestPurge(t *testing.T) {
	m := fresh(t)
	nut := m.sh("cd /etc/nut && sha256sum *; dpkg-query -W -f '${Package} ${Status}\\n' nut-server nut-client")
	u := newUPS(t, "")
	m.plug(u)
	m.watch(settings("eaton: {}"))
	u.CutMains()
	m.told("on battery eaton")
	u.RestoreMains()
	m.told("on mains eaton")
	m.sh("DEBIAN_FRONTEND=noninteractive dpkg --purge ecnutd")
	if left := m.sh("udevadm settle; find / -xdev -name '*ecnutd*' -not -path '/proc/*' -not -path '/tmp/*' -not -path '/var/log/*' -not -path '/var/cache/*' -not -path '/opt/vm/*'; find /run -name '*ecnutd*'"); left != "" {
		t.Errorf("left behind:\n%s", left)
	}
	m.sh("! pgrep -x ecnutd")
	if now := m.sh("cd /etc/nut && sha256sum *; dpkg-query -W -f '${Package} ${Status}\\n' nut-server nut-client"); now != nut {
		t.Errorf("NUT was\n%s\nand is\n%s", nut, now)
	}
}
