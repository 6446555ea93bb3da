package daemon

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ecnutd/internal/nut/server/nuttest"
)

// TestNothingForAShell: what another host says is an argument, or stands in the
// environment, and is never a part of what a shell reads (CVE-2026-54161 of
// upsmon).
func TestNothingForAShell(t *testing.T) {
	nut := nuttest.Find(t)
	dir, err := os.MkdirTemp("", "sh") // short: upsd cuts what is long
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	touched := filepath.Join(dir, "t")
	evil := fmt.Sprintf("$(touch %[1]s) `touch %[1]s`; touch %[1]s & ' \" | touch %[1]s", touched)
	quoted := `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(evil) + `"`
	address := nut.Upsd(t, "[second]\npassword = sec\nupsmon slave\n", nuttest.Driver{Name: "eaton", Lines: []string{
		`SETINFO ups.status "OB ALARM"`, `SETINFO battery.charge "90"`, `SETINFO battery.runtime "585"`,
		"SETINFO ups.alarm " + quoted, "SETINFO ups.model " + quoted,
	}})
	script := filepath.Join(dir, "note")
	if err := os.WriteFile(script, []byte("#!/bin/sh\nprintf '%s\\n' \"$@\" \"$NOTIFYMSG\" >>"+dir+"/noted\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	r := follower(t, address, fmt.Sprintf(`min_supplies: 0
events:
  ALARM: {message: "{{alarm}}", exec: {command: [%[1]s, "{{alarm}}", "{{ups.model}}"]}}
  ONBATT: {message: "{{ups.model}}", exec: {shell: '%[1]s shell "$NOTIFYMSG"'}}
`, script))
	r.start()
	r.waitEvent("ALARM")
	noted := func() string {
		raw, _ := os.ReadFile(dir + "/noted") // it may not be there yet
		return string(raw)
	}
	defer func() { t.Logf("noted:\n%s", noted()) }()
	r.eventually("both programs", func() bool { return strings.Count(noted(), evil) >= 3 && strings.Contains(noted(), "shell\n") })
	r.stop()
	if _, err := os.Stat(touched); err == nil {
		t.Errorf("a shell has read what the other host said:\n%s", noted())
	}
}
