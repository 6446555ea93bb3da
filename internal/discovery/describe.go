package discovery

import (
	"fmt"

	"golang.org/x/sys/unix"

	"ecnutd/hid"
)

// An AttachedUPS is one that is attached to this host, and whether this process may
// use it.
type AttachedUPS struct {
	Node    string `json:"node"`
	Name    string `json:"name"`
	Vendor  string `json:"vendor"`
	Product string `json:"product"`
	Serial  string `json:"serial"`
	USB     string `json:"usb"` // bus/address, "001/005"
	Access  bool   `json:"access"`
	Strings bool   `json:"strings"` // whether the usb node may be used too
}

// Describe looks at the nodes of a device, and opens none.
func Describe(info hid.Info) AttachedUPS {
	return AttachedUPS{
		Node: info.Node, Name: info.Name, Serial: info.Serial, USB: Location(info).String(),
		Vendor: fmt.Sprintf("%04x", info.Vendor), Product: fmt.Sprintf("%04x", info.Product),
		Access: usable(info.Node), Strings: usable(Location(info).Node()),
	}
}

// usable reports whether this process may read and write a node.
func usable(node string) bool {
	return unix.Faccessat(unix.AT_FDCWD, node, unix.R_OK|unix.W_OK, unix.AT_EACCESS) == nil
}

// A Support is what is served: by the tables of the families.
type Support struct {
	IDs    []string     `json:"ids"`
	Others []string     `json:"ids_by_match"` // served where the configuration names vendor and product
	Models []KnownModel `json:"models"`
	Quirks []KnownQuirk `json:"quirks"`
}

// A KnownModel is one that somebody has shown data of.
type KnownModel struct {
	Name    string `json:"name"`
	VA      int    `json:"va"`
	SeenBy  string `json:"seen_by"`
	Checked string `json:"checked"`
}

// A KnownQuirk is a behaviour that is taken care of.
type KnownQuirk struct {
	Name   string `json:"name"`
	Reason string `json:"reason"`
}

// Served is what is served.
func Served() (all Support) {
	for _, id := range IDs() {
		all.IDs = append(all.IDs, fmt.Sprintf("%04x:%04x", id.Vendor, id.Product))
	}
	for _, id := range Others() {
		all.Others = append(all.Others, fmt.Sprintf("%04x:%04x", id.Vendor, id.Product))
	}
	for _, m := range Models() {
		all.Models = append(all.Models, KnownModel{m.Name, m.VA, m.SeenBy, m.How})
	}
	for _, q := range Quirks() {
		all.Quirks = append(all.Quirks, KnownQuirk{q.Name, q.Reason})
	}
	return all
}
