package device

import (
	"testing"
	"time"

	"ecnutd/hid/power"
	"ecnutd/internal/discovery"
	"ecnutd/internal/sim"
)

// TestSettingTexts: a text for a name that no model has would never be seen.
func TestSettingTexts(t *testing.T) {
	seen := make(map[string]bool)
	for _, model := range sim.Models() {
		u, err := sim.New(model)
		if err != nil {
			t.Fatal(err)
		}
		dev, err := u.Open()
		if err != nil {
			t.Fatal(err)
		}
		reader, err := power.NewReader(dev, power.Options{Poll: time.Second}, discovery.Families...)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := reader.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, s := range Settings(reader.Decoder()) {
			seen[s.Name] = true
			if s.Description == "" {
				t.Errorf("%s of %s has no description", s.Name, model)
			}
		}
	}
	if !seen["battery.charge.low"] {
		t.Error("no model has battery.charge.low")
	}
}
