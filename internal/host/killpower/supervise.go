package killpower

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// HereFlag says on the command line that this process does the work of killpower itself.
const HereFlag = "here"

// Elsewhere is this command line once more, to be run by another process. The
// kernel lets no process end that waits for the answer of a USB device, up to
// 5 s for each request: whoever must not block longer than he says must not be
// the one who asks.
func Elsewhere(stdout, stderr *os.File) *exec.Cmd {
	child := exec.Command("/proc/self/exe", append(os.Args[1:], "--"+HereFlag)...)
	child.Args[0] = os.Args[0]
	child.Stdout, child.Stderr = stdout, stderr // files, so that nothing is waited for but the process
	return child
}

// ErrNotStarted says that there is no other process, so that this one may do
// the work.
var ErrNotStarted = errors.New("no second process could be started")

// Supervise runs a process and waits for its end, but no longer than limit:
// then it is killed, and left behind if it does not go. That the process failed
// is an error that wraps its exec.ExitError.
func Supervise(ctx context.Context, child *exec.Cmd, limit time.Duration) error {
	if err := child.Start(); err != nil {
		return fmt.Errorf("%w: %w", ErrNotStarted, err)
	}
	ended := make(chan error, 1)
	go func() { ended <- child.Wait() }()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	select {
	case err := <-ended:
		if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
			err := fmt.Errorf("killpower ended with %w", exit)
			if exit.Exited() {
				return told{err} // by itself: it has said why
			}
			return err
		}
		return err
	case <-ctx.Done():
		_ = child.Process.Kill() // it may have ended in this moment
		return fmt.Errorf("killpower: not at its end after %s, and left behind", limit)
	}
}
