package power

import (
	"fmt"
	"slices"

	"ecnutd/hid"
	"ecnutd/hid/power/family"
)

// StringIndexes are the USB strings that the known reports point at.
func (d *Decoder) StringIndexes() []uint8 {
	seen := make(map[uint8]bool)
	all := d.values.Descriptor().Fields()
	for i := range all {
		f := &all[i]
		name := f.Path[len(f.Path)-1].String()
		if len(name) < 2 || name[0] != 'i' || name[1] < 'A' || name[1] > 'Z' {
			continue // usages that hold a string index are named iProduct, iModel …
		}
		if raw, ok := d.values.Raw(i); ok && raw > 0 && raw < 256 {
			seen[uint8(raw)] = true
		}
	}
	indexes := make([]uint8, 0, len(seen))
	for i := range seen {
		indexes = append(indexes, i)
	}
	slices.Sort(indexes)
	return indexes
}

// usbText is a name of the device: what enumeration said, else the string
// that a report points at, else the string at its usual index.
func (d *Decoder) usbText(enumerated, path string, usual uint8) string {
	if s := hid.Printable(enumerated); s != "" {
		return s
	}
	if i, ok := d.Number(path); ok {
		if s := d.strings[uint8(i)]; s != "" {
			return s
		}
	}
	return d.strings[usual]
}

// Manufacturer is the device's manufacturer string, "" where unknown. The
// usual indexes, 1 here and 2 for the product, are those of every unit of the
// family whose enumeration was seen.
func (d *Decoder) Manufacturer() string {
	return d.usbText(d.info.Manufacturer, family.PathManufacturer, 1)
}

// Product is the product string, without the number of the model.
func (d *Decoder) Product() string {
	return d.usbText(d.info.ProductName, family.PathProduct, 2)
}

// Serial is the serial number, which many units share.
func (d *Decoder) Serial() string {
	return d.usbText(d.info.Serial, family.PathSerial, 0)
}

// ModelNumber is the string with the number of the model as the device has it,
// with the blanks at its ends: they tell some models apart. "" where unknown.
func (d *Decoder) ModelNumber() string {
	i, ok := d.Number(d.family.Paths.Model)
	if !ok {
		return ""
	}
	return d.exact[uint8(i)]
}

// Model is the product with the model's number, "Protection Station 800": the
// string that iModel points at, and where that cannot be read the nominal
// power in VA.
func (d *Decoder) Model() string {
	product := d.Product()
	if f := d.family.Paths.Product; f != nil {
		product = f(product)
	}
	if product == "" {
		return ""
	}
	if i, ok := d.Number(d.family.Paths.Model); ok {
		if suffix := d.strings[uint8(i)]; suffix != "" {
			return product + " " + suffix
		}
	}
	if va, ok := d.Number(d.family.Paths.Nominal); ok {
		return fmt.Sprintf("%s %.0f", product, va)
	}
	return product
}

// USBText is a USB string that was read; have is false where it was not.
func (d *Decoder) USBText(index uint8) (text string, have bool) {
	text, have = d.strings[index]
	return text, have
}
