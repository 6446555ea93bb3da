package monitor_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	. "ecnutd/monitor"
	"ecnutd/monitor/stored"
	"ecnutd/ups"
)

// storedRules are the rules under which the states in testdata were stored.
func storedRules() Rules {
	return rules(func(r *Rules) {
		r.DeadTime, r.LinkLost = 15*time.Second, Estimate
		r.Timers = []Timer{
			{Name: "wait", After: 10 * time.Minute, Fire: Reaction{GiveUp: true, Tell: say("long")}},
			{Name: "note", After: 2 * time.Minute, Fire: Reaction{Tell: say("two minutes")}},
		}
		on(r, ups.EventOnBattery, Reaction{Start: []Start{{Timer: "wait"}, {Timer: "note"}}})
		r.Supplies[0].Limits.OnBattery = 20 * time.Minute
		r.Supplies[1].Limits.Charge = ups.Known(30)
	}, "left", "right")
}

// TestStoredStates: what an earlier release stored is gone on with, to the same
// decisions. stored/testdata/README.md says how each file came about and what the
// release that wrote it did then: those lines are the traces here.
func TestStoredStates(t *testing.T) {
	var outage strings.Builder
	outage.WriteString("31s restart\n32s right OB RB alarm=hot 88 500\n")
	for at := 33; at < 630; at += 5 {
		fmt.Fprintf(&outage, "%ds left OB 90 790\n%ds right OB RB alarm=hot 85 480\n", at, at+1)
	}
	for name, tc := range map[string]struct{ script, want string }{
		"outage": {outage.String(), `
			37s COMMOK right
			2m10s timer left note fire !two minutes
			2m12s timer right note fire !two minutes
			10m10s timer left wait fire !long
			10m12s timer right wait fire !long
			10m12s shutdown (timer ended)
			10m12s FSD left
			10m12s FSD right
			10m12s SHUTDOWN
			10m17s flag
			10m17s poweroff`},
		"shutdown": {"15s restart\n16s left OB below 90 800\n16s right OB 90 600\n60s .", `
			29s SHUTDOWN
			31.000000001s COMMBAD left
			31.000000001s COMMBAD right
			34s flag
			34s poweroff`},
		// That release gave the command again at once; today the UPS is heard
		// first, and a command that is at work is not begun again.
		"command": {"21s restart\n22s pending no\n23s left OB 98 870\n24s right OB 88 500", `
			24s COMMOK right
			24s ONBATT right
			24s SHUTDOWN
			24s flag
			24s poweroff`},
	} {
		for _, version := range []int{1, 2} {
			t.Run(fmt.Sprintf("%s, version %d", name, version), func(t *testing.T) {
				p := player{t: t, rules: storedRules(), state: storedState(t, name, version), show: brief}
				if diff := cmp.Diff(lines(tc.want), p.play(tc.script)); diff != "" {
					t.Errorf("trace (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func storedState(t *testing.T, name string, version int) State {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("stored/testdata", fmt.Sprintf("state-%d-%s.json", version, name)))
	var s stored.State
	if err == nil {
		err = json.Unmarshal(raw, &s)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s.State
}

// TestStoredWhole: every field of a state comes back as it was stored. The state
// is filled by reflection, so that a field that is new is among them.
func TestStoredWhole(t *testing.T) {
	var s State
	n := 0
	fill(t, reflect.ValueOf(&s).Elem(), &n)
	back, err := reread(s)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s, back); diff != "" {
		t.Errorf("(-stored +read):\n%s", diff)
	}
	raw, _ := json.Marshal(stored.State{State: s})
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		t.Fatal(err)
	}
	checkKeys(t, tree)
}

// fill gives every field a value that no other has, where its type allows it.
func fill(t *testing.T, v reflect.Value, n *int) {
	t.Helper()
	*n++
	switch v.Interface().(type) {
	case ups.Number:
		v.Set(reflect.ValueOf(ups.Known(*n)))
		return
	case ups.Status:
		v.Set(reflect.ValueOf(ups.Status(1 << (*n % 14))))
		return
	case ups.LowReason:
		v.Set(reflect.ValueOf(ups.LowReason(1 << (*n % 3))))
		return
	case Line, Link, Phase:
		v.SetUint(uint64(1 + *n%2))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i), n)
		}
	case reflect.Slice, reflect.Array:
		if v.Kind() == reflect.Slice {
			v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		}
		for i := range v.Len() {
			fill(t, v.Index(i), n)
		}
	case reflect.String:
		v.SetString(fmt.Sprint("text ", *n))
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Uint8, reflect.Uint32:
		v.SetUint(uint64(*n))
	case reflect.Bool:
		v.SetBool(true)
	default:
		t.Fatalf("how is %s stored?", v.Type())
	}
}

// checkKeys: no key is the name of a Go field.
func checkKeys(t *testing.T, tree any) {
	t.Helper()
	switch tree := tree.(type) {
	case map[string]any:
		for key, value := range tree {
			if key != strings.ToLower(key) {
				t.Errorf("the key %q has no name of its own", key)
			}
			checkKeys(t, value)
		}
	case []any:
		for _, value := range tree {
			checkKeys(t, value)
		}
	}
}

// TestStoredByNewer: a form that is not known yet is refused, and says so.
func TestStoredByNewer(t *testing.T) {
	s := stored.State{State: State{Forced: "as it was"}}
	err := json.Unmarshal([]byte(`{"version": 3, "supplies": "in another way"}`), &s)
	newer, ok := errors.AsType[stored.NewerError](err)
	if !ok || newer != (stored.NewerError{Version: 3, Known: stored.Version}) || s.Forced != "as it was" {
		t.Errorf("got %v, and the state is %+v", err, s)
	}
	for _, raw := range []string{`{"version": 2, "phase": "dancing"}`, `{"version": 2, "supplies": [{"line": 7}]}`, `[]`, `{"version": "2"}`} {
		if err := json.Unmarshal([]byte(raw), &s); err == nil {
			t.Errorf("%s is taken for a state: %+v", raw, s)
		}
	}
}
