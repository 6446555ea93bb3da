package power

import (
	"fmt"
	"slices"
	"time"

	"ecnutd/hid"
	"ecnutd/hid/power/family"
	"ecnutd/ups"
)

// A Decoder is the tables bound to one device: it takes reports in and gives
// variables and snapshots out. It does no I/O.
type Decoder struct {
	family  *family.Family
	info    hid.Info
	values  *hid.Values
	strings map[uint8]string
	exact   map[uint8]string // the same with the blanks at their ends
	named   int              // times that strings were set
	fields  map[string][]int // numeric path → fields of the descriptor
	delays  Delays

	lastZero bool // the last charge was a 0
	believe  bool // and the one before was too

	readings, chargeReadings int // reports that carried the status flags, the charge
	parts                    []part
	begun                    time.Time        // when nothing was known yet
	chargeLow                *family.Variable // the row of battery.charge.low; nil: none
	link                     link
}

// NewDecoder binds to the device that the descriptor describes the tables of the
// family that its ids say, the first one where they say none.
func NewDecoder(d *hid.Descriptor, info hid.Info, families ...*family.Family) *Decoder {
	dec := &Decoder{family: family.Of(info, families), info: info, values: hid.NewValues(d), fields: make(map[string][]int), delays: Delays{}.withDefaults(), begun: time.Now()}
	for i := range d.Fields() {
		path := d.Fields()[i].Path.String()
		dec.fields[path] = append(dec.fields[path], i)
	}
	dec.parts = dec.findParts()
	if i := slices.IndexFunc(dec.family.Variables, func(v family.Variable) bool { return v.Name == "battery.charge.low" }); i >= 0 {
		dec.chargeLow = &dec.family.Variables[i]
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
	d.strings, d.exact = make(map[uint8]string, len(strings)), make(map[uint8]string, len(strings))
	for i, s := range strings {
		d.strings[i], d.exact[i] = hid.Printable(s), hid.Exact(s)
	}
}

// Changes counts what has changed so far: as long as it stays, so do the
// variables.
func (d *Decoder) Changes() int { return d.values.Changes() + d.named }

// Feature takes the answer to a request for feature report id, for what it
// holds. One that is another report, or holds no whole field, is thrown away
// with an error.
func (d *Decoder) Feature(id uint8, answer []byte) error { return d.answer(hid.Feature, id, answer) }

// InputAnswer takes the answer to a request for input report id, as Feature does.
func (d *Decoder) InputAnswer(id uint8, answer []byte) error { return d.answer(hid.Input, id, answer) }

// InputsAlone are the ids of the input reports with a field that no feature report
// has: what stands there can only be pushed, or asked for there.
func (d *Decoder) InputsAlone() []uint8 {
	all := d.values.Descriptor().Fields()
	var ids []uint8
	for i := range all {
		f := &all[i]
		if f.Type != hid.Input || slices.Contains(ids, f.Report) {
			continue
		}
		if !slices.ContainsFunc(d.fields[f.Path.String()], func(i int) bool { return all[i].Type == hid.Feature }) {
			ids = append(ids, f.Report)
		}
	}
	return ids
}

// answer takes the answer to a request for a report of either type.
func (d *Decoder) answer(t hid.ReportType, id uint8, answer []byte) error {
	err := d.values.UpdateAnswer(t, id, answer)
	if err == nil {
		d.came(t, id, answer[1:], true)
	}
	return err
}

// Input takes an input report as the device sent it.
func (d *Decoder) Input(sent []byte) error {
	id, err := d.values.UpdateInput(sent)
	if err == nil {
		if d.values.Descriptor().Numbered() {
			sent = sent[1:]
		}
		d.came(hid.Input, id, sent, false)
	}
	return err
}

// came notes what a report that just came held. A charge of 0 on mains, with
// the UPS in good order, is more likely a conversion error than a flat battery:
// it needs a second report that says the same.
func (d *Decoder) came(t hid.ReportType, id uint8, body []byte, asked bool) {
	all := d.values.Descriptor().Fields()
	status := false
	for i := range d.parts {
		p := &d.parts[i]
		f := &all[p.field]
		if f.Type != t || f.Report != id || !f.Within(body) {
			continue
		}
		raw, known := d.values.Raw(p.field)
		switch p.kind {
		case partLine:
			status = status || known
		case partCharge:
			zero := known && raw == 0
			d.believe, d.lastZero = zero && d.lastZero, zero
			d.chargeReadings++
		}
		if known {
			p.at, p.pushed, p.asked = time.Now(), !asked, p.asked || asked
		}
	}
	if status {
		d.readings++
	}
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

// whole is Number as a ups.Number; unknown where it is far from any number that
// can be.
func (d *Decoder) whole(path string) ups.Number { return wholeNumber(d.Number(path)) }

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
	return vars.Plausible()
}

// variable is the text of one row: that of the first source that is known.
// Several sources of a row mean the same thing, so what one report does not
// tell, because the device refuses it, another one may.
func (d *Decoder) variable(v *family.Variable) (string, bool) {
	if (v.Name == "battery.charge" || v.Name == "battery.runtime" && d.runtime().N == 0) && d.doubtful() {
		return "", false
	}
	for i := range v.From {
		s := &v.From[i]
		if s.Only != nil && !s.Only.Holds(d) {
			continue
		}
		if value, known := d.Number(s.Path); known {
			if text, ok := s.As.Print(d, value); ok {
				return text, true
			}
		}
	}
	return "", false
}
