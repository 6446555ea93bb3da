package host

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestRunLeavesNoOrphans: the time limit of a program ends what it has started
// too. 55 outages with a script that hangs would otherwise use up the processes
// that the daemon may have, and nothing could be run any more.
func TestRunLeavesNoOrphans(t *testing.T) {
	note := filepath.Join(t.TempDir(), "pid")
	script := "sleep 600 & echo $! >" + note + "; wait"
	if err := Run(t.Context(), []string{"/bin/sh", "-c", script}, os.Environ(), "", 300*time.Millisecond); err == nil || !strings.Contains(err.Error(), "not done after") {
		t.Fatalf("the script ended: %v", err)
	}
	raw, err := os.ReadFile(note)
	if err != nil {
		t.Skip("the machine was too busy to start the script in its time")
	}
	child, err := strconv.Atoi(strings.TrimSpace(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	// A killed process is there until its new parent has taken note.
	for range 100 {
		stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(child), "stat"))
		if errors.Is(syscall.Kill(child, 0), syscall.ESRCH) || err != nil || strings.Contains(string(stat), ") Z ") {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("process %d goes on", child)
	_ = syscall.Kill(child, syscall.SIGKILL)
}

// TestRunLeavesWhatIsMeantToStay: a script may leave something behind on
// purpose.
func TestRunLeavesWhatIsMeantToStay(t *testing.T) {
	note := filepath.Join(t.TempDir(), "pid")
	script := "sleep 600 & echo $! >" + note
	if err := Run(t.Context(), []string{"/bin/sh", "-c", script}, os.Environ(), "", time.Minute); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(note)
	if err != nil {
		t.Fatal(err)
	}
	child, err := strconv.Atoi(strings.TrimSpace(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(child, syscall.SIGKILL); err != nil {
		t.Errorf("it has gone: %v", err)
	}
}
