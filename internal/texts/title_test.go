package texts

import (
	"testing"

	"ecnutd/ups"
)

// TestTitle: every event has a title in both languages, short enough for a subject
// line of 78 characters beside a host and a UPS (RFC 5322 §2.1.1).
func TestTitle(t *testing.T) {
	for _, e := range ups.Events {
		p := titles[e]
		if p.en == "" || p.fr == "" || len([]rune(p.en)) > 40 || len([]rune(p.fr)) > 40 {
			t.Errorf("%s: %q, %q", e, p.en, p.fr)
		}
	}
	if len(titles) != len(ups.Events) {
		t.Errorf("%d titles for %d events", len(titles), len(ups.Events))
	}
	for want, got := range map[string]string{
		"nas: Eaton 800: mains lost, on battery":  Title(ups.English, "nas", "Eaton 800", ups.EventOnBattery),
		"nas : Eaton 800 : coupure, sur batterie": Title(ups.French, "nas", "Eaton 800", ups.EventOnBattery),
		"nas: this host shuts down":               Title(ups.English, "nas", "", ups.EventShutdown),
		"nas":                                     Title(ups.English, "nas", "", ""),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
