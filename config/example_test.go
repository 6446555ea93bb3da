package config

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"testing"

	"ecnutd/config/strict"
	"ecnutd/ups"
)

func example(t *testing.T) []byte {
	t.Helper()
	data, err := os.ReadFile("../config.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// commented is a key or a list item behind a number sign without a blank.
var commented = regexp.MustCompile(`(?m)^( *)#(- )?([A-Za-z_]+:)`)

// uncommented is the example with all its keys in use.
func uncommented(t *testing.T) []byte {
	return commented.ReplaceAll(example(t), []byte("$1$2$3"))
}

// TestExampleHasTheDefaults: what the example shows behind a number sign is
// the default, except in the blocks that have none.
func TestExampleHasTheDefaults(t *testing.T) {
	c, _, err := Parse(uncommented(t), "uncommented")
	if err != nil {
		t.Fatal(err)
	}
	shown, plain := flatten(c), flatten(Minimal("eaton"))
	examples := regexp.MustCompile(`^(language|ups\.eaton\.(description|match\..*)|messages\.heartbeat\.url|` +
		`events\.(ONBATT|ONLINE|LOWBATT|SHUTDOWN|COMMBAD|COMMOK|REPLBATT|NOTBOOST)\.(message|start|cancel|exec))$`)
	for _, key := range plain.keys {
		if got, want := shown.text[key], plain.text[key]; got != want && !examples.MatchString(key) {
			t.Errorf("%s: the example shows %q, the default is %q", key, got.text, want.text)
		}
	}
	// Defaults of blocks that Minimal does not have.
	for key, want := range map[string]string{
		"messages.routes.mobile.free_mobile.endpoint": FreeMobileEndpoint,
		"messages.routes.mobile.max_length":           "0",
		"messages.routes.mobile.timeout":              "30s",
		"messages.routes.modem.after_failures":        "3",
		"messages.routes.modem.after":                 "10m",
		"messages.routes.gateway.http.method":         "POST",
		"ups.eaton.low_battery.shutdown_imminent":     "30s",
		"timers.courant-attendu.log":                  "true",
		"timers.courant-attendu.wall":                 "true",
	} {
		if got := shown.text[key].text; got != want {
			t.Errorf("%s: the example shows %q, want %q", key, got, want)
		}
	}
}

// TestExampleIsComplete: every key that the reader knows stands in the
// example, every event too.
func TestExampleIsComplete(t *testing.T) {
	seen := map[reflect.Type][]string{}
	if _, _, err := parse(uncommented(t), "uncommented", func(block reflect.Type, key string) {
		seen[block] = append(seen[block], key)
	}); err != nil {
		t.Fatal(err)
	}
	var anywhere []string
	for _, keys := range seen {
		anywhere = append(anywhere, keys...)
	}
	secret := regexp.MustCompile(`_(file|credential)$`)
	ways := map[string]bool{}
	for _, block := range blockTypes(reflect.TypeFor[Config]()) {
		var got []string
		for _, k := range seen[block] {
			got = append(got, secret.ReplaceAllString(k, ""))
			ways[secret.FindString(k)] = true
		}
		for _, k := range strict.KeysOf(block) {
			if len(k.Field) > 1 && slices.Contains(anywhere, k.Name) {
				continue // the keys of an event stand in timers as well
			}
			if name := secret.ReplaceAllString(k.Name, ""); !slices.Contains(got, name) && !slices.Contains(got, k.Name) {
				t.Errorf("the example does not show %s of %s", k.Name, block.Name())
			}
		}
	}
	if !ways[""] || !ways["_file"] || !ways["_credential"] {
		t.Errorf("of the ways to give a secret the example shows %v", ways)
	}
	for _, e := range ups.Events {
		if !regexp.MustCompile(`(?m)^ +#?` + string(e) + `:`).Match(example(t)) {
			t.Errorf("the example does not show %s", e)
		}
	}
}

// blockTypes are all structs with keys below a type.
func blockTypes(t reflect.Type) []reflect.Type {
	var out []reflect.Type
	var walk func(reflect.Type)
	walk = func(t reflect.Type) {
		switch t.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			walk(t.Elem())
		case reflect.Struct:
			if slices.Contains(out, t) || len(strict.KeysOf(t)) == 0 {
				return
			}
			out = append(out, t)
			for i := range t.NumField() {
				if t.Field(i).IsExported() {
					walk(t.Field(i).Type)
				}
			}
		}
	}
	walk(t)
	// Tell is embedded in Reaction, and stands by itself only behind else.
	return slices.DeleteFunc(out, func(t reflect.Type) bool { return t == reflect.TypeFor[Tell]() })
}
