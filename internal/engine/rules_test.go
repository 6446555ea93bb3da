package engine

import (
	"slices"
	"strings"
	"testing"
	"time"

	"ecnutd/config"
	"ecnutd/monitor"
	"ecnutd/ups"
)

// TestExampleProtects: the worked example does what it says in its first
// lines. Times and routes are read off the file by hand.
func TestExampleProtects(t *testing.T) {
	c, findings, err := config.Load("../../config.example.yaml")
	if err != nil || len(findings) > 0 {
		t.Fatalf("error %v, findings %v", err, findings)
	}
	r := Rules(c)
	if len(r.Supplies) != 1 || r.Supplies[0].Name != "eaton" || r.MinSupplies != 1 || c.Language != ups.French {
		t.Fatalf("got %+v", r)
	}
	on := r.Supplies[0].On
	if s := on[ups.EventOnBattery].Start; len(s) != 1 || s[0] != (monitor.Start{Timer: "courant-attendu"}) {
		t.Errorf("ONBATT starts %+v", s)
	}
	if s := on[ups.EventOnline].Cancel; len(s) != 1 || s[0].Timer != "courant-attendu" {
		t.Errorf("ONLINE cancels %+v", s)
	}
	if len(r.Timers) != 1 || r.Timers[0].After != 20*time.Minute || !r.Timers[0].Fire.GiveUp || r.Timers[0].Fire.Force {
		t.Errorf("timers %+v", r.Timers)
	}
	for event, word := range map[ups.Event]string{
		ups.EventOnBattery: "coupure", ups.EventOnline: "rétabli", ups.EventLowBattery: "presque vide",
		ups.EventCommBad: "ne répond plus", ups.EventCommOK: "répond à nouveau", ups.EventReplace: "remplacer",
	} {
		tell := on[event].Tell
		if !strings.Contains(tell.Message, word) || !tell.Log || !tell.Wall {
			t.Errorf("%s tells %+v, want %q in it, log and wall", event, tell, word)
		}
	}
	if m := r.On[ups.EventShutdown].Tell.Message; !strings.Contains(m, "s'arrête") {
		t.Errorf("SHUTDOWN says %q", m)
	}
}

// TestForms: every form in which a value may be written comes to the same.
func TestForms(t *testing.T) {
	rules := func(text string) monitor.Rules {
		t.Helper()
		c, _, err := config.Parse([]byte("ups: {a: {}}\ntimers: {x: {after: 20m}, y: {after: 1m}}\n"+text), "f")
		if err != nil {
			t.Fatal(err)
		}
		return Rules(c)
	}
	on := func(text string) monitor.Reaction {
		t.Helper()
		return rules("events: {ONBATT: {" + text + "}}").Supplies[0].On[ups.EventOnBattery]
	}
	for text, want := range map[string][]monitor.Start{
		"start: x":                           {{Timer: "x"}},
		"start: [x, y]":                      {{Timer: "x"}, {Timer: "y"}},
		"start: {timer: x, after: 1h30m}":    {{Timer: "x", After: 90 * time.Minute}},
		"start: [{timer: x, restart: true}]": {{Timer: "x", Restart: true}},
		"log: true":                          nil,
	} {
		if got := on(text).Start; !slices.Equal(got, want) {
			t.Errorf("%s: got %+v, want %+v", text, got, want)
		}
	}
	second := 10 * time.Second // the default time limit
	for text, want := range map[string][]monitor.Exec{
		"exec: /bin/x, message: hello":          {{Argv: []string{"/bin/x", "hello"}, Timeout: second}},
		"exec: [/bin/x, '{{ups}}', b]":          {{Argv: []string{"/bin/x", "{{ups}}", "b"}, Timeout: second}},
		"exec: {command: [/bin/x]}":             {{Argv: []string{"/bin/x"}, Timeout: second}},
		"exec: {shell: 'a | b', timeout: 1m}":   {{Shell: "a | b", Timeout: time.Minute}},
		"exec: [{shell: a}, {command: [/b]}]":   {{Shell: "a", Timeout: second}, {Argv: []string{"/b"}, Timeout: second}},
		"exec: false":                           nil,
		"exec: [/bin/x], shutdown: false":       {{Argv: []string{"/bin/x"}, Timeout: second}},
		"exec: /bin/x, message: {en: a, fr: b}": {{Argv: []string{"/bin/x", "a"}, Timeout: second}},
	} {
		got := on(text).Tell.Execs
		if len(got) != len(want) {
			t.Errorf("%s: got %+v, want %+v", text, got, want)
			continue
		}
		for i := range got {
			if !slices.Equal(got[i].Argv, want[i].Argv) || got[i].Shell != want[i].Shell || got[i].Timeout != want[i].Timeout {
				t.Errorf("%s: got %+v, want %+v", text, got[i], want[i])
			}
		}
	}
	// A timer without a text hands its name over, as upssched does.
	r := rules("events: {ONBATT: {start: y}, ONLINE: {cancel: {timer: y, else: {message: none runs}}}}")
	if got := r.Supplies[0].On[ups.EventOnline].Cancel; len(got) != 1 || got[0].Else.Message != "none runs" || !got[0].Else.Log {
		t.Errorf("cancel with else: %+v", got)
	}
	c, _, err := config.Parse([]byte("ups: {a: {}}\ntimers: {x: {after: 20m, exec: /bin/x}}\nevents: {ONBATT: {start: x}}"), "f")
	if err != nil {
		t.Fatal(err)
	}
	if argv := Rules(c).Timers[0].Fire.Tell.Execs[0].Argv; !slices.Equal(argv, []string{"/bin/x", "x"}) {
		t.Errorf("timer runs %q", argv)
	}
	for text, want := range map[string]ups.Number{
		"30%": ups.Known(30), "30": ups.Known(30), "'30 %'": ups.Known(30), "none": {}, "100%": ups.Known(100),
	} {
		if got := rules("low_battery: {charge: " + text + "}").Supplies[0].Limits.Charge; got != want {
			t.Errorf("charge %s is %v, want %v", text, got, want)
		}
	}
	// A limit in parts of a second is never met later than asked.
	if got := rules("low_battery: {runtime: 1500ms}").Supplies[0].Limits.Runtime; got != ups.Known(2) {
		t.Errorf("1500ms is %v", got)
	}
	for text, want := range map[string]monitor.Trust{
		"trust": {}, "ignore": {Ignored: true}, "5s": {Grace: 5 * time.Second},
	} {
		if got := rules("low_battery: {shutdown_imminent: " + text + "}").Supplies[0].Limits.ShutdownImminent; got != want {
			t.Errorf("%s is %+v", text, got)
		}
	}
	for text, want := range map[string]config.Command{
		"/sbin/shutdown -h +0":      {Argv: []string{"/sbin/shutdown", "-h", "+0"}},
		"[/sbin/x, a b]":            {Argv: []string{"/sbin/x", "a b"}},
		"{shell: 'sync; poweroff'}": {Shell: "sync; poweroff"},
	} {
		c, _, err := config.Parse([]byte("ups: {a: {}}\nshutdown_command: "+text), "f")
		if err != nil || !slices.Equal(c.ShutdownCommand.Argv, want.Argv) || c.ShutdownCommand.Shell != want.Shell {
			t.Errorf("%s: %v, got %+v", text, err, c)
		}
	}
}

