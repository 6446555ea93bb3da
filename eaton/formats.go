package eaton

import (
	"ecnutd/hid/power/family"
	"math"
	"strconv"
)

// The formats. The words are those of NUT, which scripts compare with.
var (
	integer       = family.Decimals(0)
	tenths        = family.Decimals(1)
	hundredths    = family.Decimals(2)
	ampereHours   = family.Scaled(1.0/3600, 2) // sent in ampere seconds
	percentFactor = family.Scaled(1.0/100, 2)  // a power factor of 0.53 is sent as 53

	yesNo       = family.Enum(map[int]string{0: "no", 1: "yes"})
	onOff       = family.Enum(map[int]string{0: "off", 1: "on"})
	enabled     = family.Enum(map[int]string{0: "disabled", 1: "enabled"})
	beeper      = family.Enum(map[int]string{1: "disabled", 2: "enabled", 3: "muted"})
	sensitivity = family.Enum(map[int]string{0: "normal", 1: "high", 2: "low"})
	ecoControl  = family.Enum(map[int]string{0: "The outlet is not ECO controlled", 1: "The outlet is ECO controlled"})
	ecoMode     = family.Enum(map[int]string{0: "normal", 1: "ECO", 2: "ESS"})
	protection  = family.Enum(map[int]string{0: "not powered", 1: "not protected", 2: "protected"})
	bypassOn    = family.Enum(map[int]string{0: "disabled", 1: "on"})
	bypassOff   = family.Enum(map[int]string{0: "disabled", 1: "off"})
	topology    = family.Enum(map[int]string{
		1: "offline / line interactive", 2: "online", 3: "online - unitary/parallel",
		4: "online - parallel with hot standby", 5: "online - hot standby redundancy",
	})
	testResult = family.Enum(map[int]string{
		1: "Done and passed", 2: "Done and warning", 3: "Done and error", 4: "Aborted",
		5: "In progress", 6: "No test initiated", 7: "Test scheduled",
	})
	chargerModes = family.Enum(map[int]string{1: "charging", 2: "discharging", 3: "floating", 4: "resting", 6: "off"})

	newChargerModes = family.Enum(map[int]string{1: "charging", 2: "floating", 3: "resting", 4: "discharging", 6: "off"})
	chargerType     = family.Enum(map[int]string{
		0: "None", 1: "Extended (CLA)", 2: "Large extension", 3: "Extra large extension (XL)", 4: "ABM", 5: "Constant Charge (CC)",
	})

	chargerStatus    = family.Format{Print: printChargerStatus}
	newChargerStatus = family.Format{Print: printNewChargerStatus}
	estimatedPower   = family.Format{Print: printEstimatedPower}

	date  = family.Clock("2006/01/02", "15:04:05")
	clock = family.Clock("15:04:05", "2006/01/02")
)

// printChargerStatus is what the charger does, on units whose charging follows the
// three-stage scheme that Eaton calls ABM; where that is switched off the
// number has no meaning.
func printChargerStatus(d family.Device, v float64) (string, bool) {
	if on, known := d.Number(pathABMEnable); known && on == 0 {
		return "", false
	}
	return chargerModes.Print(d, v)
}

// printNewChargerStatus is the same on newer units, which number the stages
// otherwise (mge-hid.c 1.59 of NUT). It has a meaning only where the scheme is
// said to be on.
func printNewChargerStatus(d family.Device, v float64) (string, bool) {
	if on, known := d.Number(pathABMEnable); !known || on != 1 {
		return "", false
	}
	return newChargerModes.Print(d, v)
}

// printEstimatedPower computes watts from the load where the device does not
// measure them: load · nominal power · power factor, 0.80 where none is known.
func printEstimatedPower(d family.Device, nominal float64) (string, bool) {
	load, ok := d.Number(family.PathLoad)
	if !ok {
		return "", false
	}
	factor := 0.80
	if f, ok := d.Number(pathPowerFactor); ok && f > 0 { // 0 is not measured
		factor = f / 100
	}
	return strconv.FormatFloat(math.Round(load/100*nominal*factor), 'f', 0, 64), true
}

// Paths that more than one table or rule reads.
const (
	pathPowerFactor   = "UPS.PowerConverter.Output.PowerFactor"
	pathABMEnable     = "UPS.BatterySystem.Charger.ABMEnable"
	pathChargerMode   = "UPS.BatterySystem.Charger.Mode"
	pathChargerStatus = "UPS.BatterySystem.Charger.Status" // of newer units, instead of Mode
	pathCountry       = "UPS.PowerSummary.Country"
	pathNominal       = "UPS.Flow.[4].ConfigApparentPower"
	pathModel         = "UPS.PowerSummary.iModel"
	pathTest          = "UPS.BatterySystem.Battery.Test"
)
