package page

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"ecnutd/internal/control"
	"ecnutd/internal/history"
	"ecnutd/internal/history/show"
	"ecnutd/internal/texts"
	"ecnutd/monitor/forecast"
	"ecnutd/ups"
)

// A model is what the templates show.
type model struct {
	Words       texts.PageWords
	Columns     texts.HistoryWords
	Title       string
	Mood        string // good, warn or bad
	Sentence    string
	Next        []next
	UPS         []card
	Messages    []string
	MessagesBad bool
	Faults      []string
	Outages     []outageRow
	Spans       []spanLink
	Plots       []plotLink
}

// A next is what comes next, in a sentence; where its time is known it is counted
// down.
type next struct {
	Until int64 // seconds since 1970; 0: not known
	In    string
	Text  string
	Bad   bool
}

type card struct {
	Title string
	Rows  []row
}

type row struct {
	Name, Value string
	Bar         string // percent; "": none
	Bad         bool
}

type outageRow struct {
	N                                         uint64
	Begin, Lasted, Lowest, Shutdown, Messages string
}

type spanLink struct {
	Name, Text string
	Here       bool
}

// model is how things are now.
func (p *Page) model(l ups.Language, past history.History) model {
	m := model{Words: texts.Page(l), Columns: texts.History(l)}
	m.Title = fmt.Sprintf(m.Words.Title, p.host)
	now := p.source.Now()
	if !now.Connected || now.Snapshot == nil {
		m.Mood, m.Sentence = "bad", m.Words.NoDaemon
		m.Messages = nil
		if now.Error != "" {
			m.Faults = []string{now.Error}
		}
		return m
	}
	s := &now.Snapshot.Status
	m.Mood, m.Sentence = p.sentence(m.Words, s)
	m.Next = p.next(l, s)
	for _, u := range s.UPS {
		m.UPS = append(m.UPS, p.card(m.Words, l, u, now.Snapshot.Variables[u.Name].Variables))
	}
	m.Messages, m.MessagesBad = p.messages(m.Words, s)
	m.Faults = s.Faults
	v := show.View{Language: l, Now: p.clock().In(p.location)}
	for i := len(past.Outages) - 1; i >= 0 && len(m.Outages) < maxOutages; i-- {
		c := v.Cells(past.Outages[i])
		m.Outages = append(m.Outages, outageRow{past.Outages[i].N, c.Begin, c.Lasted, c.Lowest, c.Shutdown, c.Messages})
	}
	return m
}

// next is what comes next, what decides about the host first.
func (p *Page) next(l ups.Language, s *control.Status) (list []next) {
	now := p.clock()
	clock := texts.Clock{Now: now.In(p.location), Unset: s.Unset}
	for i, c := range s.Coming {
		if i > 0 && s.Coming[0].Brings(c.Prospect) {
			continue
		}
		c.In = c.At.Sub(now).Round(time.Second)
		one := next{Text: texts.Next(l, c.Prospect, clock), Bad: c.Kind == forecast.Shutdown || c.Kind == forecast.Empty}
		if c.Timed() && !c.At.IsZero() {
			one.Until, one.In = c.At.Unix(), countdown(c.In)
		}
		list = append(list, one)
	}
	return list
}

// countdown is a span that runs down, as the script of the page has it: 12:05.
func countdown(left time.Duration) string {
	s := int(max(0, left).Seconds())
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// maxOutages is how many the page lists; `ecnutd history` has all.
const maxOutages = 50

// sentence is what counts most.
func (p *Page) sentence(words texts.PageWords, s *control.Status) (mood, text string) {
	if s.Phase != "watching" {
		return "bad", fmt.Sprintf(words.ShutsDown, s.Reason)
	}
	mood = "good"
	var parts []string
	for _, u := range s.UPS {
		one, how := words.OnMains, "good"
		switch {
		case u.Link == control.LinkLost:
			one, how = words.LinkLost, "bad"
		case u.Link != control.LinkUp:
			one, how = words.NotHeard, "warn"
		case u.Line == "battery":
			one, how = words.OnBattery, "bad"
		case u.Line != "mains":
			one, how = words.Unknown, "warn"
		}
		if !u.Since.IsZero() && how == "bad" {
			one = strings.TrimSuffix(one, ".") + " " + fmt.Sprintf(words.Since, u.Since.In(p.location).Format("15:04")) + "."
		}
		if len(s.UPS) > 1 {
			one = u.Name + ": " + one
		}
		parts = append(parts, one)
		if how == "bad" || how == "warn" && mood == "good" {
			mood = how
		}
	}
	return mood, strings.Join(parts, " ")
}

// card is the figures of one UPS: only what it has.
func (p *Page) card(words texts.PageWords, l ups.Language, u control.Supply, vars ups.Variables) card {
	c := card{Title: title(u)}
	add := func(name, value string, bad bool) {
		if value != "" {
			c.Rows = append(c.Rows, row{Name: name, Value: value, Bad: bad})
		}
	}
	add(words.State, u.Status, u.Link != control.LinkUp)
	if u.Charge != nil {
		c.Rows = append(c.Rows, row{Name: words.Charge, Value: strconv.Itoa(*u.Charge) + " %", Bar: strconv.Itoa(*u.Charge)})
	}
	if u.Runtime != nil {
		add(words.Runtime, texts.Span(time.Duration(*u.Runtime)*time.Second), false)
	}
	if u.Load != nil {
		add(words.Load, strconv.Itoa(*u.Load)+" %", false)
	}
	for _, v := range []struct{ name, variable, unit string }{
		{words.Input, "input.voltage", " V"}, {words.Output, "output.voltage", " V"}, {words.BatteryVoltage, "battery.voltage", " V"},
	} {
		if value := vars[v.variable]; value != "" {
			add(v.name, value+v.unit, false)
		}
	}
	add(words.Low, u.Low, true)
	add(words.Alarm, u.Alarm, true)
	if u.Error != "" {
		add("", u.Error, true)
	}
	return c
}

// messages are how things stand with them.
func (p *Page) messages(words texts.PageWords, s *control.Status) (lines []string, bad bool) {
	if n := len(s.Waiting); n > 0 {
		lines, bad = append(lines, fmt.Sprintf("%d %s", n, words.Waiting)), true
	}
	if n := len(s.Refused); n > 0 {
		lines, bad = append(lines, fmt.Sprintf("%d %s", n, words.Refused)), true
	}
	last, by := time.Time{}, ""
	for _, r := range s.Routes {
		if r.Delivered.After(last) {
			last, by = r.Delivered, r.Name
		}
		if r.LastError != "" {
			lines, bad = append(lines, r.LastError), true
		}
	}
	switch {
	case len(s.Routes) == 0:
		lines, bad = append(lines, words.NoRoute), true
	case !last.IsZero():
		lines = append(lines, fmt.Sprintf(words.AllDelivered, last.In(p.location).Format("2006-01-02 15:04"), by))
	case !bad:
		lines = append(lines, words.NoneYet)
	}
	return lines, bad
}
