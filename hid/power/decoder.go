package power

import (
	"fmt"
	"slices"
	"strings"

	"ecnutd/hid"
	"ecnutd/ups"
)

// A Decoder is the tables bound to one device: it takes reports in and gives
// variables and snapshots out. It does no I/O.
type Decoder struct {
	family  *Family
	info    hid.Info
	values  *hid.Values
	strings map[uint8]string
	named   int              // times that strings were set
	fields  map[string][]int // numeric path → fields of the descriptor
	delays  Delays

	lastZero bool // the last charge was a 0
	believe  bool // and the one before was too

	readings, chargeReadings int // reports that carried the status flags, the charge
}

// NewDecoder binds to the device that the descriptor describes the tables of the
// family that its ids say, the first one where they say none.
func NewDecoder(d *hid.Descriptor, info hid.Info, families ...*Family) *Decoder {
	dec := &Decoder{family: of(info, families), info: info, values: hid.NewValues(d), fields: make(map[string][]int), delays: Delays{}.withDefaults()}
	for i := range d.Fields() {
		path := d.Fields()[i].Path.String()
		dec.fields[path] = append(dec.fields[path], i)
	}
	return dec
}

// Values are the numbers behind the variables, field by field.
func (d *Decoder) Values() *hid.Values { return d.values }

// Info says what the device is.
func (d *Decoder) Info() hid.Info { return d.info }

// SetStrings gives the USB strings of the device, by index. They come by
// another way than reports (see package hid/usb), and may never come.
func (d *Decoder) SetStrings(strings map[uint8]string) {
	d.named++
	d.strings = make(map[uint8]string, len(strings))
	for i, s := range strings {
		d.strings[i] = hid.Printable(s)
	}
}

// Changes counts what has changed so far: as long as it stays, so do the
// variables.
func (d *Decoder) Changes() int { return d.values.Changes() + d.named }

// Feature takes the answer to a request for feature report id. A report that
// is not what was asked for is thrown away with an error.
func (d *Decoder) Feature(id uint8, answer []byte) error {
	err := d.values.UpdateFeature(id, answer)
	if err == nil {
		d.came(hid.Feature, id)
	}
	return err
}

// Input takes an input report as the device sent it.
func (d *Decoder) Input(sent []byte) error {
	id, err := d.values.UpdateInput(sent)
	if err == nil {
		d.came(hid.Input, id)
	}
	return err
}

// came notes what a report that just came carried. A charge of 0 on mains,
// with the UPS in good order, is more likely a conversion error than a flat
// battery: it needs a second report that says the same.
func (d *Decoder) came(t hid.ReportType, id uint8) {
	if i, ok := d.carries(t, id, PathCharge); ok {
		raw, known := d.values.Raw(i)
		zero := known && raw == 0
		d.believe, d.lastZero = zero && d.lastZero, zero
		d.chargeReadings++
	}
	if _, ok := d.carries(t, id, PathStatus+"ACPresent"); ok {
		d.readings++
	}
}

// carries finds the field at a path in a report.
func (d *Decoder) carries(t hid.ReportType, id uint8, path string) (field int, ok bool) {
	all := d.values.Descriptor().Fields()
	for _, i := range d.fields[path] {
		if all[i].Type == t && all[i].Report == id {
			return i, true
		}
	}
	return 0, false
}

// Number is the scaled value at a path, of the first field there that is
// known.
func (d *Decoder) Number(path string) (v float64, known bool) {
	all := d.values.Descriptor().Fields()
	for _, i := range d.fields[path] {
		if raw, ok := d.values.Raw(i); ok {
			return all[i].Scale(raw), true
		}
	}
	return 0, false
}

// whole is Number as a ups.Number. One that cannot be what it is taken for is
// not known: decisions hang on it, and a charge of 255 % or a runtime of 65535 s
// is how units say that they do not know it either.
func (d *Decoder) whole(path string, most float64) ups.Number {
	v, known := d.Number(path)
	if !known || !(0 <= v && v <= most) {
		return ups.Number{}
	}
	return ups.Known(int(v))
}

// The greatest numbers that are believed.
const (
	mostCharge  = 100   // percent
	mostRuntime = 65534 // seconds; 18 hours
	mostLoad    = 1000  // percent
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
	return d.usbText(d.info.Manufacturer, pathManufacturer, 1)
}

// Product is the product string, without the number of the model.
func (d *Decoder) Product() string {
	return d.usbText(d.info.ProductName, pathProduct, 2)
}

// Serial is the serial number, which many units share.
func (d *Decoder) Serial() string {
	return d.usbText(d.info.Serial, pathSerial, 0)
}

