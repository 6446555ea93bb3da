package main

import (
	"path/filepath"
	"time"

	"ecnutd/internal/host/shutdown"
	"ecnutd/internal/terminal"
)

// paintRecord is the record of a cut in colours: what went wrong stands out.
func paintRecord(r *shutdown.Record, p terminal.Palette) string {
	if r.Pending || r.Armed() {
		return r.String()
	}
	return p.Bad(r.String())
}

// expectKillPower notes that the UPS is going to be told to cut its output.
func (d *daemon) expectKillPower(reason string) {
	if d.dryRun || d.config.State == "" {
		return
	}
	r := shutdown.Record{Boot: d.store.boot, At: time.Now().Round(time.Second), Reason: reason, Pending: true}
	if err := r.Keep(filepath.Dir(d.config.State)); err != nil {
		d.log.Warn("the next boot will not know that the UPS was to cut its output", "reason", err)
	}
}
