// Package shutdown takes this host down: the power down flag and the order as
// files, the helper that carries an order out as root, and how the command of
// the configuration is run.
//
// The daemon has no rights. When it decides that the host goes down it writes
// the flag, which has the UPS cut its output at the end, and an order, which
// systemd's ecnutd-shutdown.path sees; its service runs the Helper.
package shutdown

import (
	"context"
	"os"
	"time"

	"ecnutd/config"
	"ecnutd/internal/host"
)

// Run runs a command of the configuration, and returns when it has ended.
func Run(c config.Command) error {
	argv := c.Argv
	if c.Shell != "" {
		argv = []string{"/bin/sh", "-c", c.Shell}
	}
	return host.Run(context.Background(), argv, os.Environ(), "", time.Minute)
}
