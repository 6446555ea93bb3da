package usb

import (
	"fmt"
	"strings"
)

// A Report is a device as seen on the USB level.
type Report struct {
	Location
	Vendor              string          `json:"vendor"`               // four hexadecimal digits
	Product             string          `json:"product"`              // the same
	Speed               string          `json:"speed"`                // "low", "full", "high"
	USBVersion          string          `json:"usb_version"`          // bcdUSB, "2.00"
	Release             string          `json:"release"`              // bcdDevice, "1.00"
	Class               uint8           `json:"class"`                // 0: each interface has its own
	SubClass            uint8           `json:"subclass"`             //
	Protocol            uint8           `json:"protocol"`             //
	MaxPacket0          int             `json:"max_packet_0"`         // bytes; 8 on a low-speed device
	ActiveConfiguration int             `json:"active_configuration"` // 0 when unknown
	Configurations      []Configuration `json:"configurations"`
	Strings             []String        `json:"strings"`
	Driver              string          `json:"driver"`        // kernel driver of interface 0; empty when none is bound
	PowerControl        string          `json:"power_control"` // "on" or "auto"; with "auto" the kernel may suspend the device
}

// A Configuration is one of the ways a device can work.
type Configuration struct {
	Number       int         `json:"number"` // bConfigurationValue
	SelfPowered  bool        `json:"self_powered"`
	RemoteWakeup bool        `json:"remote_wakeup"`
	MaxPower     int         `json:"max_power_ma"` // milliamperes
	Interfaces   []Interface `json:"interfaces"`
}

// An Interface is one function of a device, in one alternate setting.
type Interface struct {
	Number    int        `json:"number"`
	Alternate int        `json:"alternate"`
	Class     uint8      `json:"class"` // 3 is HID
	SubClass  uint8      `json:"subclass"`
	Protocol  uint8      `json:"protocol"`
	Endpoints []Endpoint `json:"endpoints"`
}

// An Endpoint is one pipe of an interface.
type Endpoint struct {
	Address   uint8   `json:"address"`     // 0x81 is endpoint 1, in
	Direction string  `json:"direction"`   // "in" or "out", as the host sees it
	Transfer  string  `json:"transfer"`    // "interrupt" for a UPS
	MaxPacket int     `json:"max_packet"`  // bytes
	Interval  float64 `json:"interval_ms"` // milliseconds between two polls
}

// A String is what a device answered when asked for a string descriptor.
type String struct {
	Index   uint8  `json:"index"`
	Text    string `json:"text,omitempty"`
	Problem string `json:"problem,omitempty"` // why there is no text
}

// String writes the report for people, several lines with a newline at the
// end of each.
func (r Report) String() string {
	var b strings.Builder
	line := func(indent int, name, format string, args ...any) {
		fmt.Fprintf(&b, "%s%-*s  %s\n", strings.Repeat("  ", indent), 20-2*indent, name+":", fmt.Sprintf(format, args...))
	}
	line(0, "location", "bus %d, address %d (%s)", r.Bus, r.Address, r.Node())
	if r.Vendor == "" { // nothing was found there
		return b.String()
	}
	line(0, "id", "%s:%s, release %s", r.Vendor, r.Product, r.Release)
	line(0, "usb version", "%s, %s speed", r.USBVersion, r.Speed)
	line(0, "class", "%d/%d/%d, control packets of %d bytes", r.Class, r.SubClass, r.Protocol, r.MaxPacket0)
	line(0, "driver", "%s", or(r.Driver, "none bound to interface 0, so there is no hidraw node"))
	line(0, "power control", "%s", or(r.PowerControl, "unknown"))
	for _, c := range r.Configurations {
		active := ""
		if c.Number == r.ActiveConfiguration {
			active = ", active"
		}
		power := "bus powered"
		if c.SelfPowered {
			power = "self powered"
		}
		if c.RemoteWakeup {
			power += ", remote wakeup"
		}
		line(0, fmt.Sprintf("configuration %d", c.Number), "%s, at most %d mA%s", power, c.MaxPower, active)
		for _, i := range c.Interfaces {
			line(1, fmt.Sprintf("interface %d.%d", i.Number, i.Alternate), "class %d/%d/%d%s", i.Class, i.SubClass, i.Protocol, className(i.Class))
			for _, e := range i.Endpoints {
				line(2, fmt.Sprintf("endpoint %02x", e.Address), "%s %s, packets of %d bytes, every %g ms", e.Transfer, e.Direction, e.MaxPacket, e.Interval)
			}
		}
	}
	for _, s := range r.Strings {
		if s.Problem != "" {
			line(0, fmt.Sprintf("string %d", s.Index), "none: %s", s.Problem)
			continue
		}
		line(0, fmt.Sprintf("string %d", s.Index), "%q", s.Text)
	}
	return b.String()
}

func className(class uint8) string {
	if class == 3 {
		return " (HID)"
	}
	return ""
}

func or(s, instead string) string {
	if s == "" {
		return instead
	}
	return s
}
