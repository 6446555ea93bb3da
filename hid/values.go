package hid

import (
	"fmt"
	"slices"
)

// A ReportError says that a report was not what the descriptor promises and
// was thrown away.
type ReportError struct {
	Type   ReportType
	Asked  uint8  // the id that was asked for
	Got    []byte // what came, id byte included
	Reason string
}

// Error names the report and what was wrong with it.
func (e *ReportError) Error() string {
	return fmt.Sprintf("hid: %s report %02x: %s (% x)", e.Type, e.Asked, e.Reason, e.Got)
}

// Values keeps the last known number of every field of a device. Fields of one
// path that count alike share one value, whatever report brings it: an input report stands for
// the feature report with the same fields. What no report has brought yet, or
// what the device sent as a null value, is unknown.
type Values struct {
	d       *Descriptor
	slots   []slot
	of      []int // slot of each field of the descriptor
	changes int
}

type slot struct {
	raw   int64
	known bool
}

// NewValues makes an empty store for the fields of d.
func NewValues(d *Descriptor) *Values {
	v := &Values{d: d, of: make([]int, len(d.fields))}
	byPath, first := make(map[string]int), make(map[string]int)
	seen := make(map[slotKey]bool)
	for i := range d.fields {
		f := &d.fields[i]
		path := f.Path.Numeric()
		at, ok := byPath[path]
		// Two fields of one type and one path are two things that happen to
		// have one name, and two fields that count differently cannot share a
		// number: the first keeps the path.
		if !ok || seen[slotKey{path, f.Type}] || !counts(f, &d.fields[first[path]]) {
			at = len(v.slots)
			v.slots = append(v.slots, slot{})
			if !ok {
				byPath[path], first[path] = at, i
			}
		}
		seen[slotKey{path, f.Type}] = true
		v.of[i] = at
	}
	return v
}

// counts tells whether a number means the same in two fields.
func counts(a, b *Field) bool {
	return a.LogicalMin == b.LogicalMin && a.LogicalMax == b.LogicalMax && a.PhysicalMin == b.PhysicalMin &&
		a.PhysicalMax == b.PhysicalMax && a.Unit == b.Unit && a.Exponent == b.Exponent
}

type slotKey struct {
	path string
	typ  ReportType
}

// Descriptor is what the values are decoded by.
func (v *Values) Descriptor() *Descriptor { return v.d }

// UpdateFeature takes the answer to a request for feature report id: see
// UpdateAnswer.
func (v *Values) UpdateFeature(id uint8, answer []byte) error {
	return v.UpdateAnswer(Feature, id, answer)
}

// UpdateAnswer takes the answer to a request for report id of a type, which
// starts with its id byte. It is taken for what it holds: of one that is longer
// than the descriptor says the declared bytes (units exist that pad every answer,
// NUT issues 1208 and 3182), of a shorter one the fields that are whole. One with
// another id, or without a whole field, changes nothing and is a *ReportError:
// devices exist that answer with a foreign report (NUT issue 2742).
func (v *Values) UpdateAnswer(t ReportType, id uint8, answer []byte) error {
	if len(answer) == 0 {
		return &ReportError{t, id, nil, "an empty answer"}
	}
	if answer[0] != id {
		return &ReportError{t, id, slices.Clone(answer), fmt.Sprintf("the answer is report %02x", answer[0])}
	}
	return v.update(t, id, answer, answer[1:])
}

// UpdateInput takes an input report as the device sent it, for what it holds (see
// UpdateAnswer): with its id in front where the device numbers its reports,
// without where it does not. It returns the id.
func (v *Values) UpdateInput(sent []byte) (uint8, error) {
	if !v.d.numbered {
		return 0, v.update(Input, 0, sent, sent)
	}
	if len(sent) == 0 {
		return 0, &ReportError{Input, 0, nil, "an empty report"}
	}
	return sent[0], v.update(Input, sent[0], sent, sent[1:])
}

func (v *Values) update(t ReportType, id uint8, whole, body []byte) error {
	r := v.d.report(t, id)
	if r == nil {
		return &ReportError{t, id, slices.Clone(whole), "the descriptor has no such report"}
	}
	body = body[:min(len(body), r.bytes)]
	taken := false
	for _, i := range r.fields {
		f := &v.d.fields[i]
		if !f.Within(body) {
			continue
		}
		taken = true
		raw, ok := f.Raw(body)
		if now := (slot{raw, ok && f.InRange(raw)}); v.slots[v.of[i]] != now {
			v.slots[v.of[i]] = now
			v.changes++
		}
	}
	if !taken && len(body) < r.bytes {
		return &ReportError{t, id, slices.Clone(whole), fmt.Sprintf("%d bytes instead of %d, and no whole field in them", len(body), r.bytes)}
	}
	return nil
}

// Raw is the last known number of field i of Descriptor.Fields; ok is false
// while it is unknown.
func (v *Values) Raw(i int) (raw int64, ok bool) {
	s := v.slots[v.of[i]]
	return s.raw, s.known
}

// Changes counts the changes of values so far: as long as it stays, so does
// everything else.
func (v *Values) Changes() int { return v.changes }

// Forget makes every value unknown, as after losing the device.
func (v *Values) Forget() {
	clear(v.slots)
	v.changes++
}
