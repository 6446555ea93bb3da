package config

import (
	"strings"
	"testing"
	"time"
)

// TestFloors: both floors hold by default, each can be left out by itself, and the
// grace stays for limits of one's own.
func TestFloors(t *testing.T) {
	const grace = 30 * time.Second
	for text, want := range map[string]Floors{
		"":                              {FloorAuto, FloorAuto, grace},
		"floors: none":                  {FloorNone, FloorNone, grace},
		"floors: {charge: none}":        {FloorNone, FloorAuto, grace},
		"floors: {runtime: none}":       {FloorAuto, FloorNone, grace},
		"floors: {grace: 1m}":           {FloorAuto, FloorAuto, time.Minute},
		"charge: 30%":                   {FloorAuto, FloorAuto, grace},
		"floors: {charge: auto, }":      {FloorAuto, FloorAuto, grace},
		"runtime: 4m\n  floors: none\n": {FloorNone, FloorNone, grace},
	} {
		c, _, err := Parse([]byte("ups: {a: {}}\nlow_battery:\n  "+text+"\n"), "test")
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got := c.LimitsOf(c.UPS[0]).Floors; got != want {
			t.Errorf("%q: got %+v", text, got)
		}
	}
	for _, text := range []string{"floors: true", "floors: {charge: 20%}", "floors: {grace: 30}", "floors: {load: none}"} {
		if _, _, err := Parse([]byte("ups: {a: {}}\nlow_battery:\n  "+text+"\n"), "test"); err == nil || !strings.Contains(err.Error(), "floors") {
			t.Errorf("%q: %v", text, err)
		}
	}
	c, _, err := Parse([]byte("ups: {a: {}}\nsecondaries_told: cancel\n"), "test")
	if err != nil || c.SecondariesTold != ToldCancel {
		t.Errorf("got %q, %v", c.SecondariesTold, err)
	}
}
