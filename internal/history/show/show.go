// Package show shows the history of outages to a person: a table, the story of one
// outage with its curve, and the same for programs.
package show

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/guptarohit/asciigraph"

	"ecnutd/internal/history"
	"ecnutd/internal/terminal"
	"ecnutd/internal/texts"
	"ecnutd/ups"
)

// A View is how history is shown.
type View struct {
	Language ups.Language
	Palette  terminal.Palette
	Now      time.Time
}

// Table shows a line for each outage, the last one at the end, and the totals.
func (v View) Table(w io.Writer, h history.History) {
	say := texts.History(v.Language)
	if len(h.Outages) == 0 {
		fmt.Fprintln(w, say.None)
		return
	}
	several := false
	for _, o := range h.Outages {
		several = several || o.UPS != h.Outages[0].UPS
	}
	var lines strings.Builder
	tab := tabwriter.NewWriter(&lines, 0, 0, 2, ' ', 0)
	row := func(cells ...string) { fmt.Fprintln(tab, strings.Join(cells, "\t")) }
	name := func(s string) []string {
		if several {
			return []string{s}
		}
		return nil
	}
	row(append(append([]string{"#", say.Begin}, name("UPS")...), say.Lasted, say.Lowest, say.Shutdown, say.Off, say.Messages)...)
	for _, o := range h.Outages {
		c := v.Cells(o)
		row(append(append([]string{strconv.FormatUint(o.N, 10), c.Begin}, name(o.UPS)...), c.Lasted, c.Lowest, c.Shutdown, c.Off, c.Messages)...)
	}
	tab.Flush()
	for line := range strings.Lines(lines.String()) {
		fmt.Fprintln(w, strings.TrimRight(line, " \n"))
	}
	t := h.Totals
	fmt.Fprintf(w, "\n"+say.Sum+"\n", t.Outages, v.day(t.Since), span(t.OnBattery), t.Shutdowns)
}

// Cells are those of the line of an outage.
type Cells struct{ Begin, Lasted, Lowest, Shutdown, Off, Messages string }

// Cells are those of an outage.
func (v View) Cells(o history.Summary) Cells {
	say := texts.History(v.Language)
	c := Cells{Begin: v.when(o.Begin), Lasted: span(o.Lasted), Lowest: percent(o.Lowest), Shutdown: say.NoOff}
	if o.End.IsZero() {
		c.Lasted += " (" + say.Lasts + ")"
	}
	if o.Shutdown {
		c.Shutdown = say.ShutDown
	}
	if o.Off > 0 {
		c.Off = span(o.Off)
	}
	if o.Messages > 0 {
		c.Messages = strconv.Itoa(o.Messages)
		if o.Late > 0 {
			c.Messages = fmt.Sprintf(say.Late, o.Messages, o.Late)
		}
	}
	return c
}

// Last is the last outage that has ended in a line, for the status; "" where nothing
// is known.
func (v View) Last(h history.History) string {
	say := texts.History(v.Language)
	for i := len(h.Outages) - 1; i >= 0; i-- {
		if o := h.Outages[i]; !o.End.IsZero() {
			return fmt.Sprintf(say.LastOne, v.when(o.Begin), span(o.Lasted), cmp.Or(percent(o.Lowest), "?"), o.N)
		}
	}
	if h.Totals.Since.IsZero() {
		return ""
	}
	return fmt.Sprintf(say.NoOutage, v.day(h.Totals.Since))
}

// Story tells an outage line by line and draws its curve, with those of others
// behind it.
func (v View) Story(w io.Writer, o history.Outage, others []history.Outage) {
	say := texts.History(v.Language)
	fmt.Fprintln(w, v.Palette.Bold(v.Title(o)))
	for _, line := range v.Facts(o) {
		fmt.Fprintln(w, line)
	}
	fmt.Fprintln(w)
	for _, line := range v.Lines(o) {
		fmt.Fprintln(w, line)
	}
	if o.Left != (history.Left{}) {
		fmt.Fprintf(w, say.LeftOut+"\n", o.Left.Moments, o.Left.Messages)
	}
	fmt.Fprintln(w)
	v.curve(w, o, others)
}

// Title names an outage.
func (v View) Title(o history.Outage) string {
	return fmt.Sprintf(texts.History(v.Language).Outage, o.N, o.UPS)
}

// Facts are an outage in a few sentences.
func (v View) Facts(o history.Outage) (lines []string) {
	say := texts.History(v.Language)
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	lasted := span(o.Lasted)
	if o.End.IsZero() {
		add(say.Still, v.when(o.Begin), lasted)
	} else {
		add(say.From, v.when(o.Begin), v.when(o.End), lasted)
	}
	if o.Lowest != nil {
		add(say.Lowest2, *o.Lowest)
	}
	if o.Load != nil {
		add(say.Load, *o.Load)
	}
	switch s := o.Shutdown; {
	case s == nil:
	case s.Back.IsZero():
		add(say.HostGone, v.when(s.At), s.Reason)
	default:
		add(say.HostOff, v.when(s.At), v.when(s.Back), texts.Span(o.Off()), s.Reason)
	}
	return lines
}

