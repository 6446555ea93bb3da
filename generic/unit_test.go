package generic

import (
	"errors"
	"testing"
	"time"

	"ecnutd/hid"
	"ecnutd/hid/power"
	"ecnutd/internal/sim/describe"
)

// A unit is a device that was put together of rows: it answers with the numbers that
// it is given, takes every write, and notes it.
type unit struct {
	info       hid.Info
	descriptor []byte
	desc       *hid.Descriptor
	bodies     map[hid.ReportType]map[uint8][]byte
	written    [][]byte
}

// numbers are raw values by path.
type numbers map[string]int64

func newUnit(t testing.TB, info hid.Info, fields []describe.Field, values numbers) *unit {
	t.Helper()
	raw, err := describe.Descriptor(fields)
	if err != nil {
		t.Fatal(err)
	}
	desc, err := hid.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	u := &unit{info: info, descriptor: raw, desc: desc, bodies: map[hid.ReportType]map[uint8][]byte{hid.Input: {}, hid.Feature: {}}}
	for _, typ := range []hid.ReportType{hid.Input, hid.Feature} {
		for _, id := range desc.IDs(typ) {
			u.bodies[typ][id] = make([]byte, desc.Size(typ, id))
		}
	}
	u.set(t, values)
	return u
}

func (u *unit) set(t testing.TB, values numbers) {
	t.Helper()
	known := map[string]bool{}
	all := u.desc.Fields()
	for i := range all {
		if v, ok := values[all[i].Path.String()]; ok {
			known[all[i].Path.String()] = true
			if err := all[i].Put(u.bodies[all[i].Type][all[i].Report], v); err != nil {
				t.Fatalf("%s: %v", all[i].Path, err)
			}
		}
	}
	for path := range values {
		if !known[path] {
			t.Fatalf("the unit has no %s", path)
		}
	}
}

// decoder has read all that the unit answers.
func (u *unit) decoder(t testing.TB, strings map[uint8]string) *power.Decoder {
	t.Helper()
	d := power.NewDecoder(u.desc, u.info, Families...)
	d.SetStrings(strings)
	for id, body := range u.bodies[hid.Feature] {
		if err := d.Feature(id, append([]byte{id}, body...)); err != nil {
			t.Fatal(err)
		}
	}
	for id, body := range u.bodies[hid.Input] {
		if err := d.InputAnswer(id, append([]byte{id}, body...)); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

var errRefused = errors.New("refused")

func (u *unit) Info() hid.Info              { return u.info }
func (u *unit) Descriptor() ([]byte, error) { return u.descriptor, nil }
func (u *unit) Close() error                { return nil }
func (u *unit) Wake()                       {}
func (u *unit) ReadInput(_ []byte, timeout time.Duration) (int, error) {
	time.Sleep(max(timeout, time.Millisecond)) // on the clock of the bubble
	return 0, hid.ErrTimeout
}

func (u *unit) answer(typ hid.ReportType, id uint8, buf []byte) (int, error) {
	body, ok := u.bodies[typ][id]
	if !ok {
		return 0, errRefused
	}
	return copy(buf, append([]byte{id}, body...)), nil
}

func (u *unit) GetFeature(id uint8, buf []byte) (int, error) { return u.answer(hid.Feature, id, buf) }
func (u *unit) GetInput(id uint8, buf []byte) (int, error)   { return u.answer(hid.Input, id, buf) }

func (u *unit) SetFeature(report []byte) error {
	u.written = append(u.written, append([]byte(nil), report...))
	if body := u.bodies[hid.Feature][report[0]]; body != nil {
		copy(body, report[1:])
	}
	return nil
}
