package discovery

import (
	"ecnutd/config"
	"ecnutd/eaton"
	"ecnutd/generic"
	"ecnutd/hid"
	"ecnutd/hid/power/family"
)

// Families are the families of UPS that are served. This is the one place that
// names them.
var Families = append([]*family.Family{eaton.Family}, generic.Families...)

// Match reports whether a device calls itself a UPS of a family that is served.
func Match(info hid.Info) bool { return family.Match(info, Families...) }

// Means reports whether a device is a UPS that a match means: one of a family, or any
// other one that it names by vendor and product.
func Means(m config.Match, info hid.Info) bool {
	named := m.Vendor != "" && m.Product != "" && other(info)
	return (named || Match(info)) && Matches(m, info)
}

// MeansBlock reports whether a device is a UPS that a block of the configuration
// means: as Means says of its match, or any UPS where it is generic.
func MeansBlock(u config.UPS, info hid.Info) bool {
	return Means(u.Match, info) || u.Generic && other(info) && Matches(u.Match, info)
}

// other reports whether a device is a UPS that is served where somebody asks for it:
// one whose ids are known, or one that describes itself as a UPS.
func other(info hid.Info) bool {
	return family.MatchOther(info, Families...) || info.Usage == hid.UsageUPS
}

// Unserved says why no device can be what a match means; "" where one can. It
// looks at the ids alone.
func Unserved(u config.UPS) string {
	m := u.Match
	if u.Generic {
		return ""
	}
	if m.Vendor != "" && m.Product != "" {
		return "" // whatever describes itself as a UPS
	}
	vendors, pairs := false, false
	for _, served := range [][]family.ID{IDs(), Others()} {
		for _, id := range served {
			info := hid.Info{Vendor: id.Vendor, Product: id.Product}
			if Means(config.Match{Vendor: m.Vendor, Product: m.Product}, info) {
				return ""
			}
			vendors = vendors || Matches(config.Match{Vendor: m.Vendor}, info)
			pairs = pairs || Matches(config.Match{Vendor: m.Vendor, Product: m.Product}, info)
		}
	}
	for _, vendor := range ofFamilies(func(f *family.Family) []uint16 { return f.Vendors }) {
		pairs = pairs || m.Vendor != "" && Matches(config.Match{Vendor: m.Vendor}, hid.Info{Vendor: vendor})
	}
	switch {
	case pairs:
		return "units with this id are served where both vendor and product are given, or generic: true"
	case vendors:
		return "no unit of this vendor with this product is served; `ecnutd devices --supported --json` lists the ids"
	}
	return "no unit of this vendor is served without vendor and product, or generic: true; `ecnutd devices --supported --json` lists the ids"
}

// ofFamilies are the rows of a table, of all families.
func ofFamilies[T any](rows func(*family.Family) []T) []T {
	var all []T
	for _, f := range Families {
		all = append(all, rows(f)...)
	}
	return all
}

// IDs are those by which UPSs are found on USB.
func IDs() []family.ID { return ofFamilies(func(f *family.Family) []family.ID { return f.IDs }) }

// Others are the ids of units that are served where the configuration names
// them.
func Others() []family.ID { return ofFamilies(func(f *family.Family) []family.ID { return f.Others }) }

// Models are those that somebody has shown data of.
func Models() []family.Model {
	return ofFamilies(func(f *family.Family) []family.Model { return f.Models })
}

// Quirks are the behaviours that are taken care of.
func Quirks() []family.Quirk {
	return ofFamilies(func(f *family.Family) []family.Quirk { return f.Quirks })
}

// Commands are the instant commands that there are; a UPS has some of them.
func Commands() []family.Command {
	return ofFamilies(func(f *family.Family) []family.Command { return f.Commands })
}

// Cuts reports whether an instant command can take power away from the load.
// One that is not in the tables cannot be given at all.
func Cuts(name string) bool {
	for _, c := range Commands() {
		if c.Name == name {
			return c.Cuts
		}
	}
	return false
}

// Settings are the settings that there are; a UPS has some of them.
func Settings() []family.Setting {
	return ofFamilies(func(f *family.Family) []family.Setting { return f.Settings })
}

// Settable are the names of the variables that can be set on some UPS.
func Settable() []string { return ofFamilies((*family.Family).SettableNames) }
