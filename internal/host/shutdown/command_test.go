package shutdown

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"ecnutd/config"
)

// TestStart: a command ends by itself, and says how.
func TestStart(t *testing.T) {
	for name, c := range map[string]struct {
		command config.Command
		fails   string // part of why; "" for a success
	}{
		"a success": {config.Command{Argv: []string{"/bin/true"}}, ""},
		"a shell":   {config.Command{Shell: "exit 3"}, "exit status 3"},
		"a failure": {config.Command{Argv: []string{"/bin/false"}}, "/bin/false: exit status 1"},
	} {
		r, err := Start(c.command)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := <-r.Ended; (err == nil) != (c.fails == "") || err != nil && !strings.Contains(err.Error(), c.fails) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, c := range []config.Command{{}, {Argv: []string{filepath.Join(t.TempDir(), "none")}}} {
		if _, err := Start(c); err == nil {
			t.Errorf("%v was started", c)
		}
	}
}

// TestAdopt: a process of somebody else is watched until it ends; another one
// that has its number by now is another.
func TestAdopt(t *testing.T) {
	r, err := Start(config.Command{Argv: []string{"/bin/sleep", "3600"}})
	if err != nil {
		t.Fatal(err)
	}
	if r.Start == 0 {
		t.Error("nobody knows when it began")
	}
	if Adopt(r.PID, r.Start+1) != nil || Adopt(0, 0) != nil || Adopt(r.PID, 0) != nil {
		t.Error("a process that is another was adopted")
	}
	adopted := Adopt(r.PID, r.Start)
	if adopted == nil {
		t.Fatal("it is not found")
	}
	if err := syscall.Kill(r.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if err := <-r.Ended; err == nil || !strings.Contains(err.Error(), "killed") {
		t.Errorf("its end: %v", err)
	}
	if err := <-adopted.Ended; !errors.Is(err, ErrUnknownEnd) {
		t.Errorf("its end for the other: %v", err)
	}
	if Adopt(r.PID, r.Start) != nil {
		t.Error("it is adopted after its end")
	}
	if Adopt(os.Getpid(), 1) != nil {
		t.Error("this process was adopted")
	}
}
