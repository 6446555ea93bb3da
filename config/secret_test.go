package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// TestSecretNeverPrints: whatever prints a configuration, the secret is not in
// it, not even from an unexported field, whose methods fmt cannot call.
func TestSecretNeverPrints(t *testing.T) {
	s := InlineSecret("tiger")
	hidden := struct{ s Secret }{s}
	shown := struct{ S Secret }{s}
	var out bytes.Buffer
	for _, v := range []any{s, &s, hidden, &hidden, shown, &shown, []Secret{s}, map[string]Secret{"a": s}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "s", s, "shown", shown, "hidden", hidden)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "s", s, "shown", shown)
	if err := json.NewEncoder(&out).Encode(shown); err != nil {
		t.Fatal(err)
	}
	if err := yaml.NewEncoder(&out).Encode(shown); err != nil {
		t.Fatal(err)
	}
	out.WriteString(s.Source() + s.String() + s.GoString())
	for _, spelling := range []string{"tiger", "7469676572", "TIGER"} { // as it is and in hex
		if strings.Contains(out.String(), spelling) {
			t.Errorf("%s in\n%s", spelling, out.String())
		}
	}
	if got, err := s.Value(); got != "tiger" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

// TestSecretSources: the first line counts, and an error names the file.
func TestSecretSources(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for text, want := range map[string]string{
		"tiger": "tiger", "tiger\n": "tiger", " tiger \r\nsecond line\n": "tiger", "two words\n": "two words",
	} {
		if got, err := FileSecret(write("s", text)).Value(); got != want || err != nil {
			t.Errorf("%q: got %q, %v", text, got, err)
		}
	}
	t.Setenv("CREDENTIALS_DIRECTORY", dir)
	write("free", "tiger\n")
	if got, err := CredentialSecret("free").Value(); got != "tiger" || err != nil {
		t.Errorf("credential: %q, %v", got, err)
	}
	write("ecnutd_push", "lion\n") // as LoadCredential=ecnutd:FOLDER names a file push
	if got, err := CredentialSecret("push").Value(); got != "lion" || err != nil {
		t.Errorf("credential of the folder: %q, %v", got, err)
	}
	for _, s := range []Secret{FileSecret(write("empty", "\nsecond\n")), FileSecret(filepath.Join(dir, "none")), CredentialSecret("none"), FileSecret(dir)} {
		if got, err := s.Value(); got != "" || err == nil || !strings.Contains(err.Error(), dir) {
			t.Errorf("%s: got %q, %v", s.Source(), got, err)
		}
	}
	long := FileSecret(write("long", strings.Repeat("tiger", 1000)))
	if _, err := long.Value(); err == nil || strings.Contains(err.Error(), "tiger") || !strings.Contains(err.Error(), "longer than 4096") {
		t.Errorf("a long line: %v", err)
	}
	t.Setenv("CREDENTIALS_DIRECTORY", "")
	if _, err := CredentialSecret("free").Value(); err == nil || !strings.Contains(err.Error(), "LoadCredential=free:FILE") {
		t.Errorf("no directory: %v", err)
	}
	if _, err := (Secret{}).Value(); err == nil || !(Secret{}).IsZero() {
		t.Errorf("none: %v", err)
	}
}
