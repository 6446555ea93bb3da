package hid

import "slices"

// reportKey names a report: ids are counted per type.
type reportKey struct {
	typ ReportType
	id  uint8
}

// A Descriptor is a report descriptor that was read: the fields of a device
// and the lengths of its reports. It does not change after Parse and may be
// shared.
type Descriptor struct {
	fields   []Field
	numbered bool
	reports  []report // sorted by type and id
}

// A report is where a report's fields stand and how long it is.
type report struct {
	key    reportKey
	bytes  int
	fields []int // indexes into Descriptor.fields
}

// finish sorts out which field belongs to which report.
func (d *Descriptor) finish(numbered bool, bits map[reportKey]int) {
	d.numbered = numbered
	for key, n := range bits {
		d.reports = append(d.reports, report{key: key, bytes: (n + 7) / 8})
	}
	slices.SortFunc(d.reports, func(a, b report) int { return compareKeys(a.key, b.key) })
	for i := range d.fields {
		f := &d.fields[i]
		r := d.report(f.Type, f.Report)
		r.fields = append(r.fields, i)
	}
}

func compareKeys(a, b reportKey) int {
	if a.typ != b.typ {
		return int(a.typ) - int(b.typ)
	}
	return int(a.id) - int(b.id)
}

// report finds a report, or nil.
func (d *Descriptor) report(t ReportType, id uint8) *report {
	i, ok := slices.BinarySearchFunc(d.reports, reportKey{t, id}, func(r report, k reportKey) int {
		return compareKeys(r.key, k)
	})
	if !ok {
		return nil
	}
	return &d.reports[i]
}

// Fields returns every field in the order of the descriptor. The slice is the
// descriptor's own: do not change it.
func (d *Descriptor) Fields() []Field { return d.fields }

// Numbered tells whether the reports of this device carry a report id.
func (d *Descriptor) Numbered() bool { return d.numbered }

// Size is the length of a report in bytes, without its id byte; 0 when the
// device has no such report.
func (d *Descriptor) Size(t ReportType, id uint8) int {
	if r := d.report(t, id); r != nil {
		return r.bytes
	}
	return 0
}

// IDs are the ids of all reports of a type, in rising order.
func (d *Descriptor) IDs(t ReportType) []uint8 {
	var ids []uint8
	for _, r := range d.reports {
		if r.key.typ == t {
			ids = append(ids, r.key.id)
		}
	}
	return ids
}

// Lookup finds the first field of a type at a path, in the form of
// Path.String or Path.Numeric.
func (d *Descriptor) Lookup(t ReportType, path string) (Field, bool) {
	p, err := ParsePath(path)
	if err != nil {
		return Field{}, false
	}
	for i := range d.fields {
		if f := &d.fields[i]; f.Type == t && slices.Equal(f.Path, p) {
			return *f, true
		}
	}
	return Field{}, false
}
