package config

import (
	"strings"
	"testing"
)

// TestNetwork: what is taken, what is refused, what is remarked.
func TestNetwork(t *testing.T) {
	const hash = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
	for _, c := range []struct {
		name, text, err, finding string
	}{
		{"off", "", "", ""},
		{"listening", "listen: [127.0.0.1, '::1', '192.0.2.1:1000', '[::]:1000']", "", ""},
		{"everywhere", "listen: ['0.0.0.0', 127.0.0.1]", "", "network.listen[1]: 127.0.0.1 is left out: 0.0.0.0 stands for it"},
		{"everywhere in IPv6", "listen: ['::1', '::']", "", "network.listen[0]: ::1 is left out: :: stands for it"},
		{"one family for the other", "listen: ['0.0.0.0', '::1', '127.0.0.1:1000']", "", ""},
		{"port 0", "listen: ['127.0.0.1:0']", `network.listen[0]: "127.0.0.1:0": port 0 is another one at every start`, ""},
		{"no port", "listen: ['[::1]:99999']", `network.listen[0]: "[::1]:99999": a port is 1 to 65535`, ""},
		{"accents", "listen: ['::1']\n  users: {a: {password: tigré, role: secondary}}", "network.users.a.password: the password has characters that NUT's protocol does not carry", ""},
		{"a name", "listen: [localhost]", `network.listen[0]: "localhost" is not an address`, ""},
		{"twice", "listen: ['::1', '[::1]:3493']", "network.listen[1]: [::1]:3493 is there already", ""},
		{"nobody", "max_connections: 0", "network.max_connections: 0: 1 to 1000", ""},
		{"no time", "idle: 1s", "network.idle: 1s: at least 10s", ""},
		{"half a certificate", "key: /k", "network.certificate: certificate and key belong together", ""},
		{"a hash", "listen: ['::1']\n  users: {a: {password: '" + hash + "', role: secondary}}", "", ""},
		{"a password", "listen: ['::1']\n  users: {a: {password: tigre, role: secondary}}", "", "network.users.a.password: a password in clear"},
		{"a bad hash", "listen: ['::1']\n  users: {a: {password: '$6$x$y', role: secondary}}", "network.users.a.password: the hash of the password is not taken", ""},
		{"no password", "listen: ['::1']\n  users: {a: {role: secondary}}", "network.users.a: the password is missing", ""},
		{"a role", "users: {a: {password: x, role: master}}", `network.users.a.role: "master" is none of none, secondary, primary`, ""},
		{"an action", "users: {a: {password: x, actions: [REBOOT]}}", `network.users.a.actions[0]: "REBOOT" is none of SET, FSD`, ""},
		{"no rights", "listen: ['::1']\n  users: {a: {password: '" + hash + "'}}", "", "network.users.a: this user may do nothing"},
		{"cards", "wake: ['00:11:22:33:44:55', 66-77-88-99-AA-BB]", "", ""},
		{"no card", "wake: [nas]", `network.wake[0]: "nas" is not the hardware address of a network card, such as 00:11:22:33:44:55`, ""},
		{"a long card", "wake: ['00:00:00:00:fe:80:00:00']", `network.wake[0]: "00:00:00:00:fe:80:00:00" is not the hardware address`, ""},
		{"nobody comes", "users: {a: {password: '" + hash + "', role: primary}}", "", "network.listen: there are users and no address to listen on"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, findings, err := Parse([]byte("ups: {a: {}}\nnetwork:\n  "+c.text+"\n"), "f")
			switch {
			case c.err == "" && err != nil:
				t.Fatal(err)
			case c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)):
				t.Fatalf("got %v, want %s", err, c.err)
			}
			var found []string
			for _, f := range findings {
				found = append(found, f.String())
			}
			text := strings.Join(found, "\n")
			if err == nil && (c.finding == "" && text != "" || !strings.Contains(text, c.finding)) {
				t.Errorf("found %q, want %q", text, c.finding)
			}
			if strings.Contains(text, "tigre") {
				t.Error("a password is shown")
			}
		})
	}
}

func TestRemote(t *testing.T) {
	for text, want := range map[string]string{
		"remote: 'nut://s@h/u'": "ups.a: the password for the other host is missing",
		"remote: 'nut://s@h/u', password: x, device: /dev/hidraw0": "ups.a.remote: a UPS has one place",
		"password: x": "ups.a.password: a UPS on USB wants no password",
		"tls: try":    "ups.a.tls: tls, ca_file, certificate and key are for a UPS with remote",
		"remote: 'nut://s@h/u', password: x, tls: yes":                      `ups.a.tls: "yes" is none of off, try, require`,
		"remote: 'nut://s@h/u', password: x, ca_file: /ca":                  "ups.a.tls: ca_file and certificate are for an encrypted connection",
		"remote: 'nut://s@h/u', password: x, tls: require, certificate: /c": "ups.a.certificate: certificate and key belong together",
		"remote: 'nut://s@h/u', password: tigré":                            "ups.a.password: the password has characters",
		"names: [a b]":             `ups.a.names[0]: "a b" is the name of a UPS already, or cannot be one: a name has 1 to 60 letters`,
		"names: [A]":               `ups.a.names[0]: "A" is the name of a UPS already`,
		"remote: u@h, password: x": "ups.a.remote: not an address",
	} {
		if _, _, err := Parse([]byte("ups: {a: {"+text+"}}\n"), "f"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
	if _, _, err := Parse([]byte("ups: {a: {names: [ups]}, b: {remote: 'nut://s@h/u', password: x, names: [UPS]}}\n"), "f"); err == nil || !strings.Contains(err.Error(), `ups.b.names[0]: "UPS" is the name of a UPS already`) {
		t.Error(err)
	}
	if c, _, err := Parse([]byte("ups: {a: {names: [ups, qnapups], remote: 'nut://s@h/u', password: x, tls: require, ca_file: /ca}}\n"), "f"); err != nil || c.UPS[0].TLS != "require" || len(c.UPS[0].Names) != 2 {
		t.Errorf("%+v, %v", c, err)
	}
	c, _, err := Parse([]byte("ups: {a: {}, b: {remote: 'nut://s@h/u', password: x}}\n"), "f")
	if err != nil || len(c.Local()) != 1 || c.Local()[0].Name != "a" {
		t.Errorf("%+v, %v", c, err)
	}
}
