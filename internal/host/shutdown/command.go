package shutdown

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"ecnutd/config"
)

// A Running is a command of the configuration at work. It has no time limit: a
// script that stops guests takes minutes, and one that is killed half way has
// stopped some of them and shut nothing down.
type Running struct {
	PID   int
	Start uint64       // when the process began, in ticks since the boot: a number is given again, this pair is not
	Ended <-chan error // why it failed, once; nil for a success. ErrUnknownEnd of a process of somebody else
}

// ErrUnknownEnd says that a command has ended, and how is not known: another
// helper had started it.
var ErrUnknownEnd = errors.New("how it ended is not known")

// Start starts a command of the configuration. What it says goes where this
// process says its own, by a file and not a pipe: the command may outlive this
// process and must not be ended by its next word.
func Start(c config.Command) (*Running, error) {
	argv := c.Argv
	if c.Shell != "" {
		argv = []string{"/bin/sh", "-c", c.Shell}
	}
	if len(argv) == 0 {
		return nil, errors.New("there is no command")
	}
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // whoever stops this process by its terminal does not stop the command
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	begun, _ := began(cmd.Process.Pid) // 0 where the process has ended already
	go func() {
		err := cmd.Wait()
		if err != nil {
			err = fmt.Errorf("%s: %w", argv[0], err)
		}
		ended <- err
	}()
	return &Running{PID: cmd.Process.Pid, Start: begun, Ended: ended}, nil
}

// adoptEvery is how often a process is looked for that another one started.
const adoptEvery = 500 * time.Millisecond

// Adopt watches a command that another process started; nil where it does not
// run any more.
func Adopt(pid int, start uint64) *Running {
	alive := func() bool {
		now, ok := began(pid)
		return ok && now == start
	}
	if pid <= 0 || start == 0 || !alive() {
		return nil
	}
	ended := make(chan error, 1)
	go func() {
		for alive() {
			time.Sleep(adoptEvery)
		}
		ended <- ErrUnknownEnd
	}()
	return &Running{PID: pid, Start: start, Ended: ended}
}

// AtWork reports whether the command has not ended.
func (r *Running) AtWork() bool {
	now, ok := began(r.PID)
	return ok && now == r.Start
}

// began is when a process began; ok is false where there is none of this
// number, or it has ended and nobody has asked for its end yet.
func began(pid int) (ticks uint64, ok bool) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, false
	}
	// The name, in parentheses, may hold anything; proc(5) counts from it.
	fields := strings.Fields(string(raw[bytes.LastIndexByte(raw, ')')+1:]))
	const state, starttime = 0, 19 // its fields 3 and 22
	if len(fields) <= starttime || fields[state] == "Z" || fields[state] == "X" {
		return 0, false
	}
	ticks, err = strconv.ParseUint(fields[starttime], 10, 64)
	return ticks, err == nil
}
