package device

import (
	"ecnutd/hid/power"
	"ecnutd/internal/control"
	"ecnutd/monitor"
	"ecnutd/ups"
)

// Supply is a UPS as its reports say it stands, without a daemon's judgement.
func Supply(name string, d *power.Decoder) control.Supply {
	snap := d.Snapshot()
	u := control.Supply{
		Name: name, Model: d.Model(), Status: snap.Status.String(), Line: "unknown", Link: "up",
		Charge: known(snap.Charge), Runtime: known(snap.Runtime), Load: known(snap.Load), Alarm: snap.Alarm,
	}
	if why := lowWhy(snap); why.Code != "" {
		u.LowWhy = &why
	}
	switch {
	case snap.Status.Has(ups.OnBattery):
		u.Line = "battery"
	case snap.Status.Has(ups.Online):
		u.Line = "mains"
	}
	return u
}

func known(n ups.Number) *int {
	if !n.Known {
		return nil
	}
	return &n.N
}

// lowWhy is why the UPS itself calls its battery low; no code where it does not.
func lowWhy(s ups.Snapshot) monitor.Reason {
	r := monitor.Reason{Code: monitor.Low, Charge: s.Charge, Runtime: s.Runtime}
	switch {
	case s.Low&ups.BelowCapacity != 0:
		r.Cause = monitor.LowSaid
	case s.Low&ups.TimeExpired != 0:
		r.Cause = monitor.LowTime
	case s.Low&ups.ShutdownImminent != 0:
		r.Cause = monitor.LowImminent
	default:
		return monitor.Reason{}
	}
	return r
}
