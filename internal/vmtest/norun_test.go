//go:build vm

package vmtest

import (
	"slices"
	"testing"
)

// TestNoRoomInRun: /run takes nothing any more, in each of the ways in which it may
// come to that, and the machine powers off in the outage all the same; late in that
// the UPS is told to cut its output.
func TestNoRoomInRun(t *testing.T) {
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
