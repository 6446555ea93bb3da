package generic

import "ecnutd/hid/power/family"

// Places where makers put what the class describes, in the order of trust. The
// summary is what the class wants for a host; the others were seen in public dumps
// and in the tables of NUT's drivers (15 makers).
var (
	batteryPlaces = []string{"UPS.PowerSummary.", "UPS.BatterySystem.Battery.", "UPS.Battery.", "UPS.BatterySystem."}
	inputPlaces   = []string{"UPS.Input.", "UPS.PowerConverter.Input.", "UPS.PowerConverter.Input.[1].", "UPS.PowerSummary.Input."}
	outputPlaces  = []string{"UPS.Output.", "UPS.PowerConverter.Output.", "UPS.PowerSummary.Output.", "UPS.PowerConverter."}
	loadPlaces    = []string{"UPS.PowerSummary.", "UPS.Output.", "UPS.PowerConverter.Output.", "UPS.PowerConverter.", "UPS.OutletSystem.Outlet."}
	statusPlaces  = []string{
		family.PathStatus, "UPS.PresentStatus.", "UPS.BatterySystem.Battery.PresentStatus.", "UPS.Battery.PresentStatus.",
		"UPS.PowerConverter.PresentStatus.", "UPS.PowerConverter.Input.PresentStatus.", "UPS.PowerConverter.Input.[1].PresentStatus.",
		"UPS.Output.PresentStatus.", "UPS.PowerSummary.", "UPS.Output.",
	}
	beeperPlaces = []string{"UPS.PowerSummary.AudibleAlarmControl", "UPS.AudibleAlarmControl", "UPS.BatterySystem.Battery.AudibleAlarmControl", "UPS.Battery.AudibleAlarmControl"}
)

// at is a usage at each of several places.
func at(places []string, usages ...string) []string {
	var paths []string
	for _, place := range places {
		for _, usage := range usages {
			paths = append(paths, place+usage)
		}
	}
	return paths
}

// from are the sources of a variable at each of several paths.
func from(paths []string, as family.Format, every family.Class) []family.Source {
	var list []family.Source
	for _, path := range paths {
		list = append(list, family.Source{Path: path, As: as, Every: every})
	}
	return list
}
