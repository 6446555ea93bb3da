package generic

import (
	"fmt"
	"strings"

	"ecnutd/hid/power/family"
)

// The product string of APC's units is "MODEL FW:FIRMWARE USB FW:FIRMWARE".
const (
	firmwareMark    = "FW:"
	auxFirmwareMark = "USB FW:"
)

// productPaths are fields that a unit of APC has for certain once it has a name.
var productPaths = []string{family.PathProduct, "UPS.iProduct"}

// apcParts takes the product string apart.
func apcParts(product string) (model, firmware, aux string) {
	model, rest, _ := strings.Cut(product, firmwareMark)
	firmware, aux, _ = strings.Cut(rest, auxFirmwareMark)
	return strings.TrimSpace(model), strings.TrimSpace(firmware), strings.TrimSpace(aux)
}

func apcModel(product string) string {
	model, _, _ := apcParts(product)
	return model
}

func printFirmware(d family.Device, _ float64) (string, bool) {
	_, firmware, _ := apcParts(d.Product())
	return firmware, firmware != ""
}

func printAuxFirmware(d family.Device, _ float64) (string, bool) {
	_, _, aux := apcParts(d.Product())
	return aux, aux != ""
}

// printAPCDate prints a date of APC's own kind.
func printAPCDate(_ family.Device, v float64) (string, bool) {
	n := uint32(v)
	year, month, day := n&0xff, n>>16&0xff, n>>8&0xff
	decimal := func(b uint32) (uint32, bool) { return b>>4*10 + b&15, b>>4 < 10 && b&15 < 10 }
	y, okY := decimal(year)
	m, okM := decimal(month)
	d, okD := decimal(day)
	switch {
	case n == 0:
		return "not set", true
	case !okY || !okM || !okD || m < 1 || m > 12 || d < 1 || d > 31 || n>>24 != 0:
		return "", false
	}
	century := uint32(2000)
	if y >= 70 {
		century = 1900
	}
	return fmt.Sprintf("%04d/%02d/%02d", century+y, m, d), true
}
