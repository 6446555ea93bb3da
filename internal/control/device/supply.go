package device

import (
	"ecnutd/hid/power"
	"ecnutd/internal/control"
	"ecnutd/ups"
)

// Supply is a UPS as its reports say it stands, without a daemon's judgement.
func Supply(name string, d *power.Decoder) control.Supply {
	snap := d.Snapshot()
	u := control.Supply{
		Name: name, Model: d.Model(), Status: snap.Status.String(), Line: "unknown", Link: "up",
		Charge: known(snap.Charge), Runtime: known(snap.Runtime), Load: known(snap.Load), Alarm: snap.Alarm, Low: snap.Low.String(),
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
