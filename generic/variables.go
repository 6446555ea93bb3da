package generic

import "ecnutd/hid/power/family"

// How fast a value can change of itself: see family.Class.
const (
	once   = family.Once
	rarely = family.Rarely
	full   = family.Full
	quick  = family.Quick
)

// variables are the names that every family here has. Nothing of them can be set.
var variables = []family.Variable{
	{Name: "battery.charge", From: from(at(batteryPlaces, "RemainingCapacity"), charge, full)},
	{Name: "battery.charge.low", From: from(at(batteryPlaces, "RemainingCapacityLimit"), integer, rarely)},
	{Name: "battery.charge.warning", From: from(at(batteryPlaces, "WarningCapacityLimit"), integer, rarely)},
	{Name: "battery.runtime", From: from(at(batteryPlaces, "RunTimeToEmpty"), integer, full)},
	{Name: "battery.runtime.low", From: from(at(batteryPlaces, "RemainingTimeLimit"), integer, rarely)},
	{Name: "battery.voltage", From: from(at(batteryPlaces, "Voltage"), tenths, full)},
	{Name: "battery.voltage.nominal", From: from(at(batteryPlaces, "ConfigVoltage"), tenths, once)},
	{Name: "battery.current", From: from(at(batteryPlaces, "Current"), family.Decimals(2), full)},
	{Name: "battery.temperature", From: from(at(batteryPlaces, "Temperature"), family.Celsius, full)},
	{Name: "battery.type", From: from(at(batteryPlaces, "iDeviceChemistry"), family.USBString, once)},
	{Name: "battery.mfr.date", From: from(at(batteryPlaces[1:], "ManufacturerDate"), date, once)},

	{Name: "ups.load", From: from(at(loadPlaces, "PercentLoad"), integer, full)},
	{Name: "ups.beeper.status", From: from(beeperPlaces, beeper, rarely)},
	{Name: "ups.test.result", From: from(at([]string{"UPS.BatterySystem.Battery.", "UPS.Battery.", "UPS.Output.", "UPS.PowerSummary.", "UPS.BatterySystem."}, "Test"), testResult, full)},
	{Name: "ups.mfr.date", From: from(at([]string{"UPS.", "UPS.PowerSummary."}, "ManufacturerDate"), date, once)},
	{Name: "ups.power", From: from(at(outputPlaces, "ApparentPower"), integer, full)},
	{Name: "ups.power.nominal", From: from(append(at(outputPlaces, "ConfigApparentPower"), "UPS.Flow.ConfigApparentPower"), integer, once)},
	{Name: "ups.realpower", From: from(at(outputPlaces, "ActivePower"), integer, full)},
	{Name: "ups.realpower.nominal", From: from(append(at(outputPlaces, "ConfigActivePower"), "UPS.Flow.ConfigActivePower"), integer, once)},
	{Name: "ups.temperature", From: from([]string{"UPS.Temperature", "UPS.PowerConverter.Temperature"}, family.Celsius, full)},
	{Name: "ups.timer.start", From: from(at([]string{"UPS.PowerSummary.", "UPS.Output."}, "DelayBeforeStartup"), integer, full)},
	{Name: "ups.timer.shutdown", From: from(at([]string{"UPS.PowerSummary.", "UPS.Output."}, "DelayBeforeShutdown"), integer, full)},
	{Name: "ups.timer.reboot", From: from(at([]string{"UPS.PowerSummary.", "UPS.Output."}, "DelayBeforeReboot"), integer, full)},

	{Name: "input.voltage", From: from(at(inputPlaces, "Voltage"), tenths, full)},
	{Name: "input.voltage.nominal", From: from(at(inputPlaces, "ConfigVoltage"), integer, once)},
	{Name: "input.frequency", From: from(at(inputPlaces, "Frequency"), tenths, full)},
	{Name: "input.current", From: from(at(inputPlaces, "Current"), family.Decimals(2), full)},
	{Name: "input.transfer.low", From: from(at([]string{"UPS.Input.", "UPS.PowerConverter.Input.", "UPS.Output.", "UPS.PowerConverter.Output."}, "LowVoltageTransfer"), integer, rarely)},
	{Name: "input.transfer.high", From: from(at([]string{"UPS.Input.", "UPS.PowerConverter.Input.", "UPS.Output.", "UPS.PowerConverter.Output."}, "HighVoltageTransfer"), integer, rarely)},

	{Name: "output.voltage", From: from(at(outputPlaces, "Voltage"), tenths, full)},
	{Name: "output.voltage.nominal", From: from(at(outputPlaces, "ConfigVoltage"), integer, once)},
	{Name: "output.frequency", From: from(at(outputPlaces, "Frequency"), tenths, full)},
	{Name: "output.current", From: from(at(outputPlaces, "Current"), family.Decimals(2), full)},
}

// with is a table with rows of a maker: one of the same name stands before the
// sources that all have.
func with(table []family.Variable, rows ...family.Variable) []family.Variable {
	var list []family.Variable
	for _, v := range table {
		for i := range rows {
			if rows[i].Name == v.Name {
				v.From = append(append([]family.Source(nil), rows[i].From...), v.From...)
			}
		}
		list = append(list, v)
	}
	for _, r := range rows {
		known := false
		for _, v := range table {
			known = known || v.Name == r.Name
		}
		if !known {
			list = append(list, r)
		}
	}
	return list
}
