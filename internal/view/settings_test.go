package view

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestExample: the example has every key, with the defaults.
func TestExample(t *testing.T) {
	raw, err := os.ReadFile("../../view.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	got, err := ParseSettings(raw, "view.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(DefaultSettings(), got); diff != "" {
		t.Errorf("the example differs from the defaults (-default +example):\n%s", diff)
	}
	var keys func(t reflect.Type) []string
	keys = func(typ reflect.Type) (list []string) {
		for i := range typ.NumField() {
			name, _, _ := strings.Cut(typ.Field(i).Tag.Get("key"), ",")
			list = append(list, name)
			if typ.Field(i).Type.Kind() == reflect.Struct {
				list = append(list, keys(typ.Field(i).Type)...)
			}
		}
		return list
	}
	for _, key := range keys(reflect.TypeFor[Settings]()) {
		if !strings.Contains(string(raw), "\n"+key+":") && !strings.Contains(string(raw), "#"+key+":") && !strings.Contains(string(raw), "  "+key+":") {
			t.Errorf("the example lacks %s", key)
		}
	}
}

// TestRefused: what must not be is an error with its place and what to do; all of
// them at once.
func TestRefused(t *testing.T) {
	for text, want := range map[string]string{
		"listen: 0.0.0.0:80":                                  "v.yaml:1:1: listen: 0.0.0.0:80 is reached from other hosts: set password_file",
		"listen: 192.0.2.1:80\npassword_file: /x":             "passwords would travel in clear",
		"listen: 127.0.0.1":                                   "names no port",
		"certificate: /x":                                     "certificate and key belong together",
		"mqtt: {broker: http://x}":                            "a broker is mqtt://HOST:1883",
		"mqtt: {broker: 'mqtt://u:p@x'}":                      "keys of their own",
		"mqtt:\n  broker: mqtt://x:1883\n  password_file: /x": "v.yaml:2:3: mqtt.broker: the password would travel in clear: write mqtts://x:1883",
		"listn: x":                         "did you mean listen?",
		"listen: 0.0.0.0:80\nkey: /x":      "belong together",
		"behind_proxy: perhaps":            "v.yaml:1:15",
		"listen: 127.0.0.1:1\n---\na: 1\n": "a second document",
	} {
		_, err := ParseSettings([]byte(text), "v.yaml")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	for _, text := range []string{
		"", "listen: '[::1]:8493'", "listen: 0.0.0.0:80\npassword_file: /x\nbehind_proxy: true",
		"listen: 0.0.0.0:443\npassword_file: /x\ncertificate: /c\nkey: /k", "mqtt: {broker: 'mqtt://127.0.0.1', password_file: /x}",
	} {
		if _, err := ParseSettings([]byte(text), "v.yaml"); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestPasswordInClear: a file that holds the password itself is refused, and the
// password is not said.
func TestPasswordInClear(t *testing.T) {
	path := filepath.Join(t.TempDir(), "page")
	if err := os.WriteFile(path, []byte("geheim\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := (&Settings{PasswordFile: path}).Verifier()
	if err == nil || strings.Contains(err.Error(), "geheim") || !strings.Contains(err.Error(), "ecnutd password") {
		t.Errorf("%v", err)
	}
}

// FuzzSettings: no file makes it fail otherwise than by an error.
func FuzzSettings(f *testing.F) {
	f.Add([]byte("listen: 127.0.0.1:1\nmqtt: {broker: mqtt://x}"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := ParseSettings(raw, "v.yaml")
		if err == nil && s.PasswordFile == "" {
			if a, err := s.address(); err != nil || !a.Addr().IsLoopback() {
				t.Errorf("%q is served to everybody", s.Listen)
			}
		}
	})
}
