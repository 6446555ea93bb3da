package discovery

import (
	"ecnutd/eaton"
	"ecnutd/hid"
	"ecnutd/hid/power"
)

// Families are the families of UPS that are served. This is the one place that
// names them.
var Families = []*power.Family{eaton.Family}

// Match reports whether a device calls itself a UPS of a family that is served.
func Match(info hid.Info) bool { return power.Match(info, Families...) }

// ofFamilies are the rows of a table, of all families.
func ofFamilies[T any](rows func(*power.Family) []T) []T {
	var all []T
	for _, f := range Families {
		all = append(all, rows(f)...)
	}
	return all
}

// IDs are those by which UPSs are found on USB.
func IDs() []power.ID { return ofFamilies(func(f *power.Family) []power.ID { return f.IDs }) }

// Models are those that somebody has shown data of.
func Models() []power.Model {
	return ofFamilies(func(f *power.Family) []power.Model { return f.Models })
}

// Quirks are the behaviours that are taken care of.
func Quirks() []power.Quirk {
	return ofFamilies(func(f *power.Family) []power.Quirk { return f.Quirks })
}

// Commands are the instant commands that there are; a UPS has some of them.
func Commands() []power.Command {
	return ofFamilies(func(f *power.Family) []power.Command { return f.Commands })
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
func Settings() []power.Setting {
	return ofFamilies(func(f *power.Family) []power.Setting { return f.Settings })
}

// Settable are the names of the variables that can be set on some UPS.
func Settable() []string { return ofFamilies((*power.Family).SettableNames) }
