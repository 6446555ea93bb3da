package sms

import (
	"context"
	"ecnutd/internal/request"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

const (
	// commandTimeout bounds a command: a modem needs seconds to a minute.
	commandTimeout = time.Minute
	// outputLimit is how much of a command's output is kept, in bytes.
	outputLimit = 4 << 10
)

// Command is a program that sends a text, such as gammu-smsd-inject for a
// modem. It is started directly, never through a shell, with an empty
// environment but for PATH, HOME and LANG.
type Command struct {
	Name string
	// Argv is the program and its arguments. {{text}} in an argument becomes
	// the text; where no argument has it, the program reads the text from its
	// standard input. {{title}}, {{id}} and {{priority}} are as in Gateway. A secret has no place here: everybody can see arguments.
	Argv []string
	// Timeout is when the program is killed, with all that it started;
	// 1 minute by default.
	Timeout time.Duration
	Limit   Limit
}

type command struct {
	c     Command
	args  []template
	stdin bool
}

// NewCommand makes a route of a command. It starts nothing, and does not look
// whether the program is there: it may be installed later.
func NewCommand(c Command) (Route, error) {
	if c.Name == "" {
		return nil, errors.New("a command needs a name")
	}
	if len(c.Argv) == 0 || c.Argv[0] == "" {
		return nil, fmt.Errorf("%s: the command is missing", c.Name)
	}
	if c.Timeout <= 0 {
		c.Timeout = commandTimeout
	}
	r := &command{c: c, stdin: true}
	for i, arg := range c.Argv {
		t, err := parseTemplate(arg, "text", "title", "id", "priority", "priority|gotify", "priority|pushover")
		if err != nil {
			return nil, fmt.Errorf("%s: argument %d of the command %w", c.Name, i, err)
		}
		if i == 0 && len(t.tags) > 0 {
			return nil, fmt.Errorf("%s: the program itself cannot come from the message", c.Name)
		}
		r.stdin = r.stdin && !t.uses("text")
		r.args = append(r.args, t)
	}
	return r, nil
}

func (r *command) Name() string { return r.c.Name }

func (r *command) Limit() Limit { return r.c.Limit }

// Send runs the command. Exit status 0 means delivered, all else is temporary.
func (r *command) Send(ctx context.Context, n Notice) error {
	ctx, cancel := context.WithTimeout(ctx, r.c.Timeout)
	defer cancel()
	var argv []string
	for _, t := range r.args {
		argv = append(argv, t.fill(n, Secret{}))
	}
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Env = nil
	for _, name := range []string{"PATH", "HOME", "LANG"} {
		if v, ok := os.LookupEnv(name); ok {
			cmd.Env = append(cmd.Env, name+"="+v)
		}
	}
	if cmd.Env == nil {
		cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}
	}
	if r.stdin {
		cmd.Stdin = strings.NewReader(n.Text)
	}
	var out head
	cmd.Stdout, cmd.Stderr = &out, &out
	// A group of its own, so that what the program started ends with it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 2 * time.Second
	err := cmd.Run()
	program := argv[0]
	switch exit, ok := errors.AsType[*exec.ExitError](err); {
	case err == nil:
		return nil
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fail(r.c.Name, nil, "%s did not end in time and was killed%s", program, out.said())
	case ctx.Err() != nil:
		return fail(r.c.Name, nil, "%s was broken off%s", program, out.said())
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, os.ErrNotExist):
		return fail(r.c.Name, nil, "%s is not there: install it, or correct the command", program)
	case errors.Is(err, os.ErrPermission):
		return fail(r.c.Name, nil, "%s may not be run by this user: check its mode", program)
	case errors.Is(err, exec.ErrWaitDelay):
		return nil // it ended well; only something that it started goes on
	case ok:
		return fail(r.c.Name, nil, "%s failed (%s)%s", program, exit.ProcessState, out.said())
	}
	return fail(r.c.Name, nil, "%s could not be run: %s", program, request.OneLine(err.Error()))
}

// head keeps the beginning of what is written to it and swallows the rest, so
// that the program does not stall.
type head struct{ kept []byte }

func (h *head) Write(p []byte) (int, error) {
	h.kept = append(h.kept, p[:min(len(p), outputLimit-len(h.kept))]...)
	return len(p), nil
}

// said is the output for an error.
func (h *head) said() string {
	if s := request.OneLine(string(h.kept)); s != "" {
		return "; it says: " + s
	}
	return ""
}
