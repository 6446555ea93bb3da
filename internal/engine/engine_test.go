package engine

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"ecnutd/config"
	"ecnutd/monitor"
	"ecnutd/ups"
)

// parse makes the engine of a configuration.
func parse(t *testing.T, text string) *Engine {
	t.Helper()
	c, _, err := config.Parse([]byte(text), "test.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return New(c, "srv")
}

// play takes steps one second apart, on a UPS that says nothing but its status
// and charge, and returns the actions in words.
func play(e *Engine, inputs ...monitor.Input) (lines []string, last Ready) {
	var state monitor.State
	vars := func(string) ups.Variables { return ups.Variables{"ups.model": "Station"} }
	for i, in := range inputs {
		last = e.Step(state, monitor.Instant(time.Hour)+monitor.Instant(i)*monitor.Instant(time.Second), in, Seen{Variables: vars})
		state = last.State
		for _, a := range last.Actions() {
			lines = append(lines, fmt.Sprintf("%T %s", a, strings.TrimSpace(a.String())))
		}
	}
	return lines, last
}

func heard(s ups.Status) monitor.Input {
	return monitor.Heard{Snapshot: ups.Snapshot{Status: s, Charge: ups.Known(90), Readings: 1}}
}

const quiet = `
events:
  ONBATT: {log: true, wall: true, message: "{{host}} {{ups.model}} {{charge}}", exec: [echo, "{{ups}}"]}
  FSD: {log: false, wall: false, message: false}
  SHUTDOWN: {log: false, wall: false, message: "down"}
final_delay: 0s
`

const route = `
messages: {routes: {phone: {free_mobile: {user: "12345678", password: x}}}}
`

// TestActions: a message goes before what needs no network, the flag before the
// command, and nothing is to be stored where nothing follows.
func TestActions(t *testing.T) {
	e := parse(t, "ups: {eaton: {}}"+quiet+route)
	lines, ready := play(e, heard(ups.Online))
	if len(lines) > 0 || ready.Store {
		t.Errorf("the first report on mains: %q, stored: %v", lines, ready.Store)
	}
	lines, ready = play(e, heard(ups.Online), heard(ups.OnBattery), monitor.ForceShutdown{Reason: "move"})
	want := []string{
		"engine.Event eaton ONBATT: on battery: charge 90 %, runtime unknown",
		"engine.Message sms → srv Station 90 %",
		"engine.Log log → eaton: ONBATT: on battery: charge 90 %, runtime unknown",
		"engine.Wall wall → srv Station 90 %. Next: shutdown when the battery is low; at what time is not known (the UPS tells no runtime).",
		"engine.Program exec → echo eaton",
		"engine.Shutdown SHUT DOWN: shutdown ordered: move",
		"engine.Event eaton FSD: shutdown ordered: move",
		"engine.Event SHUTDOWN: shutdown ordered: move",
		"engine.Message sms → down",
		"engine.WriteFlag flag written: /run/ecnutd/killpower",
		"engine.PowerOff command: /usr/sbin/poweroff",
	}
	if got := strings.Join(lines, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
	if m := ready.Messages(); !ready.Store || len(m) != 1 || !m[0].Urgent || m[0].Text != "down" {
		t.Errorf("stored: %v, messages: %+v", ready.Store, m)
	}
}

// TestOrderBeforeTheDisk: flag and order are carried out before the store is asked
// to write, whatever else the step brings; a step without them waits for nothing.
func TestOrderBeforeTheDisk(t *testing.T) {
	e := parse(t, "ups: {eaton: {}}"+quiet+route)
	_, ready := play(e, heard(ups.Online), monitor.ForceShutdown{Reason: "move"})
	n := len(ready.First)
	if !ready.Store || n < 3 {
		t.Fatalf("%+v", ready)
	}
	if _, is := ready.First[n-1].(PowerOff); !is {
		t.Errorf("the last before the disk is %T", ready.First[n-1])
	}
	if _, is := ready.First[n-2].(WriteFlag); !is {
		t.Errorf("before the order comes %T", ready.First[n-2])
	}
	for _, a := range ready.Then {
		switch a.(type) {
		case WriteFlag, PowerOff, Message:
			t.Errorf("%T comes after the disk", a)
		}
	}
	if _, ready := play(e, heard(ups.OnBattery)); !ready.Store || len(ready.First) > 0 || len(ready.Then) == 0 {
		t.Errorf("an outage: %+v", ready)
	}
}

// TestNothingInVain: no message where it cannot leave, and no flag where no UPS
// would be told to cut its output.
func TestNothingInVain(t *testing.T) {
	for _, ups := range []string{
		"ups: {lamp: {power: 0}}\nmin_supplies: 0",
		`ups: {cellar: {remote: "nut://u@cellar/ups", password: x}}`,
	} {
		lines, ready := play(parse(t, ups+quiet), monitor.ForceShutdown{Reason: "move"})
		for _, a := range ready.Actions() {
			switch a.(type) {
			case Message, WriteFlag:
				t.Errorf("%s: %q", ups, lines)
			}
		}
		if got := lines[len(lines)-1]; got != "engine.PowerOff command: /usr/sbin/poweroff" {
			t.Errorf("%s: the end is %q", ups, got)
		}
	}
}

// TestRows: the rows of a timeline have the keys that its readers know.
func TestRows(t *testing.T) {
	about := About{UPS: "eaton", Event: ups.EventOnBattery, Timer: "wait"}
	for want, a := range map[string]Action{
		`"kind":"event","ups":"eaton","event":"ONBATT","text":"why"`:                                              Event{About{UPS: "eaton", Event: ups.EventOnBattery}, "why"},
		`"kind":"timer","ups":"eaton","timer":"wait","action":"start","after":90`:                                 Timer{"eaton", "wait", monitor.TimerStart, 90 * time.Second},
		`"kind":"notify","ups":"eaton","event":"ONBATT","timer":"wait","route":"sms","text":"text"`:               Message{about, "text", true},
		`"kind":"notify","ups":"eaton","event":"ONBATT","timer":"wait","route":"log","text":"text"`:               Log{about, "text"},
		`"kind":"notify","ups":"eaton","event":"ONBATT","timer":"wait","route":"wall","text":"text"`:              Wall{about, "text"},
		`"kind":"notify","ups":"eaton","event":"ONBATT","timer":"wait","route":"exec","text":"t","command":"a b"`: Program{about, monitor.Exec{Argv: []string{"a", "b"}}, "t"},
		`"kind":"shutdown","reason":"why"`:                                                                        Shutdown{"why"},
		`"kind":"flag","path":"/run/f"`:                                                                           WriteFlag{"/run/f", "why"},
		`"kind":"poweroff","command":"halt -p"`:                                                                   PowerOff{config.Command{Argv: []string{"halt", "-p"}}, "why"},
	} {
		r, ok := RowOf(a, 1500*time.Millisecond)
		raw, err := json.Marshal(r)
		if got := string(raw); !ok || err != nil || got != `{"t":1.5,`+want+`}` {
			t.Errorf("%T: got %s, %v, %v", a, got, ok, err)
		}
	}
	if r, ok := RowOf(CallOff{"why"}, 0); ok {
		t.Errorf("a row of what nobody prints: %+v", r)
	}
}
