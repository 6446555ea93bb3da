package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestInterruptedAtFIFO: a FIFO to which nobody writes, wherever a command line names
// a file, ends with the first Ctrl-C, or is refused.
func TestInterruptedAtFIFO(t *testing.T) {
	program := filepath.Join(t.TempDir(), "ecnutd")
	self, err := os.Executable()
	must(t, err)
	must(t, os.Symlink(self, program)) // testscript runs main for this name
	for _, args := range [][]string{
		{"check", "--config", "@"}, {"status", "--config", "@"}, {"run", "--config", "@"}, {"sms", "queue", "--config", "@"},
		{"dump", "--replay", "@"}, {"run", "--replay", "@"}, {"simulate", "--config", "config.yaml", "@"}, {"import-nut", "@"},
		{"killpower", "--check", "--config", "@"}, {"shutdown-helper", "--config", "@", "--request", "none", "--status", "status"},
	} {
		t.Run(args[0]+" "+args[1], func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			fifo := filepath.Join(dir, "fifo")
			must(t, unix.Mkfifo(fifo, 0o600))
			must(t, os.WriteFile(filepath.Join(dir, "config.yaml"), []byte("ups: {ups: {}}\n"), 0o600))
			for i := range args {
				if args[i] == "@" {
					args[i] = fifo
				}
			}
			cmd := exec.Command(program, args...)
			cmd.Dir = dir
			var said bytes.Buffer
			cmd.Stdout, cmd.Stderr = &said, &said
			must(t, cmd.Start())
			ended := make(chan error, 1)
			go func() { ended <- cmd.Wait() }()
			// It may refuse the FIFO by itself, or wait; nobody knows when it begins to.
			for deadline := time.Now().Add(time.Minute); ; {
				_ = cmd.Process.Signal(syscall.Signal(0))
				select {
				case <-ended:
					return
				case <-time.After(200 * time.Millisecond):
				}
				if waits(cmd.Process.Pid) {
					break
				}
				if time.Now().After(deadline) {
					_ = cmd.Process.Kill()
					t.Fatalf("it neither waits nor ends: %s", &said)
				}
			}
			must(t, cmd.Process.Signal(os.Interrupt))
			select {
			case <-ended:
			case <-time.After(time.Minute):
				_ = cmd.Process.Kill()
				t.Fatalf("it does not end at Ctrl-C: %s", &said)
			}
		})
	}
}

// waits reports whether a thread of a process waits for the other end of a FIFO.
func waits(pid int) bool {
	threads, _ := filepath.Glob(filepath.Join("/proc", strconv.Itoa(pid), "task/*/wchan"))
	for _, path := range threads {
		text, _ := os.ReadFile(path)
		if bytes.Contains(text, []byte("wait_for_partner")) || bytes.Contains(text, []byte("fifo_open")) {
			return true
		}
	}
	// Where the kernel does not say it: by what it is at in the system.
	threads, _ = filepath.Glob(filepath.Join("/proc", strconv.Itoa(pid), "task/*/syscall"))
	for _, path := range threads {
		text, _ := os.ReadFile(path)
		if bytes.HasPrefix(text, []byte("257 ")) || bytes.HasPrefix(text, []byte("2 ")) {
			return true // openat(2), open(2) on amd64
		}
	}
	return false
}
