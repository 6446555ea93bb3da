package recorder

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ecnutd/hid"
	"ecnutd/internal/discovery"
	"ecnutd/internal/sim"
)

// recording captures a simulated UPS as the command does.
func recording(ctx context.Context, t *testing.T, u *sim.UPS, length time.Duration) (rec *Capture, cutShort error) {
	t.Helper()
	rec, cutShort, err := Record(ctx, discovery.Simulate(u), Options{Listen: length, Note: func(string, ...any) {}})
	if err != nil {
		t.Fatal(err)
	}
	return rec, cutShort
}

// TestRecordOutage: what the UPS pushes while it is listened to stands in the
// file with its time. The simulated one pushes a second after a change: mains
// goes at 10 s, ACPresent and Charging (bits 0 and 2) fall and Discharging (4)
// rises, so that 25 becomes 30.
func TestRecordOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, err := sim.New("")
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(10*time.Second, u.CutMains)
		rec, cutShort := recording(t.Context(), t, u, 30*time.Second)
		if cutShort != nil {
			t.Error(cutShort)
		}
		text, err := rec.Text()
		if err != nil {
			t.Fatal(err)
		}
		if want := "\nE: 000011.000000 4 01 30 00 00\n"; !strings.Contains(string(text), want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	})
}

// TestRecordUnplugged: what was heard before the cable was pulled is kept.
func TestRecordUnplugged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, err := sim.New("")
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(5*time.Second, u.CutMains)
		time.AfterFunc(10*time.Second, u.Unplug)
		rec, cutShort := recording(t.Context(), t, u, time.Hour)
		if !errors.Is(cutShort, hid.ErrGone) {
			t.Errorf("cut short by %v", cutShort)
		}
		if !strings.Contains(rec.Summary(), "input reports") {
			t.Errorf("recorded %s", rec.Summary())
		}
	})
}

// TestRecordInterrupted: Ctrl-C ends the listening and is no fault.
func TestRecordInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u, err := sim.New("")
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		start := time.Now()
		if _, cutShort := recording(ctx, t, u, time.Hour); cutShort != nil {
			t.Errorf("cut short by %v", cutShort)
		}
		if late := time.Since(start) - 3*time.Second; late != 0 {
			t.Errorf("ended %v late", late)
		}
	})
}

// TestNames: what the kernel knows stands in for strings that could not be
// read, at the index that report 10 of the device gives: 05 01 03 02 04 06 is
// chemistry, manufacturer, model, product, serial, version.
func TestNames(t *testing.T) {
	unit, err := sim.New("")
	if err != nil {
		t.Fatal(err)
	}
	dev, err := unit.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer dev.Close()
	seen, err := discovery.Look(t.Context(), dev, noStrings, discovery.Looking{Whole: true})
	if err != nil {
		t.Fatal(err)
	}
	s := sight{seen}
	want := map[uint8]string{1: "EATON", 2: "Protection Station", 4: "AN2E49008"}
	if diff := cmp.Diff(want, s.names(dev.Info())); diff != "" {
		t.Error(diff)
	}
	s.forgetSerial(dev.Info(), want)
	if _, there := want[4]; there || len(want) != 2 {
		t.Errorf("after forgetting the serial number: %v", want)
	}
}

// A parrot is a device that says whatever it was told to.
type parrot struct {
	hid.Device
	descriptor, answers []byte
}

func (p *parrot) Info() hid.Info              { return hid.Info{Name: string(p.answers), Bus: hid.BusUSB} }
func (p *parrot) Descriptor() ([]byte, error) { return p.descriptor, nil }

// GetFeature answers with the next bytes: one for the length, then as many.
func (p *parrot) GetFeature(_ uint8, buf []byte) (int, error) {
	if len(p.answers) == 0 {
		return 0, errors.New("nothing left to say")
	}
	n := min(int(p.answers[0])%16, len(p.answers)-1)
	n, p.answers = copy(buf, p.answers[1:1+n]), p.answers[1+n:]
	return n, nil
}

// FuzzRecord: whatever a device answers, the recording of it can be read back
// and holds the same reports.
func FuzzRecord(f *testing.F) {
	u, err := sim.New("")
	if err != nil {
		f.Fatal(err)
	}
	dev, err := u.Open()
	if err != nil {
		f.Fatal(err)
	}
	real, err := dev.Descriptor()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(real, []byte("\x04\x01\x25\x00\x00\x05\x02\x01\x01\x01\x01\x00"), "EATON")
	f.Add(real[:40], []byte("\x01\x20"), "a\nF: 2 20 20")
	f.Fuzz(func(t *testing.T, descriptor, answers []byte, text string) {
		dev := &parrot{descriptor: descriptor, answers: answers}
		seen, err := discovery.Look(t.Context(), dev, func(context.Context, []uint8) (map[uint8]string, error) {
			return map[uint8]string{1: text}, nil
		}, discovery.Looking{Whole: true})
		if err != nil {
			return
		}
		s := sight{seen}
		rec := &Capture{Recording: hid.Recording{Info: dev.Info(), Descriptor: s.Descriptor, Strings: s.names(dev.Info()), Reports: s.Reports}, comments: []string{text}}
		out, err := rec.Text()
		if err != nil {
			return // said, not written
		}
		again, err := hid.ReadRecording(bytes.NewReader(out))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(again.Descriptor, descriptor) || len(again.Reports) != len(s.Reports) {
			t.Fatalf("%d bytes of descriptor and %d reports became %d and %d", len(descriptor), len(s.Reports), len(again.Descriptor), len(again.Reports))
		}
		for i, r := range again.Reports {
			if r.Kind != s.Reports[i].Kind || r.ID != s.Reports[i].ID || !bytes.Equal(r.Data, s.Reports[i].Data) {
				t.Fatalf("report %v became %v", s.Reports[i], r)
			}
		}
	})
}

func noStrings(context.Context, []uint8) (map[uint8]string, error) {
	return nil, errors.New("the usb node is closed to us")
}
