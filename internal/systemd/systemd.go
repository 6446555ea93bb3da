// Package systemd holds the files that ecnutd gives to systemd.
//
// The daemon is a service without rights (ecnutd.service). What takes root is
// done by two others: the shutdown of the host, on the order of the daemon, by
// ecnutd-shutdown.socket, ecnutd-shutdown.path and their service; and the cut of the UPS's output by a
// hook of the late stage, a program in systemd's system-shutdown folder
// (systemd-shutdown(8)). That runs when services have ended and file systems
// are unmounted or read-only, just before the host stops, and is given what the
// host is going to do. All hooks together have 90 s (systemd issue 34949).
package systemd

import (
	_ "embed"
	"io/fs"
	"strings"
	"time"
)

// Hook is the text of the hook of the late stage.
//
//go:embed ecnutd.shutdown
var Hook string

//go:embed ecnutd.service
var service string

//go:embed ecnutd-shutdown.path
var shutdownPath string

//go:embed ecnutd-shutdown.socket
var shutdownSocket string

//go:embed ecnutd-shutdown.service
var shutdownService string

//go:embed ecnutd-guard.service
var guardService string

//go:embed ecnutd.sysusers
var sysusers string

// HookPath is where systemd looks for the hook, and Program what it and the
// units run: where the shell of an ordinary user finds it. FormerProgram is
// where it was before.
const (
	HookPath      = "/usr/lib/systemd/system-shutdown/ecnutd"
	Program       = "/usr/bin/ecnutd"
	FormerProgram = "/usr/sbin/ecnutd"
)

// HookTime is how long systemd waits for the hooks before it goes on without
// them.
const HookTime = 90 * time.Second

// The names of the units.
const (
	Service         = "ecnutd.service"
	ShutdownPath    = "ecnutd-shutdown.path"
	ShutdownSocket  = "ecnutd-shutdown.socket"
	ShutdownService = "ecnutd-shutdown.service"
	GuardService    = "ecnutd-guard.service"
)

// A File is one that systemd reads or runs.
type File struct {
	Name string // in this folder
	Path string // where an administrator puts it
	Mode fs.FileMode
	Text string
}

// Files are all of them. A package puts the units and the users below
// /usr/lib/systemd/system and /usr/lib/sysusers.d, where a file of the same
// name in /etc takes their place.
func Files() []File {
	return []File{
		{"ecnutd.sysusers", "/etc/sysusers.d/ecnutd.conf", 0o644, sysusers},
		{Service, "/etc/systemd/system/" + Service, 0o644, service},
		{ShutdownPath, "/etc/systemd/system/" + ShutdownPath, 0o644, shutdownPath},
		{ShutdownSocket, "/etc/systemd/system/" + ShutdownSocket, 0o644, shutdownSocket},
		{ShutdownService, "/etc/systemd/system/" + ShutdownService, 0o644, shutdownService},
		{GuardService, "/etc/systemd/system/" + GuardService, 0o644, guardService},
		{"ecnutd.shutdown", HookPath, 0o755, Hook},
	}
}

// values are those of a key of a unit, in order.
func values(unit, key string) (all []string) {
	for line := range strings.Lines(unit) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), key+"="); ok {
			all = append(all, strings.Fields(value)...)
		}
	}
	return all
}
