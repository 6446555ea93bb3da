package shutdown

import (
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestTellLast(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	armed := Killed{UPS: "eaton", Armed: true, Attempts: 1, Text: "done"}
	for name, c := range map[string]struct {
		record Record
		logs   string // part of the line; "" for none
		level  string
		known  bool
	}{
		"armed":            {Record{Boot: "before", At: at, Reason: "battery low", UPS: []Killed{armed}}, "eaton took the order to cut its output", "INFO", true},
		"not armed":        {Record{Boot: "before", At: at, Reason: "battery low", UPS: []Killed{armed, {UPS: "b", Text: "not attached"}}}, "b WAS NOT ARMED to cut its output: not attached", "ERROR", true},
		"nobody could say": {Record{Boot: "before", At: at, Reason: "battery low", Pending: true}, "could not be stored", "INFO", true},
		"yet to come":      {Record{Boot: "this", At: at, Reason: "battery low", Pending: true}, "", "", false},
		"told already":     {Record{Boot: "before", At: at, UPS: []Killed{armed}, Told: true}, "", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := c.record.Keep(dir); err != nil {
				t.Fatal(err)
			}
			var out strings.Builder
			log := slog.New(slog.NewTextHandler(&out, nil))
			state := filepath.Join(dir, "state.db")
			r := TellLast(state, "this", log)
			if (r != nil) != c.known {
				t.Fatalf("known: %v", r)
			}
			if c.logs == "" && out.Len() > 0 || !strings.Contains(out.String(), c.logs) || !strings.Contains(out.String(), c.level) {
				t.Errorf("log %q, want %s %q", out.String(), c.level, c.logs)
			}
			// Once, however often the daemon starts; the status goes on to know.
			out.Reset()
			if again := TellLast(state, "this", log); (again != nil) != c.known || out.Len() > 0 {
				t.Errorf("told again: %v %s", again, out.String())
			}
		})
	}
}

func TestTellNothing(t *testing.T) {
	var out strings.Builder
	log := slog.New(slog.NewTextHandler(&out, nil))
	dir := t.TempDir()
	if r := TellLast("", "this", log); r != nil {
		t.Error(r)
	}
	if r := TellLast(filepath.Join(dir, "state.db"), "this", log); r != nil || out.Len() > 0 {
		t.Error(r, out.String())
	}
	if err := os.WriteFile(filepath.Join(dir, RecordName), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := TellLast(filepath.Join(dir, "state.db"), "this", log); r != nil || !strings.Contains(out.String(), "not readable") {
		t.Error(r, out.String())
	}
}

// FuzzRecord: whatever stands in the file, the daemon starts.
func FuzzRecord(f *testing.F) {
	f.Add([]byte(`{"boot":"a","at":"2026-01-02T03:04:05Z","reason":"r","pending":true}`))
	f.Add([]byte(`{"boot":"a","ups":[{"ups":"x","armed":true,"attempts":1,"text":"t"}]}`))
	f.Add([]byte(`{"boot":"a","ups":[{"armed":false}]}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := parseRecord(raw)
		if (r == nil) == (err == nil) {
			t.Fatal(r, err)
		}
		if r != nil {
			_ = r.String()
			if r.Armed() && len(r.UPS) == 0 {
				t.Error("armed, and no UPS was")
			}
		}
	})
}

// TestRecordVersions: the result of the last killpower, as the first release
// wrote it (testdata, commit 268c37d), is told; one of a later release is set aside.
func TestRecordVersions(t *testing.T) {
	dir := t.TempDir()
	state, record := filepath.Join(dir, "state.db"), filepath.Join(dir, RecordName)
	first, err := os.ReadFile("testdata/record-1.json")
	if err == nil {
		err = os.WriteFile(record, first, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	r := TellLast(state, "another", slog.New(slog.DiscardHandler))
	if r == nil || r.Boot != "2f1c9b3e-7d1a-4c55-9b21-6a1f0c2d3e4f" || r.Reason != "on battery" || len(r.UPS) != 2 || r.UPS[0] != (Killed{UPS: "left", Node: "/dev/hidraw0", Armed: true, Attempts: 1, Text: "the output goes off in 20 s"}) {
		t.Errorf("got %+v", r)
	}
	raw, err := os.ReadFile(record)
	var head struct{ Version int }
	if err != nil || json.Unmarshal(raw, &head) != nil || head.Version != recordVersion {
		t.Errorf("stored again as %s (%v)", raw, err)
	}

	newer := `{"version":3,"boot":"x","ups":[{"ups":"left","armed":true}]}`
	if err := os.WriteFile(record, []byte(newer), 0o600); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if r := TellLast(state, "another", slog.New(slog.NewTextHandler(&out, nil))); r != nil || !strings.Contains(out.String(), "newer release") {
		t.Errorf("got %+v; told: %s", r, out.String())
	}
	if kept, err := os.ReadFile(filepath.Join(dir, newerRecord)); err != nil || string(kept) != newer {
		t.Errorf("kept is %q, %v", kept, err)
	}
}
