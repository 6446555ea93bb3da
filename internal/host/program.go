package host

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// ProgramTime is how long a program may take for which nothing else is said.
const ProgramTime = 10 * time.Second

// maxOutput is how much of what a program says is kept, in bytes.
const maxOutput = 4 << 10

// Run runs a program without a shell, within its time (ProgramTime where
// timeout is not above zero), and returns why it failed, with the beginning of
// what it said. A program whose time is over is ended with all that it has
// started. What one that ended well has left running goes on.
func Run(ctx context.Context, argv, env []string, stdin string, timeout time.Duration) error {
	if timeout <= 0 {
		timeout = ProgramTime
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var out bounded
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = env, strings.NewReader(stdin), &out, &out
	// A group of its own, so that no orphans are left to use up the processes
	// that the daemon may have.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second // a grandchild may hold the pipes
	err := cmd.Run()
	switch {
	case errors.Is(err, exec.ErrWaitDelay) && ctx.Err() == nil:
		return nil // it ended well; only something that it has started goes on
	case ctx.Err() == context.DeadlineExceeded:
		err = fmt.Errorf("%s: not done after %s and stopped", argv[0], timeout)
	case err != nil:
		err = fmt.Errorf("%s: %w", argv[0], err)
	default:
		return nil
	}
	if said := strings.TrimSpace(Clean(OneLine(out.String()))); said != "" {
		err = fmt.Errorf("%w: %s", err, said)
	}
	return err
}

// bounded keeps the beginning of what a program says.
type bounded struct{ bytes.Buffer }

// Write keeps what there is room for, and takes all.
func (b *bounded) Write(p []byte) (int, error) {
	if room := maxOutput - b.Len(); room > 0 {
		b.Buffer.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}
