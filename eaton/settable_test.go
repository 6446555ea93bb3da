package eaton

import (
	"strings"
	"testing"

	"ecnutd/ups"
)

// TestSettable: the settable variables of the whole family can be written,
// each with a value that its own field shows again.
func TestSettable(t *testing.T) {
	n, d := 0, decode(t, recording(t, "tg-box-850"), 0)
	for _, v := range variables {
		for _, s := range v.From {
			if !s.Settable {
				continue
			}
			if n++; s.As.Parse == nil {
				t.Errorf("%s is settable, and its format cannot be parsed", v.Name)
				continue
			}
			for _, number := range []float64{0, 1} {
				text, ok := s.As.Print(d, number)
				if !ok || strings.HasPrefix(v.Name, "ups.delay.") {
					continue
				}
				if back, err := s.As.Parse(text, number); err != nil || back != number {
					t.Errorf("%s: %g prints %q, which is %g (%v)", v.Name, number, text, back, err)
				}
			}
		}
	}
	if n < 50 { // the rows marked RW in NUT's mge-hid, without those left out
		t.Errorf("only %d", n)
	}
}

// TestDescriptions: whoever asks what a variable is gets an answer, for all
// that a UPS of the family can have.
func TestDescriptions(t *testing.T) {
	for _, v := range variables {
		if text := ups.Describe(v.Name); text == "" || len(text) > 90 {
			t.Errorf("%s: %q", v.Name, text)
		}
	}
	for name, want := range map[string]string{
		"input.L1-N.voltage": "Voltage of the input on this phase (V)",
		"OUTLET.2.current":   "Current at the outlet (A)",
		"outlet.3.power":     "Apparent power at the outlet (VA)",
		"ups.L2.realpower":   "Power of the load on this phase (W)",
		"output.powerfactor": "Power factor of the output",
		"no.such.name":       "",
		"inputx.voltage":     "",
	} {
		if got := ups.Describe(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}
