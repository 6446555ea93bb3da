package ups

import (
	"regexp"
	"strings"
	"sync"
)

// descriptions say what a variable is, for upsrw and for people. A number or a
// phase in a name is left out here: "outlet.#.power", "input.#.voltage".
var descriptions = map[string]string{
	"device.mfr":         "Maker of the device",
	"device.model":       "Model of the device",
	"device.serial":      "Serial number of the device",
	"device.type":        "Kind of device",
	"device.usb.version": "USB version that the device speaks",

	"ups.alarm":             "What the UPS raises an alarm about",
	"ups.beeper.status":     "The beeper",
	"ups.date":              "Date of the UPS's clock",
	"ups.delay.shutdown":    "From a shutdown command until the output goes off (seconds)",
	"ups.delay.start":       "From the cut, once mains is there, until the output comes back (seconds)",
	"ups.efficiency":        "Output power of the input power (percent)",
	"ups.firmware":          "Firmware of the UPS",
	"ups.id":                "Name that the UPS was given",
	"ups.load":              "Load of the nominal power (percent)",
	"ups.load.high":         "Load that counts as overload (percent)",
	"ups.mfr":               "Maker of the UPS",
	"ups.model":             "Model of the UPS",
	"ups.power":             "Apparent power of the load (VA)",
	"ups.power.nominal":     "Apparent power that the UPS is made for (VA)",
	"ups.productid":         "USB product id",
	"ups.realpower":         "Power of the load (W)",
	"ups.realpower.nominal": "Power that the UPS is made for (W)",
	"ups.#.power":           "Apparent power of the load on this phase (VA)",
	"ups.#.realpower":       "Power of the load on this phase (W)",
	"ups.serial":            "Serial number of the UPS",
	"ups.shutdown":          "Whether the UPS can be switched off by command",
	"ups.start.auto":        "Whether the output comes back by itself with the mains",
	"ups.start.battery":     "Whether the UPS starts without mains",
	"ups.start.reboot":      "Whether a shutdown is a power cycle even if mains is back",
	"ups.status":            "State of the UPS: OL mains, OB battery, LB battery low, FSD shutdown ordered",
	"ups.temperature":       "Temperature of the UPS (degrees C)",
	"ups.test.interval":     "Time between self-tests (seconds)",
	"ups.test.result":       "Result of the last self-test",
	"ups.time":              "Time of the UPS's clock",
	"ups.timer.reboot":      "Until the output is cycled (seconds; below 0: not ordered)",
	"ups.timer.shutdown":    "Until the output goes off (seconds; below 0: not ordered)",
	"ups.timer.start":       "Until the output comes back (seconds; below 0: not ordered)",
	"ups.type":              "Topology of the UPS",
	"ups.vendorid":          "USB vendor id",

	"battery.capacity":             "Capacity of the battery (Ah)",
	"battery.charge":               "Charge of the battery (percent)",
	"battery.charge.low":           "Remaining charge at which the UPS says that its battery is low (percent)",
	"battery.charge.restart":       "Charge that the UPS waits for before it restores its output (percent)",
	"battery.charger.status":       "What the charger does",
	"battery.charger.type":         "Kind of charger",
	"battery.energysave":           "Whether the UPS goes off on battery when the load is small",
	"battery.energysave.delay":     "How long the load has to be small for that (seconds)",
	"battery.energysave.load":      "Load that counts as small for that (percent)",
	"battery.energysave.realpower": "Power that counts as small for that (W)",
	"battery.protection":           "Whether the battery is kept from deep discharge",
	"battery.runtime":              "How long the battery lasts at this load (seconds)",
	"battery.runtime.elapsed":      "Time on battery (seconds)",
	"battery.runtime.low":          "Runtime at which the UPS says that its battery is low (seconds)",
	"battery.temperature":          "Temperature of the battery (degrees C)",
	"battery.type":                 "Chemistry of the battery",
	"battery.voltage":              "Voltage of the battery (V)",
	"battery.voltage.nominal":      "Voltage that the battery is made for (V)",

	"input.bypass.switch.off":   "Whether the bypass can be ended by command",
	"input.bypass.switch.on":    "Whether the bypass can be begun by command",
	"input.bypass.switchable":   "Whether the UPS may go to bypass",
	"input.eco.switchable":      "Whether the UPS may save energy in ECO mode",
	"input.frequency.extended":  "Whether a wide range of frequencies counts as mains",
	"input.sensitivity":         "How readily the UPS goes to battery",
	"input.transfer.high":       "Input voltage above which the UPS goes to battery (V)",
	"input.transfer.low":        "Input voltage below which the UPS goes to battery (V)",
	"input.transfer.hysteresis": "By how much the voltage must be back inside the limits (V)",
	"input.transfer.reason":     "Why the UPS last went to battery",
	"input.voltage.extended":    "Whether a wide range of voltages counts as mains",

	"outlet.desc":                    "Name of the outlet",
	"outlet.id":                      "Number of the outlet",
	"outlet.power":                   "Load of the main outlet that counts as switched off (VA)",
	"outlet.switchable":              "Whether the outlet can be switched",
	"outlet.#.autoswitch.charge.low": "Charge at which the outlet goes off by itself (percent)",
	"outlet.#.delay.shutdown":        "From a command until the outlet goes off (seconds)",
	"outlet.#.delay.start":           "From a command until the outlet comes on (seconds)",
	"outlet.#.desc":                  "Name of the outlet",
	"outlet.#.designator":            "Place of the outlet",
	"outlet.#.ecocontrol":            "Whether the outlet follows the load of the main outlet",
	"outlet.#.id":                    "Number of the outlet",
	"outlet.#.power":                 "Apparent power at the outlet (VA)",
	"outlet.#.protect.status":        "Whether the outlet's protection has tripped",
	"outlet.#.status":                "Whether the outlet is on",
	"outlet.#.switchable":            "Whether the outlet can be switched",
	"outlet.2.switchable":            "Whether outlet 2 follows the load of the main outlet",

	"output.voltage.nominal": "Voltage of the output on battery (V)",

	"driver.name":    "Program that reads the UPS",
	"server.info":    "Program that answers",
	"server.version": "Version of the program that answers",
}

