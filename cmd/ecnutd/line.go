package main

import (
	"fmt"
	"slices"
	"time"

	"ecnutd/internal/engine"
	"ecnutd/monitor"
	"ecnutd/ups"
)

// tellEvery is how often the status line may change though nothing happened:
// charge and runtime do all the time on battery.
const tellEvery = 5 * time.Second

// tellStatus tells systemd how things are, where that has changed.
func (d *daemon) tellStatus(now bool) {
	if d.status == nil || !now && d.clock().Sub(d.toldAt) < tellEvery {
		return
	}
	d.toldAt = d.clock()
	if line := d.line(); line != d.told {
		d.told = line
		d.status(line)
	}
}

func (d *daemon) onBattery() bool {
	return slices.ContainsFunc(d.state.Supplies, func(u monitor.SupplyState) bool { return u.Line == monitor.OnBattery })
}

// line is how things are, in a line.
func (d *daemon) line() string {
	if d.state.Phase != monitor.Watching {
		return fmt.Sprintf("%s: %s", d.state.Phase, d.state.Reason.In(d.config.Language))
	}
	out := ""
	for i := range d.state.Supplies {
		u := &d.state.Supplies[i]
		if out != "" {
			out += "; "
		}
		out += u.Name + ": "
		switch {
		case u.Link == monitor.NeverHeard:
			out += "not heard yet"
		case u.Link == monitor.Lost:
			out += "link lost"
			if u.Last.Status != 0 {
				out += ", last known " + u.Last.String()
			}
		default:
			out += engine.Status(&d.state, u).String()
			if u.Last.Charge.Known {
				out += fmt.Sprintf(", charge %d %%", u.Last.Charge.N)
			}
			if u.Last.Runtime.Known {
				out += ", runtime " + ups.Duration(u.Last.Runtime.N)
			}
		}
	}
	return out
}

// well tells whether nothing is wrong: every UPS is heard, on mains and not
// low. The dead man's signal depends on it.
func (d *daemon) well() bool {
	for i := range d.state.Supplies {
		u := &d.state.Supplies[i]
		if u.Link != monitor.Linked || u.Line != monitor.OnMains || u.Low.Cause != "" {
			return false
		}
	}
	return d.state.Phase == monitor.Watching && len(d.state.Supplies) > 0
}
