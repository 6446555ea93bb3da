//go:build vm

package vmtest

import (
	"slices"
	"strings"
	"testing"
)

// The scenarios of `make attack` begin with TestAttack: what somebody on the host, or
// bad luck, does to it, on a real kernel. docs/security.md has the table.

// TestAttackNoRoomInRun: /run takes nothing any more, in each of the ways in which it may
// come to that, and the machine powers off in the outage all the same; late in that
// the UPS is told to cut its output.
func TestAttackNoRoomInRun(t *testing.T) {
	for name, fill := range map[string]string{
		"full":          "cat /dev/zero >/run/fill 2>/dev/null; dd if=/dev/zero of=/run/fill2 bs=4096 2>/dev/null; ! dd if=/dev/zero of=/run/fill3 bs=4096 count=1",
		"out of inodes": "mount -o remount,nr_inodes=$(($(df --output=iused /run | tail -1) + 20)) /run; i=0; while : >/run/fill$i; do i=$((i+1)); done 2>/dev/null; ! touch /run/another",
		"read-only":     "mount --bind /run /run; mount -o remount,bind,ro /run; ! touch /run/another",
	} {
		t.Run(name, func(t *testing.T) {
			m := fresh(t)
			u := newUPS(t, "")
			m.plug(u)
			m.watch(settings("eaton: {}"))
			m.heard("eaton")
			// The lab itself needs /run: this is the last that it is told.
			if _, code, err := m.try("exec >/tmp/fill.out 2>&1; " + fill); err == nil && code != 0 {
				t.Fatalf("/run takes more: %d", code)
			}
			u.CutMains()
			m.waitOff()
			if got, want := u.sets(), []string{"0a1e000000", "0914000000"}; !slices.Equal(got, want) {
				t.Errorf("late in the shutdown the UPS was written %v, want %v", got, want)
			}
		})
	}
}

// TestAttackHangingShutdown: a service never stops, so that systemd never comes to the
// end of the shutdown. When the battery is about to end the guard has the UPS told to
// cut its output, and switches the machine off.
func TestAttackHangingShutdown(t *testing.T) {
	m := fresh(t)
	u := newUPS(t, "")
	m.plug(u)
	m.write("/etc/systemd/system/hang.service", "[Service]\nExecStart=/bin/sleep infinity\nExecStop=/bin/sleep infinity\nTimeoutStopSec=infinity\n")
	m.watch(settings("eaton: {}"))
	m.sh("systemctl daemon-reload && systemctl start hang.service")
	u.CutMains()
	m.told("going down")
	m.until("systemctl is-active ecnutd-guard.service && systemctl list-jobs --plain | grep hang.service")
	m.until("! systemctl is-active ecnutd.service")
	if got := u.sets(); len(got) > 0 {
		t.Fatalf("with a battery that lasts the UPS was written %v", got)
	}
	u.SetSpeed(0.1) // it is about to end for as long as the machine takes
	u.SetCharge(2)
	m.waitOff()
	if got, want := u.sets(), []string{"0a1e000000", "0914000000"}; !slices.Equal(got, want) {
		t.Errorf("the UPS was written %v, want %v", got, want)
	}
}

// TestAttackStatusGroup: whoever may look at the UPS may not command it, read the
// secrets, or open its nodes; whoever is in no group may not even look.
func TestAttackStatusGroup(t *testing.T) {
	m := fresh(t)
	u := newUPS(t, "")
	m.plug(u)
	m.sh("install -m 640 -g ecnutd /dev/null /etc/ecnutd/sms.secret && echo geheim >/etc/ecnutd/sms.secret")
	m.sh("useradd -G ecnutd-status looks && useradd nobodyelse")
	m.watch(settings("eaton: {}"))
	as := func(user, command string) string {
		return "setpriv --reuid=" + user + " --regid=" + user + " --init-groups " + command
	}
	m.sh(as("looks", "ecnutd status") + " | grep eaton")
	m.sh(as("looks", "ecnutd dump ups.status") + " | grep -x OL")
	for _, refused := range []string{
		as("nobodyelse", "ecnutd status"),
		as("looks", "ecnutd fsd --reason x"), as("looks", "ecnutd command beeper.mute"), as("looks", "ecnutd sms send --queue x"),
		as("looks", "cat /etc/ecnutd/sms.secret"), as("looks", "cat /etc/ecnutd/config.yaml"),
		as("looks", "sh -c 'exec <>/dev/hidraw0'"), as("looks", "sh -c 'exec </dev/hidraw0'"),
		as("looks", "sh -c 'for n in /dev/bus/usb/*/*; do exec 3<>$n && exit 0; done; exit 1'"),
		as("looks", "sh -c 'echo >/run/ecnutd/shutdown'"), as("looks", "ls /var/lib/ecnutd"),
	} {
		if out, code, err := m.try(refused); err != nil || code == 0 {
			t.Errorf("%s: %d, %v: %s", refused, code, err, out)
		}
	}
	if got := u.sets(); len(got) > 0 {
		t.Errorf("the UPS was written %v", got)
	}
}

// TestAttackByName: a process of anybody that is called as NUT's monitor keeps nothing
// from starting, and the journal says what it looks like.
func TestAttackByName(t *testing.T) {
	m := fresh(t)
	u := newUPS(t, "")
	m.plug(u)
	m.sh("useradd anybody && cp /bin/sleep /tmp/upsmon && chmod 755 /tmp/upsmon")
	m.sh("setpriv --reuid=anybody --regid=anybody --clear-groups /tmp/upsmon 100000 >/dev/null 2>&1 & sleep 0.5; pgrep -x upsmon")
	m.watch(settings("eaton: {}"))
	m.until("journalctl -b -u ecnutd | grep 'is called upsmon'")
}

// TestAttackPlanted: the daemon's user puts links where root works, and root writes
// nothing through them.
func TestAttackPlanted(t *testing.T) {
	m := fresh(t)
	m.write("/etc/ecnutd/config.yaml", settings("eaton: {}"))
	m.sh("install -d -o ecnutd -g ecnutd -m 750 /var/lib/ecnutd && install -d -o ecnutd -g ecnutd /run/ecnutd")
	m.sh("install -m 644 /dev/null /etc/profile.d/victim.sh")
	was := m.sh("stat -c '%U %a %s' /etc/profile.d/victim.sh")
	plant := "setpriv --reuid=ecnutd --regid=ecnutd --clear-groups sh -c 'cd /var/lib/ecnutd && ln -sf /etc/profile.d/victim.sh state.db && ln -sf /etc/profile.d/victim.sh killpower.json && cd /run/ecnutd && ln -sf /etc/profile.d/victim.sh killpower && ln -sf /etc/profile.d/victim.sh refused && ln -sf /etc/profile.d/victim.sh control.sock.lock'"
	m.sh(plant)
	_, _, _ = m.try("ecnutd sms queue; ecnutd killpower --action poweroff; ecnutd shutdown-helper; ecnutd status; ecnutd doctor; timeout 5 ecnutd run --simulate")
	if now := m.sh("stat -c '%U %a %s' /etc/profile.d/victim.sh"); now != was {
		t.Errorf("the file was %q and is %q", was, now)
	}
	if masked := m.sh("find /etc/systemd /etc/profile.d -newer /opt/vm/gateway -user ecnutd"); strings.TrimSpace(masked) != "" {
		t.Errorf("given away: %s", masked)
	}
}
