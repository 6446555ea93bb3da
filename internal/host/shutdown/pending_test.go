package shutdown

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// TestAsk: what systemd has scheduled, and the jobs that take the host down or
// to sleep. The file is as systemd-logind writes it, the lists are as systemctl
// of Debian 12 prints them.
func TestAsk(t *testing.T) {
	const scheduled = "USEC=1767323045000000\nWARN_WALL=1\nMODE=poweroff\nUID=0\nTTY=pts/0\n"
	for name, c := range map[string]struct {
		scheduled string
		list      string // a shell script
		pending   Pending
		what      string
		fails     bool
	}{
		"nothing":              {"", "exit 0", NotPending, "", false},
		"shutdown +10":         {scheduled, "exit 0", Scheduled, "poweroff", false},
		"shutdown -k +10":      {"USEC=1\nMODE=dry-poweroff\n", "exit 0", NotPending, "", false},
		"poweroff":             {"", "echo '1213 poweroff.target start waiting'; echo '1300 ssh.service stop running'", ByJob, "poweroff.target", false},
		"a service that stops": {"", "echo '1300 ssh.service stop running'", NotPending, "", false},
		"a reboot":             {"", "echo '  77 reboot.target                start waiting'", ByJob, "reboot.target", false},
		"hibernation":          {"", "echo '99 systemd-hibernate.service start running'", ByJob, "systemd-hibernate.service", false},
		"back from sleep":      {"", "echo '99 sleep.target stop waiting'", NotPending, "", false},
		"it does not answer":   {"", "echo 'Failed to connect to bus' >&2; exit 1", NotPending, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := Systemd{Running: dir, Scheduled: filepath.Join(dir, "scheduled"), List: []string{"/bin/sh", "-c", c.list}}
			if c.scheduled != "" {
				if err := os.WriteFile(s.Scheduled, []byte(c.scheduled), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			p, what, err := s.Ask(t.Context())
			if p != c.pending || what != c.what || (err != nil) != c.fails || errors.Is(err, ErrNoSystemd) {
				t.Errorf("%q %q %v", p, what, err)
			}
		})
	}
	gone := Systemd{Running: filepath.Join(t.TempDir(), "none"), List: []string{"/bin/false"}}
	if _, _, err := gone.Ask(t.Context()); !errors.Is(err, ErrNoSystemd) {
		t.Errorf("no systemd: %v", err)
	}
}
