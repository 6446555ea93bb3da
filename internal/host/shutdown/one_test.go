package shutdown

import (
	"errors"
	"path/filepath"
	"testing"

	"ecnutd/internal/host"
)

// TestOneDaemon: a second daemon refuses where it shares the socket or the
// flag, and holds nothing then; others are no concern.
func TestOneDaemon(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	release, missing, err := OneDaemon(at("control"), at("flag"))
	if err != nil || missing != nil {
		t.Fatal(err, missing)
	}
	for _, c := range []struct{ control, flag string }{{at("control"), at("other")}, {at("other"), at("flag")}, {"", at("flag")}, {at("control"), ""}} {
		if _, _, err := OneDaemon(c.control, c.flag); !errors.Is(err, host.ErrLocked) {
			t.Errorf("%v: %v", c, err)
		}
	}
	other, _, err := OneDaemon(at("other"), at("other flag"))
	if err != nil {
		t.Fatalf("one that refused holds a lock: %v", err)
	}
	other()
	release()
	release, missing, err = OneDaemon(at("control"), at("no/such/folder/flag"))
	if err != nil || missing == nil {
		t.Errorf("%v, missing %v", err, missing)
	}
	release()
}
