package texts

import (
	"fmt"
	"strings"
	"time"

	"ecnutd/ups"
)

// An Outage is one that took the host down, as its summary tells it. Times are those
// of the day.
type Outage struct {
	Host, UPS string
	Name      string     // what people call the UPS; "" where it has no name but UPS
	Lost      time.Time  // when mains went
	Lowest    ups.Number // charge, percent
	Off       time.Time  // when the host went off
	Why       string     // as it was told then
	Back      time.Time  // when the daemon was started again
	Late      int        // messages that waited for that
	Cut       bool       // the UPS was to cut its output: its return started the host
}

// WentOff is why a host went off that nobody shut down.
func WentOff(l ups.Language) string {
	return phrase{"no shutdown by ecnutd: the power went, or somebody switched it off", "sans arrêt par ecnutd : le courant a manqué, ou quelqu'un l'a éteint"}.in(l)
}

// longestOutage bounds what is believed to be the length of an outage. It goes over
// boots by the time of day, and where the clock was set meanwhile the length is
// not known.
const longestOutage = 60 * 24 * time.Hour

// Summary is the one message that tells an outage from its beginning to its end.
func Summary(l ups.Language, o Outage, now time.Time) string {
	clock := func(t time.Time) string {
		if t.Local().Format(time.DateOnly) != now.Local().Format(time.DateOnly) {
			return t.Local().Format("02/01 15:04")
		}
		return t.Local().Format("15:04")
	}
	say := func(en, fr string, args ...any) string { return fmt.Sprintf(phrase{en, fr}.in(l), args...) }
	returned := say("back", "revenu")
	if length := now.Sub(o.Lost); length >= 0 && length <= longestOutage {
		if length >= time.Minute {
			length = length.Round(time.Minute)
		}
		returned = say("back after %s", "revenu après %s", Span(length))
	}
	name := o.Name
	if name == "" {
		name = say("UPS %s", "onduleur %s", o.UPS)
	}
	parts := []string{say("%s, %s: mains lost %s, %s", "%s, %s : secteur perdu à %s, %s", o.Host, name, clock(o.Lost), returned)}
	if o.Lowest.Known {
		parts = append(parts, say("lowest charge %d %%", "charge minimale %d %%", o.Lowest.N))
	}
	parts = append(parts,
		say("server off %s (%s)", "serveur arrêté à %s (%s)", clock(o.Off), o.Why),
		say("back %s", "de retour à %s", clock(o.Back)))
	if o.Cut {
		parts[len(parts)-1] += say(": came back by itself, with the output of the UPS", " : revenu de lui-même, avec la sortie de l'onduleur")
	}
	switch {
	case o.Late == 1:
		parts = append(parts, say("one message late", "un message en retard"))
	case o.Late > 1:
		parts = append(parts, say("%d messages late", "%d messages en retard", o.Late))
	}
	return strings.Join(parts, ", ")
}
