package power

import (
	"errors"
	"strings"
)

// ErrNotUPS says that the report descriptor has no field that a UPS is known
// by.
var ErrNotUPS = errors.New("the report descriptor has no field of a UPS")

// pathsShort is what the short descriptor describes, of two that some units have.
const pathsShort = "UPS.BatterySystem."

// notUPS says what a device is that nothing can be read of. Units of Eaton with
// bcdDevice 2.02 have two report descriptors: the system takes the short one,
// made for firmware of PCs, which on the 9PX with lithium batteries describes
// the battery packs alone (NUT pull request 214, issues 3295, 3534).
func (d *Decoder) notUPS() error {
	all := d.values.Descriptor().Fields()
	for i := range all {
		if strings.HasPrefix(all[i].Path.String(), pathsShort) {
			return &notUPSError{"this is the short one of two report descriptors that some units have (bcdDevice 2.02, as the 9PX with lithium batteries): it describes battery packs, and neither mains nor charge; the long one is not given out by the kernel. Use the unit's network card, or its serial port"}
		}
	}
	return &notUPSError{ErrNotUPS.Error() + "; is this another kind of HID device?"}
}

type notUPSError struct{ text string }

func (e *notUPSError) Error() string { return "power: " + e.text }
func (e *notUPSError) Unwrap() error { return ErrNotUPS }
