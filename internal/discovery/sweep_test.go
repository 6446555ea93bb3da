package discovery

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"ecnutd/hid"
	"ecnutd/hid/power"
	"ecnutd/internal/sim"
)

// simulate opens a simulated UPS with faults in it.
func simulate(t *testing.T, model string, faults ...sim.Fault) (*sim.UPS, hid.Device) {
	t.Helper()
	u, err := sim.New(model)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range faults {
		u.Inject(f)
	}
	dev, err := u.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dev.Close() })
	return u, dev
}

func noStrings(context.Context, []uint8) (map[uint8]string, error) {
	return nil, errors.New("the usb node is closed to us")
}

// TestSweepFaults: a refused report is that report's trouble; wrong answers
// are kept as what they are.
func TestSweepFaults(t *testing.T) {
	_, dev := simulate(t, "",
		sim.Fault{Kind: sim.Stall, Report: 0x07}, sim.Fault{Kind: sim.Stall, Report: 0x08}, sim.Fault{Kind: sim.Stall, Report: 0x09},
		sim.Fault{Kind: sim.ForeignReply, Report: 0x06, Reply: 0x01}, sim.Fault{Kind: sim.ShortReply, Report: 0x0e})
	s, err := sweep(t.Context(), dev, noStrings)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.RefusedIDs(); !slices.Equal(got, []uint8{7, 8, 9}) {
		t.Errorf("refused: % x", got)
	}
	lines := make(map[string]bool)
	for _, r := range s.Reports {
		lines[r.String()] = true
	}
	// What the simulated model answers for 01 and 0e is 01 25 00 00 and 0e e6 00.
	for _, want := range []string{"F: 4 01 25 00 00", "G: 06 4 01 25 00 00", "G: 0e 2 0e e6", "F: 2 22 14"} {
		if !lines[want] {
			t.Errorf("no line %q", want)
		}
	}
	if _, known := s.Decoder.Variables()["battery.charge"]; known {
		t.Error("a charge although report 06 was a foreign one")
	}
	if s.StringsErr == nil {
		t.Error("missing strings went unsaid")
	}
}

// TestSweepSilent: a device that falls silent is asked once more, and then left
// alone.
func TestSweepSilent(t *testing.T) {
	for name, c := range map[string]struct {
		fault sim.Fault
		most  int // requests: those before, two that fail, one that tells
	}{
		"from the start": {sim.Fault{Kind: sim.Silence}, maxUnanswered},
		// Reports 01, 02 and 03 answer, 06 stalls, 07 and 01 get no answer.
		"half way": {sim.Fault{Kind: sim.StallThenMute, Report: 0x06}, 3 + 2 + 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				u, dev := simulate(t, "", c.fault)
				_, err := sweep(t.Context(), dev, noStrings)
				if !errors.Is(err, power.ErrSilent) {
					t.Errorf("error %v", err)
				}
				if n := len(u.Transfers()); n > c.most {
					t.Errorf("%d requests to a sick device, at most %d expected", n, c.most)
				}
			})
		})
	}
}

func TestSweepGone(t *testing.T) {
	u, dev := simulate(t, "")
	u.Unplug()
	if _, err := sweep(t.Context(), dev, noStrings); !errors.Is(err, hid.ErrGone) {
		t.Errorf("unplugged: %v", err)
	}
	_, dev = simulate(t, "")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := sweep(ctx, dev, noStrings); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}

// TestNoStrings: without the usb node a dump lacks names and nothing else. The
// model is told by its nominal power then.
func TestNoStrings(t *testing.T) {
	_, dev := simulate(t, "")
	seen, err := Look(t.Context(), dev, noStrings, Looking{})
	if err != nil || seen.StringsErr == nil {
		t.Fatalf("error %v, of strings %v", err, seen)
	}
	vars := seen.Decoder.Variables()
	if _, there := vars["battery.type"]; there || vars["device.model"] != "Protection Station 800" || vars["ups.status"] != "OL" {
		t.Errorf("got %v", vars)
	}
}

// An inputDevice has the flag ACPresent (page 85, usage d0) and seven bits of
// padding in input report 02, the charge (66) as a byte in feature report 03 and
// in input report 03. It is written in items of HID 1.11 §6.2.2.
type inputDevice struct {
	hid.Device
	refuse bool
	asked  []uint8
}

func (*inputDevice) Info() hid.Info { return hid.Info{Vendor: 0x0463, Product: 0xffff} }
func (*inputDevice) Descriptor() ([]byte, error) {
	return []byte{0x05, 0x84, 0x09, 0x04, 0xa1, 0x01, 0x09, 0x24, 0xa1, 0x02,
		0x85, 2, 0x09, 0x02, 0xa1, 0x02, 0x15, 0, 0x25, 1, 0x75, 1, 0x95, 1, 0x05, 0x85, 0x09, 0xd0, 0x81, 0x02, 0x75, 7, 0x81, 0x03, 0xc0,
		0x25, 100, 0x75, 8, 0x85, 3, 0x09, 0x66, 0xb1, 0x02, 0x09, 0x66, 0x81, 0x02, 0xc0, 0xc0}, nil
}
func (*inputDevice) GetFeature(id uint8, buf []byte) (int, error) {
	return copy(buf, []byte{id, 90}), nil
}
func (d *inputDevice) GetInput(id uint8, buf []byte) (int, error) {
	if d.asked = append(d.asked, id); d.refuse {
		return 0, errors.New("stall")
	}
	return copy(buf, []byte{id, 1}), nil
}

// TestSweepInputs: what stands in input reports alone is asked for there, and
// recorded as if it had been pushed; what a feature report says too is not. A
// device that refuses it has what it has.
func TestSweepInputs(t *testing.T) {
	for refuse, want := range map[bool][]string{false: {"F: 2 03 5a", "E: 000000.000000 2 02 01"}, true: {"F: 2 03 5a"}} {
		d := &inputDevice{refuse: refuse}
		s, err := sweep(t.Context(), d, noStrings)
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for _, r := range s.Reports {
			lines = append(lines, r.String())
		}
		if !slices.Equal(lines, want) || !slices.Equal(d.asked, []uint8{2}) {
			t.Errorf("refused %v: recorded %q, want %q; asked for % x", refuse, lines, want, d.asked)
		}
		if status := s.Decoder.Variables()["ups.status"]; (status == "OL") == refuse {
			t.Errorf("refused %v: the status is %q", refuse, status)
		}
	}
}
