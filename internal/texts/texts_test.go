package texts

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"ecnutd/internal/placeholder"
	"ecnutd/monitor"
	"ecnutd/ups"
)

func TestEveryEventHasItsText(t *testing.T) {
	for _, e := range ups.Events {
		for _, l := range ups.Languages {
			text := Default(l, e)
			if text == "" {
				t.Errorf("%s has no text in %s", e, l)
			}
			if err := placeholder.Check(text); err != nil {
				t.Errorf("%s in %s: %v", e, l, err)
			}
		}
		if Default(ups.English, e) == Default(ups.French, e) {
			t.Errorf("%s is the same in both languages", e)
		}
	}
}

func TestExpand(t *testing.T) {
	d := Data{
		UPS: "eaton", Event: ups.EventOnBattery, Host: "srv", Language: ups.French,
		Snapshot:  ups.Snapshot{Status: ups.OnBattery, Charge: ups.Known(61), Runtime: ups.Known(250)},
		Reason:    monitor.Reason{Code: monitor.LimitReached, For: 20 * time.Minute, Limit: 20 * time.Minute, Charge: ups.Known(61), Runtime: ups.Known(250)},
		Variables: ups.Variables{"battery.charge": "61"},
		At:        time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	}
	for template, want := range map[string]string{
		"no placeholder, 100 % {sure} $x": "no placeholder, 100 % {sure} $x",
		"{{ups}} {{ event }} à {{time}}":  "eaton ONBATT à 03:04",
		"{{battery.charge}} / {{charge}}": "61 / 61 %",
		"{{runtime}}":                     "4 min 10 s",
		"{{load}}, {{input.voltage}}":     "inconnue, inconnu", // unknown is neither nothing nor 0
		"[{{alarm}}{{timer}}]":            "[]",
		"{{reason}}":                      "sur batterie depuis 20 min (limite 20 min), charge 61 %, autonomie 4 min 10 s",
		"{{oops}}":                        "{{oops}}",
		"{{ups":                           "{{ups",
	} {
		if got := Expand(template, d); got != want {
			t.Errorf("%q became %q, want %q", template, got, want)
		}
	}
}

// TestWords: what a template may name has a value, and nothing else has.
func TestWords(t *testing.T) {
	if got := slices.Sorted(maps.Keys(words)); !slices.Equal(got, placeholder.Names()) {
		t.Errorf("got %v, want %v", got, placeholder.Names())
	}
}

func FuzzExpand(f *testing.F) {
	f.Add("{{ups}} {{battery.charge}}")
	f.Fuzz(func(t *testing.T, template string) {
		got := Expand(template, Data{UPS: "eaton", Language: ups.English})
		if !strings.Contains(template, "{{") && got != template {
			t.Errorf("%q became %q", template, got)
		}
	})
}
