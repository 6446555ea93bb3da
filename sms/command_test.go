package sms

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// script writes a program.
func script(t *testing.T, body string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(file, []byte("#!/bin/sh\n"+body), 0o700); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestCommand: the text arrives byte for byte, as an argument or on standard
// input, and no shell reads it.
func TestCommand(t *testing.T) {
	const text = "$(touch /tmp/x) `id` ; & | \"'\\ é🔋\n-rf *"
	out := filepath.Join(t.TempDir(), "out")
	program := script(t, `if [ $# -gt 1 ]; then printf %s "$2"; else cat; fi >"$1"`)
	for _, argv := range [][]string{{program, out, "{{text}}"}, {program, out}} {
		r, err := NewCommand(Command{Name: "modem", Argv: argv})
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Send(t.Context(), Notice{Text: text}); err != nil {
			t.Fatal(err)
		}
		if got, _ := os.ReadFile(out); string(got) != text {
			t.Errorf("%q arrived as %q", text, got)
		}
	}
}

// TestCommandEnvironment: what the daemon has in its environment is not for a
// program that somebody else wrote.
func TestCommandEnvironment(t *testing.T) {
	t.Setenv("SECRET_OF_ECNUTD", secretKey)
	r, err := NewCommand(Command{Name: "modem", Argv: []string{script(t, "env | cut -d= -f1 | sort; exit 1")}})
	if err != nil {
		t.Fatal(err)
	}
	err = r.Send(t.Context(), Notice{Text: "x"})
	if err == nil || !strings.Contains(err.Error(), "PATH") || strings.Contains(err.Error(), "SECRET_OF_ECNUTD") {
		t.Errorf("%v", err)
	}
}

// TestCommandFails: the error has the reason and the beginning of the output.
func TestCommandFails(t *testing.T) {
	for body, says := range map[string]string{
		"echo no modem >&2; exit 3":        "failed (exit status 3); it says: no modem",
		"kill -9 $$":                       "signal: killed",
		"echo waiting; sleep 100 & wait":   "did not end in time and was killed; it says: waiting",
		"yes | head -c 1000000 >&2; false": "it says: y y y",
	} {
		r, err := NewCommand(Command{Name: "modem", Argv: []string{script(t, body)}, Timeout: 500 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		err = r.Send(t.Context(), Notice{Text: "x"})
		if err == nil || !strings.Contains(err.Error(), says) || len(err.Error()) > 500 {
			t.Errorf("%s: %v", body, err)
		}
	}
	absent, err := NewCommand(Command{Name: "modem", Argv: []string{"/nonexistent/gammu"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := absent.Send(t.Context(), Notice{Text: "x"}); err == nil || !strings.Contains(err.Error(), "is not there") {
		t.Errorf("absent: %v", err)
	}
}

// TestCommandSettings.
func TestCommandSettings(t *testing.T) {
	for _, c := range []Command{
		{Argv: []string{"x"}}, {Name: "m"}, {Name: "m", Argv: []string{""}}, {Name: "m", Argv: []string{"{{text}}"}},
		{Name: "m", Argv: []string{"x", "{{secret}}"}}, {Name: "m", Argv: []string{"x", "{{text|url}}"}},
	} {
		if _, err := NewCommand(c); err == nil {
			t.Errorf("%+v is accepted", c)
		}
	}
}
