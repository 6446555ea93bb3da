package shutdown

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// A Pending says why a shutdown of this host is still to come.
type Pending string

// The reasons. While there is one, nothing is given again and nothing is over.
const (
	NotPending Pending = ""
	ByCommand  Pending = "command"   // the shutdown command is at work
	Scheduled  Pending = "scheduled" // systemd has a shutdown scheduled, as by shutdown +10
	ByJob      Pending = "job"       // systemd is going down, or to sleep
)

// ErrNoSystemd says that there is no systemd to ask.
var ErrNoSystemd = errors.New("systemd does not run this host")

// Systemd is the service manager of this host, asked by root.
type Systemd struct {
	Running   string   // exists where systemd runs the host
	Scheduled string   // the file in which a shutdown is scheduled
	List      []string // the command that lists the jobs
}

// ThisSystemd is the one of this host.
var ThisSystemd = Systemd{
	Running:   "/run/systemd/system",
	Scheduled: "/run/systemd/shutdown/scheduled",
	List:      []string{"systemctl", "list-jobs", "--plain", "--no-legend", "--no-pager"},
}

// askTime bounds the question for the jobs.
const askTime = 5 * time.Second

// goingDown are the units whose start takes the host down, or to sleep: until
// its end nobody knows what comes after it.
var goingDown = []string{
	"poweroff.target", "halt.target", "reboot.target", "kexec.target", "exit.target", "soft-reboot.target", "shutdown.target", "final.target", "umount.target",
	"systemd-poweroff.service", "systemd-halt.service", "systemd-reboot.service", "systemd-kexec.service", "systemd-soft-reboot.service",
	"sleep.target", "suspend.target", "hibernate.target", "hybrid-sleep.target", "suspend-then-hibernate.target",
	"systemd-suspend.service", "systemd-hibernate.service", "systemd-hybrid-sleep.service", "systemd-suspend-then-hibernate.service",
}

// Ask asks whether a shutdown is pending; what names it as systemd does. The
// error wraps ErrNoSystemd where nobody can be asked.
func (s Systemd) Ask(ctx context.Context) (p Pending, what string, err error) {
	if _, err := os.Stat(s.Running); err != nil {
		return NotPending, "", ErrNoSystemd
	}
	text, err := os.ReadFile(s.Scheduled)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return NotPending, "", err
	}
	if mode := scheduledMode(string(text)); mode != "" {
		return Scheduled, mode, nil
	}
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, s.List[0], s.List[1:]...)
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	if err != nil {
		return NotPending, "", fmt.Errorf("%s: %w", strings.Join(s.List, " "), err)
	}
	if unit := downJob(string(out)); unit != "" {
		return ByJob, unit, nil
	}
	return NotPending, "", nil
}

// scheduledMode is what a file of systemd's shutdown says is scheduled, "" for
// nothing. Its lines are USEC=, WARN_WALL= and MODE=; a dry run only warns.
func scheduledMode(text string) string {
	for line := range strings.Lines(text) {
		if mode, ok := strings.CutPrefix(strings.TrimSpace(line), "MODE="); ok && !strings.HasPrefix(mode, "dry-") {
			return mode
		}
	}
	return ""
}

// downJob is the first unit of a list of jobs that takes the host down. A line
// is "JOB UNIT TYPE STATE".
func downJob(list string) string {
	for line := range strings.Lines(list) {
		f := strings.Fields(line)
		if len(f) >= 3 && f[2] != "stop" && slices.Contains(goingDown, f[1]) {
			return f[1]
		}
	}
	return ""
}
