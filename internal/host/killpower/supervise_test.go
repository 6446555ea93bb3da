package killpower

import (
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"
)

func TestSupervise(t *testing.T) {
	sh := func(script string) *exec.Cmd { return exec.Command("sh", "-c", script) }
	if err := Supervise(t.Context(), sh("exit 0"), time.Minute); err != nil {
		t.Errorf("a success: %v", err)
	}
	if err := Supervise(t.Context(), sh("exit 3"), time.Minute); exitCode(err) != 3 || !errors.Is(err, ErrTold) {
		t.Errorf("exit code %d of a process that ended with 3: %v", exitCode(err), err)
	}
	if err := Supervise(t.Context(), sh("kill -9 $$"), time.Minute); exitCode(err) != -1 || errors.Is(err, ErrTold) {
		t.Errorf("exit code %d of a process that was killed: %v", exitCode(err), err)
	}
	if err := Supervise(t.Context(), exec.Command("/nonexistent"), time.Minute); !errors.Is(err, ErrNotStarted) {
		t.Errorf("a process that cannot start: %v", err)
	}
	// A process that hangs is not waited for. It is gone when its Wait returns.
	hangs := exec.Command("sleep", "3600")
	err := Supervise(t.Context(), hangs, time.Millisecond)
	if err == nil || !strings.Contains(err.Error(), "left behind") {
		t.Errorf("a process that hangs: %v", err)
	}
}

// exitCode is that of the process; -1 where a signal has ended it.
func exitCode(err error) int {
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return exit.ExitCode()
	}
	return 0
}
