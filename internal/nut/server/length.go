package server

import (
	"strconv"
	"strings"
)

// lengths are the lengths that usbhid-ups has for texts of its settings (the
// auxiliary values of its table for this family, drivers/mge-hid.c of NUT 2.8.5;
// testdata/usbhid-ups-*.txt has those of one unit). Clients make fields of this
// size. The number of an outlet is left out of its name.
var lengths = map[string]int{
	"battery.charge.low": 5, "battery.charge.restart": 3, "battery.runtime.low": 10, "battery.protection": 5,
	"battery.energysave": 5, "battery.energysave.load": 5, "battery.energysave.delay": 5, "battery.energysave.realpower": 5,
	"input.transfer.low": 5, "input.transfer.high": 5, "input.transfer.eco.low": 5, "input.transfer.eco.high": 5,
	"input.transfer.bypass.low": 5, "input.transfer.bypass.high": 5, "input.transfer.boost.low": 5, "input.transfer.boost.high": 5,
	"input.transfer.trim.low": 5, "input.transfer.trim.high": 5, "input.transfer.hysteresis": 5, "input.sensitivity": 10,
	"input.transfer.frequency.bypass.range": 5, "input.transfer.frequency.eco.range": 5,
	"input.voltage.extended": 5, "input.frequency.extended": 5, "output.voltage.nominal": 3, "ups.load.high": 5,
	"ups.delay.start": 10, "ups.delay.shutdown": 10, "ups.test.interval": 8, "ups.start.auto": 5, "ups.start.battery": 5,
	"ups.start.reboot": 5, "ups.shutdown": 10, "ups.date": 10, "ups.time": 10,
	"outlet.desc": 20, "outlet.power": 6, "outlet.switchable": 3, "outlet.autoswitch.charge.low": 3,
	"outlet.delay.shutdown": 5, "outlet.delay.start": 5,
}

// plainLength is that of a setting that usbhid-ups does not have, and of which
// no value is longer.
const plainLength = 10

// lengthOf is the greatest length of a setting's text, in bytes: never too
// short for a value that it takes.
func lengthOf(s *Setting) int {
	if s.Length > 0 {
		return s.Length
	}
	name := s.Name
	if rest, ok := strings.CutPrefix(name, "outlet."); ok {
		if number, after, ok := strings.Cut(rest, "."); ok && strings.Trim(number, "0123456789") == "" {
			name = "outlet." + after
		}
	}
	n := lengths[name]
	if n == 0 {
		n = plainLength
	}
	for _, value := range s.Enum {
		n = max(n, len(value))
	}
	if s.Range {
		n = max(n, len(strconv.FormatInt(s.Min, 10)), len(strconv.FormatInt(s.Max, 10)))
	}
	return n
}
