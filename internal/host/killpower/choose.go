package killpower

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"ecnutd/config"
	"ecnutd/hid"
	"ecnutd/internal/host/shutdown"
)

// Devices is how UPSs are found and opened.
type Devices struct {
	Enumerate func() ([]hid.Info, error)        // all HID devices
	Means     func(config.Match, hid.Info) bool // reports whether a device is of a family, and one that a match means
	Block     func(config.UPS, hid.Info) bool   // the same for a block of the configuration; nil: by its match
	Open      func(node string) (hid.Device, error)
}

// Why a UPS is left alone.
const (
	sparedHere    = "its power is 0, so it does not feed this host"
	sparedByPlan  = "it did not feed this host when the daemon gave the shutdown command"
	notOfPlan     = "the daemon did not read it when it gave the shutdown command"
	notOfConfig   = "the configuration does not mean it"
	missingText   = "it is not attached"
	ambiguousText = "it is not at the port where it was, and which of those attached it is now nobody can tell"
)

// ErrUnknown says that nobody knows which UPSs feed this host.
var ErrUnknown = errors.New("several UPSs are attached, and neither the flag nor the configuration says which of them feed this host")

// Find returns the UPSs that are to be cut, and those that are left alone. blocks
// are those of the configuration, nil where it cannot be read; plan is that of
// the flag, nil where a flag of the first release has none. Where both are
// there the narrower wins: what one of them leaves out is not cut.
func (d Devices) Find(blocks []config.UPS, plan *shutdown.Plan) ([]Unit, error) {
	found, err := d.Enumerate()
	if err != nil {
		return nil, err
	}
	switch {
	case blocks == nil && plan == nil:
		return d.guess(found)
	case plan == nil:
		return d.assign(blocks, found), nil
	case blocks == nil:
		return d.planned(plan, found), nil
	}
	return narrower(d.assign(blocks, found), d.planned(plan, found)), nil
}

// guess is for a flag of the first release beside a configuration that cannot
// be read: the only UPS that is attached is the one that feeds this host.
func (d Devices) guess(found []hid.Info) ([]Unit, error) {
	family := d.family(found)
	if len(family) > 1 {
		return nil, ErrUnknown
	}
	u := config.Minimal("ups").UPS[0]
	unit := Unit{Name: u.Name, Delays: DelaysOf(u)}
	if len(family) == 1 {
		unit = d.at(unit, family[0].Node)
	}
	return []Unit{unit}, nil
}

// family are the devices that are UPSs.
func (d Devices) family(found []hid.Info) []hid.Info {
	return slices.DeleteFunc(slices.Clone(found), func(info hid.Info) bool { return !d.Means(config.Match{}, info) })
}

// at is a unit with the node where it is.
func (d Devices) at(u Unit, node string) Unit {
	u.Node = node
	u.Open = func(context.Context) (hid.Device, error) { return d.Open(node) }
	return u
}

// planned are the UPSs of a plan among the devices found. A unit is the device
// at its port with its ids. One that has left its port is the only device of
// its ids that is nobody else's, if there is exactly one and nobody else is
// missing.
func (d Devices) planned(plan *shutdown.Plan, found []hid.Info) []Unit {
	all := slices.Concat(plan.Cut, plan.Spared)
	nodes := make([]string, len(all))
	var taken []string
	take := func(i int, node string) {
		nodes[i] = node
		taken = append(taken, node)
	}
	for i, u := range all {
		for _, info := range found {
			if u.Port != "" && info.Phys == u.Port && d.couldBe(u, info) && !slices.Contains(taken, info.Node) {
				take(i, info.Node)
				break
			}
		}
	}
	ambiguous := make([]bool, len(all))
	for i, u := range all {
		if nodes[i] != "" {
			continue
		}
		candidates := d.candidates(u, found, taken)
		rivals := 0 // units that are missing too and could be one of them
		for j, other := range all {
			if j != i && nodes[j] == "" && slices.ContainsFunc(candidates, func(info hid.Info) bool { return d.couldBe(other, info) }) {
				rivals++
			}
		}
		switch {
		case len(candidates) == 1 && rivals == 0:
			take(i, candidates[0].Node)
		case len(candidates) > 0:
			ambiguous[i] = true
		}
	}
	var units []Unit
	for i, p := range all {
		unit := Unit{Name: p.UPS, Delays: delaysOfPlan(p)}
		switch {
		case i >= len(plan.Cut):
			unit.Spared = sparedByPlan
		case ambiguous[i]:
			unit.Missing = ambiguousText
		}
		if nodes[i] != "" {
			unit = d.at(unit, nodes[i])
		}
		units = append(units, unit)
	}
	return units
}

// candidates are the devices that a unit of a plan could be that is not at its
// port.
func (d Devices) candidates(u shutdown.PlanUnit, found []hid.Info, taken []string) []hid.Info {
	return slices.DeleteFunc(slices.Clone(found), func(info hid.Info) bool {
		return slices.Contains(taken, info.Node) || !d.couldBe(u, info)
	})
}

// couldBe reports whether a device is a UPS that a unit of a plan could mean by
// what it is, wherever it hangs. That it is a UPS, of a family or one that is
// served where it is named, is never the plan's word alone.
func (d Devices) couldBe(u shutdown.PlanUnit, info hid.Info) bool {
	vendor, product := fmt.Sprintf("%04x", info.Vendor), fmt.Sprintf("%04x", info.Product)
	itself := config.Match{Vendor: vendor, Product: product}
	switch {
	case u.Match == nil:
		return strings.EqualFold(u.Vendor, vendor) && strings.EqualFold(u.Product, product) && d.Means(itself, info)
	case u.Match.Device != "":
		return real(u.Match.Device) == info.Node && d.Means(itself, info)
	}
	return d.Means(config.Match{Vendor: u.Match.Vendor, Product: u.Match.Product, Phys: u.Match.Phys, Model: u.Match.Model}, info)
}

// real is a path without links, as far as it is there.
func real(path string) string {
	if to, err := filepath.EvalSymlinks(path); err == nil {
		return to
	}
	return path
}

// narrower are the UPSs that both the configuration and the plan have cut; the
// others are left alone, each with its reason. Names and delays are those of
// the configuration.
func narrower(configured, planned []Unit) []Unit {
	var all []Unit
	for _, u := range configured {
		p := slices.IndexFunc(planned, func(p Unit) bool { return u.Node != "" && p.Node == u.Node })
		if u.Node == "" {
			p = slices.IndexFunc(planned, func(p Unit) bool { return p.Node == "" && p.Name == u.Name })
		}
		lost := slices.IndexFunc(planned, func(p Unit) bool { return p.Node == "" && p.Name == u.Name && p.Spared == "" })
		switch {
		case u.Spared != "" || p < 0 && u.Node == "": // left alone, or not attached
		case p < 0 && lost >= 0:
			u.Open, u.Missing = nil, cmp.Or(planned[lost].Missing, ambiguousText)
		case p < 0:
			u.Spared = notOfPlan
		default:
			u.Spared, u.Missing = planned[p].Spared, planned[p].Missing
		}
		all = append(all, u)
	}
	for _, p := range planned {
		same := func(u Unit) bool { return p.Node != "" && u.Node == p.Node || p.Node == "" && u.Name == p.Name }
		if p.Spared == "" && !slices.ContainsFunc(configured, same) {
			p.Spared = notOfConfig
			all = append(all, p)
		}
	}
	return all
}
