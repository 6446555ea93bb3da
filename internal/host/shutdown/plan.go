package shutdown

import (
	"fmt"
	"time"

	"ecnutd/config"
)

// A Plan is all that the late stage needs to know, so that a configuration
// that cannot be read by then costs nothing and cuts nobody else's output. The
// daemon, which knows the right answer, writes it with the flag.
type Plan struct {
	Command string     `json:"command"`                      // "shutdown.return"
	Wait    int        `json:"wait_then_reboot_s,omitempty"` // seconds; 0: no reboot
	Cut     []PlanUnit `json:"cut"`                          // UPSs that are cut
	Spared  []PlanUnit `json:"spared,omitempty"`             // UPSs of this host that are left alone
}

// A PlanUnit is a UPS of a plan: by the port that its cable is in and by its
// ids, which stay when its node gets another number.
type PlanUnit struct {
	UPS      string     `json:"ups"`               // name of its block
	Port     string     `json:"port,omitempty"`    // "usb-0000:00:1d.2-1/input0"; "" for a unit that was never seen
	Vendor   string     `json:"vendor,omitempty"`  // four hex digits
	Product  string     `json:"product,omitempty"` // four hex digits
	Match    *PlanMatch `json:"match,omitempty"`   // what the configuration looks for, where Port is ""
	OnDelay  int        `json:"on_delay_s"`        // seconds
	OffDelay int        `json:"off_delay_s"`       // seconds
}

// A PlanMatch is what a block of the configuration looks for. Empty fields
// match all.
type PlanMatch struct {
	Device  string `json:"device,omitempty"` // a path; "" for any
	Vendor  string `json:"vendor,omitempty"`
	Product string `json:"product,omitempty"`
	Phys    string `json:"phys,omitempty"`
	Model   string `json:"model,omitempty"`
}

// Seen is where a UPS was seen last.
type Seen struct {
	Port            string // hid.Info.Phys
	Vendor, Product uint16
}

// NewPlan is the plan of a configuration. seen says where each UPS was seen
// last, by the names of their blocks.
func NewPlan(c *config.Config, seen map[string]Seen) *Plan {
	p := &Plan{Command: string(c.KillPower.Command), Wait: int(c.KillPower.WaitThenReboot / time.Second), Cut: []PlanUnit{}}
	for _, u := range c.UPS {
		if u.Remote != "" {
			continue // its cable is in another host, which has it cut
		}
		unit := PlanUnit{UPS: u.Name, OnDelay: int(u.OnDelay / time.Second), OffDelay: int(u.OffDelay / time.Second)}
		if s, ok := seen[u.Name]; ok && s.Port != "" {
			unit.Port, unit.Vendor, unit.Product = s.Port, fmt.Sprintf("%04x", s.Vendor), fmt.Sprintf("%04x", s.Product)
		} else {
			unit.Match = &PlanMatch{Vendor: u.Match.Vendor, Product: u.Match.Product, Phys: u.Match.Phys, Model: u.Match.Model}
			if u.Device != config.Auto {
				unit.Match.Device = u.Device
			}
		}
		if u.Cut() {
			p.Cut = append(p.Cut, unit)
		} else {
			p.Spared = append(p.Spared, unit)
		}
	}
	return p
}
