package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestStoreBreaksLater: the disk loses the state file under a running daemon.
// It decides on, and messages go out.
func TestStoreBreaksLater(t *testing.T) {
	for name, harm := range map[string]func(path string) error{
		"cut to nothing":       func(path string) error { return os.Truncate(path, 0) },
		"cut behind the roots": func(path string) error { return os.Truncate(path, 8192) },
		"overwritten": func(path string) error {
			f, err := os.OpenFile(path, os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			junk := make([]byte, 1<<16)
			for i := range junk {
				junk[i] = byte(i*7 + 3)
			}
			if _, err := f.WriteAt(junk, 0); err != nil {
				return err
			}
			return f.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, "")
			r.start()
			r.heard()
			if err := harm(filepath.Join(r.dir, "state.db")); err != nil {
				t.Fatal(err)
			}
			for i := range 2 {
				r.unit.CutMains()
				r.waitEvent("ONBATT")
				r.eventually("the message", func() bool { return len(r.gateway.Texts()) >= 2*i+1 })
				r.unit.RestoreMains()
				r.waitEvent("ONLINE")
				r.eventually("the message", func() bool { return len(r.gateway.Texts()) >= 2*i+2 })
			}
			var s status
			if err := askDaemon(t.Context(), r.config.Control, "GET", "/v1/status", nil, &s); err != nil || !strings.Contains(strings.Join(s.Faults, "\n"), "damaged") {
				t.Errorf("status tells %v (%v)", s.Faults, err)
			}
			if n := strings.Count(r.log.String(), "the state cannot be stored"); n != 1 {
				t.Errorf("the fault is told %d times:\n%s", n, r.log)
			}
		})
	}
}
