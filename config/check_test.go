package config

import (
	"strings"
	"testing"

	"ecnutd/ups"
)

// TestFindings: what runs and is probably a mistake is told with its place.
func TestFindings(t *testing.T) {
	const ok = "ups: {a: {}}\n"
	for _, c := range []struct{ name, text, want string }{
		{"timer that nothing starts", ok + "timers: {t: {after: 1m}}\n", "f:2:10: timers.t: no event starts this timer"},
		{"text without a route", ok + "events: {ONBATT: {message: x}}\n", "f:2:19: events.ONBATT.message: a message, and messages.routes has no way"},
		{"routed nowhere", ok + "events: {LOWBATT: {log: false, wall: false, message: false}}\n", "f:2:10: events.LOWBATT: nobody hears of this event: log, wall, message and exec are all off"},
		{"routed to no route", ok + "events: {SHUTDOWN: {log: false, wall: false}}\n", "f:2:10: events.SHUTDOWN: nobody hears of this event: log, wall, message and exec are all off, or have no route"},
		{"charge of 0", ok + "low_battery: {charge: 0%}\n", "f:2:15: low_battery.charge: 0% cannot be met"},
		{"charge of 100", ok + "low_battery: {charge: 100%}\n", "f:2:15: low_battery.charge: 100% is met as soon as the mains fails"},
		{"runtime below a shutdown", ok + "low_battery: {runtime: 1m}\n", "f:2:15: low_battery.runtime: 1m0s is less than a shutdown takes (shutdown_time 1m0s and final_delay 5s)"},
		{"timer behind the limit", ok + "low_battery: {on_battery: 10m}\ntimers: {t: {after: 10m, shutdown: true}}\nevents: {ONBATT: {start: t}}\n", "f:3:14: timers.t.after: the timer never comes to its end: after 10m0s, the limit low_battery.on_battery (10m0s) has shut the host down"},
		{"limit behind the timer", ok + "low_battery: {on_battery: 10m}\ntimers: {t: {after: 10h, shutdown: true}}\nevents: {ONBATT: {start: {timer: t, after: 9m}}}\n", "f:2:15: low_battery.on_battery: 10m0s cannot be met: after 9m0s the timer t has shut the host down"},
		{"limit of one UPS", "ups: {a: {low_battery: {charge: 0%}}}\n", "f:1:25: ups.a.low_battery.charge: 0% cannot be met"},
		{"watches only", ok + "min_supplies: 0\n", "f:2:1: min_supplies: 0: the host is never shut down"},
		{"match of a node", "ups: {a: {device: /dev/hidraw0, match: {vendor: 0463}}}\n", "f:1:33: ups.a.match: not looked at"},
		{"late answer", ok + "dead_time: 9s\n", "f:2:1: dead_time: 9s is less than two polls (5s)"},
		{"no time for messages", ok + "final_delay: 0s\nmessages: {routes: {m: {command: [/bin/true]}}}\n", "f:2:1: final_delay: 0s: the messages that tell of the shutdown are not waited for"},
		{"events that no route tells of", ok + "events: {ONLINE: {message: false}}\nmessages: {routes: {m: {command: [/bin/true], events: [ONBATT, LOWBATT, SHUTDOWN, COMMBAD, COMMOK, REPLBATT]}}}\n", "f:3:12: messages.routes: no route takes "},
		{"shutdown on mains", ok + "events: {ONLINE: {shutdown: true}}\n", "f:2:19: events.ONLINE.shutdown: without effect"},
		{"shutdown timer on mains", ok + "timers: {t: {after: 10m, shutdown: true}}\nevents: {ONLINE: {start: t}}\n", "f:2:10: timers.t: without effect"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, findings, err := Parse([]byte(c.text), "f")
			if err != nil || len(findings) != 1 || !strings.HasPrefix(findings[0].String(), c.want) {
				t.Errorf("%v, got %v\nwant %s", err, findings, c.want)
			}
		})
	}
	// A route takes the finding away; a UPS that tells by exec alone is heard.
	for _, text := range []string{
		ok + "events: {ONBATT: {message: x}}\nmessages: {routes: {m: {command: [/bin/true]}}}\n",
		ok + "events: {LOWBATT: {log: false, wall: false, message: false, exec: /bin/true}}\n",
		ok + "events: {TRIM: {log: false, wall: false}}\n",
		ok,
	} {
		if _, findings, err := Parse([]byte(text), "f"); err != nil || len(findings) > 0 {
			t.Errorf("%q: %v, %v", text, err, findings)
		}
	}
}

