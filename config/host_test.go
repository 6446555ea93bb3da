package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestOnHost: a secret or a program that is not there is found before the
// night on which it is needed.
func TestOnHost(t *testing.T) {
	dir := t.TempDir()
	open := filepath.Join(dir, "open")
	closed := filepath.Join(dir, "closed")
	for path, mode := range map[string]os.FileMode{open: 0o644, closed: 0o640} {
		if err := os.WriteFile(path, []byte("tiger\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("CREDENTIALS_DIRECTORY", "")
	const up = "ups: {a: {}}\nshutdown_command: /bin/true\n"
	for _, c := range []struct{ name, text, want string }{
		{"all there", up + "messages: {routes: {m: {url_file: " + closed + "}}}\n", ""},
		{"no file", up + "messages: {routes: {m: {url_file: /no/such}}}\n", "f:3:25: messages.routes.m.url_file: cannot read a secret: open /no/such: no such file or directory: make it with install"},
		{"open to all", up + "messages: {routes: {m: {url_file: " + open + "}}}\n", "f:3:25: messages.routes.m.url_file: a secret in a file that everybody on this host can read (-rw-r--r--): chmod 640 " + open},
		{"credential elsewhere", up + "messages: {routes: {m: {url_credential: x}}}\n", ""},
		{"no shutdown command", "ups: {a: {}}\nshutdown_command: /no/poweroff -f\n", "f:2:1: shutdown_command: /no/poweroff cannot be run: stat /no/poweroff: no such file"},
		{"no modem program", up + "messages: {routes: {m: {command: [/no/mmcli]}}}\n", "f:3:25: messages.routes.m.command: /no/mmcli cannot be run"},
		{"no program of an event", up + "events: {ONBATT: {exec: /no/script}}\n", "f:3:19: events.ONBATT.exec: /no/script cannot be run"},
		{"not executable", up + "events: {ONBATT: {exec: " + closed + "}}\n", "f:3:19: events.ONBATT.exec: " + closed + " cannot be run: permission denied"},
	} {
		t.Run(c.name, func(t *testing.T) {
			parsed, _, err := Parse([]byte(c.text), "f")
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range parsed.OnHost() {
				got = append(got, f.String())
			}
			switch text := strings.Join(got, "\n"); {
			case c.want == "" && text != "", !strings.HasPrefix(text, c.want), len(got) > 1:
				t.Errorf("got  %s\nwant %s", text, c.want)
			case strings.Contains(text, "tiger"):
				t.Errorf("shows the secret: %s", text)
			}
		})
	}
}
