package main

import (
	"ecnutd/eaton"
	"ecnutd/hid"
	"ecnutd/hid/power"
)

// families are the families of UPS that this program serves.
var families = []*power.Family{eaton.Family}

// isUPS reports whether a device calls itself a UPS of a family that is served.
func isUPS(info hid.Info) bool { return power.Match(info, families...) }

// ofFamilies are the rows of a table, of all families.
func ofFamilies[T any](rows func(*power.Family) []T) []T {
	var all []T
	for _, f := range families {
		all = append(all, rows(f)...)
	}
	return all
}

func allIDs() []power.ID { return ofFamilies(func(f *power.Family) []power.ID { return f.IDs }) }
func allModels() []power.Model {
	return ofFamilies(func(f *power.Family) []power.Model { return f.Models })
}
func allQuirks() []power.Quirk {
	return ofFamilies(func(f *power.Family) []power.Quirk { return f.Quirks })
}
func allCommands() []power.Command {
	return ofFamilies(func(f *power.Family) []power.Command { return f.Commands })
}
func allSettings() []power.Setting {
	return ofFamilies(func(f *power.Family) []power.Setting { return f.Settings })
}
func allSettable() []string { return ofFamilies((*power.Family).SettableNames) }
