package power_test

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ecnutd/eaton"
	"ecnutd/hid"
	"ecnutd/hid/power"
)

// A fake is a device that keeps what is written to it. Hooks make it lie.
type fake struct {
	descriptor []byte
	reports    map[uint8][]byte // with their ids
	sent       []string         // "9 14000000"
	gone       bool

	at     time.Time // when, at the next request, to do what is due
	doThen func()

	onSet func(report []byte) (handled bool, err error)
	onGet func(id uint8) (answer []byte, err error) // nil, nil: the report
}

func (f *fake) Info() hid.Info {
	return hid.Info{Vendor: eaton.VendorMGE, Product: 0xffff, ProductName: "Protection Station"}
}
func (f *fake) Descriptor() ([]byte, error) { return f.descriptor, nil }
func (f *fake) Close() error                { return nil }
func (f *fake) Wake()                       {}

func (f *fake) ReadInput([]byte, time.Duration) (int, error) { return 0, hid.ErrTimeout }

// later has something done after a while, by the next request.
func (f *fake) later(d time.Duration, do func()) { f.at, f.doThen = time.Now().Add(d), do }

func (f *fake) due() {
	if do := f.doThen; do != nil && !time.Now().Before(f.at) {
		f.doThen = nil
		do()
	}
}

func (f *fake) GetFeature(id uint8, buf []byte) (int, error) {
	f.due()
	if f.gone {
		return 0, hid.ErrGone
	}
	if f.onGet != nil {
		if answer, err := f.onGet(id); answer != nil || err != nil {
			return copy(buf, answer), err
		}
	}
	if f.reports[id] == nil {
		return 0, errors.New("stall")
	}
	return copy(buf, f.reports[id]), nil
}

func (f *fake) SetFeature(report []byte) error {
	f.due()
	if f.gone {
		return hid.ErrGone
	}
	f.sent = append(f.sent, fmt.Sprintf("%x", report))
	if f.onSet != nil {
		if handled, err := f.onSet(report); handled || err != nil {
			return err
		}
	}
	f.reports[report[0]] = append([]byte(nil), report...)
	return nil
}

func (f *fake) commander() *power.Commander {
	d, err := power.Bind(f, eaton.Family)
	if err != nil {
		panic(err)
	}
	return power.NewCommander(f, d, power.Delays{})
}

// newFake is a fake with the descriptor and reports of a recording.
func newFake(t testing.TB, name string) *fake {
	rec := recording(t, name)
	f := &fake{descriptor: rec.Descriptor, reports: map[uint8][]byte{}}
	for _, r := range rec.Until(0) {
		f.reports[r.ID] = append([]byte(nil), r.Data...)
	}
	return f
}

// A field is one of a made-up descriptor.
type field struct {
	path     string
	report   uint8
	bits     int
	min, max int32
}

// describe makes a device of fields, all of them writable features, in a
// descriptor of the long items of HID 1.11 §6.2.2: 0b usage with its page, a1
// collection, 85 id, 75 bits, 95 count, 17 and 27 range, b1 02 a variable, c0
// the end. Instances are collection types 80 and up. All fields are 0.
func describe(fields ...field) *fake {
	f := &fake{reports: map[uint8][]byte{}}
	bits := map[uint8]int{}
	four := func(tag byte, v uint32) {
		f.descriptor = binary.LittleEndian.AppendUint32(append(f.descriptor, tag), v)
	}
	for _, x := range fields {
		path, err := hid.ParsePath(x.path)
		if err != nil {
			panic(err)
		}
		open := 0
		for i, u := range path[:len(path)-1] {
			if u.Page() == hid.PageInstance {
				continue
			}
			kind := byte(0)
			if next := path[i+1]; next.Page() == hid.PageInstance {
				kind = 0x80 + byte(next.ID())
			} else if i == 0 {
				kind = 1
			}
			four(0x0b, uint32(u))
			f.descriptor = append(f.descriptor, 0xa1, kind)
			open++
		}
		four(0x0b, uint32(path[len(path)-1]))
		f.descriptor = append(f.descriptor, 0x85, x.report, 0x75, byte(x.bits), 0x95, 1)
		four(0x17, uint32(x.min))
		four(0x27, uint32(x.max))
		f.descriptor = append(f.descriptor, 0xb1, 0x02)
		for range open {
			f.descriptor = append(f.descriptor, 0xc0)
		}
		bits[x.report] += x.bits
	}
	for id, n := range bits {
		f.reports[id] = append([]byte{id}, make([]byte, (n+7)/8)...)
	}
	return f
}

func unhexed(s string) []byte {
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		panic(err)
	}
	return b
}

// TestDescribe: the made-up descriptors have the fields that they were made of.
func TestDescribe(t *testing.T) {
	d, err := power.Bind(describe(
		field{"UPS.OutletSystem.Outlet.[2].DelayBeforeShutdown", 1, 32, -1, 100},
		field{"UPS.BatterySystem.Battery.Test", 1, 8, 0, 7}), eaton.Family)
	if err != nil {
		t.Fatal(err)
	}
	all := d.Values().Descriptor().Fields()
	if len(all) != 2 || all[0].Path.String() != "UPS.OutletSystem.Outlet.[2].DelayBeforeShutdown" || all[1].Bit != 32 || !all[1].Writable() || all[0].LogicalMin != -1 {
		t.Errorf("%+v", all)
	}
}

// recording reads a device of hid/testdata.
func recording(t testing.TB, name string) *hid.Recording {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "testdata", name+".rec"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rec, err := hid.ReadRecording(f)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

// decode feeds what a recording says up to an instant.
func decode(t testing.TB, rec *hid.Recording, at time.Duration) *power.Decoder {
	t.Helper()
	desc, err := hid.Parse(rec.Descriptor)
	if err != nil {
		t.Fatal(err)
	}
	d := power.NewDecoder(desc, rec.Info, eaton.Family)
	d.SetStrings(rec.Strings)
	for _, err := range hid.Feed(rec.Until(at), d.Feature, d.Input) {
		t.Error(err)
	}
	return d
}
