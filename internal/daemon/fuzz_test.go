package daemon

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// FuzzStored: whatever stands where the state was, it is refused or read, and what was
// read is the same when it has been stored again.
func FuzzStored(f *testing.F) {
	files, _ := filepath.Glob("testdata/stored/*.json")
	for _, path := range files {
		if raw, err := os.ReadFile(path); err == nil {
			f.Add(raw, false)
			f.Add(bytes.TrimPrefix(raw, []byte(`{"sum":"`)), true)
		}
	}
	f.Add([]byte(`{"version":2,"boot":"b","state":{"version":2,"timers":[null]}}`), true)
	f.Fuzz(func(t *testing.T, raw []byte, sum bool) {
		if sum { // with a sum that matches, so that it gets past that
			raw = withSum(raw)
		}
		got, err := parseStored(raw)
		if err != nil {
			return
		}
		first, err := json.Marshal(got)
		if err != nil {
			return // a time of a year that JSON does not have
		}
		again, err := parseStored(withSum(first))
		if err != nil {
			t.Fatalf("what was stored is refused: %v\n%s", err, first)
		}
		second, err := json.Marshal(again)
		if err != nil || !bytes.Equal(first, second) {
			t.Errorf("%v\n%s\nhas become\n%s", err, first, second)
		}
	})
}
