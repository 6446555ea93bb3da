package udev

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// reloadLimit is how long udevadm may take; it waits for udevd.
const reloadLimit = 30 * time.Second

// reloads make udev read its rules again, and apply them to the devices that
// are there: only to those that the rule can be about.
var reloads = [][]string{
	{"udevadm", "control", "--reload"},
	{"udevadm", "trigger", "--subsystem-match=usb", "--subsystem-match=hidraw"},
}

// ReloadCommand is what Reload does, for a shell.
func ReloadCommand() string {
	var lines []string
	for _, r := range reloads {
		lines = append(lines, strings.Join(r, " "))
	}
	return strings.Join(lines, " && ")
}

// Reload makes udev use the rules as they are now, for the devices that are
// there too.
func Reload(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, reloadLimit)
	defer cancel()
	for _, r := range reloads {
		out, err := exec.CommandContext(ctx, r[0], r[1:]...).CombinedOutput()
		if err != nil {
			return fmt.Errorf("udev does not know of it yet: %s: %w: %s; run as root: %s",
				strings.Join(r, " "), err, strings.TrimSpace(string(out)), ReloadCommand())
		}
	}
	return nil
}
