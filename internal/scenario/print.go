package scenario

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"ecnutd/internal/engine"
	"ecnutd/internal/texts"
	"ecnutd/internal/texts/catalogue"
	"ecnutd/monitor"
	"ecnutd/ups"
)

// PrintJSON prints a timeline for programs, one object a line.
func PrintJSON(w io.Writer, timeline []engine.Row) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, r := range timeline {
		if err := enc.Encode(r); err != nil {
			return err
		}
	}
	return nil
}

// Print prints a timeline for a person in a language, one row a line. A text that
// goes out by several ways is told once, with them in front.
func Print(w io.Writer, timeline []engine.Row, l ups.Language) {
	timeline = slices.Clone(timeline)
	for len(timeline) > 0 {
		r := timeline[0]
		if i := logged(timeline); i > 0 {
			fmt.Fprintf(w, "%10s  %s → %s\n", Stamp(r.T), rowText(r, l), catalogue.Say(l, "log"))
			timeline = slices.Delete(timeline, i, i+1)[1:]
			continue
		}
		if r.Kind != "notify" || r.Run != "" {
			fmt.Fprintf(w, "%10s  %s\n", Stamp(r.T), rowText(r, l))
			timeline = timeline[1:]
			continue
		}
		n := 1
		for n < len(timeline) && together(r, timeline[n]) {
			n++
		}
		for _, line := range notices(timeline[:n], l) {
			fmt.Fprintf(w, "%10s  %s\n", Stamp(r.T), line)
		}
		timeline = timeline[n:]
	}
}

// logged is the row that has the event of the first row in the log, which says the
// same; 0 where it is not logged.
func logged(timeline []engine.Row) int {
	e := timeline[0]
	if e.Kind != "event" {
		return 0
	}
	for i, r := range timeline[1:] {
		if r.Kind != "notify" || r.T != e.T || r.UPS != e.UPS || r.Event != e.Event || r.Timer != "" {
			return 0
		}
		if r.Route == "log" && strings.HasSuffix(r.Text, e.Text) {
			return i + 1
		}
	}
	return 0
}

// together reports whether two rows tell of one thing.
func together(a, b engine.Row) bool {
	return b.Kind == "notify" && a.T == b.T && a.UPS == b.UPS && a.Event == b.Event && a.Timer == b.Timer
}

// notices are the texts of rows that tell of one thing, each with its ways, in the
// order in which they come first.
func notices(rows []engine.Row, l ups.Language) (list []string) {
	var said []string
	ways := make(map[string][]string)
	for _, r := range rows {
		if r.Run != "" {
			said = append(said, r.Run)
			ways[r.Run] = []string{r.Route}
			continue
		}
		if !slices.Contains(said, r.Text) {
			said = append(said, r.Text)
		}
		ways[r.Text] = append(ways[r.Text], catalogue.Say(l, r.Route))
	}
	for _, text := range said {
		list = append(list, "  "+strings.Join(ways[text], ", ")+" → "+text)
	}
	return list
}

// rowText is a row as a person reads it, without its time.
func rowText(r engine.Row, l ups.Language) string {
	of := ""
	if r.UPS != "" {
		of = r.UPS + " "
	}
	say := func(format string, args ...any) string { return of + catalogue.Say(l, format, args...) }
	switch r.Kind {
	case "status":
		return say("status: %s", texts.Status(l, ups.ParseStatus(r.Status)))
	case "timer":
		switch monitor.TimerAction(r.Action) {
		case monitor.TimerStart:
			return say("timer %s begins, ends in %s", r.Timer, texts.Span(time.Duration(r.After*float64(time.Second))))
		case monitor.TimerCancel:
			return say("timer %s is cancelled", r.Timer)
		case monitor.TimerFire:
			return say("timer %s ends", r.Timer)
		}
	case "notify":
		return "  " + r.Route + " → " + r.Run
	case "shutdown":
		return say("SHUT DOWN: %s", r.Reason)
	case "flag":
		return say("flag written: %s", r.Path)
	case "poweroff":
		return say("command: %s", r.Run)
	case "upscommand":
		return say("UPS command: %s", r.Run)
	}
	return catalogue.Translate(l, r.String())
}

// Stamp is a time since the start as hours, minutes and seconds, to the tenth.
func Stamp(seconds float64) string {
	tenths := int(math.Round(seconds * 10))
	whole := tenths / 10
	s := fmt.Sprintf("%d:%02d:%02d", whole/3600, whole/60%60, whole%60)
	if tenths%10 > 0 {
		s += fmt.Sprintf(".%d", tenths%10)
	}
	return s
}