// Lines are what happened and what was sent, in the order of time.
func (v View) Lines(o history.Outage) []string {
	say := texts.History(v.Language)
	type line struct {
		at   time.Time
		text string
	}
	var all []line
	for _, m := range o.Moments {
		all = append(all, line{m.At, strings.TrimSuffix(m.Kind+": "+m.Text, ": ")})
	}
	for _, m := range o.Messages {
		fate := say.Waits
		for i, d := range m.Ends {
			one := fmt.Sprintf(say.Ended, d.Verdict, d.Route)
			if d.Verdict == "delivered" {
				one = fmt.Sprintf(say.Delivered, d.Route, v.clock(d.At, m.At))
			}
			if i == 0 {
				fate = one
			} else {
				fate += ", " + one
			}
		}
		all = append(all, line{m.At, fmt.Sprintf("→ %q (%s)", m.Text, fate)})
	}
	// What happened at one instant stays in its order: events, then messages.
	slices.SortStableFunc(all, func(a, b line) int { return a.at.Compare(b.at) })
	var lines []string
	for _, l := range all {
		lines = append(lines, l.at.In(v.Now.Location()).Format("15:04:05")+"  "+l.text)
	}
	return lines
}

// plotHeight is that of a curve, in lines.
const plotHeight = 10

// curve draws the charge over time. A terminal that has no lines to draw with gets
// the numbers.
func (v View) curve(w io.Writer, o history.Outage, others []history.Outage) {
	say := texts.History(v.Language)
	if len(o.Curve) < 2 {
		fmt.Fprintln(w, say.NoCurve)
		return
	}
	length := o.Curve[len(o.Curve)-1].T
	if !v.Palette.Plots() {
		for _, p := range thinned(o.Curve, plotHeight) {
			fmt.Fprintf(w, "%8s  %5s\n", span(p.T), percent(p.Charge))
		}
		return
	}
	width := max(20, min(cmp.Or(v.Palette.Columns(), 80), 100)-9)
	// The others first: what is drawn later lies on top.
	var series [][]float64
	var colors []asciigraph.AnsiColor
	var names []string
	for _, other := range others {
		if len(other.Curve) > 1 {
			series, colors = append(series, resampled(other.Curve, length, width)), append(colors, asciigraph.DarkGray)
			names = append(names, strconv.FormatUint(other.N, 10))
		}
	}
	series, colors = append(series, resampled(o.Curve, length, width)), append(colors, asciigraph.Default)
	options := []asciigraph.Option{asciigraph.Height(plotHeight), asciigraph.LowerBound(0), asciigraph.UpperBound(100), asciigraph.Precision(0)}
	if v.Palette.Colours() {
		options = append(options, asciigraph.SeriesColors(colors...))
	} else if len(series) > 1 {
		series, names = series[len(series)-1:], nil // lines that look the same would tell nothing
	}
	fmt.Fprintln(w, asciigraph.PlotMany(series, options...))
	title := fmt.Sprintf(say.Curve, span(length))
	if len(names) > 0 {
		title += fmt.Sprintf(say.Before, strings.Join(names, ", "))
	}
	fmt.Fprintln(w, title)
}

// resampled is the charge at equal distances over a span of seconds; NaN where
// nothing is known.
func resampled(curve []history.Point, span, width int) []float64 {
	values := make([]float64, width)
	at := 0
	for i := range values {
		t := span * i / (width - 1)
		for at+1 < len(curve) && curve[at+1].T <= t {
			at++
		}
		values[i] = math.NaN()
		if p := curve[at]; p.Charge != nil && t <= curve[len(curve)-1].T {
			values[i] = float64(*p.Charge)
		}
	}
	return values
}

// thinned is at most n points of a curve, the last one among them.
func thinned(curve []history.Point, n int) (some []history.Point) {
	for i := range n {
		if p := curve[i*(len(curve)-1)/(n-1)]; len(some) == 0 || some[len(some)-1] != p {
			some = append(some, p)
		}
	}
	return some
}

// CSV prints a line for each outage; times as RFC 3339, spans in seconds.
func CSV(w io.Writer, h history.History) error {
	out := csv.NewWriter(w)
	_ = out.Write([]string{"n", "ups", "begin", "end", "on_battery_seconds", "lowest_charge_percent", "shutdown", "host_off_seconds", "messages", "messages_late"})
	for _, o := range h.Outages {
		end, lowest := "", ""
		if !o.End.IsZero() {
			end = o.End.Format(time.RFC3339)
		}
		if o.Lowest != nil {
			lowest = strconv.Itoa(*o.Lowest)
		}
		_ = out.Write([]string{strconv.FormatUint(o.N, 10), o.UPS, o.Begin.Format(time.RFC3339), end, strconv.Itoa(o.Lasted), lowest,
			strconv.FormatBool(o.Shutdown), strconv.Itoa(o.Off), strconv.Itoa(o.Messages), strconv.Itoa(o.Late)})
	}
	out.Flush()
	return out.Error()
}

// span is a number of seconds in words.
func span(seconds int) string { return texts.Span(time.Duration(seconds) * time.Second) }

func percent(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n) + " %"
}

// when is a time of the day, with its day where that is not today.
func (v View) when(t time.Time) string {
	if t = t.In(v.Now.Location()); t.Format(time.DateOnly) == v.Now.Format(time.DateOnly) {
		return t.Format("15:04")
	}
	return v.day(t) + t.Format(" 15:04")
}

// clock is a time with its day where that is not the one of another time.
func (v View) clock(t, other time.Time) string {
	if t, other = t.In(v.Now.Location()), other.In(v.Now.Location()); t.Format(time.DateOnly) == other.Format(time.DateOnly) {
		return t.Format("15:04:05")
	}
	return v.day(t) + t.Format(" 15:04")
}

func (v View) day(t time.Time) string {
	return t.In(v.Now.Location()).Format(texts.History(v.Language).Day)
}