// quantities are the last words of names that measure something somewhere.
var quantities = map[string]string{
	"voltage": "Voltage (V)", "current": "Current (A)", "frequency": "Frequency (Hz)", "realpower": "Power (W)",
	"powerfactor": "Power factor", "power": "Apparent power (VA)",
	"voltage.nominal": "Nominal voltage (V)", "current.nominal": "Nominal current (A)", "frequency.nominal": "Nominal frequency (Hz)",
}

var (
	numbered = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\.(?:[0-9]+|l[123](?:-[ln][123]?)?)\.`) })
	measured = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^(input|input\.bypass|output|outlet)(\.#)?\.([a-z]+(?:\.nominal)?)$`)
	})
	limits = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^input\.transfer\.([a-z.]+)$`) })
)

// places are where quantities are measured.
var places = map[string]string{"input": "of the input", "input.bypass": "of the bypass", "output": "of the output", "outlet": "at the outlet"}

// Describe says in a few English words what a variable is; "" for a name that
// is not known. Names are found in any case.
func Describe(name string) string {
	name = strings.ToLower(name)
	if text := descriptions[name]; text != "" {
		return text
	}
	general := numbered().ReplaceAllString(name, ".#.")
	if text := descriptions[general]; text != "" {
		return text
	}
	if m := measured().FindStringSubmatch(general); m != nil && quantities[m[3]] != "" {
		what, unit, _ := strings.Cut(quantities[m[3]], " (")
		text := what + " " + places[m[1]]
		if m[2] != "" && m[1] != "outlet" {
			text += " on this phase"
		}
		if unit != "" {
			text += " (" + unit
		}
		return text
	}
	if m := limits().FindStringSubmatch(general); m != nil {
		return "Limit of the input for a transfer: " + strings.ReplaceAll(m[1], ".", " ")
	}
	return ""
}
