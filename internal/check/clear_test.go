package check

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPlainTo: which addresses lead over another network, by RFC 1918, 4193, 6761
// and 8375.
func TestPlainTo(t *testing.T) {
	for address, want := range map[string]string{
		"http://sms.example.com/send?key={{secret}}": "sms.example.com",
		"http://SMS.Example.com./":                   "sms.example.com",
		"http://203.0.113.9:8080/":                   "203.0.113.9",
		"http://[2001:db8::1]/":                      "2001:db8::1",
		"http://{{secret}}@sms.example.com/":         "sms.example.com",
		"https://sms.example.com/":                   "",
		"http://127.0.0.1:8080/":                     "",
		"http://[::1]/":                              "",
		"http://192.168.1.4/":                        "",
		"http://10.0.0.1/":                           "",
		"http://[fd00::5]/":                          "",
		"http://[fe80::5]/":                          "",
		"http://[::ffff:192.168.1.4]/":               "",
		"http://modem/":                              "",
		"http://modem.local/":                        "",
		"http://gateway.home.arpa/":                  "",
		"://":                                        "",
	} {
		if got := plainTo(address); got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
}

// TestLoadFinds: what check finds of a configuration on its own.
func TestLoadFinds(t *testing.T) {
	route := func(http string) string { return "messages: {routes: {gate: {http: {" + http + "}}}}\n" }
	for name, c := range map[string]struct {
		text string
		mode os.FileMode
		want string // a finding has it; "" for none
	}{
		"a secret in the clear":    {route(`url: "http://sms.example.com/?k={{secret|url}}&t={{text|url}}", secret: x`), 0o600, "goes to sms.example.com in clear"},
		"a secret in the address":  {route(`url: "http://me:pw@sms.example.com/?t={{text|url}}"`), 0o600, "goes to sms.example.com in clear"},
		"no secret":                {route(`url: "http://sms.example.com/?t={{text|url}}"`), 0o600, ""},
		"over TLS":                 {route(`url: "https://sms.example.com/?k={{secret|url}}&t={{text|url}}", secret: x`), 0o600, ""},
		"a heartbeat in the clear": {"messages: {heartbeat: {url: \"http://hc.example.com/1234\"}}\n", 0o600, "goes to hc.example.com in clear"},
		"others may write it":      {"", 0o606, "can be written by others than root"},
		"a group may write it":     {"", 0o660, "can be written by others than root"},
	} {
		path := filepath.Join(t.TempDir(), "config.yaml")
		if err := os.WriteFile(path, []byte("ups: {ups: {}}\n"+c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, c.mode); err != nil {
			t.Fatal(err)
		}
		_, r, err := Load(path, nil)
		if err != nil || r == nil || len(r.Errors) > 0 {
			t.Errorf("%s: %v, %+v", name, err, r)
			continue
		}
		found := ""
		for _, f := range r.Findings {
			if strings.Contains(f.Msg, "in clear") || strings.Contains(f.Msg, "can be written") {
				found += f.Key + ": " + f.Msg + "\n"
			}
		}
		if c.want == "" && found != "" || !strings.Contains(found, c.want) {
			t.Errorf("%s: found %q, want %q", name, found, c.want)
		}
	}
}
