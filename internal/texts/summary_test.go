package texts

import (
	"strings"
	"testing"
	"time"

	"ecnutd/ups"
)

func TestSummary(t *testing.T) {
	at := func(h, m int) time.Time { return time.Date(2026, 1, 2, h, m, 0, 0, time.Local) }
	o := Outage{Host: "srv", UPS: "eaton", Lost: at(2, 11), Lowest: ups.Known(41), Off: at(2, 31), Why: "x", Back: at(2, 52), Late: 1}
	for want, l := range map[string]ups.Language{
		"srv, UPS eaton: mains lost 02:11, back after 41 min, lowest charge 41 %, server off 02:31 (x), back 02:52, one message late":                                 ups.English,
		"srv, onduleur eaton : secteur perdu à 02:11, revenu après 41 min, charge minimale 41 %, serveur arrêté à 02:31 (x), de retour à 02:52, un message en retard": ups.French,
	} {
		if got := Summary(l, o, at(2, 52)); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	// The first boot that a cut brought says so.
	o.Cut, o.Late = true, 0
	for want, l := range map[string]ups.Language{
		"back 02:52: came back by itself, with the output of the UPS":          ups.English,
		"de retour à 02:52 : revenu de lui-même, avec la sortie de l'onduleur": ups.French,
	} {
		if got := Summary(l, o, at(2, 52)); !strings.HasSuffix(got, want) {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// TestSummarySpans: a short outage has its length in seconds, and a span that cannot
// be is not said.
func TestSummarySpans(t *testing.T) {
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		lost time.Time
		want string
	}{
		"20 seconds":   {now.Add(-20 * time.Second), ", back after 20 s, "},
		"38 minutes":   {now.Add(-38 * time.Minute), ", back after 38 min, "},
		"in 1970":      {time.Unix(600, 0), ", back, "},
		"put back":     {now.Add(104354 * time.Hour), ", back, "},
		"a whole week": {now.Add(-7 * 24 * time.Hour), ", back after 168 h, "},
	} {
		got := Summary(ups.English, Outage{Host: "nas", UPS: "eaton", Lost: c.lost, Off: c.lost, Why: "x", Back: now}, now)
		if !strings.Contains(got, c.want) || strings.Contains(got, "-") {
			t.Errorf("%s: %s", name, got)
		}
	}
}
