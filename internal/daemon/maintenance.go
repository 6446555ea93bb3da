package daemon

import (
	"context"
	"time"

	"ecnutd/internal/control"
	"ecnutd/monitor"
)

// Maintain begins a maintenance, or ends one.
func (d *Daemon) Maintain(ctx context.Context, who control.Peer, m control.Maintenance) (now control.Maintained, err error) {
	err = d.ask(ctx, func() {
		d.outside.Log.Info("a maintenance was asked for", "seconds", m.Seconds, "uid", who.UID, "pid", who.PID, "text", m.Why)
		d.step(monitor.Maintain{For: time.Duration(m.Seconds) * time.Second, Why: m.Why, Through: m.Through})
		now = d.maintained()
	})
	if err == nil && m.Seconds > 0 && now.Until.IsZero() {
		err = control.Refuse(control.ErrBadRequest, "a UPS is on battery, or a shutdown is under way: in an outage a maintenance begins only with --through-outages")
	}
	return now, err
}

// maintained is the maintenance that there is, by the time of day.
func (d *Daemon) maintained() (m control.Maintained) {
	if at := d.state.Maintenance; at.Until > 0 {
		left := monitor.Left(d.outside.Clock.Now(), at.Until)
		m = control.Maintained{Until: d.outside.Clock.Day().Add(left).Round(time.Second), Why: at.Why, Through: at.Through}
	}
	return m
}

// maintainOn goes on with the maintenance of a boot before.
func (d *Daemon) maintainOn(m control.Maintained) {
	if left := m.Until.Sub(d.outside.Clock.Day()); left > 0 && left <= monitor.LongestMaintenance {
		d.step(monitor.Maintain{For: left, Why: m.Why, Through: m.Through, Again: true})
	}
}