// protectionStation is the relevant part of what upsc prints of a Protection
// Station 800: 585 s of runtime, its own limit at 20 %.
var protectionStation = ups.Variables{
	"battery.charge": "100", "battery.charge.low": "20", "battery.runtime": "585",
	"ups.delay.start": "30", "ups.delay.shutdown": "20", "ups.status": "OL",
}

// sound is the ground that a UPS gives that says all of it when it is asked.
var sound = ups.Ground{Line: true, Asked: true, LowFlag: true}

// TestCheckGround: a UPS that does not say what decisions are made on is a
// finding, whatever else it says.
func TestCheckGround(t *testing.T) {
	for name, c := range map[string]struct {
		text   string
		ground ups.Ground
		want   string // "": no finding
	}{
		"sound":                  {"", sound, ""},
		"no line":                {"", ups.Ground{Asked: true, LowFlag: true}, "f:1:7: ups.a: a answers, and says neither that it is on mains nor that it is on battery: this host is not protected by it"},
		"only pushed, said":      {"", ups.Ground{Line: true, LowFlag: true}, "f:1:7: ups.a: a cannot be asked whether it is on mains or on battery, it only says so by itself"},
		"only pushed, not said":  {"", ups.Ground{LowFlag: true}, "f:1:7: ups.a: a cannot be asked whether it is on mains or on battery, and has not said so"},
		"no flag":                {"", ups.Ground{Line: true, Asked: true}, "f:1:1: low_battery: a has no flag that its battery is low, and no limit is set"},
		"no flag, but a charge":  {"low_battery: {charge: 30%}\n", ups.Ground{Line: true, Asked: true}, ""},
		"no flag, but a runtime": {"low_battery: {runtime: 5m}\n", ups.Ground{Line: true, Asked: true}, ""},
		"no flag, but a time":    {"low_battery: {on_battery: 5m}\n", ups.Ground{Line: true, Asked: true}, ""},
		"no flag, limit of none": {"low_battery: {charge: none}\n", ups.Ground{Line: true, Asked: true}, "f:2:1: low_battery: a has no flag"},
	} {
		t.Run(name, func(t *testing.T) {
			config, _, err := Parse([]byte("ups: {a: {}}\n"+c.text), "f")
			if err != nil {
				t.Fatal(err)
			}
			findings := config.Check("a", protectionStation, c.ground)
			if c.want == "" && len(findings) > 0 || c.want != "" && (len(findings) != 1 || !strings.HasPrefix(findings[0].String(), c.want)) {
				t.Errorf("got %v\nwant %s", findings, c.want)
			}
		})
	}
}

