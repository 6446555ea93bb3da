package config

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
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
		{"all there", up + "messages: {routes: {m: {http: {secret_file: " + closed + ", url: 'https://h/'}}}}\n", ""},
		{"no file", up + "messages: {routes: {m: {http: {secret_file: /no/such, url: 'https://h/'}}}}\n", "f:3:32: messages.routes.m.http.secret_file: cannot read a secret: open /no/such: no such file or directory: make it with sudo install"},
		{"open to all", up + "messages: {routes: {m: {http: {secret_file: " + open + ", url: 'https://h/'}}}}\n", "f:3:32: messages.routes.m.http.secret_file: a secret in a file that everybody on this host can read (-rw-r--r--): sudo chmod 640 " + open},
		{"credential elsewhere", up + "messages: {routes: {m: {http: {secret_credential: x, url: 'https://h/'}}}}\n", ""},
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
			for _, f := range parsed.OnHost(nil) {
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

// blind are eyes that cannot see some paths.
type blind map[string]bool

func (b blind) see(path string) error {
	if b[path] {
		return errors.New("the user may not")
	}
	return nil
}

func (b blind) MayRead(path string) error    { return b.see(path) }
func (b blind) MayRun(path string) error     { return b.see(path) }
func (b blind) MayWrite(folder string) error { return b.see(folder) }

// TestOnHostWithOtherEyes: what is there, and closed to the daemon, is a finding;
// the shutdown command is run by root.
func TestOnHostWithOtherEyes(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("tiger\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	text := "ups: {a: {}}\nshutdown_command: " + file + "\nstate: " + file + "\nnetwork: {certificate: " + file + ", key: " + file + "}\n" +
		"events: {ONBATT: {exec: [/usr/bin/env, A=b, " + file + "]}}\n" +
		"messages: {routes: {m: {http: {url: 'https://x/', ca_file: " + file + ", secret_file: " + file + "}}, n: {command: [" + file + "]}}}\n"
	c, _, err := Parse([]byte(text), "f")
	if err != nil {
		t.Fatal(err)
	}
	if found := c.OnHost(blind{}); len(found) > 0 {
		t.Errorf("all can be seen: %v", found)
	}
	var keys []string
	for _, f := range c.OnHost(blind{file: true, dir: true}) {
		keys = append(keys, f.Key)
		if !strings.Contains(f.Msg, "the user may not") || strings.Contains(f.Msg, "tiger") {
			t.Errorf("%v", f)
		}
	}
	slices.Sort(keys)
	want := []string{"events.ONBATT.exec", "messages.routes.m.http.ca_file", "messages.routes.m.http.secret_file", "messages.routes.n.command", "network.certificate", "network.key", "state"}
	if !slices.Equal(keys, want) {
		t.Errorf("got  %v\nwant %v", keys, want)
	}
}
