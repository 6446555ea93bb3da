package address

import (
	"strings"
	"testing"
)

func TestParseRemote(t *testing.T) {
	for text, want := range map[string]Remote{
		"nut://second@192.0.2.10/eaton":     {"second", "192.0.2.10:3493", "eaton"},
		"nut://second@nas.lan:1000/ups":     {"second", "nas.lan:1000", "ups"},
		"nut://a%40b@[2001:db8::1]/eaton-1": {"a@b", "[2001:db8::1]:3493", "eaton-1"},
		"nut://second@[fe80::1%eth0]/eaton": {"second", "[fe80::1%eth0]:3493", "eaton"},
		"nut://s@[fe80::1%25eth0]:1000/ups": {"s", "[fe80::1%eth0]:1000", "ups"},
	} {
		if got, err := ParseRemote(text); err != nil || got != want {
			t.Errorf("%s: got %+v, %v", text, got, err)
		}
		if again, err := ParseRemote(want.String()); err != nil && !strings.Contains(text, "%40") || err == nil && again != want {
			t.Errorf("%s is written as %s, which is %+v, %v", text, want, again, err)
		}
	}
	for _, text := range []string{"", "eaton@host", "nut://host/ups", "nut://u@/ups", "nut://u@host", "nut://u@host/", "nut://u@host/a/b", "nut://u:tigre@host/ups", "http://u@host/ups", "nut://u@host/a?b", "nut://u@ho st/a"} {
		if _, err := ParseRemote(text); err == nil || strings.Contains(err.Error(), "tigre") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestParseListen(t *testing.T) {
	for text, want := range map[string]string{
		"127.0.0.1": "127.0.0.1:3493", "::1": "[::1]:3493", "[::1]": "[::1]:3493", "0.0.0.0:1": "0.0.0.0:1", "[::]:3493": "[::]:3493", "fe80::1%eth0": "[fe80::1%eth0]:3493",
	} {
		if got, err := ParseListen(text); err != nil || got.String() != want {
			t.Errorf("%s: got %s, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "localhost", "*", "127.0.0.1:", "127.0.0.1:99999", "::1:3493x", "nas.lan:3493"} {
		if got, err := ParseListen(text); err == nil {
			t.Errorf("%s: got %s", text, got)
		}
	}
}
