// Package systemd holds the files that ecnutd gives to systemd.
//
// The hook of the late stage is a program in systemd's system-shutdown folder
// (systemd-shutdown(8)). It runs when services have ended and file systems are
// unmounted or read-only, just before the host stops, and is given what the
// host is going to do. All hooks together have 90 s (systemd issue 34949).
package systemd

import (
	_ "embed"
	"time"
)

// Hook is the text of the hook of the late stage.
//
//go:embed ecnutd.shutdown
var Hook string

// HookPath is where systemd looks for the hook, and Program what it runs.
const (
	HookPath = "/usr/lib/systemd/system-shutdown/ecnutd"
	Program  = "/usr/sbin/ecnutd"
)

// HookTime is how long systemd waits for the hooks before it goes on without
// them.
const HookTime = 90 * time.Second