// TestBlocksOverride: a block changes what it names, whatever the order of the file.
func TestBlocksOverride(t *testing.T) {
	c, _, err := config.Parse([]byte(`
ups:
  a:
    events: {ONBATT: {wall: false}, TRIM: {log: false}}
    low_battery: {charge: 40%}
  b: {device: /dev/hidraw1, power: 2}
low_battery: {runtime: 3m, charge: 20%}
events: {ONBATT: {message: general}}
`), "f")
	if err != nil {
		t.Fatal(err)
	}
	r := Rules(c)
	a, b := r.Supplies[0], r.Supplies[1]
	if got := a.On[ups.EventOnBattery].Tell; got.Wall || !got.Log || got.Message != "general" {
		t.Errorf("ONBATT of a: %+v", got)
	}
	if got := b.On[ups.EventOnBattery].Tell; !got.Wall || !got.Log || got.Message != "general" {
		t.Errorf("ONBATT of b: %+v", got)
	}
	if a.Limits.Charge != ups.Known(40) || a.Limits.Runtime != ups.Known(180) || b.Limits.Charge != ups.Known(20) {
		t.Errorf("limits %+v, %+v", a.Limits, b.Limits)
	}
	if a.On[ups.EventTrim].Tell.Log || !b.On[ups.EventTrim].Tell.Log || a.Power != 1 || b.Power != 2 {
		t.Errorf("a %+v, b %+v", a, b)
	}
	if _, ok := a.On[ups.EventShutdown]; ok || !r.On[ups.EventShutdown].Tell.Log {
		t.Errorf("SHUTDOWN is the host's: %+v", r.On)
	}
}

// TestDefaultsAreUpsmons: the values that upsmon documents (upsmon.conf(5)),
// and those of the rules for nobody's wishes.
func TestDefaultsAreUpsmons(t *testing.T) {
	c := config.Minimal("")
	if c.Poll != 5*time.Second || c.PollOnBattery != 5*time.Second {
		t.Errorf("polls %s, %s", c.Poll, c.PollOnBattery)
	}
	r := Rules(c)
	want := monitor.Defaults("ups")
	if r.MinSupplies != 1 || r.DeadTime != 15*time.Second || r.HostSync != 15*time.Second || r.FinalDelay != 5*time.Second ||
		r.NoCommRepeat != 300*time.Second || r.ReplaceBatteryRepeat != 43200*time.Second {
		t.Errorf("got %+v", r)
	}
	if r.LinkLost != want.LinkLost || r.ShutdownTime != want.ShutdownTime || r.LostCounts != want.LostCounts ||
		len(r.Supplies) != 1 || r.Supplies[0].Name != "ups" || r.Supplies[0].Power != 1 || r.Supplies[0].Limits != want.Supplies[0].Limits {
		t.Errorf("got  %+v\nwant %+v", r, want)
	}
	for _, e := range ups.Events {
		tell := r.Supplies[0].On[e].Tell
		if e.Host() {
			tell = r.On[e].Tell
		}
		if !tell.Log || !tell.Wall || len(tell.Execs) > 0 {
			t.Errorf("%s: %+v", e, tell)
		}
	}
}
