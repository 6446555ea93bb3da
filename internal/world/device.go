package world

import (
	"fmt"
	"time"

	"ecnutd/hid"
	"ecnutd/internal/sim"

	"ecnutd/internal/world/plan"
)

// A unit is a UPS with what the world does to it.
type unit struct {
	*sim.UPS
	plan    plan.Unit
	number  int
	changed chan struct{}
	faults  map[sim.Fault]int // how many incidents want it
	out     int               // how many have its cable out
	node    int               // number of its hidraw node
	sight   sight             // what of it can be known
}

// nodeNow is the node of the UPS; "" while it has none. It is called by the
// watcher.
func (u *unit) nodeNow() string {
	if plugged, _ := u.Plugged(); !plugged {
		return ""
	}
	return fmt.Sprintf("/dev/hidraw%d", u.node)
}

// A device is a UPS as a process has it open.
type device struct {
	hid.Device
	l    *life
	u    *unit
	node int
}

// Info is what enumeration says, with the node.
func (d *device) Info() hid.Info {
	info := d.Device.Info()
	info.Node = fmt.Sprintf("/dev/hidraw%d", d.node)
	return info
}

// GetFeature asks for a report. What it answered is heard in its turn.
func (d *device) GetFeature(id uint8, buf []byte) (int, error) {
	n, err := d.Device.GetFeature(id, buf)
	d.l.look(ofDevice, d.u.plan.Name)
	return n, err
}

// GetInput asks for an input report.
func (d *device) GetInput(id uint8, buf []byte) (int, error) {
	n, err := d.Device.(hid.InputGetter).GetInput(id, buf)
	d.l.look(ofDevice, d.u.plan.Name)
	return n, err
}

// SetFeature writes one.
func (d *device) SetFeature(report []byte) error {
	d.l.effect(ofDevice, d.u.plan.Name)
	err := d.Device.SetFeature(report)
	d.l.effect(ofDevice, d.u.plan.Name)
	return err
}

// ReadInput waits for one.
func (d *device) ReadInput(buf []byte, timeout time.Duration) (int, error) {
	n, err := d.Device.ReadInput(buf, timeout)
	d.l.look(ofDevice, d.u.plan.Name)
	return n, err
}