// TestCheck: the configuration against the device, with the numbers of both.
func TestCheck(t *testing.T) {
	const timer = "ups: {a: {}}\ntimers: {wait: {after: 20m, shutdown: true}}\nevents: {ONBATT: {start: wait}}\n"
	with := func(changes ...string) ups.Variables {
		v := ups.Variables{}
		for name, value := range protectionStation {
			v[name] = value
		}
		for i := 0; i < len(changes); i += 2 {
			if v[changes[i]] = changes[i+1]; changes[i+1] == "" {
				delete(v, changes[i])
			}
		}
		return v
	}
	for _, c := range []struct {
		name, text string
		vars       ups.Variables
		want       string // "" for no finding
	}{
		{"20 minutes on 585 s", timer, with(), "f:2:17: timers.wait.after: the timer wait fires after 20m0s (1200 s), and at the present load the battery of a lasts 9m45s (battery.runtime 585): the battery will be low or empty first"},
		{"20 minutes on 1201 s", timer, with("battery.runtime", "1201"), ""},
		{"20 minutes on 1200 s", timer, with("battery.runtime", "1200"), "f:2:17: timers.wait.after: the timer wait fires after 20m0s (1200 s)"},
		{"a timer that only tells", strings.Replace(timer, "shutdown: true", "message: x", 1), with(), ""},
		{"time on battery", "ups: {a: {}}\nlow_battery: {on_battery: 10m}\n", with(), "f:2:15: low_battery.on_battery: 10m0s on battery is the limit, and at the present load the battery of a lasts 9m45s"},
		{"runtime too long", "ups: {a: {}}\nlow_battery: {runtime: 10m}\n", with(), "f:2:15: low_battery.runtime: the limit is 10m0s, and at the present load the battery of a lasts 9m45s (battery.runtime 585): the host goes down as soon as the mains fails"},
		{"no runtime", "ups: {a: {}}\nlow_battery: {runtime: 3m}\n", with("battery.runtime", ""), "f:2:15: low_battery.runtime: a does not say battery.runtime"},
		{"too short for a shutdown", "ups: {a: {}}\nshutdown_time: 10m\n", with(), "f:2:1: shutdown_time: a shutdown takes 10m5s (shutdown_time 10m0s and final_delay 5s), and at the present load"},
		{"own limit below the UPS's", "ups: {a: {}}\nlow_battery: {charge: 10%}\n", with(), "f:2:15: low_battery.charge: the limit is 10 %, and a itself calls its battery low at 20 %"},
		{"own limit as the UPS's", "ups: {a: {}}\nlow_battery: {charge: 20%}\n", with(), ""},
		{"own limit above the charge", "ups: {a: {low_battery: {charge: 50%}}}\n", with("battery.charge", "48"), "f:1:25: ups.a.low_battery.charge: the limit is 50 %, and the battery of a is at 48 % now"},
		{"no charge", "ups: {a: {}}\nlow_battery: {charge: 50%}\n", with("battery.charge", ""), "f:2:15: low_battery.charge: a does not say battery.charge"},
		{"delays", "ups: {a: {off_delay: 25s}}\n", with(), "f:1:11: ups.a.off_delay: the file says 25s, and a is set to 20 s (ups.delay.shutdown)"},
		{"no self-test", "ups: {a: {self_test: {every: 720h}}}\n", with(), "f:1:23: ups.a.self_test.every: a has no self-test (ups.test.result): its battery is never tested"},
		{"a self-test", "ups: {a: {self_test: {every: 720h}}}\n", with("ups.test.result", "No test initiated"), ""},
		{"nonsense from the device", timer, with("battery.runtime", "NaN", "battery.charge", "1e99"), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			config, _, err := Parse([]byte(c.text), "f")
			if err != nil {
				t.Fatal(err)
			}
			findings := config.Check("a", c.vars, sound)
			if c.want == "" && len(findings) == 0 {
				return
			}
			if len(findings) != 1 || !strings.HasPrefix(findings[0].String(), c.want) || c.want == "" {
				t.Errorf("got  %v\nwant %s", findings, c.want)
			}
		})
	}
	c, _, err := Parse([]byte(timer), "f")
	if err != nil {
		t.Fatal(err)
	}
	if findings := c.Check("b", with(), sound); len(findings) > 0 {
		t.Errorf("a UPS that is not in the file: %v", findings)
	}
}

// TestDiff: what a reload says.
func TestDiff(t *testing.T) {
	parse := func(text string) *Config {
		t.Helper()
		c, _, err := Parse([]byte(text), "f")
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	before := parse(`
ups: {a: {}, gone: {device: /dev/hidraw1}}
timers: {t: {after: 20m}}
low_battery: {runtime: 3m}
events: {ONBATT: {start: t}}
messages: {routes: {free: {free_mobile: {user: 1, password: tiger1}}, web: {http: {url: "https://x/?tiger1"}}}}
`)
	after := parse(`
ups: {a: {on_delay: 1m}, new: {device: /dev/hidraw1}}
timers: {t: {after: 30m}}
low_battery: {charge: 30%, shutdown_imminent: ignore}
link_lost: strict
events: {ONBATT: {message: x, start: {timer: t, restart: true}}}
messages: {routes: {free: {free_mobile: {user: 2, password: tiger2}}, web: {http: {url: "https://x/?tiger2"}}}}
`)
	got := strings.Join(Diff(before, after), "\n") + "\n"
	for _, want := range []string{
		"link_lost: estimate → strict\n",
		"low_battery.charge: none → 30%\n",
		"low_battery.runtime: 3m → none\n",
		"low_battery.shutdown_imminent: 30s → ignore\n",
		"events.ONBATT.message: true → \"x\"\n",
		"events.ONBATT.start: t → t anew\n",
		"timers.t.after: 20m → 30m\n",
		"messages.routes.free.free_mobile.user: 1 → 2\n",
		"messages.routes.free.free_mobile.password: changed\n",
		"messages.routes.web.http.url: changed\n",
		"ups.a.on_delay: 30s → 1m\n",
		"ups.gone: gone\n",
		"ups.new: new\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("missing %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "tiger") {
		t.Errorf("a secret is shown:\n%s", got)
	}
	if n := strings.Count(got, "\n"); n != 13 {
		t.Errorf("%d lines:\n%s", n, got)
	}
	if d := Diff(before, before); len(d) > 0 {
		t.Errorf("differs from itself: %v", d)
	}
}
