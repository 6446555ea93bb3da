package systemd

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestHookSyntax: the shell of the late stage must understand every line.
func TestHookSyntax(t *testing.T) {
	cmd := exec.Command("sh", "-n")
	cmd.Stdin = strings.NewReader(Hook)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("sh -n: %v\n%s", err, out)
	}
	if !strings.HasPrefix(Hook, "#!/bin/sh\n") {
		t.Error("the kernel would not know what to run it with")
	}
}

// TestHookArguments runs the hook with a stand-in for the program and for the
// console.
func TestHookArguments(t *testing.T) {
	for _, c := range []struct {
		name    string
		args    []string
		console string // below the folder of the test
		want    string
	}{
		{"as systemd calls it", []string{"poweroff"}, "console", "<killpower><--action><poweroff>"},
		{"another action", []string{"reboot"}, "console", "<killpower><--action><reboot>"},
		{"without an argument", nil, "console", "<killpower><--action><unknown>"},
		{"an odd one stays one word", []string{"power off; halt"}, "console", "<killpower><--action><power off; halt>"},
		{"no console", []string{"halt"}, "missing/console", "<killpower><--action><halt>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			program, console := filepath.Join(dir, "ecnutd"), filepath.Join(dir, c.console)
			standIn := "#!/bin/sh\nprintf '<%s>' \"$@\" >" + dir + "/args\necho armed\n"
			if err := os.WriteFile(program, []byte(standIn), 0o700); err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(Hook, Program); n != 2 {
				t.Fatalf("the hook names %s %d times", Program, n)
			}
			hook := strings.NewReplacer(Program, program, "/dev/console", console).Replace(Hook)
			cmd := exec.Command("sh", append([]string{"-s"}, c.args...)...)
			cmd.Stdin = strings.NewReader(hook)
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			if got, _ := os.ReadFile(filepath.Join(dir, "args")); string(got) != c.want {
				t.Errorf("the program was given %s, want %s", got, c.want)
			}
			if shown, err := os.ReadFile(console); err == nil {
				out = shown
			}
			if !strings.Contains(string(out), "armed") {
				t.Errorf("nobody saw what the program said: %q", out)
			}
		})
	}
}

// TestHookWithoutProgram: a removed package must not disturb a shutdown.
func TestHookWithoutProgram(t *testing.T) {
	hook := strings.ReplaceAll(Hook, Program, filepath.Join(t.TempDir(), "gone"))
	cmd := exec.Command("sh", "-s", "poweroff")
	cmd.Stdin = strings.NewReader(hook)
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v: %s", err, out)
	}
}