// Model is the product with the model's number, "Protection Station 800": the
// string that iModel points at, and where that cannot be read the nominal
// power in VA.
func (d *Decoder) Model() string {
	product := d.Product()
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

// Variables are all variables that are known, as upsc prints them.
func (d *Decoder) Variables() ups.Variables {
	vars := make(ups.Variables)
	put := func(name, text string) {
		if text != "" {
			vars[name] = text
		}
	}
	put("device.type", "ups")
	put("device.mfr", d.Manufacturer())
	put("device.model", d.Model())
	put("device.serial", d.Serial())
	put("ups.mfr", d.Manufacturer())
	put("ups.model", d.Model())
	put("ups.serial", d.Serial())
	if d.info.Vendor != 0 {
		put("ups.vendorid", fmt.Sprintf("%04x", d.info.Vendor))
		put("ups.productid", fmt.Sprintf("%04x", d.info.Product))
	}
	for i := range d.family.Variables {
		v := &d.family.Variables[i]
		if text, ok := d.variable(v); ok {
			vars[v.Name] = text
		}
	}
	for _, r := range d.family.TransferReasons {
		if v, ok := d.Number(r.Path); ok && v != 0 {
			vars["input.transfer.reason"] = r.Text
		}
	}
	snap := d.Snapshot()
	put("ups.status", snap.Status.String())
	put("ups.alarm", snap.Alarm)
	return vars
}

// variable is the text of one row: that of the first source that is known.
// Several sources of a row mean the same thing, so what one report does not
// tell, because the device refuses it, another one may.
func (d *Decoder) variable(v *Variable) (string, bool) {
	if v.Name == "battery.charge" && d.doubtful() {
		return "", false
	}
	have := false
	for i := range v.From {
		s := &v.From[i]
		if s.Only != nil && !s.Only.Holds(d) || s.Guess && have {
			continue
		}
		have = have || len(d.fields[s.Path]) > 0
		if value, known := d.Number(s.Path); known {
			if text, ok := s.As.Print(d, value); ok {
				return text, true
			}
		}
	}
	return "", false
}

// doubtful reports whether the charge is a zero that nothing has confirmed while
// the UPS says that it is on mains and well.
func (d *Decoder) doubtful() bool {
	if !d.lastZero || d.believe {
		return false
	}
	ac, acKnown := d.Number(PathStatus + "ACPresent")
	good, goodKnown := d.Number(PathStatus + "Good")
	return acKnown && ac != 0 && goodKnown && good != 0
}

// Snapshot is the state of the UPS as the device says it: LowBattery for any
// of its three reasons, which stand in Low.
func (d *Decoder) Snapshot() ups.Snapshot {
	s := ups.Snapshot{
		Charge:  d.whole(PathCharge, mostCharge),
		Runtime: d.whole(PathRuntime, mostRuntime),
		Load:    d.whole(PathLoad, mostLoad),

		Readings:       d.readings,
		ChargeReadings: d.chargeReadings,
	}
	if d.doubtful() {
		s.Charge = ups.Number{}
	}
	var alarms []string
	for i := range d.family.Flags {
		f := &d.family.Flags[i]
		if !d.raised(f) {
			continue
		}
		s.Status |= f.Bit
		s.Low |= f.Low
		if f.Alarm != "" {
			alarms = append(alarms, f.Alarm)
		}
	}
	s.Alarm = strings.Join(alarms, " ")
	if s.Alarm != "" {
		s.Status |= ups.Alarm
	}
	if s.Low != 0 {
		s.Status |= ups.LowBattery
	}
	d.chargerStage(&s)
	// Charging stays set at 100 %, and without a charge nothing is known of it.
	if !s.Charge.Known || s.Charge.N <= 0 || s.Charge.N >= 100 {
		s.Status &^= ups.Charging
	}
	s.Status |= d.line(s.Status)
	result, known := d.Number(d.family.Paths.Test)
	s.TestFailed = known && result == testError
	return s
}

// raised reports whether any of the fields of a flag sets it. A field that is
// not known sets nothing.
func (d *Decoder) raised(f *Flag) bool {
	for _, path := range f.Paths {
		if v, known := d.Number(path); known && (v != 0) == (f.When == Set) {
			return true
		}
	}
	return false
}

// chargerStage replaces Charging and Discharging by what the charger says, on
// units where its three-stage scheme (ABM) is on and its mode is known: there
// the plain flags follow the battery's current and flicker.
func (d *Decoder) chargerStage(s *ups.Snapshot) {
	for _, c := range d.family.Chargers {
		on, known := d.Number(c.Enable)
		mode, modeKnown := d.Number(c.Mode)
		if known && on != 0 && modeKnown {
			s.Status = s.Status&^(ups.Charging|ups.Discharging) | c.Stages[int(mode)]
			return
		}
	}
}

// line tells mains from battery; neither while nothing has said it. A unit
// that discharges and says nothing of mains is on battery.
func (d *Decoder) line(status ups.Status) ups.Status {
	for _, l := range d.family.Lines {
		if v, known := d.Number(l.Path); known {
			if (v != 0) == (l.OnMains == Set) {
				return ups.Online
			}
			return ups.OnBattery
		}
	}
	if status.Has(ups.Discharging) {
		return ups.OnBattery
	}
	return 0
}
