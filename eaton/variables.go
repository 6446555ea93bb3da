package eaton

// A class says how fast a value can change of itself, and with that how often
// its report is asked for. See plan.go for the intervals.
type class uint8

const (
	once      class = iota // fixed while the device is open
	rarely                 // a setting: changes when somebody changes it
	full                   // a measurement
	countdown              // a timer: moves only while it runs
	quick                  // decides whether the host lives
)

// A variable is one name that upsc prints, and where it comes from.
type variable struct {
	name string
	from []source // the first one that is known is taken
}

// A source is a HID field and how its number becomes the text of a variable.
type source struct {
	path     string
	as       format
	every    class
	settable bool       // can be written; settings.go has the limits, and says what is left out
	only     *condition // nil: on every model

	// guess marks a source that stands in for the real one on devices without
	// it. Where the device has a source before it in the row, it is not used.
	guess bool
}

// variables are all names of the family, with the HID paths that NUT's mge-hid
// driver (version 1.59) maps to them. Where models differ in the path, the
// alternatives of one name stand in one row, so that the order of the rows
// means nothing.
var variables = []variable{
	// Device.
	{"device.usb.version", []source{{path: "UPS.System.USB.iVersion", as: usbString, every: once}}},

	// Battery.
	{"battery.charge", []source{{path: "UPS.PowerSummary.RemainingCapacity", as: integer, every: full}}},
	{"battery.charge.low", []source{
		{path: "UPS.PowerSummary.RemainingCapacityLimitSetting", as: integer, every: rarely, settable: true},
		{path: "UPS.PowerSummary.RemainingCapacityLimit", as: integer, every: once},
	}},
	{"battery.charge.restart", []source{{path: "UPS.PowerSummary.RestartLevel", as: integer, every: rarely, settable: true}}},
	{"battery.capacity", []source{{path: "UPS.BatterySystem.Battery.DesignCapacity", as: ampereHours, every: once}}},
	{"battery.runtime", []source{{path: "UPS.PowerSummary.RunTimeToEmpty", as: integer, every: full}}},
	{"battery.runtime.low", []source{{path: "UPS.PowerSummary.RemainingTimeLimit", as: integer, every: full, settable: true}}},
	{"battery.runtime.elapsed", []source{{path: "UPS.StatisticSystem.Input.[1].Statistic.[1].Time", as: integer, every: full}}},
	{"battery.temperature", []source{{path: "UPS.BatterySystem.Battery.Temperature", as: celsius, every: full}}},
	{"battery.type", []source{{path: "UPS.PowerSummary.iDeviceChemistry", as: usbString, every: once}}},
	{"battery.voltage", []source{
		{path: "UPS.BatterySystem.Voltage", as: tenths, every: full},
		{path: "UPS.PowerSummary.Voltage", as: tenths, every: full, only: batteryVoltageUnits},
	}},
	{"battery.voltage.nominal", []source{
		{path: "UPS.BatterySystem.ConfigVoltage", as: integer, every: once},
		{path: "UPS.PowerSummary.ConfigVoltage", as: integer, every: once, only: batteryVoltageUnits},
	}},
	{"battery.protection", []source{{path: "UPS.BatterySystem.Battery.DeepDischargeProtection", as: yesNo, every: rarely, settable: true}}},
	{"battery.energysave", []source{{path: "UPS.PowerConverter.Input.[3].EnergySaving", as: yesNo, every: rarely, settable: true}}},
	{"battery.energysave.load", []source{{path: "UPS.PowerConverter.Input.[3].ConfigPercentLoad", as: integer, every: rarely, settable: true}}},
	{"battery.energysave.delay", []source{
		{path: "UPS.PowerConverter.Input.[3].EnergySaving.ShutdownTimer", as: integer, every: rarely, settable: true},
		{path: "UPS.PowerConverter.Input.[3].ShutdownTimer", as: integer, every: rarely, settable: true},
	}},
	{"battery.energysave.realpower", []source{{path: "UPS.PowerConverter.Input.[3].ConfigActivePower", as: integer, every: rarely, settable: true}}},
	// Charger.Status, which newer units have instead of Charger.Mode, is left
	// out: nothing public says what its numbers mean.
	{"battery.charger.status", []source{{path: "UPS.BatterySystem.Charger.Mode", as: chargerStatus, every: full}}},
	{"battery.charger.type", []source{{path: "UPS.BatterySystem.Charger.ChargerType", as: integer, every: once}}},

	// UPS.
	{"ups.efficiency", []source{{path: "UPS.PowerConverter.Output.Efficiency", as: integer, every: full}}},
	{"ups.firmware", []source{{path: "UPS.PowerSummary.iVersion", as: usbString, every: once}}},
	{"ups.load", []source{{path: "UPS.PowerSummary.PercentLoad", as: integer, every: full}}},
	{"ups.load.high", []source{{path: "UPS.Flow.[4].ConfigPercentLoad", as: integer, every: rarely, settable: true}}},
	{"ups.delay.start", []source{{path: "UPS.PowerSummary.DelayBeforeStartup", as: startDelay, every: once, settable: true}}},
	{"ups.delay.shutdown", []source{{path: "UPS.PowerSummary.DelayBeforeShutdown", as: shutdownDelay, every: once, settable: true}}},
	{"ups.timer.start", []source{{path: "UPS.PowerSummary.DelayBeforeStartup", as: integer, every: countdown}}},
	{"ups.timer.shutdown", []source{{path: "UPS.PowerSummary.DelayBeforeShutdown", as: integer, every: countdown}}},
	{"ups.timer.reboot", []source{{path: "UPS.PowerSummary.DelayBeforeReboot", as: integer, every: countdown}}},
	{"ups.test.result", []source{{path: "UPS.BatterySystem.Battery.Test", as: testResult, every: full}}},
	{"ups.test.interval", []source{{path: "UPS.BatterySystem.Battery.TestPeriod", as: integer, every: rarely, settable: true}}},
	{"ups.beeper.status", []source{
		{path: "UPS.BatterySystem.Battery.AudibleAlarmControl", as: beeper, every: rarely},
		{path: "UPS.PowerSummary.AudibleAlarmControl", as: beeper, every: rarely},
		{path: "UPS.AudibleAlarmControl", as: beeper, every: rarely},
	}},
	{"ups.temperature", []source{{path: "UPS.PowerSummary.Temperature", as: celsius, every: full}}},
	{"ups.power", []source{{path: "UPS.PowerConverter.Output.ApparentPower", as: integer, every: full}}},
	{"ups.L1.power", []source{{path: "UPS.PowerConverter.Output.Phase.[1].ApparentPower", as: integer, every: full}}},
	{"ups.L2.power", []source{{path: "UPS.PowerConverter.Output.Phase.[2].ApparentPower", as: integer, every: full}}},
	{"ups.L3.power", []source{{path: "UPS.PowerConverter.Output.Phase.[3].ApparentPower", as: integer, every: full}}},
	{"ups.power.nominal", []source{{path: "UPS.Flow.[4].ConfigApparentPower", as: integer, every: once}}},
	{"ups.realpower", []source{
		{path: "UPS.PowerConverter.Output.ActivePower", as: integer, every: full},
		{path: "UPS.Flow.[4].ConfigApparentPower", as: estimatedPower, every: once},
	}},
	{"ups.L1.realpower", []source{{path: "UPS.PowerConverter.Output.Phase.[1].ActivePower", as: integer, every: full}}},
	{"ups.L2.realpower", []source{{path: "UPS.PowerConverter.Output.Phase.[2].ActivePower", as: integer, every: full}}},
	{"ups.L3.realpower", []source{{path: "UPS.PowerConverter.Output.Phase.[3].ActivePower", as: integer, every: full}}},
	{"ups.realpower.nominal", []source{{path: "UPS.Flow.[4].ConfigActivePower", as: integer, every: once}}},
	{"ups.start.auto", []source{{path: "UPS.PowerConverter.Input.[1].AutomaticRestart", as: yesNo, every: rarely, settable: true}}},
	{"ups.start.battery", []source{{path: "UPS.PowerConverter.Input.[3].StartOnBattery", as: yesNo, every: rarely, settable: true}}},
	{"ups.start.reboot", []source{{path: "UPS.PowerConverter.Output.ForcedReboot", as: yesNo, every: rarely, settable: true}}},
	{"ups.shutdown", []source{{path: "UPS.PowerSummary.PresentStatus.Switchable", as: enabled, every: rarely, settable: true}}},
	{"ups.date", []source{{path: "UPS.PowerSummary.Time", as: date, every: full, settable: true}}},
	{"ups.time", []source{{path: "UPS.PowerSummary.Time", as: clock, every: full, settable: true}}},
	{"ups.type", []source{{path: "UPS.PowerConverter.ConverterType", as: topology, every: once}}},

	// Input.
	{"input.voltage", []source{{path: "UPS.PowerConverter.Input.[1].Voltage", as: tenths, every: full}}},
	{"input.L1-N.voltage", []source{{path: "UPS.PowerConverter.Input.[1].Phase.[1].Voltage", as: tenths, every: full}}},
	{"input.L2-N.voltage", []source{{path: "UPS.PowerConverter.Input.[1].Phase.[2].Voltage", as: tenths, every: full}}},
	{"input.L3-N.voltage", []source{{path: "UPS.PowerConverter.Input.[1].Phase.[3].Voltage", as: tenths, every: full}}},
	{"input.L1-L2.voltage", []source{{path: "UPS.PowerConverter.Input.[1].Phase.[12].Voltage", as: tenths, every: full}}},
	{"input.L2-L3.voltage", []source{{path: "UPS.PowerConverter.Input.[1].Phase.[23].Voltage", as: tenths, every: full}}},
	{"input.L3-L1.voltage", []source{{path: "UPS.PowerConverter.Input.[1].Phase.[31].Voltage", as: tenths, every: full}}},
	{"input.voltage.nominal", []source{{path: "UPS.Flow.[1].ConfigVoltage", as: integer, every: once}}},
	{"input.current", []source{{path: "UPS.PowerConverter.Input.[1].Current", as: hundredths, every: full}}},
	{"input.L1.current", []source{{path: "UPS.PowerConverter.Input.[1].Phase.[1].Current", as: tenths, every: full}}},
	{"input.L2.current", []source{{path: "UPS.PowerConverter.Input.[1].Phase.[2].Current", as: tenths, every: full}}},
	{"input.L3.current", []source{{path: "UPS.PowerConverter.Input.[1].Phase.[3].Current", as: tenths, every: full}}},
	{"input.current.nominal", []source{{path: "UPS.Flow.[1].ConfigCurrent", as: hundredths, every: once}}},
	{"input.frequency", []source{{path: "UPS.PowerConverter.Input.[1].Frequency", as: tenths, every: full}}},
	{"input.frequency.nominal", []source{{path: "UPS.Flow.[1].ConfigFrequency", as: integer, every: once}}},
	{"input.transfer.low", []source{{path: "UPS.PowerConverter.Output.LowVoltageTransfer", as: integer, every: rarely, settable: true}}},
	{"input.transfer.eco.low", []source{{path: "UPS.PowerConverter.Output.LowVoltageEcoTransfer", as: integer, every: rarely, settable: true}}},
	{"input.transfer.bypass.low", []source{{path: "UPS.PowerConverter.Output.LowVoltageBypassTransfer", as: integer, every: rarely, settable: true}}},
	{"input.transfer.boost.low", []source{{path: "UPS.PowerConverter.Output.LowVoltageBoostTransfer", as: integer, every: rarely, settable: true}}},
	{"input.transfer.boost.high", []source{{path: "UPS.PowerConverter.Output.HighVoltageBoostTransfer", as: integer, every: rarely, settable: true}}},
	{"input.transfer.trim.low", []source{{path: "UPS.PowerConverter.Output.LowVoltageBuckTransfer", as: integer, every: rarely, settable: true}}},
	{"input.transfer.high", []source{{path: "UPS.PowerConverter.Output.HighVoltageTransfer", as: integer, every: rarely, settable: true}}},
	{"input.transfer.eco.high", []source{{path: "UPS.PowerConverter.Output.HighVoltageEcoTransfer", as: integer, every: rarely, settable: true}}},
	{"input.transfer.bypass.high", []source{{path: "UPS.PowerConverter.Output.HighVoltageBypassTransfer", as: integer, every: rarely, settable: true}}},
	{"input.transfer.frequency.bypass.range", []source{{path: "UPS.PowerConverter.Output.FrequencyRangeBypassTransfer", as: integer, every: rarely, settable: true}}},
	{"input.transfer.frequency.eco.range", []source{{path: "UPS.PowerConverter.Output.FrequencyRangeEcoTransfer", as: integer, every: rarely, settable: true}}},
	{"input.transfer.hysteresis", []source{{path: "UPS.PowerConverter.Output.HysteresisVoltageTransfer", as: integer, every: rarely, settable: true}}},
	{"input.transfer.bypass.forced", []source{{path: "UPS.PowerConverter.Input.[2].ForcedTransferEnable", as: enabled, every: rarely, settable: true}}},
	{"input.transfer.bypass.overload", []source{{path: "UPS.PowerConverter.Input.[2].OverloadTransferEnable", as: enabled, every: rarely, settable: true}}},
	{"input.transfer.bypass.outlimits", []source{{path: "UPS.PowerConverter.Input.[2].OutOfToleranceTransferEnable", as: enabled, every: rarely, settable: true}}},
	{"input.transfer.trim.high", []source{{path: "UPS.PowerConverter.Output.HighVoltageBuckTransfer", as: integer, every: rarely, settable: true}}},
	{"input.sensitivity", []source{{path: "UPS.PowerConverter.Output.SensitivityMode", as: sensitivity, every: rarely, settable: true}}},
	{"input.voltage.extended", []source{{path: "UPS.PowerConverter.Output.ExtendedVoltageMode", as: yesNo, every: rarely, settable: true}}},
	{"input.frequency.extended", []source{{path: "UPS.PowerConverter.Output.ExtendedFrequencyMode", as: yesNo, every: rarely, settable: true}}},
	{"input.bypass.voltage", []source{{path: "UPS.PowerConverter.Input.[2].Voltage", as: tenths, every: full}}},
	{"input.bypass.L1-N.voltage", []source{{path: "UPS.PowerConverter.Input.[2].Phase.[1].Voltage", as: tenths, every: full}}},
	{"input.bypass.L2-N.voltage", []source{{path: "UPS.PowerConverter.Input.[2].Phase.[2].Voltage", as: tenths, every: full}}},
	{"input.bypass.L3-N.voltage", []source{{path: "UPS.PowerConverter.Input.[2].Phase.[3].Voltage", as: tenths, every: full}}},
	{"input.bypass.L1-L2.voltage", []source{{path: "UPS.PowerConverter.Input.[2].Phase.[12].Voltage", as: tenths, every: full}}},
	{"input.bypass.L2-L3.voltage", []source{{path: "UPS.PowerConverter.Input.[2].Phase.[23].Voltage", as: tenths, every: full}}},
	{"input.bypass.L3-L1.voltage", []source{{path: "UPS.PowerConverter.Input.[2].Phase.[31].Voltage", as: tenths, every: full}}},
	{"input.bypass.voltage.nominal", []source{{path: "UPS.Flow.[2].ConfigVoltage", as: integer, every: once}}},
	{"input.bypass.current", []source{{path: "UPS.PowerConverter.Input.[2].Current", as: hundredths, every: full}}},
	{"input.bypass.L1.current", []source{{path: "UPS.PowerConverter.Input.[2].Phase.[1].Current", as: tenths, every: full}}},
	{"input.bypass.L2.current", []source{{path: "UPS.PowerConverter.Input.[2].Phase.[2].Current", as: tenths, every: full}}},
	{"input.bypass.L3.current", []source{{path: "UPS.PowerConverter.Input.[2].Phase.[3].Current", as: tenths, every: full}}},
	{"input.bypass.current.nominal", []source{{path: "UPS.Flow.[2].ConfigCurrent", as: hundredths, every: once}}},
	{"input.bypass.frequency", []source{{path: "UPS.PowerConverter.Input.[2].Frequency", as: tenths, every: full}}},
	{"input.bypass.frequency.nominal", []source{{path: "UPS.Flow.[2].ConfigFrequency", as: integer, every: once}}},
	{"input.bypass.switch.on", []source{{path: "UPS.PowerConverter.Input.[2].SwitchOnControl", as: bypassOn, every: full}}},
	{"input.bypass.switch.off", []source{{path: "UPS.PowerConverter.Input.[2].SwitchOffControl", as: bypassOff, every: full}}},
	{"input.bypass.switchable", []source{{path: "UPS.PowerConverter.Input.[2].Switchable", as: enabled, every: rarely, settable: true}}},

	// Output.
	{"output.voltage", []source{{path: "UPS.PowerConverter.Output.Voltage", as: tenths, every: full}}},
	{"output.L1-N.voltage", []source{{path: "UPS.PowerConverter.Output.Phase.[1].Voltage", as: tenths, every: full}}},
	{"output.L2-N.voltage", []source{{path: "UPS.PowerConverter.Output.Phase.[2].Voltage", as: tenths, every: full}}},
	{"output.L3-N.voltage", []source{{path: "UPS.PowerConverter.Output.Phase.[3].Voltage", as: tenths, every: full}}},
	{"output.L1-L2.voltage", []source{{path: "UPS.PowerConverter.Output.Phase.[12].Voltage", as: tenths, every: full}}},
	{"output.L2-L3.voltage", []source{{path: "UPS.PowerConverter.Output.Phase.[23].Voltage", as: tenths, every: full}}},
	{"output.L3-L1.voltage", []source{{path: "UPS.PowerConverter.Output.Phase.[31].Voltage", as: tenths, every: full}}},
	{"output.voltage.nominal", []source{{path: "UPS.Flow.[4].ConfigVoltage", as: integer, every: rarely, settable: true}}},
	{"output.current", []source{{path: "UPS.PowerConverter.Output.Current", as: hundredths, every: full}}},
	{"output.L1.current", []source{{path: "UPS.PowerConverter.Output.Phase.[1].Current", as: tenths, every: full}}},
	{"output.L2.current", []source{{path: "UPS.PowerConverter.Output.Phase.[2].Current", as: tenths, every: full}}},
	{"output.L3.current", []source{{path: "UPS.PowerConverter.Output.Phase.[3].Current", as: tenths, every: full}}},
	{"output.current.nominal", []source{{path: "UPS.Flow.[4].ConfigCurrent", as: hundredths, every: full}}},
	{"output.frequency", []source{{path: "UPS.PowerConverter.Output.Frequency", as: tenths, every: full}}},
	{"output.frequency.nominal", []source{{path: "UPS.Flow.[4].ConfigFrequency", as: integer, every: once}}},
	{"output.powerfactor", []source{{path: "UPS.PowerConverter.Output.PowerFactor", as: percentFactor, every: full}}},

	// Outlets.
	{"outlet.id", []source{{path: "UPS.OutletSystem.Outlet.[1].OutletID", as: integer, every: once}}},
	{"outlet.desc", []source{{path: "UPS.OutletSystem.Outlet.[1].OutletID", as: constant("Main Outlet"), every: once}}},
	{"outlet.switchable", []source{{path: "UPS.OutletSystem.Outlet.[1].PresentStatus.Switchable", as: yesNo, every: once}}},
	{"outlet.power", []source{
		{path: "UPS.OutletSystem.Outlet.[1].ConfigApparentPower", as: integer, every: rarely, settable: true, only: ecoUnits},
		{path: "UPS.OutletSystem.Outlet.[1].ApparentPower", as: integer, every: full},
	}},
	{"outlet.realpower", []source{{path: "UPS.OutletSystem.Outlet.[1].ActivePower", as: integer, every: full}}},
	{"outlet.current", []source{{path: "UPS.OutletSystem.Outlet.[1].Current", as: hundredths, every: full}}},
	{"outlet.powerfactor", []source{{path: "UPS.OutletSystem.Outlet.[1].PowerFactor", as: hundredths, every: full}}},
	{"outlet.1.id", []source{{path: "UPS.OutletSystem.Outlet.[2].OutletID", as: integer, every: once}}},
	{"outlet.1.desc", []source{{path: "UPS.OutletSystem.Outlet.[2].OutletID", as: constant("PowerShare Outlet 1"), every: once}}},
	{"outlet.1.switchable", []source{{path: "UPS.OutletSystem.Outlet.[2].PresentStatus.Switchable", as: yesNo, every: once}}},
	{"outlet.1.status", []source{
		{path: "UPS.OutletSystem.Outlet.[2].PresentStatus.SwitchOn/Off", as: onOff, every: full},
		{path: "UPS.PowerSummary.PresentStatus.ACPresent", as: onOff, every: full, guess: true},
	}},
	{"outlet.1.protect.status", []source{{path: "UPS.OutletSystem.Outlet.[2].Status", as: protection, every: full}}},
	{"outlet.1.designator", []source{{path: "UPS.OutletSystem.Outlet.[2].iDesignator", as: usbString, every: once}}},
	{"outlet.1.autoswitch.charge.low", []source{{path: "UPS.OutletSystem.Outlet.[2].RemainingCapacityLimit", as: integer, every: rarely, settable: true}}},
	{"outlet.1.delay.shutdown", []source{{path: "UPS.OutletSystem.Outlet.[2].ShutdownTimer", as: integer, every: rarely, settable: true}}},
	{"outlet.1.delay.start", []source{{path: "UPS.OutletSystem.Outlet.[2].StartupTimer", as: integer, every: rarely, settable: true}}},
	{"outlet.1.power", []source{{path: "UPS.OutletSystem.Outlet.[2].ApparentPower", as: integer, every: full}}},
	{"outlet.1.realpower", []source{{path: "UPS.OutletSystem.Outlet.[2].ActivePower", as: integer, every: full}}},
	{"outlet.1.current", []source{{path: "UPS.OutletSystem.Outlet.[2].Current", as: hundredths, every: full}}},
	{"outlet.1.powerfactor", []source{{path: "UPS.OutletSystem.Outlet.[2].PowerFactor", as: hundredths, every: full}}},
	{"outlet.1.ecocontrol", []source{{path: "UPS.OutletSystem.Outlet.[2].ECOControl", as: ecoControl, every: rarely}}},
	{"outlet.2.id", []source{{path: "UPS.OutletSystem.Outlet.[3].OutletID", as: integer, every: once}}},
	{"outlet.2.desc", []source{{path: "UPS.OutletSystem.Outlet.[3].OutletID", as: constant("PowerShare Outlet 2"), every: once}}},
	{"outlet.2.switchable", []source{
		{path: "UPS.OutletSystem.Outlet.[3].PresentStatus.Switchable", as: yesNo, every: rarely, settable: true, only: ecoUnits},
		{path: "UPS.OutletSystem.Outlet.[3].PresentStatus.Switchable", as: yesNo, every: rarely},
	}},
	{"outlet.2.status", []source{{path: "UPS.OutletSystem.Outlet.[3].PresentStatus.SwitchOn/Off", as: onOff, every: full}}},
	{"outlet.2.protect.status", []source{{path: "UPS.OutletSystem.Outlet.[3].Status", as: protection, every: full}}},
	{"outlet.2.autoswitch.charge.low", []source{{path: "UPS.OutletSystem.Outlet.[3].RemainingCapacityLimit", as: integer, every: rarely, settable: true}}},
	{"outlet.2.delay.shutdown", []source{{path: "UPS.OutletSystem.Outlet.[3].ShutdownTimer", as: integer, every: rarely, settable: true}}},
	{"outlet.2.delay.start", []source{{path: "UPS.OutletSystem.Outlet.[3].StartupTimer", as: integer, every: rarely, settable: true}}},
	{"outlet.2.power", []source{{path: "UPS.OutletSystem.Outlet.[3].ApparentPower", as: integer, every: full}}},
	{"outlet.2.realpower", []source{{path: "UPS.OutletSystem.Outlet.[3].ActivePower", as: integer, every: full}}},
	{"outlet.2.current", []source{{path: "UPS.OutletSystem.Outlet.[3].Current", as: hundredths, every: full}}},
	{"outlet.2.powerfactor", []source{{path: "UPS.OutletSystem.Outlet.[3].PowerFactor", as: hundredths, every: full}}},
	{"outlet.2.ecocontrol", []source{{path: "UPS.OutletSystem.Outlet.[3].ECOControl", as: ecoControl, every: rarely}}},
	{"outlet.3.id", []source{{path: "UPS.OutletSystem.Outlet.[4].OutletID", as: integer, every: once}}},
	{"outlet.3.desc", []source{{path: "UPS.OutletSystem.Outlet.[4].OutletID", as: constant("PowerShare Outlet 3"), every: once}}},
	{"outlet.3.switchable", []source{
		{path: "UPS.OutletSystem.Outlet.[4].PresentStatus.Switchable", as: yesNo, every: rarely, settable: true, only: ecoUnits},
		{path: "UPS.OutletSystem.Outlet.[4].PresentStatus.Switchable", as: yesNo, every: rarely},
	}},
	{"outlet.3.status", []source{{path: "UPS.OutletSystem.Outlet.[4].PresentStatus.SwitchOn/Off", as: onOff, every: full}}},
	{"outlet.3.protect.status", []source{{path: "UPS.OutletSystem.Outlet.[4].Status", as: protection, every: full}}},
	{"outlet.3.autoswitch.charge.low", []source{{path: "UPS.OutletSystem.Outlet.[4].RemainingCapacityLimit", as: integer, every: rarely, settable: true}}},
	{"outlet.3.delay.shutdown", []source{{path: "UPS.OutletSystem.Outlet.[4].ShutdownTimer", as: integer, every: rarely, settable: true}}},
	{"outlet.3.delay.start", []source{{path: "UPS.OutletSystem.Outlet.[4].StartupTimer", as: integer, every: rarely, settable: true}}},
	{"outlet.3.power", []source{{path: "UPS.OutletSystem.Outlet.[4].ApparentPower", as: integer, every: full}}},
	{"outlet.3.realpower", []source{{path: "UPS.OutletSystem.Outlet.[4].ActivePower", as: integer, every: full}}},
	{"outlet.3.current", []source{{path: "UPS.OutletSystem.Outlet.[4].Current", as: hundredths, every: full}}},
	{"outlet.3.powerfactor", []source{{path: "UPS.OutletSystem.Outlet.[4].PowerFactor", as: hundredths, every: full}}},
	{"outlet.3.ecocontrol", []source{{path: "UPS.OutletSystem.Outlet.[4].ECOControl", as: ecoControl, every: rarely}}},

	// Input.
	{"input.eco.switchable", []source{{path: "UPS.PowerConverter.Input.[5].Switchable", as: ecoMode, every: rarely, settable: true}}},
}
