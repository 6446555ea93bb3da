package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ecnutd/ups"
)

// TestErrors: what is wrong is told with its place. Lines, columns and keys
// are counted by hand in the text beside them.
func TestErrors(t *testing.T) {
	const ok = "ups: {a: {}}\n"
	for _, c := range []struct {
		name, text string
		want       []string // beginnings of the lines of the error, "line:column: key: words"
	}{
		{"unknown key", ok + "pol: 5s\n", []string{"f:2:1: pol: unknown key; did you mean poll or poll_on_battery?"}},
		{"unknown key below", ok + "events:\n  ONBATT:\n    strat: x\n", []string{"f:4:5: events.ONBATT.strat: unknown key; did you mean start"}},
		{"a key that is like none", ok + "late_binding_of_things: 1\n", []string{"f:2:1: late_binding_of_things: unknown key; here are known: language, poll,"}},
		{"key twice", ok + "poll: 5s\npoll: 6s\n", []string{"f:3:1: poll: given a second time (first on line 2)"}},
		{"second document", ok + "---\nups: {b: {}}\n", []string{"f:2:1: a second document"}},
		{"bare number", ok + "poll: 20\n", []string{"f:2:7: poll: \"20\" has no unit: write 20s for seconds or 20m"}},
		{"bare number in quotes", ok + "poll: '20'\n", []string{"f:2:7: poll: \"20\" has no unit"}},
		{"bare zero", ok + "no_comm_repeat: 0\n", []string{"f:2:17: no_comm_repeat: \"0\" has no unit: write 0s"}},
		{"fraction", ok + "poll: 2.5\n", []string{"f:2:7: poll: \"2.5\" has no unit: write 2.5s"}},
		{"words for a duration", ok + "poll: 20 minutes\n", []string{"f:2:7: poll: \"20 minutes\" is not a duration: write 20m"}},
		{"said as in French", ok + "low_battery: {on_battery: 20 min}\ntimers: {t: {after: 20min, shutdown: true}}\nevents: {ONBATT: {start: t}}\n", []string{"f:2:27: low_battery.on_battery: \"20 min\" is not a duration: write 20m", "f:3:21: timers.t.after: \"20min\" is not a duration: write 20m"}},
		{"a colon in a text", ok + "events:\n  ONBATT:\n    message: Onduleur : coupure\n", []string{"f:4:14: put the text in quotes, since it has signs that YAML reads: \"Onduleur : coupure\""}},
		{"a colon behind accents", ok + "events: {ONBATT: {message: {fr: Été : coupure}}}\n", []string{"f:2:33: put the text in quotes"}},
		{"a placeholder within braces", ok + "events:\n  ONBATT: {log: false, message: Coupure à {{time}}}\n", []string{"f:3:33: put the text in quotes"}},
		{"a placeholder in front", ok + "events:\n  ONBATT:\n    message: {{host}} coupure\n", []string{"f:4:14: put the text in quotes"}},
		{"a star in front", ok + "events:\n  ONBATT:\n    message: **coupure**\n", []string{"f:4:14: put the text in quotes"}},
		{"Latin-1", "ups:\n  a: {description: Onduleur tr\xe8s vieux}\n", []string{"f:2:31: a letter that is not UTF-8"}},
		{"negative", ok + "poll: -5s\n", []string{"f:2:7: poll: \"-5s\" is negative"}},
		{"too long", ok + "poll: 99999999999h\n", []string{"f:2:7: poll: \"99999999999h\" is not a duration"}},
		{"no value", ok + "poll:\n", []string{"f:2:6: poll: no value is not a duration"}},
		{"list for a duration", ok + "poll: [5s]\n", []string{"f:2:7: poll: a list is not a duration"}},
		{"word for a truth", ok + "lost_supply_counts: yes\n", []string{"f:2:21: lost_supply_counts: \"yes\" is neither true nor false"}},
		{"negative count", ok + "min_supplies: -1\n", []string{"f:2:15: min_supplies: \"-1\" is not a whole number from 0 up"}},
		{"huge count", ok + "min_supplies: 99999999999999999999\n", []string{"f:2:15: min_supplies: \"99999999999999999999\" is not a whole number"}},
		{"percentage", ok + "low_battery: {charge: 101%}\n", []string{"f:2:23: low_battery.charge: \"101%\" is not a percentage: write 0% to 100%, or none"}},
		{"word", ok + "link_lost: guess\n", []string{"f:2:12: link_lost: \"guess\" is none of estimate, strict"}},
		{"trust", ok + "low_battery: {shutdown_imminent: never}\n", []string{"f:2:34: low_battery.shutdown_imminent: \"never\" is not a duration: write 20m, 45s or 1h30m; or one of the words trust and ignore"}},
		{"tab", "ups:\n\ta: {}\n", []string{"f:2:1: a tab indents this line"}},
		{"not YAML", "ups: [\n", []string{"f:"}},
		{"alias", "ups: {a: {}}\ndead_time: &x 15s\nhost_sync: *x\n", []string{"f:2:12: dead_time: an anchor (&x)", "f:3:12: host_sync: an alias (*x)"}},
		{"tag", ok + "poll: !!str 5s\n", []string{"f:2:7: poll: a tag (!!str)"}},
		{"event", ok + "events: {onbatt: {}}\n", []string{"f:2:10: events.onbatt: unknown event; did you mean ONBATT"}},
		{"list at the root", "- a\n", []string{"f:1:1: a list does not belong here"}},
		{"relative path", ok + "state: state.db\n", []string{"f:2:8: state: \"state.db\" is not an absolute path"}},
		{"shell sign", ok + "shutdown_command: sync; poweroff\n", []string{"f:2:19: shutdown_command: \";\" is for a shell"}},
		{"no command", ok + "shutdown_command: []\n", []string{"f:2:19: shutdown_command: no command"}},
		{"name", "ups: {'a b': {}}\n", []string{"f:1:7: ups.a b: a name has 1 to 60 letters"}},
		{"placeholder", ok + "events: {ONBATT: {message: '{{chrage}}'}}\n", []string{"f:2:28: events.ONBATT.message: nothing is called {{chrage}}; is {{charge}} meant?"}},
		{"placeholder in a language", ok + "events: {ONBATT: {message: {en: '{{x}}'}}}\n", []string{"f:2:29: events.ONBATT.message.en: nothing is called {{x}}"}},
		{"language missing", ok + "events: {ONBATT: {message: {fr: coupure}}}\n", []string{"f:2:28: events.ONBATT.message: there is no text in en"}},
		{"empty text", ok + "events: {ONBATT: {message: ''}}\n", []string{"f:2:28: events.ONBATT.message: the text is empty"}},
		{"blank in a program", ok + "events: {ONBATT: {exec: /bin/x -y}}\n", []string{"f:2:25: events.ONBATT.exec: \"/bin/x -y\" is no path of a program"}},
		{"shell line with a placeholder", ok + "events: {ONBATT: {exec: {shell: 'echo {{ups}}'}}}\n", []string{"f:2:25: events.ONBATT.exec: a shell line takes no {{placeholder}}"}},
		{"event of the host", "ups: {a: {events: {SHUTDOWN: {}}}}\n", []string{"f:1:20: ups.a.events.SHUTDOWN: SHUTDOWN is an event of the host"}},
		{"name taken", ok + "timers: {on_battery: {after: 1m}}\n", []string{"f:2:10: timers.on_battery: the name is taken"}},
		{"control character", ok + "state: \"/a\\0b\"\n", []string{"f:2:8: state: the text holds a control character"}},
		{"secret twice", ok + "messages: {heartbeat: {url_file: /a, url: b}}\n", []string{"f:2:38: messages.heartbeat.url: url_file is given already"}},
		{"secret of a wrong type", ok + "messages: {heartbeat: {url: [tiger]}}\n", []string{"f:2:29: messages.heartbeat.url: the value is not a text"}},
		{"all at once", "pol: 5s\ndead_time: 1\nups:\n  a:\n    powr: 1\n", []string{"f:1:1: pol:", "f:2:12: dead_time:", "f:5:5: ups.a.powr:"}},

		// What cannot protect.
		{"nothing", "", []string{"f:1:1: ups: no UPS"}},
		{"two to be found", "ups: {a: {}, c: {match: {vendor: 0463}}, b: {}}\n", []string{"f:1:42: ups.b.device: a and b are both looked for, with nothing to tell them apart: give b a device or a match"}},
		{"no UPS", "ups: {}\n", []string{"f:1:1: ups: no UPS"}},
		{"more than there is", "min_supplies: 3\nups: {a: {power: 1}, b: {device: /dev/hidraw1}}\n", []string{"f:1:1: min_supplies: 3 is more than all UPSs have (the sum of their power is 2)"}},
		{"delays", "ups:\n  a:\n    on_delay: 20s\n", []string{"f:3:5: ups.a.on_delay: on_delay (20s) must be above off_delay (20s)"}},
		{"delays the other way", "ups:\n  a:\n    off_delay: 31s\n", []string{"f:3:5: ups.a.off_delay: on_delay (30s) must be above off_delay (31s)"}},
		{"delay in parts", "ups:\n  a:\n    on_delay: 30500ms\n", []string{"f:3:5: ups.a.on_delay: 30.5s: the UPS takes whole seconds"}},
		{"tests too often", "ups:\n  a:\n    self_test: {every: 1h}\n", []string{"f:3:17: ups.a.self_test.every: 1h0m0s: each test wears the battery"}},
		{"hour of the tests", "ups:\n  a:\n    self_test: {at: noon}\n", []string{"f:3:17: ups.a.self_test.at: \"noon\" is no hour of the day"}},
		{"same device", "ups:\n  a: {device: /dev/hidraw0}\n  b: {device: /dev/hidraw0}\n", []string{"f:3:7: ups.b.device: a and b are the same device"}},
		{"no answer of HTTP", ok + "messages: {routes: {g: {http: {method: POST, url: 'https://h/', body: '{{text}}', refused: [44]}}}}\n", []string{"f:2:83: messages.routes.g.http.refused: 44 is not a status of HTTP"}},
		{"an answer that means two things", ok + "messages: {routes: {g: {http: {method: POST, url: 'https://h/', body: '{{text}}', success: [200, 400], refused: [400]}}}}\n", []string{"f:2:104: messages.routes.g.http.refused: 400 is in success too"}},
		{"device", "ups:\n  a: {device: hidraw0}\n", []string{"f:2:7: ups.a.device: \"hidraw0\" is neither auto nor a path"}},
		{"vendor", "ups:\n  a: {match: {vendor: 46g}}\n", []string{"f:2:15: ups.a.match.vendor: \"46g\" is not four hex digits"}},
		{"no timer", ok + "timers: {wait: {after: 1m}}\nevents: {ONBATT: {start: wiat}, ONLINE: {cancel: other}}\n", []string{"f:3:19: events.ONBATT.start: there is no timer \"wiat\" under timers; did you mean wait?", "f:3:42: events.ONLINE.cancel: there is no timer \"other\" under timers; here are known: wait"}},
		{"no timer beside another error", "ups: {a: {powr: 1}}\nevents: {ONLINE: {start: nope}}\n", []string{"f:1:11: ups.a.powr: unknown key", "f:2:19: events.ONLINE.start: there is no timer \"nope\""}},
		{"timers that are misspelt", ok + "timer: {t: {after: 1m}}\nevents: {ONBATT: {start: t}}\n", []string{"f:2:1: timer: unknown key; did you mean timers?"}},
		{"timers that cannot be read", ok + "timers: [t]\nevents: {ONBATT: {start: t}}\n", []string{"f:2:9: timers: a list"}},
		{"no timer of a UPS", "ups: {a: {events: {ONBATT: {start: {timer: x}}}}}\n", []string{"f:1:29: ups.a.events.ONBATT.start: there is no timer \"x\""}},
		{"timer without time", ok + "timers: {wait: {}}\nevents: {ONBATT: {start: wait}}\n", []string{"f:2:10: timers.wait.after: a timer needs the time"}},
		{"timer without text", ok + "timers: {wait: {after: 1m, message: true}}\nevents: {ONBATT: {start: wait}}\n", []string{"f:2:28: timers.wait.message: a timer has no default text"}},
		{"shutdown for a lost link", ok + "events: {COMMBAD: {shutdown: true}, NOCOMM: {fsd: true}}\n", []string{"f:2:10: events.COMMBAD: COMMBAD: link_lost says", "f:2:37: events.NOCOMM: NOCOMM: link_lost says"}},
		{"timer for a lost link", ok + "timers: {t: {after: 1m, fsd: true}}\nevents: {COMMBAD: {start: t}}\n", []string{"f:2:10: timers.t: started by COMMBAD alone"}},
		{"timer of a timer for a lost link", ok + "timers: {t: {after: 1m, fsd: true}, s: {after: 1m, start: t}}\nevents: {COMMBAD: {start: s}}\n", []string{"f:2:10: timers.t: started by COMMBAD alone"}},
		{"timer at the end", ok + "timers: {t: {after: 1m}}\nevents: {SHUTDOWN: {start: t}}\n", []string{"f:3:10: events.SHUTDOWN: SHUTDOWN comes when the shutdown is decided"}},
		{"no poll", ok + "poll: 0s\n", []string{"f:2:1: poll: must be above 0s"}},
		{"empty route", ok + "messages: {routes: {x: {}}}\n", []string{"f:2:21: messages.routes.x: an empty route"}},
		{"mail without a server", ok + "messages: {routes: {x: {mail: {from: a@b.c, to: d@e.f}}}}\n", []string{"f:2:25: messages.routes.x.mail: host is missing"}},
		{"mail with half a login", ok + "messages: {routes: {x: {mail: {host: h, user: u, from: a@b.c, to: d@e.f}}}}\n", []string{"f:2:25: messages.routes.x.mail: user and password_file go together"}},
		{"mail to a port in the name", ok + "messages: {routes: {x: {mail: {host: 'h:25', from: a@b.c, to: d@e.f}}}}\n", []string{"f:2:32: messages.routes.x.mail.host: a name or an address alone"}},
		{"mail by another TLS", ok + "messages: {routes: {x: {mail: {host: h, tls: ssl, from: a@b.c, to: d@e.f}}}}\n", []string{"f:2:46: messages.routes.x.mail.tls: \"ssl\" is none of starttls, tls, off"}},
		{"events of a route", ok + "messages: {routes: {x: {command: [/bin/true], events: [ONBAT]}}}\n", []string{"f:2:56: messages.routes.x.events[0]: unknown event; did you mean ONBATT?"}},
		{"an event twice", ok + "messages: {routes: {x: {command: [/bin/true], events: [ONBATT, ONBATT]}}}\n", []string{"f:2:64: messages.routes.x.events[1]: ONBATT is named twice"}},
		{"no event", ok + "messages: {routes: {x: {command: [/bin/true], events: []}}}\n", []string{"f:2:55: messages.routes.x.events: a route for no event"}},
		{"events of a fallback", ok + "messages: {routes: {x: {command: [/bin/true]}, y: {command: [/bin/true], fallback_for: x, events: ONBATT}}}\n", []string{"f:2:91: messages.routes.y.events: a fallback has no messages of its own"}},
		{"two ways", ok + "messages: {routes: {x: {command: [/bin/true], http: {url: 'https://a/'}}}}\n", []string{"f:2:21: messages.routes.x: one route goes one way"}},
		{"fallback", ok + "messages: {routes: {abc: {command: [/bin/true]}, y: {command: [/bin/true], fallback_for: abd}}}\n", []string{"f:2:76: messages.routes.y.fallback_for: there is no route \"abd\"; did you mean abc?"}},
		{"fallback for itself", ok + "messages: {routes: {x: {command: [/bin/true], fallback_for: x}}}\n", []string{"f:2:47: messages.routes.x.fallback_for: a route cannot stand in for itself"}},
		{"half an account", ok + "messages: {routes: {x: {free_mobile: {user: 12345678}}}}\n", []string{"f:2:25: messages.routes.x.free_mobile: the password is missing"}},
		{"address", ok + "messages: {routes: {x: {http: {url: 'sms.example/tiger'}}}}\n", []string{"f:2:32: messages.routes.x.http.url: not an address"}},
		{"expression", ok + "messages: {routes: {x: {http: {url: 'https://sms.example', expect: '('}}}}\n", []string{"f:2:60: messages.routes.x.http.expect: not a regular expression"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := Parse([]byte(c.text), "f")
			var errs Errors
			if !errors.As(err, &errs) {
				t.Fatalf("got %v, want Errors", err)
			}
			got := strings.Split(err.Error(), "\n")
			if len(got) != len(c.want) {
				t.Fatalf("got %d errors, want %d:\n%v", len(got), len(c.want), err)
			}
			for i := range got {
				if !strings.HasPrefix(got[i], c.want[i]) {
					t.Errorf("got  %s\nwant %s", got[i], c.want[i])
				}
			}
			if strings.Contains(err.Error(), "tiger") {
				t.Error("an error shows what may be a secret")
			}
			for _, goName := range []string{"config.", "time.Duration", "!!int", "struct", "[]string", "reflect"} {
				if strings.Contains(err.Error(), goName) {
					t.Errorf("the error speaks of %q", goName)
				}
			}
		})
	}
}

func TestLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.yaml")
	if _, _, err := Load(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("no file: %v", err)
	}
	text := "ups: {a: {}}\nmessages: {routes: {free: {free_mobile: {user: 1, password: tiger}}}}\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, findings, err := Load(path); err != nil || len(findings) > 0 {
		t.Errorf("a private file: %v, %v", err, findings)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	_, findings, err := Load(path)
	want := path + ":2:51: messages.routes.free.free_mobile.password: a secret in a file that everybody on this host can read (-rw-r--r--)"
	if err != nil || len(findings) != 1 || !strings.HasPrefix(findings[0].String(), want) {
		t.Errorf("a public file: %v, %v\nwant %s", err, findings, want)
	}
	if err := os.WriteFile(path, make([]byte, maxFile+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Load(path); err == nil || !strings.Contains(err.Error(), "longer than 256 KiB") {
		t.Errorf("a huge file: %v", err)
	}
}

// FuzzParse: nothing panics, every error has a place in the file, what is
// accepted can feed a host, and differs in nothing from itself.
func FuzzParse(f *testing.F) {
	if data, err := os.ReadFile("../config.example.yaml"); err == nil {
		f.Add(data)
		f.Add(commented.ReplaceAll(data, []byte("$1$2$3")))
	}
	f.Add([]byte("ups: {a: {}}\nevents: {ONBATT: {start: [x, {timer: y, after: 1m}], exec: [{shell: a}]}}\ntimers: {x: {after: 1s}, y: {after: 2s, start: x}}"))
	f.Add([]byte("a: &a [*a]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, _, err := Parse(data, "f")
		if err != nil {
			var errs Errors
			if !errors.As(err, &errs) || len(errs) == 0 {
				t.Fatalf("%T %v", err, err)
			}
			lines := strings.Count(string(data), "\n") + strings.Count(string(data), "\r") + 2
			for _, e := range errs {
				if e.Line < 0 || e.Line > lines && !strings.ContainsAny(string(data), "\u0085\u2028\u2029") || e.Msg == "" {
					t.Errorf("%+v in %d lines", e, lines)
				}
			}
			return
		}
		power := 0
		for _, u := range c.UPS {
			power += u.Power
		}
		if len(c.UPS) == 0 || c.MinSupplies > power {
			t.Errorf("accepted, and cannot protect: %+v", c)
		}
		if d := Diff(c, c); len(d) > 0 {
			t.Errorf("differs from itself: %v", d)
		}
		c.Check(c.UPS[0].Name, ups.Variables{"battery.runtime": "585", "battery.charge": "100"}, sound)
	})
}
