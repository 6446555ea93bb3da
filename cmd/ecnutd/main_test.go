package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"ecnutd/config"
	"ecnutd/internal/discovery"
)

func TestMain(m *testing.M) {
	syscall.Umask(0o022) // check tells of configurations that others can write
	standInHost()
	testscript.Main(m, map[string]func(){"ecnutd": main})
}

// standInHost is a host on which no ecnutd is installed, whatever this one has.
func standInHost() {
	here.root = "/nonexistent"
	here.eyes = func() config.Eyes { return nil }
}

// TestScripts runs the command lines in testdata. They have two commands
// beside those of testscript:
//
//	code N ecnutd …    the command line ends with exit code N
//	has stdout FILE    every line of FILE is a line of the output
//
// the variables ECO, a recording, and STATION, a folder of NUT's files, and the
// condition [attached], which holds where a real UPS would be found.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"code": code,
			"has":  has,
		},
		Setup: func(env *testscript.Env) error {
			// The race detector waits a second at the end of each process.
			env.Setenv("GORACE", "atexit_sleep_ms=10")
			for name, path := range map[string]string{
				"ECO":     "../../hid/testdata/ellipse-eco-650.rec",
				"STATION": "../../internal/nut/importer/testdata/nut-station",
			} {
				whole, err := filepath.Abs(path)
				if err != nil {
					return err
				}
				env.Setenv(name, whole)
			}
			return nil
		},
		Condition: func(cond string) (bool, error) {
			if cond == "attached" {
				found, err := discovery.Attached()
				return len(found) > 0, err
			}
			return false, fmt.Errorf("unknown condition %q", cond)
		},
	})
}

func code(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N command …")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	err = ts.Exec(args[1], args[2:]...)
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d\nstdout: %s\nstderr: %s", got, want, ts.ReadFile("stdout"), ts.ReadFile("stderr"))
	}
}

func has(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: has stdout FILE")
	}
	lines := strings.Split(ts.ReadFile(args[0]), "\n")
	for line := range strings.Lines(ts.ReadFile(args[1])) {
		if line = strings.TrimSuffix(line, "\n"); !slices.Contains(lines, line) {
			ts.Logf("there is no line %q", line)
			neg = true
		}
	}
	if neg {
		ts.Fatalf("lines are missing in:\n%s", strings.Join(lines, "\n"))
	}
}

// TestFullDisk: what could not be printed was not done.
func TestFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer full.Close()
	var talk strings.Builder
	if got := execute(t.Context(), []string{"dump", "--simulate"}, full, &talk); got != exitFailed {
		t.Errorf("exit code %d: %s", got, talk.String())
	}
}
